// SPDX-License-Identifier: GPL-3.0-or-later
// A VST3 plugin, through DPF's C headers of its interfaces: an object is a pointer to a pointer to a
// table of functions, which take the object first.
#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>

#include "hosted.hpp"
#include "travesty/audio_processor.h"
#include "travesty/component.h"
#include "travesty/edit_controller.h"
#include "travesty/factory.h"

namespace {

v3_result no_interface(void*, const v3_tuid, void** object) {
    *object = nullptr;
    return V3_NO_INTERFACE;
}
uint32_t not_counted(void*) { return 1; }

// A state on its way, as the plugin sees it; the table comes first.
struct Text {
    struct Table : v3_funknown {
        v3_bstream stream;
    };
    Table* table;
    std::string text;
    size_t at = 0;

    explicit Text(std::string content = "") : text(std::move(content)) {
        static Table functions{{no_interface, not_counted, not_counted},
                                     {read, write, seek, tell}};
        table = &functions;
    }
    v3_bstream** stream() { return reinterpret_cast<v3_bstream**>(&table); }

    static v3_result read(void* self, void* buffer, int32_t size, int32_t* count) {
        auto* text = static_cast<Text*>(self);
        *count = static_cast<int32_t>(std::min<size_t>(size, text->text.size() - text->at));
        std::memcpy(buffer, text->text.data() + text->at, *count);
        text->at += *count;
        return V3_OK;
    }
    static v3_result write(void* self, void* buffer, int32_t size, int32_t* count) {
        static_cast<Text*>(self)->text.append(static_cast<char*>(buffer), size);
        if (count != nullptr) *count = size;
        return V3_OK;
    }
    static v3_result seek(void*, int64_t, int32_t, int64_t*) { return V3_NOT_IMPLEMENTED; }
    static v3_result tell(void*, int64_t*) { return V3_NOT_IMPLEMENTED; }
};

// A parameter's value from the start of a block on.
struct Change {
    struct Table : v3_funknown {
        v3_param_value_queue queue;
    };
    Table* table;
    v3_param_id id;
    double value;

    Change(v3_param_id parameter, double normal) : id(parameter), value(normal) {
        static Table functions{{no_interface, not_counted, not_counted},
                               {get_id, count, get_point, add_point}};
        table = &functions;
    }
    v3_param_value_queue** queue() { return reinterpret_cast<v3_param_value_queue**>(&table); }

    static v3_param_id get_id(void* self) { return static_cast<Change*>(self)->id; }
    static int32_t count(void*) { return 1; }
    static v3_result get_point(void* self, int32_t, int32_t* offset, double* value) {
        *offset = 0;
        *value = static_cast<Change*>(self)->value;
        return V3_OK;
    }
    static v3_result add_point(void* self, int32_t, double value, int32_t* index) {
        static_cast<Change*>(self)->value = value;
        *index = 0;
        return V3_OK;
    }
};

// What a block changes: the host's, or the plugin's.
struct Changes {
    struct Table : v3_funknown {
        v3_param_changes changes;
    };
    Table* table;
    std::deque<Change> list;

    Changes() {
        static Table functions{{no_interface, not_counted, not_counted}, {count, get, add}};
        table = &functions;
    }
    v3_param_changes** changes() { return reinterpret_cast<v3_param_changes**>(&table); }

    static int32_t count(void* self) {
        return static_cast<int32_t>(static_cast<Changes*>(self)->list.size());
    }
    static v3_param_value_queue** get(void* self, int32_t index) {
        return static_cast<Changes*>(self)->list[index].queue();
    }
    static v3_param_value_queue** add(void* self, v3_param_id* id, int32_t* index) {
        auto& list = static_cast<Changes*>(self)->list;
        *index = static_cast<int32_t>(list.size());
        list.emplace_back(*id, 0.0);
        return list.back().queue();
    }
};

class Vst3 : public Hosted {
public:
    Vst3(const std::string& bundle, uint32_t channels) : channels_(channels) {
        const std::string folder = bundle.substr(0, bundle.find_last_not_of('/') + 1);
        const size_t name = folder.rfind('/') + 1;
        const std::string path = folder + "/Contents/x86_64-linux/" +
                                 folder.substr(name, folder.rfind('.') - name) + ".so";
        void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        check(library != nullptr, path);
        const auto enter = reinterpret_cast<bool (*)(void*)>(dlsym(library, "ModuleEntry"));
        leave_ = reinterpret_cast<bool (*)()>(dlsym(library, "ModuleExit"));
        const auto get_factory =
            reinterpret_cast<v3_plugin_factory** (*)()>(dlsym(library, "GetPluginFactory"));
        check(enter != nullptr && leave_ != nullptr && get_factory != nullptr, "not a VST3");
        check(enter(library), "ModuleEntry");
        v3_plugin_factory** factory = get_factory();
        v3_class_info info;
        check(v3_cpp_obj(factory)->get_class_info(factory, 0, &info) == V3_OK, "no class");
        void* created = nullptr;
        v3_cpp_obj(factory)->create_instance(factory, info.class_id, v3_component_iid, &created);
        check(created != nullptr, info.name);
        component_ = static_cast<v3_component**>(created);
        check(v3_cpp_obj_initialize(component_, nullptr) == V3_OK, "initialize");
        v3_cpp_obj_query_interface(component_, v3_audio_processor_iid, &processor_);
        v3_cpp_obj_query_interface(component_, v3_edit_controller_iid, &controller_);
        check(processor_ != nullptr && controller_ != nullptr, "an interface is missing");
        check(v3_cpp_obj_initialize(controller_, nullptr) == V3_OK, "initialize controller");
        for (int32_t i = 0; i < v3_cpp_obj(controller_)->get_parameter_count(controller_); ++i) {
            v3_param_info parameter;
            v3_cpp_obj(controller_)->get_parameter_info(controller_, i, &parameter);
            if (parameter.flags & V3_PARAM_IS_HIDDEN) continue;
            std::string title;
            for (const int16_t* letter = parameter.title; *letter != 0; ++letter)
                title.push_back(static_cast<char>(*letter));
            ids_[title] = parameter.param_id;
        }
        v3_cpp_obj_unref(factory);
    }

