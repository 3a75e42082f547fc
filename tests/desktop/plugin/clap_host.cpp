// SPDX-License-Identifier: GPL-3.0-or-later
// A host for tests: runs a CLAP plugin on raw float32 audio, interleaved, and 8192 samples of
// silence, for what a latency holds back; then it says what it saw.
//
//   clap_host PLUGIN IN OUT RATE CHANNELS BLOCK [OPTION...]
//
//   --set NAME VALUE       a parameter, before the first block
//   --load FILE            a state, before the plugin is activated
//   --save FILE            the state, at the end; with --settled, once every take has its result
//   --play FRAME           the transport rolls from there, as long as there is input
//   --paced                in real time
//   --at SAMPLE COMMAND    a shell command before the block of that sample
//   --meet SAMPLE          waits there until the plugin has an engine, before that block
#include <dlfcn.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "clap/entry.h"
#include "clap/events.h"
#include "clap/ext/latency.h"
#include "clap/ext/params.h"
#include "clap/ext/state.h"
#include "clap/plugin-factory.h"
#include "clap/plugin.h"

static void nothing(const clap_host*) {}
static const clap_host_latency latency_extension{nothing};  // DPF's CLAP crashes without one

static const void* extension(const clap_host*, const char* id) {
    return std::strcmp(id, CLAP_EXT_LATENCY) == 0 ? &latency_extension : nullptr;
}

static std::vector<char> contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

static int64_t write_text(const clap_ostream* stream, const void* data, uint64_t size) {
    static_cast<std::string*>(stream->ctx)->append(static_cast<const char*>(data), size);
    return static_cast<int64_t>(size);
}

static int64_t read_text(const clap_istream* stream, void* data, uint64_t size) {
    auto* text = static_cast<std::string*>(stream->ctx);
    const size_t count = std::min<size_t>(size, text->size());
    std::memcpy(data, text->data(), count);
    text->erase(0, count);
    return static_cast<int64_t>(count);
}

struct Events {
    std::vector<clap_event_param_value> list;
};

static uint32_t count_events(const clap_input_events* in) {
    return static_cast<uint32_t>(static_cast<Events*>(in->ctx)->list.size());
}
static const clap_event_header* get_event(const clap_input_events* in, uint32_t index) {
    return &static_cast<Events*>(in->ctx)->list[index].header;
}
static bool take_event(const clap_output_events*, const clap_event_header*) { return true; }

