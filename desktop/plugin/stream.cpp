// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream.hpp"

#include <time.h>

#include <algorithm>
#include <cstring>

namespace tonewright {

constexpr double kWaitSeconds = 10.0;  // without a sample from the engine: it hangs
constexpr double kGuessedWaitSeconds = 1.0;  // the same, where waiting may be a mistake
constexpr double kOfflineSeconds = 0.25;     // no live host is so far ahead of the clock
constexpr double kRestSeconds = 0.1;
constexpr double kLeak = 0.05;  // of the lead, a second: a host that has become live is noticed

static double now_seconds() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Stream::Stream(uint32_t channels, const Settings& settings)
    : channels_(channels), settings_(settings), delay_(channels * kDelaySamples) {
    for (uint32_t i = 0; i <= kFadeSamples; ++i) {
        const float x = static_cast<float>(i) / kFadeSamples;
        fade_[i] = x * x * (3.0f - 2.0f * x);
    }
}

Stream::~Stream() { stop(); }

void Stream::start(double sample_rate, std::unique_ptr<Link> link) {
    stop();
    link_ = std::move(link);
    sample_rate_ = sample_rate;
    std::fill(delay_.begin(), delay_.end(), 0.0f);
    position_ = 0;
    latency_ = settings_.latency;
    // With the engine there from the first sample on, nothing is faded in.
    resting_ = link_ == nullptr;
    level_ = resting_ ? 0 : kFadeSamples;
    kept_up_samples_ = 0;
    marked_ = false;
    last_seconds_ = -1.0;
    lead_seconds_ = 0.0;
    misses_ = 0;
    gave_up_ = false;
    wet_ = link_ != nullptr;
    lost_ = crowded_ = false;
}

void Stream::stop() {
    delete offered_.exchange(nullptr);
    collect();
    link_.reset();
}

void Stream::offer(std::unique_ptr<Link> link) { delete offered_.exchange(link.release()); }

void Stream::collect() { delete retired_.exchange(nullptr); }

void Stream::take_offer() {
    if (offered_.load(std::memory_order_relaxed) == nullptr) return;
    // A wet sound that still plays is faded out first, and there must be room for the old link.
    if (level_ > 0 || retired_.load(std::memory_order_relaxed) != nullptr) {
        resting_ = true;
        return;
    }
    Link* next = offered_.exchange(nullptr, std::memory_order_acq_rel);
    if (next == nullptr) return;
    retired_.store(link_.release(), std::memory_order_release);
    link_.reset(next);
    link_->base = position_;
    resting_ = true;
    kept_up_samples_ = 0;
    marked_ = false;
    lost_ = false;
}

void Stream::run(const float* const* in, float* const* out, uint32_t frames, const Mark& host) {
    const float* from[8];
    float* to[8];
    Mark here = host;
    for (uint32_t done = 0; done < frames;) {
        const uint32_t count = std::min(kPieceSamples, frames - done);
        for (uint32_t c = 0; c < channels_; ++c) {
            from[c] = in[c] + done;
            to[c] = out[c] + done;
        }
        piece(from, to, count, here);
        done += count;
        if (here.flags & kPlaying) here.host_frame += count;
    }
}

void Stream::send(const float* const* in, uint32_t frames, const Mark& host) {
    Link& link = *link_;
    if (link.in_written() + frames - link.out_written() > kRingSamples) {
        link.lost = true;
        lost_ = true;
        return;
    }
    Mark mark = host;
    mark.position = static_cast<int64_t>(link.in_written());
    if (settings_.place) mark.flags |= kPlace;
    if (settings_.capture) mark.flags |= kCapture;
    const bool jumped = (mark.flags & kPlaying) != 0 &&
                        mark.host_frame - last_mark_.host_frame != mark.position - last_mark_.position;
    if (!marked_ || jumped || mark.flags != last_mark_.flags || mark.bpm != last_mark_.bpm) {
        link.mark(mark);
        last_mark_ = mark;
        marked_ = true;
    }
    link.write(in, frames);
    link.wake();
}

// A new latency is taken once the wet sound has been faded out.
void Stream::follow_latency() {
    const uint32_t latency = settings_.latency;
    if (latency == latency_) return;
    resting_ = true;
    kept_up_samples_ = 0;
    if (level_ == 0) latency_ = latency;
}

// How many samples of wet sound there are from the one that is due now.
int64_t Stream::ready_samples() const {
    if (!link_ || link_->lost) return 0;
    const int64_t due = position_ - latency_;
    if (due < link_->base && link_->base > 0) return 0;  // it began later
    return static_cast<int64_t>(link_->out_written()) + link_->base - due;
}

// The host's lead over the clock: it grows where the host does not play in real time.
void Stream::follow_pace(uint32_t frames) {
    const double now = now_seconds();
    if (last_seconds_ >= 0.0) {
        const double passed = now - last_seconds_;
        lead_seconds_ = std::max(0.0, lead_seconds_ - (1.0 + kLeak) * passed);
    }
    const double block = frames / sample_rate_;
    lead_seconds_ = std::min(lead_seconds_ + block, 2.0);
}

// How long the audio thread may wait for the engine.
double Stream::allowed_wait(uint32_t frames) const {
    const WhenLate when_late = settings_.when_late;
    if (gave_up_ || when_late == WhenLate::dry) return 0.0;
    if (when_late == WhenLate::wait || settings_.freewheel) return kWaitSeconds;
    // Blocks longer than the latency cannot come back in time, whoever plays them.
    if (frames + kFadeSamples > latency_) return kGuessedWaitSeconds;
    const double ahead = lead_seconds_ - frames / sample_rate_;  // of this block itself
    const double since_start = position_ / sample_rate_;
    const bool offline = ahead >= std::min(kOfflineSeconds, 0.75 * since_start) && ahead > 0.0;
    return offline ? kGuessedWaitSeconds : 0.0;
}

void Stream::piece(const float* const* in, float* const* out, uint32_t frames, const Mark& host) {
    take_offer();
    follow_latency();
    for (uint32_t c = 0; c < channels_; ++c)
        for (uint32_t i = 0; i < frames; ++i)
            delay_[c * kDelaySamples + (position_ + i) % kDelaySamples] = in[c][i];
    follow_pace(frames);
    const bool connected = link_ && *link_->alive;
    if (connected && !link_->lost) send(in, frames, host);

    const int64_t needed = static_cast<int64_t>(frames) + kFadeSamples;
    int64_t ready = ready_samples();
    const bool due = link_ && (link_->base == 0 || position_ - latency_ >= link_->base);
    const bool possible = link_ && latency_ >= link_->held_samples + kFadeSamples;
    crowded_ = link_ && !possible;
    if (connected && due && possible && ready < needed && !settings_.bypass) {
        const double allowed = allowed_wait(frames);
        double deadline = allowed > 0.0 ? now_seconds() + allowed : 0.0;
        int64_t before = ready;
        while (ready < needed && *link_->alive && !link_->lost && now_seconds() < deadline) {
            const timespec nap{0, 100000};
            nanosleep(&nap, nullptr);
            ready = ready_samples();
            if (ready > before) deadline = now_seconds() + allowed;
            before = ready;
        }
        if (allowed > 0.0) gave_up_ = ready < needed;
    }
    last_seconds_ = now_seconds();

    const bool late = ready < needed;
    if (connected && due && possible && late && !settings_.bypass)
        misses_.fetch_add(1, std::memory_order_relaxed);
    if (!late) gave_up_ = false;
    if (late) {
        kept_up_samples_ = 0;
    } else if (resting_ && offered_.load(std::memory_order_relaxed) == nullptr) {
        kept_up_samples_ += frames;
        if (kept_up_samples_ >= kRestSeconds * sample_rate_) resting_ = false;
    }
    if (late && level_ < kFadeSamples) resting_ = true;
    const bool wanted = !resting_ && possible && !settings_.bypass;
    for (uint32_t i = 0; i < frames; ++i) {
        // Never more wet sound than can still be faded out with what there is.
        const int64_t left = ready - i;
        if (wanted && left > level_ + 1)
            level_ = std::min(level_ + 1, kFadeSamples);
        else if (level_ > 0 && !(wanted && left > level_))
            --level_;
        const float gain = fade_[level_];
        const int64_t due_at = position_ + i - latency_;
        for (uint32_t c = 0; c < channels_; ++c) {
            const uint64_t slot = static_cast<uint64_t>(due_at + kDelaySamples) % kDelaySamples;
            float sample = due_at < 0 ? 0.0f : delay_[c * kDelaySamples + slot];
            if (level_ > 0) {
                const float wet = due_at < link_->base ? 0.0f : link_->out(c, due_at - link_->base);
                sample = level_ == kFadeSamples ? wet : sample + gain * (wet - sample);
            }
            out[c][i] = sample;
        }
    }
    wet_.store(level_ == kFadeSamples, std::memory_order_relaxed);
    position_ += frames;
}

}  // namespace tonewright
