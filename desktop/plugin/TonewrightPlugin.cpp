// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin as hosts see it, in terms of DPF.
#include <cmath>
#include <cstring>

#include "DistrhoPlugin.hpp"
#include "DistrhoPluginUtils.hpp"
#include "engine.hpp"
#include "panel.hpp"
#include "parameters.hpp"
#include "stream.hpp"

START_NAMESPACE_DISTRHO

using tonewright::Engine;
using tonewright::Mark;
using tonewright::Settings;
using tonewright::Stream;

class TonewrightPlugin : public Plugin, public tonewright::Panel {
public:
    TonewrightPlugin()
        : Plugin(kParameterCount, 0, kStateCount),
          stream_(DISTRHO_PLUGIN_NUM_INPUTS, settings_),
          engine_(DISTRHO_PLUGIN_NUM_INPUTS, stream_) {
        setLatency(settings_.latency);
    }

    std::string panel_text(const std::string& key) const override { return engine_.text(key); }
    void panel_ask(const std::string& verb) override { engine_.ask(verb); }
    uint32_t panel_misses() const override { return stream_.misses(); }
    bool panel_connected() const override { return engine_.connected(); }

protected:
    const char* getLabel() const override { return "Tonewright"; }
    const char* getDescription() const override { return "A Tonewright chain on a track"; }
    const char* getMaker() const override { return "Tonewright"; }
    const char* getHomePage() const override { return "urn:tonewright"; }
    const char* getLicense() const override { return "GPL-3.0-or-later"; }
    uint32_t getVersion() const override { return d_version(0, 1, 0); }
    int64_t getUniqueId() const override { return DISTRHO_PLUGIN_UNIQUE_ID; }

    void initParameter(uint32_t index, Parameter& parameter) override {
        describe_parameter(index, parameter);
    }

    void initState(uint32_t index, State& state) override {
        static const char* const labels[] = {"Chain", "Takes"};
        state.key = kStateKeys[index];
        state.label = labels[index];
        state.hints = kStateIsOnlyForDSP;
    }

    float getParameterValue(uint32_t index) const override {
        switch (index) {
            case kBypass: return settings_.bypass;
            case kLatency: return static_cast<float>(latency_choice(settings_.latency));
            case kMode: return settings_.place;
            case kCapture: return settings_.capture;
            case kWhenLate: return static_cast<float>(settings_.when_late.load());
            case kFreewheel: return settings_.freewheel;
            case kMisses: return static_cast<float>(std::min(stream_.misses(), kMostMisses));
            case kStatus: return static_cast<float>(status());
        }
        return 0.0f;
    }

    void setParameterValue(uint32_t index, float value) override {
        const bool on = value > 0.5f;
        switch (index) {
            case kBypass: settings_.bypass = on; break;
            case kLatency:
                settings_.latency = kLatencies[choice(value, kLatencyCount)];
                setLatency(settings_.latency);
                break;
            case kMode: settings_.place = on; break;
            case kCapture: settings_.capture = on; break;
            case kWhenLate:
                settings_.when_late = static_cast<tonewright::WhenLate>(choice(value, 3));
                break;
            case kFreewheel: settings_.freewheel = on; break;
        }
    }

    String getState(const char* key) const override {
        return String(engine_.text(key).c_str());
    }

    void setState(const char* key, const char* value) override { engine_.set_text(key, value); }

    void activate() override { engine_.start(getSampleRate()); }

    void deactivate() override { engine_.stop(); }

    void run(const float** inputs, float** outputs, uint32_t frames) override {
        const TimePosition& time = getTimePosition();
        Mark host{};
        host.host_frame = frame_of(time);
        host.bpm = time.bbt.valid ? time.bbt.beatsPerMinute : 0.0;
        host.flags = time.playing ? tonewright::kPlaying : 0;
        stream_.run(inputs, outputs, frames, host);
    }

private:
    // DPF's CLAP says where the host is in beats only. At one tempo that is a place to the sample;
    // where the tempo changes the places jump, and a take ends.
    int64_t frame_of(const TimePosition& time) const {
        if (!clap_) return static_cast<int64_t>(time.frame);
        const TimePosition::BarBeatTick& bbt = time.bbt;
        if (!bbt.valid) return 0;
        const double beats = (bbt.bar - 1) * static_cast<double>(bbt.beatsPerBar) + (bbt.beat - 1) +
                             bbt.tick / bbt.ticksPerBeat;
        return std::llround(beats * 60.0 / bbt.beatsPerMinute * getSampleRate());
    }

    Status status() const {
        if (!engine_.connected()) return Status::no_engine;
        if (stream_.crowded()) return Status::latency_too_short;
        return stream_.wet() ? Status::processing : Status::dry;
    }

    const bool clap_ = std::strcmp(getPluginFormatName(), "CLAP") == 0;
    Settings settings_;
    Stream stream_;
    Engine engine_;

    DISTRHO_DECLARE_NON_COPYABLE_WITH_LEAK_DETECTOR(TonewrightPlugin)
};

Plugin* createPlugin() { return new TonewrightPlugin(); }

END_NAMESPACE_DISTRHO
