// SPDX-License-Identifier: GPL-3.0-or-later
// A host for tests: shows a CLAP plugin's window on an X display, clicks, and says what it saw.
//
//   window PLUGIN X Y    clicks there; prints the parameters that changed, as NAME=VALUE, then the
//                        number of colours that the window has
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <vector>

#include "clap/entry.h"
#include "clap/events.h"
#include "clap/ext/gui.h"
#include "clap/ext/latency.h"
#include "clap/ext/params.h"
#include "clap/ext/timer-support.h"
#include "clap/plugin-factory.h"
#include "clap/plugin.h"

static void nothing(const clap_host*) {}
static bool start_timer(const clap_host*, uint32_t, clap_id* id) { return *id = 1, true; }
static bool stop_timer(const clap_host*, clap_id) { return true; }
static bool agree(const clap_host*) { return true; }
static bool resize(const clap_host*, uint32_t, uint32_t) { return true; }
static void closed(const clap_host*, bool) {}
static const clap_host_latency latency_extension{nothing};
static const clap_host_gui gui_extension{nothing, resize, agree, agree, closed};
static const clap_host_timer_support timer_extension{start_timer, stop_timer};

static const void* extension(const clap_host*, const char* id) {
    if (std::strcmp(id, CLAP_EXT_LATENCY) == 0) return &latency_extension;
    if (std::strcmp(id, CLAP_EXT_GUI) == 0) return &gui_extension;
    if (std::strcmp(id, CLAP_EXT_TIMER_SUPPORT) == 0) return &timer_extension;
    return nullptr;
}

static const clap_plugin* plugin;
static const clap_plugin_params* params;

static uint32_t no_events(const clap_input_events*) { return 0; }
static const clap_event_header* no_event(const clap_input_events*, uint32_t) { return nullptr; }
static bool take_event(const clap_output_events*, const clap_event_header* event) {
    if (event->type != CLAP_EVENT_PARAM_VALUE) return true;
    const auto* change = reinterpret_cast<const clap_event_param_value*>(event);
    for (uint32_t i = 0; i < params->count(plugin); ++i) {
        clap_param_info info;
        params->get_info(plugin, i, &info);
        const bool changes_itself = (info.flags & CLAP_PARAM_IS_READONLY) != 0;
        if (info.id == change->param_id && !changes_itself)
            std::printf("%s=%.0f\n", info.name, change->value);
    }
    return true;
}

static void process(const clap_plugin* plugin) {
    std::vector<float> samples(2 * 512);
    float* rows[] = {samples.data(), samples.data() + 512};
    clap_audio_buffer buffer{rows, nullptr, 2, 0, 0};
    const clap_input_events in{nullptr, no_events, no_event};
    const clap_output_events out{nullptr, take_event};
    const clap_process block{0, 512, nullptr, &buffer, &buffer, 1, 1, &in, &out};
    plugin->process(plugin, &block);
}

static void click(Display* display, Window parent, int x, int y) {
    Window root, above, *children = nullptr;
    unsigned count = 0;
    XQueryTree(display, parent, &root, &above, &children, &count);
    if (count == 0) return;
    XEvent event{};
    event.xbutton.type = ButtonPress;
    event.xbutton.window = children[0];
    event.xbutton.root = root;
    event.xbutton.x = x;
    event.xbutton.y = y;
    event.xbutton.button = 1;
    event.xbutton.same_screen = True;
    XSendEvent(display, children[0], True, ButtonPressMask, &event);
    XSync(display, False);
    XFree(children);
}

static size_t colours(Display* display, Window window, int width, int height) {
    XImage* image = XGetImage(display, window, 0, 0, width, height, AllPlanes, ZPixmap);
    std::set<unsigned long> seen;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) seen.insert(XGetPixel(image, x, y));
    XDestroyImage(image);
    return seen.size();
}

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    Display* display = XOpenDisplay(nullptr);
    if (library == nullptr || display == nullptr) return 1;
    const auto* entry = static_cast<const clap_plugin_entry*>(dlsym(library, "clap_entry"));
    entry->init(argv[1]);
    const auto* factory =
        static_cast<const clap_plugin_factory*>(entry->get_factory(CLAP_PLUGIN_FACTORY_ID));
    const clap_host host{CLAP_VERSION, nullptr, "test", "", "", "1", extension,
                         nothing, nothing, nothing};
    const char* id = factory->get_plugin_descriptor(factory, 0)->id;
    plugin = factory->create_plugin(factory, &host, id);
    plugin->init(plugin);
    plugin->activate(plugin, 48000, 1, 512);
    plugin->start_processing(plugin);
    params = static_cast<const clap_plugin_params*>(plugin->get_extension(plugin, CLAP_EXT_PARAMS));
    const auto* gui =
        static_cast<const clap_plugin_gui*>(plugin->get_extension(plugin, CLAP_EXT_GUI));
    const auto* timer = static_cast<const clap_plugin_timer_support*>(
        plugin->get_extension(plugin, CLAP_EXT_TIMER_SUPPORT));
    uint32_t width = 0, height = 0;
    if (!gui->create(plugin, CLAP_WINDOW_API_X11, false)) return 1;
    gui->get_size(plugin, &width, &height);
    const Window window = XCreateSimpleWindow(display, DefaultRootWindow(display), 0, 0, width,
                                              height, 0, 0, 0);
    XMapWindow(display, window);
    XSync(display, False);
    clap_window parent{CLAP_WINDOW_API_X11, {}};
    parent.x11 = window;
    if (!gui->set_parent(plugin, &parent) || !gui->show(plugin)) return 1;
    for (int turn = 0; turn < 60; ++turn) {
        if (turn == 30) click(display, window, std::atoi(argv[2]), std::atoi(argv[3]));
        timer->on_timer(plugin, 1);
        process(plugin);
        usleep(10000);
    }
    std::printf("%zu\n", colours(display, window, width, height));
    gui->destroy(plugin);
    plugin->stop_processing(plugin);
    plugin->deactivate(plugin);
    plugin->destroy(plugin);
    entry->deinit();
    XCloseDisplay(display);
    return 0;
}
