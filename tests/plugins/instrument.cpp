// A sine for each note that is held, 0.1 at velocity 127, so that what sounds can be computed.
#include "DistrhoPlugin.hpp"

#include <cmath>

START_NAMESPACE_DISTRHO

class TestInstrument : public Plugin
{
public:
    TestInstrument() : Plugin(1, 0, 0) {}

protected:
    const char* getLabel() const override { return "TestInstrument"; }
    const char* getMaker() const override { return "Tonewright"; }
    const char* getLicense() const override { return "GPL-3.0-or-later"; }
    uint32_t getVersion() const override { return d_version(1, 0, 0); }
    int64_t getUniqueId() const override { return d_cconst('t', 'w', 'T', 'i'); }

    void initParameter(uint32_t, Parameter& parameter) override
    {
        parameter.hints = kParameterIsAutomatable;
        parameter.name = "Level";
        parameter.symbol = "level";
        parameter.unit = "dB";
        parameter.ranges.min = -60.0f;
        parameter.ranges.max = 0.0f;
        parameter.ranges.def = 0.0f;
    }

    float getParameterValue(uint32_t) const override { return level_db; }
    void setParameterValue(uint32_t, float value) override { level_db = value; }

    // Hosts play a note to warm an instrument up, and stop it by starting it anew.
    void activate() override
    {
        for (float& each : velocity)
            each = 0.0f;
    }

    void run(const float**, float** outputs, uint32_t frames, const MidiEvent* events,
             uint32_t count) override
    {
        const float level = 0.1f * std::pow(10.0f, level_db / 20.0f);
        uint32_t next = 0;
        for (uint32_t i = 0; i < frames; ++i) {
            for (; next < count && events[next].frame <= i; ++next) {
                const uint8_t* data = events[next].data;
                const uint8_t status = data[0] & 0xF0;
                if (status == 0x90 || status == 0x80) {
                    velocity[data[1] & 127] = status == 0x90 ? data[2] / 127.0f : 0.0f;
                    phase[data[1] & 127] = 0.0;
                }
            }
            float sum = 0.0f;
            for (int pitch = 0; pitch < 128; ++pitch) {
                if (velocity[pitch] == 0.0f)
                    continue;
                sum += velocity[pitch] * std::sin(phase[pitch]);
                phase[pitch] += 2.0 * M_PI * 440.0 * std::pow(2.0, (pitch - 69) / 12.0) / getSampleRate();
            }
            outputs[0][i] = outputs[1][i] = level * sum;
        }
    }

private:
    float level_db = 0.0f;
    float velocity[128] = {};
    double phase[128] = {};
};

Plugin* createPlugin() { return new TestInstrument(); }

END_NAMESPACE_DISTRHO
