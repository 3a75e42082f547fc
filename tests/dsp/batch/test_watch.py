"""What is taken of a folder that files come into, and when."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tonewright.dsp.batch.draft import patterns_of
from tonewright.dsp.batch.jobs import Job, jobs_of
from tonewright.dsp.batch.manifest import Manifest, Render
from tonewright.dsp.batch.watch import Watch
from tonewright.dsp.effects.registry import default_registry


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def look(inbox: Path) -> Callable[[], list[str]]:
    watch = Watch()
    render = Render("here", inbox, patterns_of(notes=False))
    manifest = Manifest(inbox / "out", (render,))

    def looked() -> list[str]:
        jobs: list[Job] = watch.look(jobs_of(manifest, default_registry(), may_be_empty=True))
        return [each.output for each in jobs]

    return looked


def test_a_file_is_taken_when_it_has_come_to_rest(
    inbox: Path, look: Callable[[], list[str]]
) -> None:
    assert look() == []
    (inbox / "a.WAV").write_bytes(b"half")
    (inbox / "a.txt").write_bytes(b"none")
    assert look() == []
    (inbox / "a.WAV").write_bytes(b"half and half")
    assert look() == []
    assert look() == ["a.wav"]
    assert look() == []


def test_the_plan_keeps_what_was_taken_before(inbox: Path, look: Callable[[], list[str]]) -> None:
    (inbox / "a.wav").write_bytes(b"a")
    look()
    look()
    (inbox / "b.wav").write_bytes(b"b")
    assert look() == []
    os.utime(inbox / "a.wav", ns=(1, 1))  # it is being written again, and b is at rest
    assert look() == ["a.wav", "b.wav"]
    assert look() == ["a.wav", "b.wav"]
    (inbox / "a.wav").unlink()
    assert look() == []
    (inbox / "a.wav").write_bytes(b"a")
    look()
    assert look() == ["a.wav", "b.wav"]


def test_a_watched_folder_is_worked_off_until_one_stops_it(
    batch: Any, inbox: Path, tmp_path: Path, tones: Callable[[int], list[Path]]
) -> None:
    first, second = tones(2)
    process = batch.start(
        *("watch", inbox, "gain", "-p", "gain_db=-6", "--out", tmp_path / "done"),
        *("--workers", "1", "--every", "0.2s"),
    )
    batch.first(process, "watching")
    first.rename(inbox / "first.wav")
    assert batch.first(process, "done")["output"] == "first.wav"
    assert batch.first(process, "finished")["done"] == 1
    (inbox / "bad.wav").write_text("no sound")
    (inbox / "sub").mkdir()
    second.rename(inbox / "sub/second.wav")
    assert batch.first(process, "failed")["output"] == "bad.wav"
    assert batch.first(process, "done")["output"] == "sub/second.wav"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert soundfile.info(tmp_path / "done/sub/second.wav").frames == 4_000
    assert (tmp_path / "done/report.html").is_file()
