// SPDX-License-Identifier: GPL-3.0-or-later
// A host for tests: runs a CLAP, LV2 or VST3 plugin on raw float32 audio, interleaved, and 8192
// samples of silence, for what a latency holds back; then it says what it saw.
//
//   host PLUGIN IN OUT RATE CHANNELS BLOCKS [OPTION...]
//
//   OUT                            "-": what was heard is not kept
//   BLOCKS                         one length or several, with commas between, round and round
//   --set NAME VALUE               a parameter, before the first block
//   --load FILE                    a state, before the plugin is activated
//   --save FILE                    the state, at the end; with --settled, once every take has its
//                                  result
//   --play FRAME                   the transport rolls from there, as long as there is input
//   --paced                        in real time
//   --rounds COUNT                 the input so many times
//   --at SAMPLE COMMAND            a shell command before the block of that sample
//   --change SAMPLE NAME VALUE     a parameter before that sample
//   --locate SAMPLE FRAME          the transport goes there before that sample; at -1 it stops
//   --tempo SAMPLE BPM             the host's tempo from that sample on
//   --rate SAMPLE RATE             the plugin is stopped and started at another rate
//   --meet SAMPLE                  waits there until the plugin has an engine, before that block
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <thread>
#include <vector>

#include "hosted.hpp"

void fail(const std::string& reason) {
    std::fprintf(stderr, "host: %s\n", reason.c_str());
    std::_Exit(1);
}

namespace {

constexpr double kBpm = 97.0;
constexpr uint64_t kSilence = 8192;
constexpr int kTries = 2000;  // of 10 ms

std::vector<char> contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    check(file.good(), path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::unique_ptr<Hosted> open_plugin(const std::string& path, uint32_t channels) {
    const std::string format = path.substr(path.rfind('.') + 1);
    if (format == "clap") return open_clap(path, channels);
    if (format == "lv2") return open_lv2(path, channels);
    if (format == "vst3") return open_vst3(path, channels);
    fail(path + ": neither .clap nor .lv2 nor .vst3");
}

void wait_for_engine(Hosted& plugin, const std::function<void()>& run_nothing) {
    for (int tries = 0; plugin.get("Status") == 0.0 && tries < kTries; ++tries) {
        usleep(10000);
        run_nothing();  // LV2's plugins say what they do when they run
    }
}

// Turtle, in which LV2's hosts keep states, puts a stroke before quotation marks.
bool settled(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '\\'), text.end());
    return text.find("\"result\": \"\"") == std::string::npos &&
           text.find("\"result\": \"") != std::string::npos;
}

}  // namespace

