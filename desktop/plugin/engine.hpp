// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin's connection to the Tonewright engine of this machine. A thread of its own finds the
// engine, talks to it, and finds it again when it has gone; the audio thread has no part in it.
//
// The engine is found through a file that only this user can read: the path of its socket and a
// token. Messages are lines, a verb and what belongs to it with a tab between; the first one brings
// the shared memory along. Chains and takes are JSON that the plugin keeps and does not read.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "link.hpp"
#include "stream.hpp"

namespace tonewright {

class Engine {
public:
    Engine(uint32_t channels, Stream& stream);
    ~Engine();

    // Starts the stream anew; where there is an engine, with it, after two seconds at most.
    void start(double sample_rate);
    void stop();

    // "chain" and "takes", as the host saves them; "name" of the chain and "status", for people.
    std::string text(const std::string& key) const;
    void set_text(const std::string& key, const std::string& value);

    // Asks the engine for something: "next" or "previous" (a chain), "open" (the desktop).
    void ask(const std::string& verb);

    bool connected() const { return connected_.load(std::memory_order_relaxed); }

private:
    void work();
    std::unique_ptr<Link> connect(double sample_rate);
    bool greet(const Link& link, double sample_rate, const std::string& token);
    bool send_line(const std::string& line, const Link* link = nullptr);
    bool listen(int milliseconds);  // false once the engine has gone
    void obey(const std::string& line);
    void hang_up();
    void nudge();
    void say(const std::string& status);

    const uint32_t channels_;
    Stream& stream_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::string> text_;
    std::string asked_;
    std::unique_ptr<Link> fresh_;  // for start() to take
    double sample_rate_ = 0.0;     // 0: no stream is wanted
    bool starting_ = false;        // start() waits
    bool stale_ = false;           // what plays is not what is wanted: connect again
    bool ending_ = false;
    std::atomic<bool> connected_{false};

    // The thread's own.
    int socket_ = -1;
    int nudges_[2] = {-1, -1};
    std::string received_;
    std::shared_ptr<std::atomic<bool>> alive_;
    enum class Answer { none, ready, refused } answer_ = Answer::none;
    uint32_t held_samples_ = 0;

    std::thread thread_;
};

}  // namespace tonewright
