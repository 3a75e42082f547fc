// SPDX-License-Identifier: GPL-3.0-or-later
// An LV2 plugin, through lilv, the library that Ardour and other hosts use.
#include <lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/atom/forge.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/options/options.h>
#include <lv2/state/state.h>
#include <lv2/time/time.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>

#include <cstdlib>
#include <map>
#include <vector>

#include "hosted.hpp"

namespace {

constexpr uint32_t kEventBytes = 4096;

LV2_Worker_Status no_work(LV2_Worker_Schedule_Handle, uint32_t, const void*) {
    return LV2_WORKER_ERR_UNKNOWN;
}

class Lv2 : public Hosted {
public:
    Lv2(const std::string& bundle, uint32_t) : world_(lilv_world_new()) {
        LilvNode* folder = lilv_new_file_uri(world_, nullptr, (bundle + "/").c_str());
        lilv_world_load_bundle(world_, folder);
        lilv_node_free(folder);
        const LilvPlugins* plugins = lilv_world_get_all_plugins(world_);
        plugin_ = lilv_plugins_get(plugins, lilv_plugins_begin(plugins));
        check(plugin_ != nullptr, bundle);
        read_ports();
        lv2_atom_forge_init(&forge_, &map_);
        events_in_.resize(kEventBytes / sizeof(uint64_t));
        events_out_.resize(kEventBytes / sizeof(uint64_t));
    }

    ~Lv2() override {
        lilv_state_free(state_);
        lilv_world_free(world_);
    }

    // A switch that says whether the plugin is on is called a bypass elsewhere.
    void set(const std::string& name, double value) override {
        if (name == "Bypass") value = 1.0 - value;
        controls_[ports_.at(name == "Bypass" ? "Enabled" : name)] = static_cast<float>(value);
    }

    double get(const std::string& name) override { return controls_[ports_.at(name)]; }

    uint32_t latency() override {
        return static_cast<uint32_t>(controls_[lilv_plugin_get_latency_port_index(plugin_)]);
    }

    std::string save() override {
        LilvState* state = current();
        char* text = lilv_state_to_string(world_, &map_, &unmap_, state, "urn:test:state", nullptr);
        const std::string saved = text;
        lilv_free(text);
        lilv_state_free(state);
        return saved;
    }

    void load(const std::string& state) override {
        keep(lilv_state_new_from_string(world_, &map_, state.c_str()));
        check(state_ != nullptr, "no state was loaded");
        lilv_state_emit_port_values(state_, set_value, this);
    }

    // An LV2 plugin has one rate and one longest block for all its life: another one takes its place.
    void start(double sample_rate, uint32_t most_frames) override {
        most_frames_ = static_cast<int32_t>(most_frames);
        instance_ = lilv_plugin_instantiate(plugin_, sample_rate, features_);
        check(instance_ != nullptr, "it does not start");
        lilv_instance_connect_port(instance_, events_in_port_, events_in_.data());
        lilv_instance_connect_port(instance_, events_out_port_, events_out_.data());
        for (const auto& port : ports_)
            lilv_instance_connect_port(instance_, port.second, &controls_[port.second]);
        const uint32_t latency_port = lilv_plugin_get_latency_port_index(plugin_);
        lilv_instance_connect_port(instance_, latency_port, &controls_[latency_port]);
        if (state_ != nullptr) lilv_state_restore(state_, instance_, nullptr, this, 0, features_);
        lilv_instance_activate(instance_);
        told_ = {false, -1, 0.0};
    }

    void stop() override {
        keep(current());
        lilv_instance_deactivate(instance_);
        lilv_instance_free(instance_);
        instance_ = nullptr;
    }

    void process(float* const* in, float* const* out, uint32_t frames,
                 const Place& place) override {
        for (size_t channel = 0; channel < audio_in_.size(); ++channel) {
            lilv_instance_connect_port(instance_, audio_in_[channel], in[channel]);
            lilv_instance_connect_port(instance_, audio_out_[channel], out[channel]);
        }
        write_events(place);
        auto* events = reinterpret_cast<LV2_Atom_Sequence*>(events_out_.data());
        events->atom.type = id(LV2_ATOM__Chunk);
        events->atom.size = kEventBytes - sizeof(LV2_Atom);
        lilv_instance_run(instance_, frames);
        told_ = place;
        if (place.playing) told_.frame += frames;
    }

private:
    void read_ports() {
        LilvNode* audio = lilv_new_uri(world_, LILV_URI_AUDIO_PORT);
        LilvNode* control = lilv_new_uri(world_, LILV_URI_CONTROL_PORT);
        LilvNode* input = lilv_new_uri(world_, LILV_URI_INPUT_PORT);
        const uint32_t count = lilv_plugin_get_num_ports(plugin_);
        controls_.resize(count);
        lilv_plugin_get_port_ranges_float(plugin_, nullptr, nullptr, controls_.data());
        for (uint32_t i = 0; i < count; ++i) {
            const LilvPort* port = lilv_plugin_get_port_by_index(plugin_, i);
            const bool in = lilv_port_is_a(plugin_, port, input);
            if (lilv_port_is_a(plugin_, port, audio)) {
                (in ? audio_in_ : audio_out_).push_back(i);
            } else if (!lilv_port_is_a(plugin_, port, control)) {
                (in ? events_in_port_ : events_out_port_) = i;
            } else if (i != lilv_plugin_get_latency_port_index(plugin_)) {
                LilvNode* name = lilv_port_get_name(plugin_, port);
                ports_[lilv_node_as_string(name)] = i;
                lilv_node_free(name);
            }
        }
        for (LilvNode* node : {audio, control, input}) lilv_node_free(node);
    }

