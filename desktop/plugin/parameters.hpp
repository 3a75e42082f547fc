// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin's parameters, which its window and its hosts show.
#pragma once

#include <algorithm>

#include "DistrhoPlugin.hpp"

START_NAMESPACE_DISTRHO

enum Parameters {
    kBypass,
    kLatency,
    kMode,
    kCapture,
    kWhenLate,
    kFreewheel,
    kMisses,
    kStatus,
    kParameterCount
};

enum class Status { no_engine, processing, dry, latency_too_short };

constexpr const char* kStateKeys[] = {"chain", "takes"};
constexpr uint32_t kStateCount = 2;

constexpr uint32_t kLatencies[] = {512, 1024, 2048, 4096, 8192};
constexpr uint32_t kLatencyCount = 5;
constexpr uint32_t kMostMisses = 1000000;

inline uint32_t choice(float value, uint32_t count) {
    return static_cast<uint32_t>(std::clamp(value + 0.5f, 0.0f, static_cast<float>(count - 1)));
}

inline uint32_t latency_choice(uint32_t samples) {
    return static_cast<uint32_t>(std::find(kLatencies, kLatencies + kLatencyCount, samples) -
                                 kLatencies);
}

inline void name_values(Parameter& parameter, std::initializer_list<const char*> labels) {
    auto* values = new ParameterEnumerationValue[labels.size()];
    uint8_t count = 0;
    for (const char* label : labels) {
        values[count].value = count;
        values[count++].label = label;
    }
    parameter.hints |= kParameterIsInteger;
    parameter.ranges.min = 0.0f;
    parameter.ranges.max = static_cast<float>(count - 1);
    parameter.enumValues.count = count;
    parameter.enumValues.restrictedMode = true;
    parameter.enumValues.values = values;  // which deletes them
}

inline void describe_parameter(uint32_t index, Parameter& parameter) {
    switch (index) {
        case kBypass: parameter.initDesignation(kParameterDesignationBypass); break;
        case kLatency:
            parameter.name = "Latency";
            parameter.symbol = "latency_choice";
            name_values(parameter, {"512 samples", "1024 samples", "2048 samples", "4096 samples",
                                    "8192 samples"});
            parameter.ranges.def = 2.0f;
            break;
        case kMode:
            parameter.name = "Mode";
            parameter.symbol = "mode";
            name_values(parameter, {"Live", "Place"});
            break;
        case kCapture:
            parameter.name = "Capture";
            parameter.symbol = "capture";
            parameter.hints = kParameterIsAutomatable | kParameterIsBoolean | kParameterIsInteger;
            break;
        case kWhenLate:
            parameter.name = "When late";
            parameter.symbol = "when_late";
            name_values(parameter, {"Automatic", "Play dry", "Wait"});
            break;
        case kFreewheel:
            parameter.name = "Freewheel";
            parameter.symbol = "freewheel";
            parameter.hints = kParameterIsBoolean | kParameterIsInteger;
            break;
        case kMisses:
            parameter.name = "Misses";
            parameter.symbol = "misses";
            parameter.hints = kParameterIsOutput | kParameterIsInteger;
            parameter.ranges.max = static_cast<float>(kMostMisses);
            break;
        case kStatus:
            parameter.name = "Status";
            parameter.symbol = "status";
            name_values(parameter, {"No engine", "Processing", "Dry", "Latency too short"});
            parameter.hints |= kParameterIsOutput;
            break;
    }
}

END_NAMESPACE_DISTRHO
