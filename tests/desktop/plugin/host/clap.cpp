// SPDX-License-Identifier: GPL-3.0-or-later
// A CLAP plugin.
#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "clap/entry.h"
#include "clap/events.h"
#include "clap/ext/latency.h"
#include "clap/ext/params.h"
#include "clap/ext/state.h"
#include "clap/plugin-factory.h"
#include "clap/plugin.h"
#include "hosted.hpp"

namespace {

void nothing(const clap_host*) {}
const clap_host_latency latency_extension{nothing};  // DPF's CLAP crashes without one

const void* extension(const clap_host*, const char* id) {
    return std::strcmp(id, CLAP_EXT_LATENCY) == 0 ? &latency_extension : nullptr;
}

const clap_host host{CLAP_VERSION, nullptr, "test",  "",      "",
                     "1",          extension, nothing, nothing, nothing};

int64_t write_text(const clap_ostream* stream, const void* data, uint64_t size) {
    static_cast<std::string*>(stream->ctx)->append(static_cast<const char*>(data), size);
    return static_cast<int64_t>(size);
}

int64_t read_text(const clap_istream* stream, void* data, uint64_t size) {
    auto* text = static_cast<std::string*>(stream->ctx);
    const size_t count = std::min<size_t>(size, text->size());
    std::memcpy(data, text->data(), count);
    text->erase(0, count);
    return static_cast<int64_t>(count);
}

uint32_t count_events(const clap_input_events* in) { return in->ctx == nullptr ? 0 : 1; }
const clap_event_header* get_event(const clap_input_events* in, uint32_t) {
    return &static_cast<clap_event_param_value*>(in->ctx)->header;
}
bool take_event(const clap_output_events*, const clap_event_header*) { return true; }
const clap_input_events no_events{nullptr, count_events, get_event};
const clap_output_events out_events{nullptr, take_event};

class Clap : public Hosted {
public:
    Clap(const std::string& path, uint32_t channels) : channels_(channels) {
        void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        check(library != nullptr, path);
        entry_ = static_cast<const clap_plugin_entry*>(dlsym(library, "clap_entry"));
        check(entry_ != nullptr && entry_->init(path.c_str()), "clap_entry");
        const auto* factory =
            static_cast<const clap_plugin_factory*>(entry_->get_factory(CLAP_PLUGIN_FACTORY_ID));
        const char* id = factory->get_plugin_descriptor(factory, 0)->id;
        plugin_ = factory->create_plugin(factory, &host, id);
        check(plugin_ != nullptr && plugin_->init(plugin_), id);
        params_ = static_cast<const clap_plugin_params*>(
            plugin_->get_extension(plugin_, CLAP_EXT_PARAMS));
        state_ = static_cast<const clap_plugin_state*>(
            plugin_->get_extension(plugin_, CLAP_EXT_STATE));
        latency_ = static_cast<const clap_plugin_latency*>(
            plugin_->get_extension(plugin_, CLAP_EXT_LATENCY));
        for (uint32_t i = 0; i < params_->count(plugin_); ++i) {
            clap_param_info info;
            params_->get_info(plugin_, i, &info);
            ids_[info.name] = info.id;
        }
    }

    ~Clap() override {
        plugin_->destroy(plugin_);
        entry_->deinit();
    }

    void set(const std::string& name, double value) override {
        clap_event_param_value event{};
        event.header = {sizeof(event), 0, CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_PARAM_VALUE, 0};
        event.param_id = ids_.at(name);
        event.note_id = event.port_index = event.channel = event.key = -1;
        event.value = value;
        const clap_input_events events{&event, count_events, get_event};
        params_->flush(plugin_, &events, &out_events);
    }

    double get(const std::string& name) override {
        double value = 0.0;
        params_->get_value(plugin_, ids_.at(name), &value);
        return value;
    }

    uint32_t latency() override { return latency_->get(plugin_); }

    std::string save() override {
        std::string text;
        const clap_ostream stream{&text, write_text};
        check(state_->save(plugin_, &stream), "no state was saved");
        return text;
    }

    void load(const std::string& state) override {
        std::string text = state;
        const clap_istream stream{&text, read_text};
        check(state_->load(plugin_, &stream), "no state was loaded");
    }

    void start(double sample_rate, uint32_t most_frames) override {
        sample_rate_ = sample_rate;
        check(plugin_->activate(plugin_, sample_rate, 1, most_frames), "it does not start");
        plugin_->start_processing(plugin_);
    }

    void stop() override {
        plugin_->stop_processing(plugin_);
        plugin_->deactivate(plugin_);
    }

    void process(float* const* in, float* const* out, uint32_t frames,
                 const Place& place) override {
        clap_event_transport transport{};
        transport.header = {sizeof(transport), 0, CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_TRANSPORT,
                            0};
        transport.flags = CLAP_TRANSPORT_HAS_TEMPO | CLAP_TRANSPORT_HAS_BEATS_TIMELINE |
                          CLAP_TRANSPORT_HAS_TIME_SIGNATURE;
        if (place.playing) transport.flags |= CLAP_TRANSPORT_IS_PLAYING;
        transport.tempo = place.bpm;
        const double beats = static_cast<double>(place.frame) / sample_rate_ * place.bpm / 60.0;
        transport.song_pos_beats = std::llround(beats * CLAP_BEATTIME_FACTOR);
        transport.tsig_num = transport.tsig_denom = 4;
        clap_audio_buffer from{const_cast<float**>(in), nullptr, channels_, 0, 0};
        clap_audio_buffer to{const_cast<float**>(out), nullptr, channels_, 0, 0};
        const clap_process process{steady_, frames, &transport, &from, &to, 1, 1, &no_events,
                                   &out_events};
        plugin_->process(plugin_, &process);
        steady_ += frames;
    }

private:
    const uint32_t channels_;
    const clap_plugin_entry* entry_;
    const clap_plugin* plugin_;
    const clap_plugin_params* params_;
    const clap_plugin_state* state_;
    const clap_plugin_latency* latency_;
    std::map<std::string, clap_id> ids_;
    double sample_rate_ = 0.0;
    int64_t steady_ = 0;
};

}  // namespace

std::unique_ptr<Hosted> open_clap(const std::string& path, uint32_t channels) {
    return std::make_unique<Clap>(path, channels);
}
