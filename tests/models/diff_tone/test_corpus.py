import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from tonewright.dsp.midi.synth import default_soundfont
from tonewright.models.diff_tone import corpus
from tonewright.models.diff_tone.corpus import (
    CLIP_FRAMES,
    CLIP_SAMPLES,
    Player,
    Split,
    open_store,
    packed,
    pair_of,
    phrase_for,
    unpacked,
)
from tonewright.models.diff_tone.features import (
    BANDS,
    CONTENT,
    SAMPLE_RATE,
    band_power,
    content_of,
    level_of,
    mel_of,
    spectrum_of,
)
from tonewright.models.diff_tone.instruments import INSTRUMENTS, Description


def test_a_store_is_added_to_and_what_is_there_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def clips(split: Split, indices: Iterable[int]) -> Iterator[tuple[np.ndarray, Description]]:
        for index in indices:
            made.append(index)
            clip = np.full((CLIP_FRAMES, BANDS + CONTENT), index, np.uint8)
            yield clip, Description(INSTRUMENTS[index % 20].name)

    monkeypatch.setattr(corpus, "drawn_clips", clips)
    monkeypatch.setattr(corpus, "PART_CLIPS", 2)
    open_store(tmp_path, Split.TRAIN, 2)
    store = open_store(tmp_path, Split.TRAIN, 3)
    assert made == [0, 1, 2, 3]
    assert store.window(3, 5, 7).shape == (7, BANDS + CONTENT)
    assert (store.window(3, 5, 7) == 3).all()
    assert store.descriptions[3].instrument == INSTRUMENTS[3].name
    assert len(json.loads((tmp_path / "train-001.json").read_text())) == 2


def test_what_is_stored_comes_back_within_a_step() -> None:
    audio = np.random.default_rng(1).standard_normal((1, CLIP_SAMPLES)).astype(np.float32) * 0.1
    stored = packed(audio)
    assert stored.shape == (CLIP_FRAMES, BANDS + CONTENT)
    mel, content = unpacked(torch.from_numpy(stored)[None])
    heard = torch.from_numpy(audio)
    wanted = mel_of(band_power(spectrum_of(heard)), level_of(heard))
    torch.testing.assert_close(mel, wanted, atol=0.011, rtol=0.0)
    torch.testing.assert_close(content, content_of(heard), atol=0.0021, rtol=0.0)


def test_phrases_are_played_alike_whatever_came_before() -> None:
    rng = np.random.default_rng(2)
    phrases = [phrase_for(rng, INSTRUMENTS[14]) for _ in range(2)]
    with Player(default_soundfont()) as player:
        first = player.play(phrases[0], 73)
        other = player.play(phrases[1], 40, bend=0x2400, vibrato=90)
        again = player.play(phrases[0], 73)
    assert first.shape == (1, CLIP_SAMPLES)
    loud = spectrum_of(torch.from_numpy(first)).abs()
    assert not np.allclose(first, other, atol=1e-3)
    apart = spectrum_of(torch.from_numpy(again)).abs() - loud
    assert apart.norm() < 0.1 * loud.norm()
    assert SAMPLE_RATE == 44_100


def test_in_pairs_all_instruments_meet() -> None:
    pairs = [pair_of(pair) for pair in range(20 * 19)]
    assert len(set(pairs)) == 20 * 19
    assert all(first != second for first, second in pairs)


def test_a_missing_font_names_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "FONT_FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError, match="musescore-general-soundfont-small"):
        corpus.font_paths(Split.TEST)