    ~Vst3() override {
        v3_cpp_obj_terminate(controller_);
        v3_cpp_obj_unref(controller_);
        v3_cpp_obj_unref(processor_);
        v3_cpp_obj_terminate(component_);
        v3_cpp_obj_unref(component_);
        leave_();
    }

    void set(const std::string& name, double value) override {
        const v3_param_id id = ids_.at(name);
        const v3_edit_controller* controller = v3_cpp_obj(controller_);
        const double normal = controller->plain_parameter_to_normalised(controller_, id, value);
        to_set_.list.emplace_back(id, normal);
    }

    double get(const std::string& name) override {
        const v3_param_id id = ids_.at(name);
        const v3_edit_controller* controller = v3_cpp_obj(controller_);
        const double normal = controller->get_parameter_normalised(controller_, id);
        return controller->normalised_parameter_to_plain(controller_, id, normal);
    }

    uint32_t latency() override { return v3_cpp_obj(processor_)->get_latency_samples(processor_); }

    std::string save() override {
        Text text;
        check(v3_cpp_obj(component_)->get_state(component_, text.stream()) == V3_OK, "get_state");
        return text.text;
    }

    void load(const std::string& state) override {
        Text text(state);
        check(v3_cpp_obj(component_)->set_state(component_, text.stream()) == V3_OK, "set_state");
    }

    void start(double sample_rate, uint32_t most_frames) override {
        sample_rate_ = sample_rate;
        v3_speaker_arrangement speakers =
            channels_ == 1 ? V3_SPEAKER_M : V3_SPEAKER_L | V3_SPEAKER_R;
        const v3_audio_processor* processor = v3_cpp_obj(processor_);
        processor->set_bus_arrangements(processor_, &speakers, 1, &speakers, 1);
        v3_process_setup setup{V3_REALTIME, V3_SAMPLE_32, static_cast<int32_t>(most_frames),
                               sample_rate};
        check(processor->setup_processing(processor_, &setup) == V3_OK, "setup_processing");
        for (const int32_t direction : {V3_INPUT, V3_OUTPUT})
            v3_cpp_obj(component_)->activate_bus(component_, V3_AUDIO, direction, 0, true);
        v3_cpp_obj(component_)->set_active(component_, true);
        processor->set_processing(processor_, true);
    }

    void stop() override {
        v3_cpp_obj(processor_)->set_processing(processor_, false);
        v3_cpp_obj(component_)->set_active(component_, false);
    }

    void process(float* const* in, float* const* out, uint32_t frames,
                 const Place& place) override {
        v3_process_context context{};
        context.state = V3_PROCESS_CTX_PROJECT_TIME_VALID | V3_PROCESS_CTX_TEMPO_VALID |
                        V3_PROCESS_CTX_TIME_SIG_VALID;
        if (place.playing) context.state |= V3_PROCESS_CTX_PLAYING;
        context.sample_rate = sample_rate_;
        context.project_time_in_samples = place.frame;
        context.bpm = place.bpm;
        context.project_time_quarters =
            static_cast<double>(place.frame) / sample_rate_ * place.bpm / 60.0;
        context.time_sig_numerator = context.time_sig_denom = 4;
        v3_audio_bus_buffers from{}, to{};
        from.num_channels = to.num_channels = static_cast<int32_t>(channels_);
        from.channel_buffers_32 = const_cast<float**>(in);
        to.channel_buffers_32 = const_cast<float**>(out);
        v3_process_data data{};
        data.process_mode = V3_REALTIME;
        data.symbolic_sample_size = V3_SAMPLE_32;
        data.nframes = static_cast<int32_t>(frames);
        data.num_input_buses = data.num_output_buses = 1;
        data.inputs = &from;
        data.outputs = &to;
        data.input_params = to_set_.changes();
        Changes told;
        data.output_params = told.changes();
        data.ctx = &context;
        v3_cpp_obj(processor_)->process(processor_, &data);
        if (frames > 0) to_set_.list.clear();  // an empty block brings no changes
    }

private:
    const uint32_t channels_;
    bool (*leave_)();
    v3_component** component_ = nullptr;
    v3_audio_processor** processor_ = nullptr;
    v3_edit_controller** controller_ = nullptr;
    std::map<std::string, v3_param_id> ids_;
    Changes to_set_;
    double sample_rate_ = 0.0;
};

}  // namespace

std::unique_ptr<Hosted> open_vst3(const std::string& path, uint32_t channels) {
    return std::make_unique<Vst3>(path, channels);
}
