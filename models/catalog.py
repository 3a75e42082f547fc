"""The effects with networks, as plain data: importing this loads no network and no torch."""

from tonewright.models.dereverb.effect_type import DEREVERB, DEREVERB_STREAMING
from tonewright.models.diff_tone.effect_type import DIFF_TONE
from tonewright.models.style.effect_type import STYLE_TRANSLATE

EFFECT_TYPES = (DEREVERB, DEREVERB_STREAMING, DIFF_TONE, STYLE_TRANSLATE)
