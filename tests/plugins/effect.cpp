// One small effect that behaves as the name of its file says, so that it is compiled once:
//   TestGain   multiplies by its parameter Gain
//   TestDelay  is late by 480 samples and reports them; TestLiar is as late and reports none
//   TestCrash  dies in its 20th block; TestStillborn dies when it is loaded
//   TestHang   never returns from its 20th block; TestSleeper never returns from loading
//   TestFlood  writes to the error output in every block
#include "DistrhoPlugin.hpp"

#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <string>
#include <unistd.h>
#include <vector>

START_NAMESPACE_DISTRHO

static std::string behaviour()
{
    Dl_info info;
    if (dladdr(reinterpret_cast<const void*>(&behaviour), &info) == 0)
        return "";
    std::string path = info.dli_fname;
    path = path.substr(path.rfind('/') + 1);
    return path.substr(0, path.rfind('.'));
}

class TestEffect : public Plugin
{
public:
    TestEffect() : Plugin(2, 0, 0), name(behaviour()), late(late_for(name)), line(2 * 480, 0.0f)
    {
        // Hosts make instances to ask for the parameters, too: dying needs no audio.
        if (name == "TestStillborn")
            std::abort();
        if (name == "TestSleeper")
            for (;;)
                sleep(1);
        if (name == "TestDelay")
            setLatency(late);
    }

protected:
    const char* getLabel() const override { return "TestEffect"; }
    const char* getMaker() const override { return "Tonewright"; }
    const char* getLicense() const override { return "GPL-3.0-or-later"; }
    uint32_t getVersion() const override { return d_version(1, 0, 0); }
    int64_t getUniqueId() const override { return d_cconst('t', 'w', 'T', 'e'); }

    void initParameter(uint32_t index, Parameter& parameter) override
    {
        parameter.hints = kParameterIsAutomatable;
        if (index == 0) {
            parameter.name = "Gain";
            parameter.symbol = "gain";
            parameter.unit = "dB";
            parameter.ranges.min = -60.0f;
            parameter.ranges.max = 20.0f;
        } else {
            parameter.hints |= kParameterIsBoolean;
            parameter.name = "Invert";
            parameter.symbol = "invert";
            parameter.ranges.min = 0.0f;
            parameter.ranges.max = 1.0f;
        }
        parameter.ranges.def = 0.0f;
    }

    float getParameterValue(uint32_t index) const override { return index == 0 ? gain_db : invert; }

    void setParameterValue(uint32_t index, float value) override
    {
        (index == 0 ? gain_db : invert) = value;
    }

    void activate() override
    {
        std::memset(line.data(), 0, line.size() * sizeof(float));
        at = 0;
    }

    void run(const float** inputs, float** outputs, uint32_t frames) override
    {
        ++blocks;
        if (name == "TestCrash" && blocks >= 20)
            std::raise(SIGSEGV);
        if (name == "TestHang" && blocks >= 20)
            for (;;)
                sleep(1);
        if (name == "TestFlood")
            for (int lines = 0; lines < 2000; ++lines)
                std::fprintf(stderr, "TestFlood has processed block %d and tells everyone\n", blocks);
        const float gain = std::pow(10.0f, gain_db / 20.0f) * (invert > 0.5f ? -1.0f : 1.0f);
        for (uint32_t i = 0; i < frames; ++i) {
            for (int channel = 0; channel < 2; ++channel) {
                const float in = inputs[channel][i];
                float& held = line[2 * at + channel];
                outputs[channel][i] = gain * (late ? held : in);
                held = in;
            }
            at = late ? (at + 1) % late : 0;
        }
    }

private:
    static uint32_t late_for(const std::string& name)
    {
        return name == "TestDelay" || name == "TestLiar" ? 480 : 0;
    }

    const std::string name;
    const uint32_t late;
    std::vector<float> line;
    uint32_t at = 0;
    int blocks = 0;
    float gain_db = 0.0f;
    float invert = 0.0f;
};

Plugin* createPlugin() { return new TestEffect(); }

END_NAMESPACE_DISTRHO
