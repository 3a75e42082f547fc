// SPDX-License-Identifier: GPL-3.0-or-later
// The memory that the plugin and the engine share: two rings of audio, one each way, and one of
// marks. Each ring has one writer and one reader; a counter of all that was ever written, stored
// last, is all that ties them together. The other side of this layout is dsp/bridge/memory.py.
#pragma once

#include <atomic>
#include <cstdint>

namespace tonewright {

constexpr uint32_t kMagic = 0x54775242;  // "TwRB"
constexpr uint32_t kProtocol = 1;        // of this layout and of the messages; engines check it
constexpr uint32_t kRingSamples = 65536;
constexpr uint32_t kRingMarks = 4096;
constexpr uint32_t kHeaderBytes = 4096;

// Where the stream is in the host, from a sample of the stream on.
struct Mark {
    int64_t position;    // in the stream
    int64_t host_frame;  // of the host's timeline
    double bpm;          // 0 if the host does not say
    uint32_t flags;      // see below
    uint32_t unused;
};
static_assert(sizeof(Mark) == 32, "the engine reads marks of 32 bytes");

constexpr uint32_t kPlaying = 1;  // the host's transport rolls
constexpr uint32_t kPlace = 2;    // results replace what was captured; else the chain runs live
constexpr uint32_t kCapture = 4;  // what is heard is recorded

struct Header {
    uint32_t magic;
    uint32_t protocol;
    uint32_t channels;
    uint32_t sample_rate;
    uint32_t ring_samples;
    uint32_t ring_marks;
    alignas(64) std::atomic<uint64_t> in_written;
    alignas(64) std::atomic<uint64_t> marks_written;
    alignas(64) std::atomic<uint64_t> out_written;
};
static_assert(sizeof(Header) <= kHeaderBytes, "the header fills one page at most");
static_assert(std::atomic<uint64_t>::is_always_lock_free, "the audio thread must not lock");

}  // namespace tonewright