int main(int argc, char** argv) {
    if (argc < 7) return 2;
    const uint32_t rate = std::atoi(argv[4]), channels = std::atoi(argv[5]);
    const uint32_t block = std::atoi(argv[6]);
    std::map<std::string, double> settings;
    std::multimap<uint64_t, std::string> commands;
    std::string load, save;
    bool paced = false, settled = false;
    uint64_t meet = UINT64_MAX;
    int64_t play = -1;
    for (int i = 7; i < argc; ++i) {
        const std::string option = argv[i];
        if (option == "--set") settings[argv[i + 1]] = std::atof(argv[i + 2]), i += 2;
        else if (option == "--load") load = argv[++i];
        else if (option == "--save") save = argv[++i];
        else if (option == "--play") play = std::atoll(argv[++i]);
        else if (option == "--meet") meet = std::atoll(argv[++i]);
        else if (option == "--paced") paced = true;
        else if (option == "--settled") settled = true;
        else if (option == "--at") commands.emplace(std::atoll(argv[i + 1]), argv[i + 2]), i += 2;
        else return 2;
    }
    void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return std::fprintf(stderr, "%s\n", dlerror()), 1;
    const auto* entry = static_cast<const clap_plugin_entry*>(dlsym(library, "clap_entry"));
    if (entry == nullptr || !entry->init(argv[1])) return 1;
    const auto* factory =
        static_cast<const clap_plugin_factory*>(entry->get_factory(CLAP_PLUGIN_FACTORY_ID));
    const clap_host host{CLAP_VERSION, nullptr, "test", "", "", "1", extension,
                         nothing, nothing, nothing};
    const char* id = factory->get_plugin_descriptor(factory, 0)->id;
    const clap_plugin* plugin = factory->create_plugin(factory, &host, id);
    if (plugin == nullptr || !plugin->init(plugin)) return 1;
    const auto* params =
        static_cast<const clap_plugin_params*>(plugin->get_extension(plugin, CLAP_EXT_PARAMS));
    const auto* state =
        static_cast<const clap_plugin_state*>(plugin->get_extension(plugin, CLAP_EXT_STATE));
    const auto* latency =
        static_cast<const clap_plugin_latency*>(plugin->get_extension(plugin, CLAP_EXT_LATENCY));

    if (!load.empty()) {
        const std::vector<char> bytes = contents(load);
        std::string text(bytes.begin(), bytes.end());
        const clap_istream stream{&text, read_text};
        if (!state->load(plugin, &stream)) return 1;
    }
    Events events;
    std::map<std::string, clap_id> ids;
    for (uint32_t i = 0; i < params->count(plugin); ++i) {
        clap_param_info info;
        params->get_info(plugin, i, &info);
        ids[info.name] = info.id;
        if (settings.count(info.name) == 0) continue;
        clap_event_param_value event{};
        event.header = {sizeof(event), 0, CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_PARAM_VALUE, 0};
        event.param_id = info.id;
        event.note_id = event.port_index = event.channel = event.key = -1;
        event.value = settings[info.name];
        events.list.push_back(event);
    }
    const clap_input_events in_events{&events, count_events, get_event};
    const clap_output_events out_events{nullptr, take_event};
    params->flush(plugin, &in_events, &out_events);
    events.list.clear();
    if (!plugin->activate(plugin, rate, 1, block)) return 1;
    plugin->start_processing(plugin);

    const std::vector<char> bytes = contents(argv[2]);
    const uint64_t heard = bytes.size() / sizeof(float) / channels, total = heard + 8192;
    const auto* input = reinterpret_cast<const float*>(bytes.data());
    std::vector<float> output(total * channels);
    std::vector<std::vector<float>> in(channels, std::vector<float>(block)), out = in;
    std::vector<float*> in_rows, out_rows;
    for (uint32_t c = 0; c < channels; ++c) {
        in_rows.push_back(in[c].data());
        out_rows.push_back(out[c].data());
    }
    double longest = 0.0;
    const auto start = std::chrono::steady_clock::now();
    for (uint64_t at = 0; at < total;) {
        const uint64_t end = at < heard ? heard : total;
        const auto frames = static_cast<uint32_t>(std::min<uint64_t>(block, end - at));
        const auto due = start + std::chrono::nanoseconds(at * 1000000000ull / rate);
        if (paced) std::this_thread::sleep_until(due);
        while (!commands.empty() && commands.begin()->first <= at) {
            if (std::system(commands.begin()->second.c_str()) != 0) return 1;
            commands.erase(commands.begin());
        }
        if (at >= meet) {
            double met = 0.0;
            for (int tries = 0; met == 0.0 && tries < 2000; ++tries) {
                params->get_value(plugin, ids["Status"], &met);
                usleep(10000);
            }
            meet = UINT64_MAX;
        }
        for (uint32_t c = 0; c < channels; ++c)
            for (uint32_t i = 0; i < frames; ++i) in[c][i] = at < heard ? input[(at + i) * channels + c] : 0.0f;
        clap_event_transport transport{};
        transport.header = {sizeof(transport), 0, CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_TRANSPORT, 0};
        transport.flags = CLAP_TRANSPORT_HAS_TEMPO | CLAP_TRANSPORT_HAS_BEATS_TIMELINE |
                          CLAP_TRANSPORT_HAS_TIME_SIGNATURE;
        if (play >= 0 && at < heard) transport.flags |= CLAP_TRANSPORT_IS_PLAYING;
        transport.tempo = 97.0;
        const double seconds = static_cast<double>(std::max<int64_t>(play, 0) + (play < 0 ? 0 : at)) / rate;
        transport.song_pos_beats = std::llround(seconds * 97.0 / 60.0 * CLAP_BEATTIME_FACTOR);
        transport.tsig_num = transport.tsig_denom = 4;
        clap_audio_buffer from{in_rows.data(), nullptr, channels, 0, 0};
        clap_audio_buffer to{out_rows.data(), nullptr, channels, 0, 0};
        clap_process process{static_cast<int64_t>(at), frames, &transport, &from, &to, 1, 1,
                             &in_events, &out_events};
        const auto before = std::chrono::steady_clock::now();
        plugin->process(plugin, &process);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
        longest = std::max(longest, took.count());
        for (uint32_t c = 0; c < channels; ++c)
            for (uint32_t i = 0; i < frames; ++i) output[(at + i) * channels + c] = out[c][i];
        at += frames;
    }
    double misses = 0.0, status = 0.0;
    params->get_value(plugin, ids["Misses"], &misses);
    params->get_value(plugin, ids["Status"], &status);
    const uint32_t latency_samples = latency->get(plugin);
    if (!save.empty()) {
        std::string text;
        for (int tries = 0; tries < 2000; ++tries) {
            text.clear();
            const clap_ostream stream{&text, write_text};
            if (!state->save(plugin, &stream)) return 1;
            if (!settled || (text.find("\"result\": \"\"") == std::string::npos &&
                             text.find("\"result\": \"") != std::string::npos))
                break;
            usleep(10000);
        }
        std::ofstream(save, std::ios::binary) << text;
    }
    std::ofstream(argv[3], std::ios::binary)
        .write(reinterpret_cast<const char*>(output.data()), output.size() * sizeof(float));
    std::printf("{\"latency\": %u, \"misses\": %.0f, \"status\": %.0f, \"longest\": %.6f}\n",
                latency_samples, misses, status, longest);
    plugin->stop_processing(plugin);
    plugin->deactivate(plugin);
    plugin->destroy(plugin);
    entry->deinit();
    return 0;
}
