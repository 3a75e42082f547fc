from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import fftconvolve

from tonewright.dsp.audio.room import Room, reverberation
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.builtin.room import MATCH_ROOM_TYPE, MatchRoom
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import EffectError

RATE = 48_000
ROOM = Room(0.4, -2.0)


def click(channels: int, sample_rate: int = RATE) -> Audio:
    played = np.zeros((channels, sample_rate), np.float32)
    played[:, 300] = 0.5
    return played


@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_click_becomes_the_response_of_the_room(channels: int, sample_rate: int) -> None:
    heard = MatchRoom(ROOM, gain=1.0, seed=3).process(click(channels, sample_rate), sample_rate)
    tail = reverberation(ROOM, sample_rate, channels, seed=3)
    wanted = click(channels, sample_rate)
    wanted[:, 300 : 300 + tail.shape[1]] += 0.5 * tail[:, : sample_rate - 300]
    np.testing.assert_allclose(heard, wanted, atol=1e-4)


def test_the_dry_sound_is_left_as_it_is() -> None:
    played = np.random.default_rng(1).uniform(-0.5, 0.5, (2, RATE)).astype(np.float32)
    heard = MatchRoom(ROOM, gain=0.0, seed=3).process(played, RATE)
    np.testing.assert_array_equal(heard, played)


def test_a_second_run_is_the_same_and_another_seed_is_not() -> None:
    effect = MatchRoom(ROOM, gain=1.0, seed=3)
    first = effect.process(click(2), RATE)
    np.testing.assert_allclose(effect.process(click(2), RATE), first, atol=1e-6)
    other = MatchRoom(ROOM, gain=1.0, seed=4).process(click(2), RATE)
    assert np.abs(other - first).max() > 1e-3


def test_the_reference_says_which_room(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    for name, rt60_seconds in (("dead", 0.2), ("live", 1.0)):
        bursts = np.zeros(4 * RATE)
        for start in range(0, len(bursts), RATE):
            bursts[start : start + 4_000] = 0.1 * rng.standard_normal(4_000)
        tail = reverberation(Room(rt60_seconds, -3.0), RATE, 1, seed=5)[0]
        wet = bursts + fftconvolve(bursts, tail)[: len(bursts)]
        soundfile.write(tmp_path / f"{name}.wav", wet, RATE, subtype="FLOAT")
    registry = Registry((MATCH_ROOM_TYPE,))
    late = []
    for name in ("dead", "live"):
        effect = registry.make("match_room", {"reference": str(tmp_path / f"{name}.wav")})
        heard = effect.process(click(1), RATE)
        late.append(np.square(heard[:, RATE // 2 :]).sum())
    assert late[1] > 100.0 * late[0]


@pytest.mark.parametrize(
    ("reference", "reason"),
    [("", "needs a recording"), ("none.wav", "No such file"), ("short.wav", "too short")],
)
def test_a_reference_that_tells_nothing_is_refused(
    tmp_path: Path, reference: str, reason: str
) -> None:
    soundfile.write(tmp_path / "short.wav", np.ones(1_000) * 0.1, RATE)
    place = str(tmp_path / reference) if reference else ""
    with pytest.raises(EffectError, match=reason):
        Registry((MATCH_ROOM_TYPE,)).make("match_room", {"reference": place})
