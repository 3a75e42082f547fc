from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import fftconvolve

from tonewright.dsp.audio import room as module
from tonewright.dsp.audio.room import (
    BANDS,
    Room,
    RoomMeter,
    band_powers,
    reverberation,
    room_of_file,
)
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import EffectError, MediaError

RATE = 48_000


def syllables(seconds: float = 6.0, sample_rate: int = RATE) -> Audio:
    """Return bursts of dark noise, as of a voice, with gaps between them."""
    rng = np.random.default_rng(1)
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    noise = np.cumsum(rng.standard_normal(len(time))) * np.exp(-time / 1e9)
    noise -= fftconvolve(noise, np.ones(480) / 480.0, mode="same")
    swing = np.clip(np.sin(2.0 * np.pi * 1.7 * time), 0.0, 1.0)
    return (0.1 * swing * noise / noise.std())[np.newaxis].astype(np.float32)


def in_room(dry: Audio, room: Room, sample_rate: int = RATE) -> Audio:
    tail = reverberation(room, sample_rate, 1, seed=2)
    return (dry + fftconvolve(dry, tail, axes=1)[:, : dry.shape[1]]).astype(np.float32)


def told(audio: Audio, sample_rate: int = RATE) -> Room:
    meter = RoomMeter(sample_rate, len(audio))
    meter.add(audio)
    return meter.result()


@pytest.mark.parametrize("room", [Room(0.6, 0.0), Room(0.9, -3.0)])
def test_a_room_is_told(room: Room) -> None:
    found = told(in_room(syllables(), room))
    assert found.rt60_seconds == pytest.approx(room.rt60_seconds, rel=0.4)
    # This noise swells and fades as reverberation does, and so seems to be further away.
    assert room.drr_db - 7.0 < found.drr_db < room.drr_db + 2.0


def test_a_dead_room_is_told_from_a_live_one() -> None:
    # Noise in place of a voice says little of how dead a room is, but which of two is deader.
    dead, live = (told(in_room(syllables(), Room(rt60, -3.0))).rt60_seconds for rt60 in (0.3, 0.9))
    assert dead < live - 0.2


def test_nearer_is_told_from_farther() -> None:
    near, far = (told(in_room(syllables(), Room(0.6, drr_db))).drr_db for drr_db in (8.0, -8.0))
    assert near > far + 5.0


@pytest.mark.parametrize("sample_rate", [16_000, 44_100, 96_000])
def test_the_rate_of_the_file_hardly_matters(sample_rate: int) -> None:
    room = Room(0.6, -3.0)
    at_48k, other = (
        told(in_room(syllables(sample_rate=rate), room, rate), rate) for rate in (RATE, sample_rate)
    )
    assert other.rt60_seconds == pytest.approx(at_48k.rt60_seconds, rel=0.3)


def test_where_pieces_end_makes_no_difference() -> None:
    wet = in_room(syllables(10.0), Room(0.6, -3.0))
    meter = RoomMeter(RATE, 1)
    for start in range(0, wet.shape[1], 70_001):
        meter.add(wet[:, start : start + 70_001])
    assert meter.result() == told(wet)


def test_what_is_soft_does_not_count() -> None:
    wet = in_room(syllables(), Room(0.6, -3.0))
    hum = 1e-4 * np.random.default_rng(3).standard_normal((1, 18 * RATE)).astype(np.float32)
    assert told(np.concatenate([wet, hum], axis=1)) == told(wet)


@pytest.mark.parametrize("audio", [np.zeros((1, 3 * RATE), np.float32), syllables(0.9)])
def test_silence_and_snippets_tell_nothing(audio: Audio) -> None:
    with pytest.raises(MediaError, match="silent, or too short"):
        told(audio)


def test_two_minutes_of_a_file_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILE_SECONDS", 6.0)
    near, far = (in_room(syllables(), Room(0.6, drr_db)) for drr_db in (8.0, -8.0))
    path = tmp_path / "two rooms.wav"
    soundfile.write(path, np.concatenate([near, far], axis=1).T, RATE, subtype="FLOAT")
    assert room_of_file(path) == told(near)


def test_a_passage_of_a_file_is_heard_alone(tmp_path: Path) -> None:
    near, far = (in_room(syllables(), Room(0.6, drr_db)) for drr_db in (8.0, -8.0))
    path = tmp_path / "two rooms.wav"
    soundfile.write(path, np.concatenate([near, far], axis=1).T, RATE, subtype="FLOAT")
    assert room_of_file(path, near.shape[1]) == told(far)
    assert room_of_file(path, 0, near.shape[1]) == told(near)


def test_a_silent_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "silent.wav"
    soundfile.write(path, np.zeros(2 * RATE), RATE)
    with pytest.raises(MediaError, match=r"silent\.wav: silent, or too short"):
        room_of_file(path)


def test_other_weights_than_these_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROOM_SHA256", "0" * 64)
    module.network.cache_clear()
    with pytest.raises(EffectError, match=r"room\.npz: not the weights that belong"):
        module.network()


@pytest.mark.parametrize("tone_hz", [125.0, 2_125.0, 4_875.0])
def test_a_tone_is_in_its_band(tone_hz: float) -> None:
    tone = np.sin(2.0 * np.pi * tone_hz * np.arange(RATE) / RATE)[np.newaxis]
    power = band_powers(tone.astype(np.float32), RATE)
    assert power.shape == (BANDS, 63)
    assert (power[:, 5:-5].argmax(axis=0) == int(tone_hz // 250)).all()


@pytest.mark.parametrize("drr_db", [-6.0, 3.0])
def test_a_tail_has_the_energy_that_the_ratio_says(drr_db: float) -> None:
    tail = reverberation(Room(0.5, drr_db), RATE, 2, seed=4)
    assert not tail[:, :120].any()
    frequencies = np.fft.rfftfreq(tail.shape[1], 1.0 / RATE)
    measured = np.fft.rfft(tail)[:, (frequencies >= 300.0) & (frequencies <= 5_000.0)]
    power_db = 10.0 * np.log10(np.square(np.abs(measured)).mean(axis=1))
    np.testing.assert_allclose(power_db, -drr_db, atol=0.01)
    assert abs(np.corrcoef(tail)[0, 1]) < 0.1  # as wide as a room


def test_a_tail_loses_60_db_in_the_reverberation_time() -> None:
    whole = reverberation(Room(0.4, 0.0), RATE, 16, seed=5)
    tail = fftconvolve(whole, _band(1_000.0), mode="same", axes=1)
    power = np.square(tail).mean(axis=0)
    early, late = (power[start : start + 4_000].mean() for start in (2_000, 2_000 + RATE // 5))
    assert 10.0 * np.log10(early / late) == pytest.approx(30.0, abs=1.5)


def _band(centre_hz: float) -> Audio:
    time = np.arange(-1_200, 1_200) / RATE
    return (np.hanning(2_400) * np.cos(2.0 * np.pi * centre_hz * time))[np.newaxis]