    // The place is told where it is not what the plugin can reckon from the last one.
    void write_events(const Place& place) {
        lv2_atom_forge_set_buffer(&forge_, reinterpret_cast<uint8_t*>(events_in_.data()),
                                  kEventBytes);
        LV2_Atom_Forge_Frame sequence, position;
        lv2_atom_forge_sequence_head(&forge_, &sequence, 0);
        if (place.playing != told_.playing || place.frame != told_.frame ||
            place.bpm != told_.bpm) {
            lv2_atom_forge_frame_time(&forge_, 0);
            lv2_atom_forge_object(&forge_, &position, 0, id(LV2_TIME__Position));
            lv2_atom_forge_key(&forge_, id(LV2_TIME__frame));
            lv2_atom_forge_long(&forge_, place.frame);
            lv2_atom_forge_key(&forge_, id(LV2_TIME__speed));
            lv2_atom_forge_float(&forge_, place.playing ? 1.0f : 0.0f);
            lv2_atom_forge_key(&forge_, id(LV2_TIME__beatUnit));
            lv2_atom_forge_int(&forge_, 4);
            lv2_atom_forge_key(&forge_, id(LV2_TIME__beatsPerBar));
            lv2_atom_forge_float(&forge_, 4.0f);
            lv2_atom_forge_key(&forge_, id(LV2_TIME__beatsPerMinute));
            lv2_atom_forge_float(&forge_, static_cast<float>(place.bpm));
            lv2_atom_forge_pop(&forge_, &position);
        }
        lv2_atom_forge_pop(&forge_, &sequence);
    }

    LilvState* current() {
        return lilv_state_new_from_instance(plugin_, instance_, &map_, nullptr, nullptr, nullptr,
                                            nullptr, get_value, this,
                                            LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE, features_);
    }

    void keep(LilvState* state) {
        lilv_state_free(state_);
        state_ = state;
    }

    uint32_t port_of(const char* symbol) {
        LilvNode* node = lilv_new_string(world_, symbol);
        const LilvPort* port = lilv_plugin_get_port_by_symbol(plugin_, node);
        lilv_node_free(node);
        return lilv_port_get_index(plugin_, port);
    }

    static const void* get_value(const char* symbol, void* self, uint32_t* size, uint32_t* type) {
        auto* host = static_cast<Lv2*>(self);
        *size = sizeof(float);
        *type = host->id(LV2_ATOM__Float);
        return &host->controls_[host->port_of(symbol)];
    }

    static void set_value(const char* symbol, void* self, const void* value, uint32_t, uint32_t) {
        auto* host = static_cast<Lv2*>(self);
        host->controls_[host->port_of(symbol)] = *static_cast<const float*>(value);
    }

    LV2_URID id(const std::string& uri) {
        const auto found = urids_.emplace(uri, static_cast<LV2_URID>(urids_.size() + 1)).first;
        uris_[found->second] = found->first;
        return found->second;
    }

    static LV2_URID map(LV2_URID_Map_Handle self, const char* uri) {
        return static_cast<Lv2*>(self)->id(uri);
    }

    static const char* unmap(LV2_URID_Unmap_Handle self, LV2_URID id) {
        return static_cast<Lv2*>(self)->uris_.at(id).c_str();
    }

    LilvWorld* world_;
    const LilvPlugin* plugin_;
    LilvInstance* instance_ = nullptr;
    LilvState* state_ = nullptr;
    std::map<std::string, uint32_t> ports_;
    std::vector<float> controls_;
    std::vector<uint32_t> audio_in_, audio_out_;
    uint32_t events_in_port_ = 0, events_out_port_ = 0;
    std::vector<uint64_t> events_in_, events_out_;
    Place told_{false, -1, 0.0};
    std::map<std::string, LV2_URID> urids_;
    std::map<LV2_URID, std::string> uris_;
    LV2_Atom_Forge forge_;

    int32_t most_frames_ = 0;
    LV2_URID_Map map_{this, map};
    LV2_URID_Unmap unmap_{this, unmap};
    LV2_Worker_Schedule worker_{nullptr, no_work};
    const LV2_Options_Option options_[2] = {
        {LV2_OPTIONS_INSTANCE, 0, id(LV2_BUF_SIZE__maxBlockLength), sizeof(int32_t),
         id(LV2_ATOM__Int), &most_frames_},
        {LV2_OPTIONS_INSTANCE, 0, 0, 0, 0, nullptr}};
    const LV2_Feature map_feature_{LV2_URID__map, &map_};
    const LV2_Feature unmap_feature_{LV2_URID__unmap, &unmap_};
    const LV2_Feature worker_feature_{LV2_WORKER__schedule, &worker_};
    const LV2_Feature options_feature_{LV2_OPTIONS__options,
                                       const_cast<LV2_Options_Option*>(options_)};
    const LV2_Feature bounded_feature_{LV2_BUF_SIZE__boundedBlockLength, nullptr};
    const LV2_Feature* const features_[6] = {&map_feature_,     &unmap_feature_,
                                             &worker_feature_,  &options_feature_,
                                             &bounded_feature_, nullptr};
};

}  // namespace

std::unique_ptr<Hosted> open_lv2(const std::string& path, uint32_t channels) {
    return std::make_unique<Lv2>(path, channels);
}
