from typing import Any

import numpy as np
import pytest

from tonewright.dsp.bridge.chains import NamedChain
from tonewright.dsp.bridge.live import LiveChain
from tonewright.dsp.effects.protocol import EffectType, Family, RunsIn
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import BridgeError, EffectError
from tonewright.dsp.project.document import EffectSpec, new_id

RATE = 48_000


def live_types() -> list[EffectType]:
    return [
        each
        for each in default_registry()
        if each.family is Family.AUDIO and each.runs_in is RunsIn.REALTIME
    ]


def chain_of(effect_id: str) -> NamedChain:
    return NamedChain("test", (EffectSpec(new_id(), effect_id),))


def opened(chain: NamedChain) -> LiveChain:
    return LiveChain(chain, default_registry(), sample_rate=RATE, channels=2)


def test_every_effect_sounds_live_as_it_does_in_a_file() -> None:
    audio: Any = (0.1 * np.random.default_rng(1).standard_normal((2, 20_000))).astype(np.float32)
    heard = 0
    for effect_type in live_types():
        chain = chain_of(effect_type.id)
        try:
            live = opened(chain)
        except (BridgeError, EffectError):
            continue  # needs a file, or keeps too much back
        pieces = np.split(audio, [1, 3, 513, 846, 910, 9_000], axis=1)
        wet = np.concatenate([live.process(each) for each in pieces], axis=1)
        file = default_registry().build(chain.effects).process(audio, RATE)
        assert np.array_equal(wet, file[:, : wet.shape[1]]), effect_type.id
        assert wet.shape[1] >= audio.shape[1] - live.held_samples, effect_type.id
        heard += 1
    assert heard >= 20


def test_what_is_held_back_is_known_before_it_runs() -> None:
    assert opened(NamedChain("")).held_samples == 0
    assert opened(chain_of("gain")).held_samples < 16
    assert 0 < opened(chain_of("brickwall_limiter")).held_samples < 1_000


def test_what_cannot_run_live_is_refused_with_a_way_out() -> None:
    with pytest.raises(BridgeError, match="Place"):
        opened(chain_of("wpe_dereverb"))
