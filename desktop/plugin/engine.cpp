// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace tonewright {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kStartPatience = 2s;
constexpr auto kAnswerPatience = 5s;
constexpr int kTickMilliseconds = 100;
constexpr int kRetryMilliseconds = 500;
constexpr size_t kLongestLine = 1 << 24;

static const char kAbsent[] = "no engine: start Tonewright, or run 'tonewright serve'";

// The folder that only this user can read; dsp/bridge/rendezvous.py names it the same.
static std::string folder() {
    const char* chosen = std::getenv("TONEWRIGHT_RUNTIME");
    if (chosen != nullptr && *chosen != '\0') return chosen;
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && *runtime != '\0') return std::string(runtime) + "/tonewright";
    return "/tmp/tonewright-" + std::to_string(getuid());
}

struct Rendezvous {
    std::string path;
    std::string token;
};

// Nothing is believed that another user could have written.
static bool read_rendezvous(Rendezvous& found) {
    const std::string file = folder() + "/engine";
    struct stat about;
    if (stat(file.c_str(), &about) != 0 || about.st_uid != getuid() || (about.st_mode & 077) != 0)
        return false;
    std::ifstream lines(file);
    return std::getline(lines, found.path) && std::getline(lines, found.token);
}

Engine::Engine(uint32_t channels, Stream& stream) : channels_(channels), stream_(stream) {
    text_["status"] = kAbsent;
    if (pipe2(nudges_, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("no pipe");
    thread_ = std::thread(&Engine::work, this);
}

Engine::~Engine() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        ending_ = true;
    }
    nudge();
    thread_.join();
    close(nudges_[0]);
    close(nudges_[1]);
}

void Engine::start(double sample_rate) {
    std::unique_ptr<Link> link;
    {
        std::unique_lock<std::mutex> lock(mutex_);
        sample_rate_ = sample_rate;
        starting_ = stale_ = true;
        fresh_.reset();
        nudge();
        changed_.wait_for(lock, kStartPatience, [this] { return !starting_; });
        starting_ = false;
        link = std::move(fresh_);
        stream_.start(sample_rate, std::move(link));
    }
}

void Engine::stop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    sample_rate_ = 0.0;
    stale_ = true;
    nudge();
    stream_.stop();
}

std::string Engine::text(const std::string& key) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = text_.find(key);
    return found == text_.end() ? std::string() : found->second;
}

void Engine::set_text(const std::string& key, const std::string& value) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (text_[key] == value) return;
    text_[key] = value;
    stale_ = true;
    nudge();
}

void Engine::ask(const std::string& verb) {
    const std::lock_guard<std::mutex> lock(mutex_);
    asked_ = verb;
    nudge();
}

void Engine::nudge() {
    const char byte = 1;
    (void)!write(nudges_[1], &byte, 1);
}

void Engine::say(const std::string& status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    text_["status"] = status;
}

void Engine::work() {
    auto next_try = Clock::now();
    for (;;) {
        double rate;
        bool stale;
        std::string asked;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (ending_) break;
            rate = sample_rate_;
            stale = stale_;
            stale_ = false;
            asked.swap(asked_);
        }
        if (stale || stream_.lost()) hang_up();
        const bool wanted = rate > 0.0 && socket_ < 0;
        if (wanted && (stale || Clock::now() >= next_try)) {
            std::unique_ptr<Link> link = connect(rate);
            next_try = Clock::now() + std::chrono::milliseconds(kRetryMilliseconds);
            const std::lock_guard<std::mutex> lock(mutex_);
            if (sample_rate_ == rate && !(stale_ && starting_)) {
                if (starting_)
                    fresh_ = std::move(link);
                else if (link)
                    stream_.offer(std::move(link));
                starting_ = false;
                changed_.notify_all();
            }
        }
        if (socket_ >= 0 && !asked.empty()) send_line(asked);
        stream_.collect();
        if (!listen(kTickMilliseconds)) {
            hang_up();
            say(kAbsent);
        }
    }
    hang_up();
}

