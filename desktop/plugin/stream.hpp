// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin's audio: what came in goes to the engine, and what comes back is played a fixed
// latency later. Where it is late, the dry sound, delayed as much, takes its place.
//
// run() is the audio thread's. It neither locks nor allocates, and makes no call that could block,
// but where the host does not play in real time: then it waits for the engine.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "link.hpp"

namespace tonewright {

constexpr uint32_t kFadeSamples = 128;    // from wet to dry and back
constexpr uint32_t kPieceSamples = 4096;  // longer blocks are done in pieces
constexpr uint32_t kLongestLatency = 8192;

// What to do when the engine is late.
enum class WhenLate { automatic, dry, wait };

struct Settings {
    std::atomic<bool> bypass{false};
    std::atomic<bool> freewheel{false};  // the host says that it does not play in real time
    std::atomic<WhenLate> when_late{WhenLate::automatic};
    std::atomic<uint32_t> latency{2048};
    std::atomic<bool> place{false};
    std::atomic<bool> capture{false};
};

class Stream {
public:
    Stream(uint32_t channels, const Settings& settings);
    ~Stream();

    // Not for the audio thread, and not while it runs. `link` may be null.
    void start(double sample_rate, std::unique_ptr<Link> link);
    void stop();

    // From one other thread, at any time.
    void offer(std::unique_ptr<Link> link);  // taken at the next block
    void collect();                          // frees what the audio thread has done with

    // The audio thread. `host` has the frame, the tempo and kPlaying of the block's first sample.
    void run(const float* const* in, float* const* out, uint32_t frames, const Mark& host);

    uint32_t misses() const { return misses_.load(std::memory_order_relaxed); }
    bool wet() const { return wet_.load(std::memory_order_relaxed); }
    bool lost() const { return lost_.load(std::memory_order_relaxed); }
    bool crowded() const { return crowded_.load(std::memory_order_relaxed); }

private:
    void piece(const float* const* in, float* const* out, uint32_t frames, const Mark& host);
    void take_offer();
    void send(const float* const* in, uint32_t frames, const Mark& host);
    void follow_latency();
    int64_t ready_samples() const;
    double allowed_wait(uint32_t frames) const;
    void follow_pace(uint32_t frames);

    static constexpr uint32_t kDelaySamples = 16384;
    static_assert(kDelaySamples >= kLongestLatency + kPieceSamples, "the dry sound must fit");

    const uint32_t channels_;
    const Settings& settings_;
    std::vector<float> delay_;
    std::unique_ptr<Link> link_;
    std::atomic<Link*> offered_{nullptr};
    std::atomic<Link*> retired_{nullptr};
    double sample_rate_ = 48000.0;
    int64_t position_ = 0;
    uint32_t latency_ = 2048;
    uint32_t level_ = 0;  // of the wet sound, 0 to kFadeSamples
    bool resting_ = true;  // dry until the engine has kept up for a while
    uint32_t kept_up_samples_ = 0;
    Mark last_mark_{};
    bool marked_ = false;
    double last_seconds_ = -1.0;
    double lead_seconds_ = 0.0;  // how far the host is ahead of the clock
    bool gave_up_ = false;       // waited in vain: not again before the engine is back
    std::array<float, kFadeSamples + 1> fade_;
    std::atomic<uint32_t> misses_{0};
    std::atomic<bool> wet_{false};
    std::atomic<bool> lost_{false};
    std::atomic<bool> crowded_{false};
};

}  // namespace tonewright
