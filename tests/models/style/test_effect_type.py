import hashlib
from dataclasses import fields

from tonewright import resources
from tonewright.dsp.effects.registry import Registry, complete_params
from tonewright.models.style.effect import StyleTranslate
from tonewright.models.style.effect_type import STYLE_TRANSLATE


def test_the_type_says_what_the_effect_has() -> None:
    defaults = {each.name: each.default for each in fields(StyleTranslate) if each.name != "seed"}
    assert complete_params(STYLE_TRANSLATE, {}) == defaults


def test_it_is_made_by_name() -> None:
    effect = Registry([STYLE_TRANSLATE]).make("style_translate", {"style": "samba"}, seed=4)
    assert effect == StyleTranslate(style="samba", seed=4)


def test_the_checksum_is_that_of_the_weights() -> None:
    weights = resources.path("weights", "style.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == STYLE_TRANSLATE.weights_sha256
