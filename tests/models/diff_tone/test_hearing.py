from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import CancelledError, MediaError
from tonewright.dsp.rendering.job import CancelToken, Progress
from tonewright.dsp.rendering.store import Store
from tonewright.models.diff_tone.hearing import MOST_ANSWERS, WINDOW_SECONDS, hear, likeliest
from tonewright.models.diff_tone.instruments import NAMES

RATE = 22_050


@pytest.fixture
def asked(networks: Path, tmp_path: Path) -> dict[str, Any]:
    time = np.arange(round(2.5 * WINDOW_SECONDS * RATE)) / RATE
    audio = 0.1 * np.sin(2.0 * np.pi * 440.0 * time)
    # The second of three windows is silent.
    audio[(time >= WINDOW_SECONDS - 0.01) & (time < 2.0 * WINDOW_SECONDS + 0.01)] = 0.0
    soundfile.write(tmp_path / "tone.wav", np.stack([audio, -audio], axis=1), RATE)
    return {
        "path": tmp_path / "tone.wav",
        "model": str(networks),
        "store": Store(tmp_path / "store"),
        "registry": default_registry(),
        "report": lambda _: None,
        "cancel": CancelToken(),
    }


def test_both_classifiers_answer_for_the_whole_and_for_every_window(asked: dict[str, Any]) -> None:
    told: list[Progress] = []
    found = hear(**asked | {"report": told.append})
    assert set(found) == {"steering", "reporting"}
    assert told[-1].fraction == pytest.approx(1.0)
    for answer in found.values():
        assert len(answer["instruments"]) == MOST_ANSWERS
        shares = [share for _, share in answer["instruments"]]
        assert shares == sorted(shares, reverse=True)
        first, silent, last = answer["windows"]
        assert first["start_seconds"] == 0.0
        assert last["end_seconds"] == pytest.approx(2.5 * WINDOW_SECONDS, abs=1e-3)
        assert silent["instruments"] == []
        assert first["instruments"][0][0] in NAMES


def test_of_silence_nothing_is_said(asked: dict[str, Any]) -> None:
    soundfile.write(asked["path"], np.zeros(1_000), RATE)
    found = hear(**asked)
    assert [each["instruments"] for each in found.values()] == [[], []]


def test_it_may_be_cancelled_and_a_file_that_cannot_be_read_is_named(
    asked: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "no.wav").write_bytes(b"nothing")
    with pytest.raises(MediaError, match=r"no\.wav"):
        hear(**asked | {"path": tmp_path / "no.wav"})
    asked["cancel"].cancel()
    with pytest.raises(CancelledError):
        hear(**asked)


def test_the_likeliest_come_first() -> None:
    answer = torch.full((len(NAMES),), 0.01)
    answer[3], answer[7] = 0.2, 0.6
    assert likeliest(answer)[:2] == [(NAMES[7], 0.6), (NAMES[3], 0.2)]
