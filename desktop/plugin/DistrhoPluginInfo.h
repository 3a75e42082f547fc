// SPDX-License-Identifier: GPL-3.0-or-later
// What DPF must know of the plugin when it is compiled.
#ifndef DISTRHO_PLUGIN_INFO_H_INCLUDED
#define DISTRHO_PLUGIN_INFO_H_INCLUDED

#ifndef TONEWRIGHT_CHANNELS
#define TONEWRIGHT_CHANNELS 2
#endif

#define DISTRHO_PLUGIN_BRAND "Tonewright"
#if TONEWRIGHT_CHANNELS == 1
#define DISTRHO_PLUGIN_NAME "Tonewright Mono"
#define DISTRHO_PLUGIN_URI "urn:tonewright:plugin:mono"
#define DISTRHO_PLUGIN_CLAP_ID "tonewright.plugin.mono"
#define DISTRHO_PLUGIN_UNIQUE_ID d_cconst('T', 'w', 'r', '1')
#else
#define DISTRHO_PLUGIN_NAME "Tonewright"
#define DISTRHO_PLUGIN_URI "urn:tonewright:plugin"
#define DISTRHO_PLUGIN_CLAP_ID "tonewright.plugin"
#define DISTRHO_PLUGIN_UNIQUE_ID d_cconst('T', 'w', 'r', '2')
#endif
#define DISTRHO_PLUGIN_BRAND_ID Tnwr
#define DISTRHO_PLUGIN_CLAP_FEATURES "audio-effect", "multi-effects"
#define DISTRHO_PLUGIN_LV2_CATEGORY "lv2:UtilityPlugin"
#define DISTRHO_PLUGIN_VST3_CATEGORIES "Fx"

#define DISTRHO_PLUGIN_HAS_UI 1
#define DISTRHO_PLUGIN_IS_RT_SAFE 1
#define DISTRHO_PLUGIN_NUM_INPUTS TONEWRIGHT_CHANNELS
#define DISTRHO_PLUGIN_NUM_OUTPUTS TONEWRIGHT_CHANNELS
#define DISTRHO_PLUGIN_WANT_DIRECT_ACCESS 1
#define DISTRHO_PLUGIN_WANT_LATENCY 1
#define DISTRHO_PLUGIN_WANT_STATE 1
#define DISTRHO_PLUGIN_WANT_FULL_STATE 1
#define DISTRHO_PLUGIN_WANT_TIMEPOS 1
#define DISTRHO_UI_USE_NANOVG 1
#define DISTRHO_UI_DEFAULT_WIDTH 460
#define DISTRHO_UI_DEFAULT_HEIGHT 236

#endif
