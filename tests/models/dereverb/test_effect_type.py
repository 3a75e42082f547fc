import pytest

from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import EffectError
from tonewright.models.dereverb import effect, streaming
from tonewright.models.dereverb.effect_type import DEREVERB, DEREVERB_STREAMING


def test_the_effect_is_made_with_the_weights_that_ship() -> None:
    made = Registry((DEREVERB,)).make("dereverb", {"amount": 40.0, "listen": "removed"})
    assert (made.amount, made.listen) == (40.0, "removed")


def test_other_weights_than_the_catalogues_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effect, "DEREVERB_SHA256", "0" * 64)
    with pytest.raises(EffectError, match=r"dereverb\.safetensors: not the weights that belong"):
        Registry((DEREVERB,)).make("dereverb", {})


def test_the_streaming_effect_is_made_with_the_weights_that_ship() -> None:
    made = Registry((DEREVERB_STREAMING,)).make("dereverb_streaming", {"amount": 40.0})
    assert (made.amount, made.listen) == (40.0, "result")


def test_other_streaming_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "STREAMING_SHA256", "0" * 64)
    with pytest.raises(EffectError, match=r"streaming\.onnx: not the weights that belong"):
        Registry((DEREVERB_STREAMING,)).make("dereverb_streaming", {})
