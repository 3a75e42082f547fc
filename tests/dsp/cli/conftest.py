"""A shell for the tests of the command line, and files to work on."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

from tonewright.dsp.cli import main

RATE = 44_100


@dataclass(frozen=True)
class Ran:
    """What a command line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Runs command lines in this process."""

    def run(self, *arguments: object) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([str(each) for each in arguments])
        return Ran(code, out.getvalue(), err.getvalue())

    def done(self, *arguments: object) -> Ran:
        """Run what must succeed."""
        ran = self.run(*arguments)
        assert ran.code == 0, ran.err
        return ran

    def refused(self, *arguments: object, code: int = 1) -> str:
        """Run what must fail; return its one line."""
        ran = self.run(*arguments)
        assert (ran.code, ran.out) == (code, ""), ran
        lines = [line for line in ran.err.splitlines() if " %" not in line[:5]]
        assert len(lines) == 1, ran.err
        assert lines[0].startswith("tonewright")
        assert "Traceback" not in ran.err
        assert "internal error" not in ran.err
        return lines[0]

    def tree(self, folder: Path) -> dict[str, bytes]:
        """Return every file below a folder with its content."""
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def shell(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("TONEWRIGHT_CACHE", str(tmp_path_factory.mktemp("store")))
    return Shell()


def tone(length_samples: int = RATE, *, hz: float = 440.0) -> Any:
    return 0.25 * np.sin(2 * np.pi * hz * np.arange(length_samples) / RATE)


@pytest.fixture
def mono(tmp_path: Path) -> Path:
    path = tmp_path / "mono.wav"
    soundfile.write(path, tone(), RATE, subtype="PCM_16")
    return path


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    path = tmp_path / "stereo.flac"
    soundfile.write(path, np.stack([tone(hz=220), tone(hz=330)], 1), RATE, subtype="PCM_24")
    return path


@pytest.fixture
def midi(tmp_path: Path) -> Path:
    path = tmp_path / "keys.mid"
    track = mido.MidiTrack([mido.MetaMessage("track_name", name="Keys")])
    for pitch in (60, 64, 67):
        track.append(mido.Message("note_on", note=pitch, velocity=90, time=0))
        track.append(mido.Message("note_off", note=pitch, velocity=0, time=480))
    mido.MidiFile(tracks=[track]).save(path)
    return path


@pytest.fixture
def song(shell: Shell, tmp_path: Path, mono: Path, stereo: Path) -> Path:
    folder = tmp_path / "song"
    shell.done("new", folder, mono, stereo)
    return folder


@pytest.fixture
def in_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Work in this process, with a new store at every run; return the stores."""
    from tonewright.dsp.cli import apply, engine, explore, generate
    from tonewright.dsp.effects.registry import default_registry
    from tonewright.dsp.rendering.inline import InlineQueue
    from tonewright.dsp.rendering.renderer import Renderer
    from tonewright.dsp.rendering.store import Store

    stores: list[Path] = []

    def renderer_of(*_: object) -> Renderer:
        stores.append(tmp_path / "stores" / str(len(stores)))
        return Renderer(executor=InlineQueue(Store(stores[-1]), default_registry()))

    for module in (apply, engine, explore, generate):
        monkeypatch.setattr(module, "renderer_of", renderer_of)
    return stores
