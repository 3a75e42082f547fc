"""Files for batches, and a way to run them as a user does: in processes of their own."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

RATE = 8_000

EFFECTS = """
import os
from pathlib import Path
import numpy as np
from tonewright.dsp.effects import Parameter, effect
from tonewright.dsp.effects.chunked import ChunkedEffect
from tonewright.dsp.effects.protocol import ParameterKind, RunsIn

class _Effect:
    def reset(self):
        pass

@effect("hungry", Parameter("megabytes", 1.0, 0.0, 1e6), runs_in=RunsIn.RENDERED)
class Hungry(_Effect):
    def __init__(self, megabytes):
        self.megabytes = megabytes
    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        return audio + np.zeros(int(self.megabytes * 125_000))[0].astype(np.float32)

@effect("grasping", Parameter("megabytes_per_second", 1.0, 0.0, 1e6), runs_in=RunsIn.RENDERED)
class Grasping(ChunkedEffect):
    # Needs memory by the length of its chunks.
    chunk_seconds = 10.0
    def __init__(self, megabytes_per_second):
        super().__init__()
        self.megabytes_per_second = megabytes_per_second
    def process_chunk(self, audio, sample_rate):
        seconds = audio.shape[1] / sample_rate
        held = np.zeros(int(self.megabytes_per_second * seconds * 125_000))
        return audio + held[0].astype(np.float32)

@effect("waiting", Parameter("gate", "", kind=ParameterKind.TEXT), runs_in=RunsIn.RENDERED)
class Waiting(_Effect):
    # Says that it has begun, and goes on when it is told to; once.
    def __init__(self, gate):
        self.gate = gate
    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        if Path(self.gate, "began").exists():
            with Path(self.gate, "began").open("wb") as pipe:
                pipe.write(b".")
            with Path(self.gate, "go").open("rb", buffering=0) as pipe:
                pipe.read(1)
        return audio

@effect("deadly", Parameter("letter", "", kind=ParameterKind.TEXT), runs_in=RunsIn.RENDERED)
class Deadly(_Effect):
    # Kills its process once for each letter in a file.
    def __init__(self, letter):
        self.letter = letter
    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        left = Path(self.letter).read_text()
        if left:
            Path(self.letter).write_text(left[1:])
            os.kill(os.getpid(), 9)
        return audio
"""


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONEWRIGHT_CACHE", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def effects(tmp_path: Path) -> Path:
    path = tmp_path / "effects.py"
    path.write_text(EFFECTS)
    return path


@pytest.fixture
def tones(tmp_path: Path) -> Callable[[int], list[Path]]:
    """Return a function that makes so many short files ``takes/00.wav`` and on."""

    def make(count: int) -> list[Path]:
        folder = tmp_path / "takes"
        folder.mkdir(exist_ok=True)
        paths = [folder / f"{number:02}.wav" for number in range(count)]
        for number, path in enumerate(paths):
            _tone(path, 200.0 + 10.0 * number)
        return paths

    return make


def _tone(path: Path, hz: float) -> None:
    length_samples = RATE // 2
    signal = 0.25 * np.sin(2 * np.pi * hz * np.arange(length_samples) / RATE)
    soundfile.write(path, signal, RATE, subtype="PCM_16")


class Batch:
    """Runs ``tonewright batch`` in processes."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: object, **options: Any) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tonewright.dsp", "batch", *map(str, arguments), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        self._started.append(process)
        return process

    def run(self, *arguments: object, code: int = 0, **options: Any) -> list[dict[str, Any]]:
        """Run to the end; return the events but progress."""
        out, err = self.start(*arguments, **options).communicate(timeout=120)
        assert self._started[-1].returncode == code, err
        assert "Traceback" not in err
        events = [json.loads(line) for line in out.splitlines()]
        return [each for each in events if each["event"] != "progress"]

    def first(self, process: "subprocess.Popen[str]", event: str) -> dict[str, Any]:
        """Wait for an event of a kind, and return it."""
        assert process.stdout is not None
        return next(said for line in process.stdout if (said := json.loads(line))["event"] == event)

    def workers_of(self, process: "subprocess.Popen[str]") -> list[int]:
        """Return the ids of the processes that a process has started."""
        text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        return [int(each) for each in text.split()]

    def outputs(self, folder: Path) -> dict[str, bytes]:
        """Return every output with its content: not the state, not the report."""
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix in (".wav", ".flac", ".mid", ".part")
        }

    def close(self) -> None:
        for process in self._started:
            process.kill()
            process.communicate()


class Gate:
    """Holds the first job with the effect ``waiting`` in the middle of its work."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.effect = f'{{ type = "waiting", params = {{ gate = "{folder}" }} }}'
        self._began = folder / "began"
        for name in ("began", "go"):
            os.mkfifo(folder / name)
        # Open for both, neither side waits for the other.
        self._handles = [os.open(folder / name, os.O_RDWR) for name in ("began", "go")]

    def began(self, jobs: int = 1) -> None:
        """Wait until so many jobs are in the middle."""
        for _ in range(jobs):
            ready, _, _ = select.select(self._handles[:1], [], [], 60.0)
            assert ready, "no job has begun"
            os.read(self._handles[0], 1)

    def go(self, jobs: int = 1) -> None:
        """Let so many go on, and all that come later pass."""
        self._began.unlink()
        os.write(self._handles[1], b"." * jobs)

    def close(self) -> None:
        for handle in self._handles:
            os.close(handle)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    made = Gate(tmp_path / "gate")
    yield made
    made.close()


@pytest.fixture
def batch() -> Iterator[Batch]:
    started = Batch()
    yield started
    started.close()
