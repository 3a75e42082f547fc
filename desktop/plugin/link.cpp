// SPDX-License-Identifier: GPL-3.0-or-later
#include "link.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <new>
#include <stdexcept>

namespace tonewright {

static size_t memory_bytes(uint32_t channels) {
    return kHeaderBytes + kRingMarks * sizeof(Mark) +
           2 * static_cast<size_t>(channels) * kRingSamples * sizeof(float);
}

Link::Link(uint32_t channels, uint32_t sample_rate) : channels_(channels) {
    const size_t bytes = memory_bytes(channels);
    memory_fd_ = memfd_create("tonewright", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    // Sealed: memory that the other side could shrink would take the host down with it.
    if (memory_fd_ >= 0 && ftruncate(memory_fd_, static_cast<off_t>(bytes)) == 0 &&
        fcntl(memory_fd_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        memory_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd_, 0);
    if (memory_ == nullptr || memory_ == MAP_FAILED ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, wake_) != 0) {
        if (memory_ != nullptr && memory_ != MAP_FAILED) munmap(memory_, bytes);
        if (memory_fd_ >= 0) close(memory_fd_);
        throw std::runtime_error("no shared memory");
    }
    char* start = static_cast<char*>(memory_);
    header_ = new (memory_) Header{};
    header_->magic = kMagic;
    header_->protocol = kProtocol;
    header_->channels = channels;
    header_->sample_rate = sample_rate;
    header_->ring_samples = kRingSamples;
    header_->ring_marks = kRingMarks;
    marks_ = reinterpret_cast<Mark*>(start + kHeaderBytes);
    in_ = reinterpret_cast<float*>(start + kHeaderBytes + kRingMarks * sizeof(Mark));
    out_ = in_ + static_cast<size_t>(channels) * kRingSamples;
}

Link::~Link() {
    munmap(memory_, memory_bytes(channels_));
    close_far_ends();
    close(wake_[0]);
}

void Link::close_far_ends() {
    if (memory_fd_ >= 0) close(memory_fd_);
    if (wake_[1] >= 0) close(wake_[1]);
    memory_fd_ = wake_[1] = -1;
}

void Link::write(const float* const* audio, uint32_t frames) {
    const uint64_t start = in_written();
    for (uint32_t channel = 0; channel < channels_; ++channel) {
        float* ring = in_ + static_cast<size_t>(channel) * kRingSamples;
        for (uint32_t i = 0; i < frames; ++i) ring[(start + i) % kRingSamples] = audio[channel][i];
    }
    header_->in_written.store(start + frames, std::memory_order_release);
}

void Link::mark(const Mark& mark) {
    const uint64_t count = header_->marks_written.load(std::memory_order_relaxed);
    marks_[count % kRingMarks] = mark;
    header_->marks_written.store(count + 1, std::memory_order_release);
}

void Link::wake() {
    // A full wire means that the engine has been woken already; a broken one, that it has gone.
    const char byte = 1;
    (void)!send(wake_[0], &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace tonewright
