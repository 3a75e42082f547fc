import numpy as np
import pytest
import torch

from tonewright.dsp.audio.signal import Audio
from tonewright.models.diff_tone.classifier import Reporting
from tonewright.models.diff_tone.features import BANDS, HOP_SAMPLES, SAMPLE_RATE
from tonewright.models.diff_tone.instruments import NAMES
from tonewright.models.diff_tone.measures import (
    chroma_similarity,
    mel_of_audio,
    mel_similarity,
    reported,
)


def notes(*pitches: int, partials: int = 1, gain: float = 0.2) -> Audio:
    """Return notes of 0.3 s one after another, mono."""
    time = np.arange(round(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
    played = [
        sum(
            np.sin(2.0 * np.pi * n * 440.0 * 2.0 ** ((pitch - 69) / 12) * time) / n
            for n in range(1, partials + 1)
        )
        for pitch in pitches
    ]
    return gain * np.concatenate(played)[None].astype(np.float32)


def test_the_same_notes_keep_all_whatever_the_octave_and_the_level() -> None:
    line = notes(60, 64, 67)
    assert chroma_similarity(line, line) == pytest.approx(1.0, abs=1e-4)
    assert chroma_similarity(line, 0.1 * line) == pytest.approx(1.0, abs=1e-3)
    assert chroma_similarity(line, notes(72, 76, 79)) > 0.95


def test_other_notes_keep_little_and_another_sound_of_the_same_notes_keeps_most() -> None:
    line = notes(60, 64, 67)
    assert chroma_similarity(line, notes(66, 70, 73)) < 0.3
    assert chroma_similarity(line, notes(60, 64, 67, partials=6)) > 0.8


def test_a_lag_of_two_frames_is_forgiven_and_a_longer_one_is_not() -> None:
    line = notes(60, 64, 67, 71, 62)
    near, far = (np.roll(line, frames * HOP_SAMPLES, axis=1) for frames in (2, 12))
    assert chroma_similarity(line, near) > chroma_similarity(line, far) + 0.1


def test_silence_keeps_silence() -> None:
    silent = np.zeros((1, 20_000), np.float32)
    assert chroma_similarity(silent, silent) == 1.0
    line = notes(60, 64)
    assert chroma_similarity(line, np.zeros_like(line)) == pytest.approx(0.0, abs=1e-6)


def test_the_classifiers_hear_channels_by_their_mean_power() -> None:
    line = notes(60, 64)
    mel = mel_of_audio(line)
    assert mel.shape[:2] == (1, BANDS)
    # Channels that would cancel each other out are heard.
    torch.testing.assert_close(mel_of_audio(np.concatenate([line, -line])), mel)


def test_the_report_is_a_distribution_over_all_windows() -> None:
    torch.manual_seed(0)
    answer = reported(Reporting(4).eval(), notes(*range(60, 84)))
    assert answer.shape == (len(NAMES),)
    assert float(answer.sum()) == pytest.approx(1.0, abs=1e-5)


def test_mel_spectrograms_tell_the_same_as_sound() -> None:
    line, other, far = (mel_of_audio(notes(*each)) for each in ((72, 76), (72, 76), (78, 82)))
    assert mel_similarity(line, other) == pytest.approx(1.0, abs=1e-4)
    octave = mel_of_audio(notes(72, 76, partials=4))
    assert mel_similarity(line, far) < 0.5 < mel_similarity(line, octave)
