from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.errors import MediaError
from tonewright.dsp.midi.synth import default_soundfont
from tonewright.models.training.phrases import BEATS, DRUM_CHANNEL, Players, part_events, phrases

RATE = 16_000
BEAT_SAMPLES = 8_000.0


def players(**other: object) -> Players:
    given = {"fonts": (default_soundfont(),), "programs": (4, 33), "phrases": 3, "seed": 1}
    return Players(**(given | other))


@pytest.mark.parametrize("channel", [2, DRUM_CHANNEL])
def test_every_note_is_let_go_within_the_phrase(channel: int) -> None:
    rng = np.random.default_rng(2)
    program, *notes = part_events(
        rng, program=33, channel=channel, beat_samples=BEAT_SAMPLES, key=5
    )
    assert program == (0, bytes((0xC0 | channel, 33)))
    started = [(at, data[1]) for at, data in notes if data[0] == 0x90 | channel]
    ended = [(at, data[1]) for at, data in notes if data[0] == 0x80 | channel]
    assert len(started) == len(ended) > 0
    for (start, key), (end, same) in zip(started, ended, strict=True):
        assert same == key <= 127
        assert 0 <= start < end <= (BEATS + 2) * BEAT_SAMPLES


def test_a_key_is_let_go_before_it_is_struck_again() -> None:
    rng = np.random.default_rng(3)
    notes = part_events(rng, program=4, channel=0, beat_samples=BEAT_SAMPLES, key=0)[1:]
    for key in {data[1] for _, data in notes}:
        of_key = [(at, data[0]) for at, data in notes if data[1] == key]
        assert all(first[0] <= second[0] for first, second in pairwise(of_key))
        assert [status for _, status in of_key] == [0x90, 0x80] * (len(of_key) // 2)


def test_the_same_seed_plays_the_same_phrases() -> None:
    first, second = (list(phrases(players(), RATE)) for _ in range(2))
    assert [group for group, _ in first] == [group for group, _ in second]
    for (_, audio), (_, again) in zip(first, second, strict=True):
        # FluidSynth begins a note a little differently where a voice has been used before.
        assert np.abs(audio - again).mean() < 1e-4
        assert np.abs(audio).max() > 0.01


@pytest.mark.parametrize(("share", "group"), [(0.0, "program 4"), (1.0, "band 0")])
def test_instruments_and_bands_are_groups_of_their_own(
    monkeypatch: pytest.MonkeyPatch, share: float, group: str
) -> None:
    monkeypatch.setattr("tonewright.models.training.phrases.BAND_SHARE", share)
    found = {each for each, _ in phrases(players(programs=(4,), phrases=2), RATE)}
    assert found == {group}


def test_a_missing_soundfont_is_named() -> None:
    with pytest.raises(MediaError, match=r"none\.sf2"):
        next(phrases(players(fonts=(Path("none.sf2"),)), RATE))
