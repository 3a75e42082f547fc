// SPDX-License-Identifier: GPL-3.0-or-later
// One stream of audio through the engine: the shared memory and the wire that wakes the engine.
#pragma once

#include <memory>

#include "shared.hpp"

namespace tonewright {

class Link {
public:
    // Throws std::runtime_error where the system gives no memory or no socket.
    Link(uint32_t channels, uint32_t sample_rate);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // The descriptors that go to the engine; close_far_ends() once it has them.
    int memory_fd() const { return memory_fd_; }
    int far_wake_fd() const { return wake_[1]; }
    void close_far_ends();

    // For the audio thread; positions count from the first sample of this link.
    void write(const float* const* audio, uint32_t frames);
    void mark(const Mark& mark);
    void wake();
    uint64_t in_written() const { return header_->in_written.load(std::memory_order_relaxed); }
    uint64_t out_written() const { return header_->out_written.load(std::memory_order_acquire); }
    float out(uint32_t channel, uint64_t position) const {
        return out_[channel * kRingSamples + position % kRingSamples];
    }

    // Whether the engine is still at the other end; shared with the thread that listens to it.
    std::shared_ptr<std::atomic<bool>> alive = std::make_shared<std::atomic<bool>>(true);
    std::atomic<bool> lost{false};  // the engine fell behind by a whole ring: start another link
    uint32_t held_samples = 0;      // what the chain keeps back
    int64_t base = 0;               // where the link begins in the plugin's own stream

private:
    uint32_t channels_;
    int memory_fd_ = -1;
    int wake_[2] = {-1, -1};
    void* memory_ = nullptr;
    Header* header_ = nullptr;
    Mark* marks_ = nullptr;
    float* in_ = nullptr;
    float* out_ = nullptr;
};

}  // namespace tonewright
