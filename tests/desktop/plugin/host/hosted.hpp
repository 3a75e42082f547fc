// SPDX-License-Identifier: GPL-3.0-or-later
// A plugin in a host for tests, whatever its format.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

// Where the host's transport is at the first sample of a block.
struct Place {
    bool playing;
    int64_t frame;
    double bpm;
};

class Hosted {
public:
    virtual ~Hosted() = default;

    // Parameters by their names, in their own units.
    virtual void set(const std::string& name, double value) = 0;
    virtual double get(const std::string& name) = 0;
    virtual uint32_t latency() = 0;

    virtual std::string save() = 0;
    virtual void load(const std::string& state) = 0;

    virtual void start(double sample_rate, uint32_t most_frames) = 0;
    virtual void stop() = 0;
    virtual void process(float* const* in, float* const* out, uint32_t frames,
                         const Place& place) = 0;
};

std::unique_ptr<Hosted> open_clap(const std::string& path, uint32_t channels);
std::unique_ptr<Hosted> open_lv2(const std::string& path, uint32_t channels);
std::unique_ptr<Hosted> open_vst3(const std::string& path, uint32_t channels);

// Says what is wrong, and ends the host.
[[noreturn]] void fail(const std::string& reason);

inline void check(bool good, const std::string& what) {
    if (!good) fail(what);
}
