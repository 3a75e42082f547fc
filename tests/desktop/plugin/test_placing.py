"""Capture and place through hosts: the result stands where the track was captured."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

RATE = 48_000
FIRST = 30_011  # of the host's timeline; no multiple of a block
WAIT = ("--set", "When late", 2)
CAPTURE = ("--set", "Mode", 1, "--set", "Capture", 1)
PLACED = ("--set", "Mode", 1, "--set", "Capture", 0)


@pytest.fixture
def captured(host: Any, engine: Any, noise: Callable[..., Any], tmp_path: Path) -> tuple[Any, Path]:
    """Capture half a second of a track; return it and the session that the host saved."""
    audio, session = noise(0.5), tmp_path / "session"
    options = (*CAPTURE, "--play", FIRST, "--save", session, "--settled")
    heard = host.run(audio, *WAIT, *options)
    assert np.array_equal(heard.aligned, audio)
    return audio, session


@pytest.fixture
def result(desk: Any, captured: tuple[Any, Path]) -> Any:
    """Return what ``tonewright apply`` makes of what was captured."""
    soundfile.write(desk.folder / "take.wav", captured[0].T, RATE, "FLOAT")
    return desk.apply(desk.folder / "take.wav")


def takes_of(session: Path) -> list[dict[str, Any]]:
    """Return the takes in a state that a host saved."""
    text = session.read_bytes().decode("utf-8", "replace")
    if session.read_bytes().startswith(b"<urn:"):  # LV2's: Turtle puts a stroke before quotes
        text = re.sub(r"\\(.)", r"\1", text)
    takes: list[dict[str, Any]] = json.JSONDecoder().raw_decode(
        text[text.index('[{"start_frame"') :]
    )[0]
    return takes


def test_the_result_replaces_what_was_captured_to_the_sample(
    host: Any, captured: tuple[Any, Path], result: Any, noise: Callable[..., Any]
) -> None:
    audio, session = captured
    before = 7_001
    track = np.concatenate([noise(1.0, seed=7)[:, :before], audio, noise(0.5, seed=8)], axis=1)
    heard = host.run(track, *WAIT, *PLACED, "--load", session, "--play", FIRST - before, block=333)
    (take,) = takes_of(session)
    assert (take["start_frame"], take["length_samples"]) == (FIRST, audio.shape[1])
    assert round(take["bpm"]) == 97
    end = before + audio.shape[1]
    assert np.array_equal(heard.aligned[:, :before], track[:, :before])
    assert np.array_equal(heard.aligned[:, before:end], result)
    # Behind it the reverb rings on over what follows.
    ringing = heard.aligned[:, end:] - track[:, end:]
    assert 1e-3 < np.abs(ringing[:, :2_000]).max() < 0.2


def test_it_stands_there_however_the_transport_moves(
    host: Any, captured: tuple[Any, Path], result: Any, noise: Callable[..., Any]
) -> None:
    """It begins in the middle of the take, goes back before it, then far behind, and halts."""
    audio, session = captured
    middle, before = 9_123, 501
    parts = [
        audio[:, middle : middle + 6_007],
        np.concatenate([noise(0.1, seed=7)[:, :before], audio[:, :8_000]], axis=1),
        noise(0.2, seed=8),
        noise(0.1, seed=9),
    ]
    starts = np.cumsum([0, *(part.shape[1] for part in parts)])
    track = np.concatenate(parts, axis=1)
    heard = host.run(
        track,
        *(*WAIT, *PLACED, "--load", session, "--play", FIRST + middle),
        *("--locate", starts[1], FIRST - before),
        *("--locate", starts[2], FIRST + 10 * RATE),
        *("--locate", starts[3], -1),
    ).aligned
    assert np.array_equal(heard[:, : starts[1]], result[:, middle : middle + 6_007])
    again = starts[1] + before
    assert np.array_equal(heard[:, starts[1] : again], track[:, starts[1] : again])
    assert np.array_equal(heard[:, again : starts[2]], result[:, :8_000])
    assert np.array_equal(heard[:, starts[2] :], track[:, starts[2] :])


def test_a_track_that_has_changed_is_heard_dry(
    host: Any, captured: tuple[Any, Path], noise: Callable[..., Any]
) -> None:
    other = noise(0.5, seed=9)
    options = (*PLACED, "--load", captured[1], "--play", FIRST)
    assert np.array_equal(host.run(other, *WAIT, *options).aligned, other)


@pytest.mark.parametrize("moved", [-1, 200_000])
def test_elsewhere_on_the_timeline_it_is_heard_dry(
    host: Any, captured: tuple[Any, Path], moved: int
) -> None:
    audio, session = captured
    options = (*PLACED, "--load", session, "--play", FIRST + moved)
    assert np.array_equal(host.run(audio, *WAIT, *options).aligned, audio)


@pytest.mark.parametrize("host", ["lv2", "vst3"], indirect=True)
def test_a_take_goes_on_where_the_tempo_changes(
    host: Any, engine: Any, noise: Callable[..., Any], tmp_path: Path
) -> None:
    audio, session = noise(0.5), tmp_path / "session"
    options = (*CAPTURE, "--play", FIRST, "--tempo", 10_000, 140, "--save", session, "--settled")
    host.run(audio, *WAIT, *options)
    (take,) = takes_of(session)
    assert (take["start_frame"], take["length_samples"]) == (FIRST, audio.shape[1])