int main(int argc, char** argv) {
    check(argc >= 7, "usage: host PLUGIN IN OUT RATE CHANNELS BLOCKS [OPTION...]");
    uint64_t rate = std::atoll(argv[4]);
    const uint32_t channels = std::atoi(argv[5]);
    std::vector<uint32_t> blocks;
    std::stringstream lengths(argv[6]);
    for (std::string length; std::getline(lengths, length, ',');)
        blocks.push_back(std::atoi(length.c_str()));
    const uint32_t longest_block = *std::max_element(blocks.begin(), blocks.end());
    const std::unique_ptr<Hosted> plugin = open_plugin(argv[1], channels);

    std::vector<std::pair<std::string, double>> settings;
    std::multimap<uint64_t, std::function<void()>> events;
    std::string load, save;
    bool paced = false, want_settled = false;
    uint64_t rounds = 1;
    Place place{false, 0, kBpm};
    std::vector<float> nothing(channels);
    std::vector<float*> no_rows(channels, nothing.data());
    for (int i = 7; i < argc;) {
        const std::string option = argv[i++];
        const auto next = [&] {
            check(i < argc, option);
            return argv[i++];
        };
        if (option == "--load") load = next();
        else if (option == "--save") save = next();
        else if (option == "--settled") want_settled = true;
        else if (option == "--paced") paced = true;
        else if (option == "--rounds") rounds = std::atoll(next());
        else if (option == "--play") place = {true, std::atoll(next()), kBpm};
        else if (option == "--set") {
            const char* name = next();
            settings.emplace_back(name, std::atof(next()));
        } else {
            const uint64_t sample = std::atoll(next());
            std::function<void()> event;
            if (option == "--at")
                event = [command = next()] { check(std::system(command) == 0, command); };
            else if (option == "--change")
                event = [&plugin, name = next(), value = std::atof(next())] {
                    plugin->set(name, value);
                };
            else if (option == "--locate")
                event = [&place, frame = std::atoll(next())] {
                    place.playing = frame >= 0;
                    if (place.playing) place.frame = frame;
                };
            else if (option == "--tempo")
                event = [&place, bpm = std::atof(next())] { place.bpm = bpm; };
            else if (option == "--rate")
                event = [&, other = std::atoll(next())] {
                    plugin->stop();
                    rate = other;
                    plugin->start(static_cast<double>(rate), longest_block);
                };
            else if (option == "--meet")
                event = [&] {
                    wait_for_engine(*plugin, [&] {
                        plugin->process(no_rows.data(), no_rows.data(), 0, place);
                    });
                };
            else fail(option);
            events.emplace(sample, event);
        }
    }

    if (!load.empty()) {
        const std::vector<char> bytes = contents(load);
        plugin->load({bytes.begin(), bytes.end()});
    }
    for (const auto& setting : settings) plugin->set(setting.first, setting.second);
    plugin->start(static_cast<double>(rate), longest_block);

    const std::vector<char> bytes = contents(argv[2]);
    const auto* input = reinterpret_cast<const float*>(bytes.data());
    const uint64_t given = bytes.size() / sizeof(float) / channels;
    const uint64_t heard = given * rounds, total = heard + kSilence;
    const bool kept = std::string(argv[3]) != "-";
    std::vector<float> output(kept ? total * channels : 0);
    std::vector<std::vector<float>> in(channels, std::vector<float>(longest_block)), out = in;
    std::vector<float*> in_rows, out_rows;
    for (uint32_t c = 0; c < channels; ++c) {
        in_rows.push_back(in[c].data());
        out_rows.push_back(out[c].data());
    }
    double longest = 0.0;
    const auto start = std::chrono::steady_clock::now();
    for (uint64_t at = 0, number = 0; at < total; ++number) {
        for (; !events.empty() && events.begin()->first <= at; events.erase(events.begin()))
            events.begin()->second();
        uint64_t end = std::min(at + blocks[number % blocks.size()], at < heard ? heard : total);
        if (!events.empty()) end = std::min(end, events.begin()->first);
        const auto frames = static_cast<uint32_t>(end - at);
        if (paced)
            std::this_thread::sleep_until(start + std::chrono::nanoseconds(at * 1000000000 / rate));
        if (at == heard) place.playing = false;
        for (uint32_t c = 0; c < channels; ++c)
            for (uint32_t i = 0; i < frames; ++i)
                in[c][i] = at < heard ? input[(at + i) % given * channels + c] : 0.0f;
        const auto before = std::chrono::steady_clock::now();
        plugin->process(in_rows.data(), out_rows.data(), frames, place);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
        longest = std::max(longest, took.count());
        for (uint32_t c = 0; kept && c < channels; ++c)
            for (uint32_t i = 0; i < frames; ++i) output[(at + i) * channels + c] = out[c][i];
        if (place.playing) place.frame += frames;
        at = end;
    }
    const double misses = plugin->get("Misses"), status = plugin->get("Status");
    const uint32_t latency = plugin->latency();
    if (!save.empty()) {
        std::string state = plugin->save();
        for (int tries = 0; want_settled && !settled(state) && tries < kTries; ++tries) {
            usleep(10000);
            state = plugin->save();
        }
        std::ofstream(save, std::ios::binary) << state;
    }
    if (kept)
        std::ofstream(argv[3], std::ios::binary)
            .write(reinterpret_cast<const char*>(output.data()), output.size() * sizeof(float));
    std::printf("{\"latency\": %u, \"misses\": %.0f, \"status\": %.0f, \"longest\": %.6f}\n",
                latency, misses, status, longest);
    plugin->stop();
    return 0;
}
