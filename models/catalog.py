"""The effects with networks, as plain data: importing this loads no network and no torch."""

from tonewright.models.style.effect_type import STYLE_TRANSLATE

EFFECT_TYPES = (STYLE_TRANSLATE,)
