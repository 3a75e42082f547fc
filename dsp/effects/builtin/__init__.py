"""The effects that ship with the engine, as data: pedalboard's, ours, and those on notes."""

from tonewright.dsp.effects.builtin.midi import MIDI_EFFECT_TYPES
from tonewright.dsp.effects.builtin.native import NATIVE_TYPES
from tonewright.dsp.effects.builtin.python import PYTHON_TYPES
from tonewright.dsp.effects.builtin.room import MATCH_ROOM_TYPE
from tonewright.dsp.effects.builtin.wpe import WPE_TYPE

EFFECT_TYPES = (*NATIVE_TYPES, *PYTHON_TYPES, WPE_TYPE, MATCH_ROOM_TYPE, *MIDI_EFFECT_TYPES)
