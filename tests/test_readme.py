"""The examples of the README, run as they stand."""

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tonewright.dsp.audio.writer import AudioWriter, Encoding
from tonewright.dsp.cli import main
from tonewright.dsp.cli.program import COMMANDS
from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack
from tonewright.dsp.midi.smf import write_smf
from tonewright.dsp.project.document import PPQ, Note, TempoMap
from tonewright.dsp.project.folder import load

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
RATE = 16_000


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with the files that the README speaks of, its own modules included."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("TONEWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    time = np.arange(RATE) / RATE
    voice = 0.3 * np.sin(2 * np.pi * 220.0 * time) * np.exp(-2.0 * time)
    with AudioWriter("voice.wav", RATE, 1, Encoding("wav", "16")) as writer:
        writer.write(voice[np.newaxis].astype(np.float32))
    notes = tuple(Note(60 + step, 90, 500 * step, 480) for step in range(4))
    write_smf(MidiSequence(PPQ, TempoMap(), (MidiTrack("idea", notes),)), Path("idea.mid"))
    for module in filter(file_of, blocks("python")):
        Path(file_of(module)).write_text(module, "utf-8")
    return tmp_path


def file_of(block: str) -> str:
    """Return the file that a block of Python says it is; empty for one that just runs."""
    first = block.partition("\n")[0]
    return first.removeprefix("# ") if re.fullmatch(r"# \w+\.py", first) else ""


def test_the_commands_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    used = set()
    for line in "".join(blocks("bash")).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "tonewright"
        used.add(arguments[0])
        assert main(arguments) == 0, f"{line}\n{capsys.readouterr().err}"
    assert used == COMMANDS.keys() - {"demo", "doctor", "serve"}
    for name in ("wet.wav", "tight.flac", "dry.wav", "straight.mid", "driven.wav", "out/song.wav",
                 "cello.wav", "organ.wav", "tried/curve.svg"):  # fmt: skip
        assert (folder / name).stat().st_size > 0


def test_the_python_runs(folder: Path) -> None:
    assert main(["new", "song", "voice.wav", "idea.mid", "--quiet"]) == 0
    scope: dict[str, Any] = {}
    for block in blocks("python"):
        if not file_of(block):
            exec(compile(block, "README.md", "exec"), scope)
    assert scope["mix"].shape[1] >= scope["softer"].sample_rate
    assert load(folder / "softer").tracks[0].channel.gain_db == -6.0
    assert scope["driven"].shape == scope["audio"].shape
    assert not np.allclose(scope["driven"], scope["audio"])


def test_every_command_is_spoken_of_and_every_link_leads_somewhere() -> None:
    for command in COMMANDS:
        assert re.search(rf"(tonewright|make) {command}\b", README), command
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