std::unique_ptr<Link> Engine::connect(double sample_rate) {
    Rendezvous engine;
    sockaddr_un address{};
    if (!read_rendezvous(engine) || engine.path.size() >= sizeof(address.sun_path)) {
        say(kAbsent);
        return nullptr;
    }
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, engine.path.c_str());
    socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0 ||
        ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
        hang_up();
        say(kAbsent);
        return nullptr;
    }
    std::unique_ptr<Link> link;
    try {
        link = std::make_unique<Link>(channels_, static_cast<uint32_t>(sample_rate));
    } catch (const std::runtime_error&) {
        hang_up();
        say("this machine has no memory left");
        return nullptr;
    }
    answer_ = Answer::none;
    bool open = greet(*link, sample_rate, engine.token);
    const auto deadline = Clock::now() + kAnswerPatience;
    while (open && answer_ == Answer::none && Clock::now() < deadline)
        open = listen(kTickMilliseconds);
    if (!open || answer_ == Answer::none) {
        hang_up();
        say("the engine does not answer");
        return nullptr;
    }
    // A refusal is told, and the connection kept: it says when another chain is chosen.
    if (answer_ == Answer::refused) return nullptr;
    link->close_far_ends();
    link->held_samples = held_samples_;
    alive_ = link->alive;
    connected_ = true;
    return link;
}

bool Engine::greet(const Link& link, double sample_rate, const std::string& token) {
    const std::string hello = "hello\t" + std::to_string(kProtocol) + "\t" + token + "\t" +
                              std::to_string(static_cast<uint32_t>(sample_rate)) + "\t" +
                              std::to_string(channels_);
    return send_line(hello, &link) && send_line("chain\t" + text("chain")) &&
           send_line("takes\t" + text("takes")) && send_line("begin");
}

bool Engine::send_line(const std::string& line, const Link* link) {
    const std::string text = line + "\n";
    size_t sent = 0;
    while (sent < text.size()) {
        iovec part{const_cast<char*>(text.data()) + sent, text.size() - sent};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
        if (link != nullptr && sent == 0) {
            message.msg_control = control;
            message.msg_controllen = sizeof(control);
            cmsghdr* head = CMSG_FIRSTHDR(&message);
            head->cmsg_level = SOL_SOCKET;
            head->cmsg_type = SCM_RIGHTS;
            head->cmsg_len = CMSG_LEN(2 * sizeof(int));
            const int fds[2] = {link->memory_fd(), link->far_wake_fd()};
            std::memcpy(CMSG_DATA(head), fds, sizeof(fds));
        }
        const ssize_t count = sendmsg(socket_, &message, MSG_NOSIGNAL);
        if (count <= 0) return false;
        sent += static_cast<size_t>(count);
    }
    return true;
}

bool Engine::listen(int milliseconds) {
    pollfd fds[2] = {{nudges_[0], POLLIN, 0}, {socket_, POLLIN, 0}};
    if (poll(fds, 2, milliseconds) <= 0) return true;
    char bytes[4096];
    if (fds[0].revents != 0)
        while (read(nudges_[0], bytes, sizeof(bytes)) > 0) {
        }
    if (socket_ < 0 || fds[1].revents == 0) return true;
    const ssize_t count = recv(socket_, bytes, sizeof(bytes), 0);
    if (count <= 0 || received_.size() > kLongestLine) return false;
    received_.append(bytes, static_cast<size_t>(count));
    size_t end;
    while ((end = received_.find('\n')) != std::string::npos) {
        const std::string line = received_.substr(0, end);
        received_.erase(0, end + 1);
        obey(line);
    }
    return true;
}

void Engine::obey(const std::string& line) {
    const size_t tab = line.find('\t');
    const std::string verb = line.substr(0, tab);
    const std::string rest = tab == std::string::npos ? std::string() : line.substr(tab + 1);
    if (verb == "ready") {
        held_samples_ = static_cast<uint32_t>(std::strtoul(rest.c_str(), nullptr, 10));
        answer_ = Answer::ready;
    } else if (verb == "refused") {
        answer_ = Answer::refused;
        say(rest);
    } else if (verb == "choose") {  // another chain: the stream goes on with it
        set_text("chain", rest);
    } else if (verb == "status" || verb == "name" || verb == "chain" || verb == "takes") {
        const std::lock_guard<std::mutex> lock(mutex_);
        text_[verb] = rest;
    }
}

void Engine::hang_up() {
    if (alive_) *alive_ = false;
    alive_.reset();
    connected_ = false;
    received_.clear();
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
}

}  // namespace tonewright
