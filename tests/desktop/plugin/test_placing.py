"""Capture and place through a host: the result stands where the track was captured."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

RATE = 48_000
FIRST = 30_011  # of the host's timeline; no multiple of a block
WAIT = ("--set", "When late", 2)
PLACED = ("--set", "Mode", 1, "--set", "Capture", 0)


@pytest.fixture
def captured(clap: Any, engine: Any, noise: Callable[..., Any], tmp_path: Path) -> tuple[Any, Path]:
    """Capture half a second of a track; return it and the session that the host saved."""
    audio, session = noise(0.5), tmp_path / "session"
    options = (
        "--set",
        "Mode",
        1,
        "--set",
        "Capture",
        1,
        "--play",
        FIRST,
        "--save",
        session,
        "--settled",
    )
    heard = clap.run(audio, *WAIT, *options)
    assert np.array_equal(heard.aligned, audio)
    return audio, session


def takes_of(session: Path) -> list[dict[str, Any]]:
    """Return the takes in a state that a host saved."""
    text = session.read_bytes().decode("utf-8", "replace")
    takes: list[dict[str, Any]] = json.JSONDecoder().raw_decode(
        text[text.index('[{"start_frame"') :]
    )[0]
    return takes


def test_the_result_replaces_what_was_captured_to_the_sample(
    clap: Any, desk: Any, captured: tuple[Any, Path], noise: Callable[..., Any]
) -> None:
    audio, session = captured
    before = 7_001
    track = np.concatenate([noise(1.0, seed=7)[:, :before], audio, noise(0.5, seed=8)], axis=1)
    heard = clap.run(track, *WAIT, *PLACED, "--load", session, "--play", FIRST - before, block=333)
    (take,) = takes_of(session)
    assert (take["start_frame"], take["length_samples"]) == (FIRST, audio.shape[1])
    assert round(take["bpm"]) == 97
    soundfile.write(desk.folder / "take.wav", audio.T, RATE, "FLOAT")
    end = before + audio.shape[1]
    assert np.array_equal(heard.aligned[:, :before], track[:, :before])
    assert np.array_equal(heard.aligned[:, before:end], desk.apply(desk.folder / "take.wav"))
    # Behind it the reverb rings on over what follows.
    ringing = heard.aligned[:, end:] - track[:, end:]
    assert 1e-3 < np.abs(ringing[:, :2_000]).max() < 0.2


def test_a_track_that_has_changed_is_heard_dry(
    clap: Any, captured: tuple[Any, Path], noise: Callable[..., Any]
) -> None:
    other = noise(0.5, seed=9)
    options = (*PLACED, "--load", captured[1], "--play", FIRST)
    assert np.array_equal(clap.run(other, *WAIT, *options).aligned, other)


def test_elsewhere_on_the_timeline_it_is_heard_dry(clap: Any, captured: tuple[Any, Path]) -> None:
    audio, session = captured
    options = (*PLACED, "--load", session, "--play", FIRST + 200_000)
    assert np.array_equal(clap.run(audio, *WAIT, *options).aligned, audio)
