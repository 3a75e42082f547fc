// What the test plugins say of themselves at compile time; the rest depends on their file's name.
#ifndef TONEWRIGHT_TEST_PLUGIN_INFO_H
#define TONEWRIGHT_TEST_PLUGIN_INFO_H

#define DISTRHO_PLUGIN_BRAND "Tonewright"
#define DISTRHO_PLUGIN_URI "https://tonewright.invalid/test"
#define DISTRHO_PLUGIN_CLAP_ID "invalid.tonewright.test"
#define DISTRHO_PLUGIN_HAS_UI 0
#define DISTRHO_PLUGIN_IS_RT_SAFE 1
#define DISTRHO_PLUGIN_WANT_LATENCY 1
#define DISTRHO_PLUGIN_NUM_OUTPUTS 2
#ifdef INSTRUMENT
#define DISTRHO_PLUGIN_NAME "Test Instrument"
#define DISTRHO_PLUGIN_IS_SYNTH 1
#define DISTRHO_PLUGIN_NUM_INPUTS 0
#else
#define DISTRHO_PLUGIN_NAME "Test Effect"
#define DISTRHO_PLUGIN_NUM_INPUTS 2
#endif

#endif
