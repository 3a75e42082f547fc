"""The plugin, built once for all tests; engines and hosts to try it in."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tonewright.dsp.bridge.chains import kept_chains, read_chain
from tonewright.dsp.bridge.rendezvous import Meeting, runtime_folder
from tonewright.dsp.bridge.server import Server
from tonewright.dsp.bridge.studio import Studio, captures_folder
from tonewright.dsp.cli import main
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.presets import presets_folder
from tonewright.dsp.rendering.store import Store

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build" / "plugin-tests"
RATE = 48_000
FORMATS = ("clap", "lv2", "vst3")
CHAIN = "highpass_filter,compressor,reverb"


@pytest.fixture(scope="session")
def built() -> Path:
    """Build the plugin and the hosts for tests; return where they are."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        folder = ROOT / "desktop" / "plugin"
        fcntl.flock(lock, fcntl.LOCK_EX)  # other test processes build it too
        # Little optimised, as it is built sooner; in mono, one format stands for all.
        make = ["make", "-s", "-C", folder, f"OUT={BUILD}", "BASE_OPTS=-O1"]
        for goal in (["all"], ["NAME=tonewright-mono", "CHANNELS=1", "clap"]):
            subprocess.run([*make, *goal], check=True, stdout=subprocess.DEVNULL)
        hosts = ["make", "-s", "-C", Path(__file__).with_name("host"), f"OUT={BUILD}"]
        subprocess.run(hosts, check=True)
    return BUILD


@dataclass(frozen=True)
class Desk:
    """A user's folders: of settings, renders and the engine's socket."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "XDG_DATA_HOME": str(self.folder / "data"),
            "TONEWRIGHT_CACHE": str(self.folder / "cache"),
            "TONEWRIGHT_RUNTIME": str(self.folder / "run"),
            "OMP_NUM_THREADS": "1",
        }

    def tonewright(self, *arguments: object) -> None:
        """Run a command line, in this process."""
        assert main([*map(str, arguments), "--quiet"]) == 0

    def apply(self, source: Path, chain: str = CHAIN, *options: str) -> Any:
        """Return what ``tonewright apply`` makes of a file, of shape ``(channels, samples)``."""
        target = source.with_name("applied.wav")
        self.tonewright("apply", chain, source, target, "--overwrite", "--no-tail", *options)
        return soundfile.read(target, dtype="float32", always_2d=True)[0].T


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tonewright.dsp", *map(str, arguments)]


class Engine:
    """``tonewright serve`` as a process."""

    def __init__(self, desk: Desk, *arguments: object) -> None:
        self._process = subprocess.Popen(
            _command("serve", *arguments), env=desk.environment, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert "serving" in self._process.stdout.readline()

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self) -> int:
        """Ask it to end, and return its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(signal.SIGINT)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return self._process.wait(20)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk with a kept chain; this process is at it too."""
    desk = Desk(tmp_path / "desk")
    desk.folder.mkdir()
    for name, value in desk.environment.items():
        monkeypatch.setenv(name, value)
    desk.tonewright("chain", "save", "Warm", CHAIN)
    return desk


@pytest.fixture
def engine(desk: Desk) -> Iterator[Studio]:
    """Serve in this process, for tests that kill nothing."""
    chain = read_chain(kept_chains(presets_folder()).get("Warm"))
    with Meeting(runtime_folder()) as meeting:
        studio = Studio(
            meeting.token,
            default_registry(),
            results=Store(),
            captures=Store(captures_folder()),
            presets_folder=presets_folder(),
            chain=chain,
        )
        with Server(meeting, studio):
            yield studio
        studio.close()


@pytest.fixture
def start_engine(desk: Desk) -> Iterator[Callable[..., Engine]]:
    """Start engines; those that still run are ended."""
    engines: list[Engine] = []

    def start(*arguments: object) -> Engine:
        engines.append(Engine(desk, *arguments))
        return engines[-1]

    yield start
    for engine in engines:
        engine.end()


@dataclass(frozen=True)
class Heard:
    """What a host got from the plugin."""

    audio: Any  # as late as the latency says
    aligned: Any  # as a host that makes up for the latency would play it
    latency: int
    misses: int
    status: int
    longest: float  # block, in seconds


class Playing:
    """A host at work, in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], audio: Any, target: Path) -> None:
        self._process = process
        self._audio = audio
        self._target = target

    def heard(self) -> Heard:
        """Wait for its end, and return what it got."""
        said, _ = self._process.communicate(timeout=40)
        assert self._process.returncode == 0
        out = np.fromfile(self._target, np.float32).reshape(-1, len(self._audio)).T
        words = json.loads(said)
        start = words["latency"]
        return Heard(out, out[:, start : start + self._audio.shape[1]], **words)


class Host:
    """The host of ``host/main.cpp``, with the plugin in one of its formats."""

    def __init__(self, built: Path, desk: Desk, format_: str) -> None:
        self._built = built
        self._desk = desk
        self._format = format_
        self._runs = 0

    def start(self, audio: Any, *options: object, block: object = 512, rate: int = RATE) -> Playing:
        """Start to play audio of shape ``(channels, samples)``."""
        self._runs += 1
        name = f"{self._format} {self._runs}"
        source, target = self._desk.folder / f"{name} in.f32", self._desk.folder / f"{name}.f32"
        np.ascontiguousarray(audio.T).tofile(source)
        plugin = "tonewright" if len(audio) == 2 else "tonewright-mono"
        command = [
            self._built / "host",
            self._built / f"{plugin}.{self._format}",
            *(source, target, rate, len(audio), block),
            *options,
        ]
        process = subprocess.Popen(
            [str(each) for each in command], env=self._desk.environment, stdout=subprocess.PIPE
        )
        return Playing(process, audio, target)

    def run(self, audio: Any, *options: object, block: object = 512, rate: int = RATE) -> Heard:
        """Play audio of shape ``(channels, samples)``, and return what was heard."""
        return self.start(audio, *options, block=block, rate=rate).heard()


@pytest.fixture
def clap(built: Path, desk: Desk) -> Host:
    return Host(built, desk, "clap")


@pytest.fixture(params=FORMATS)
def host(request: pytest.FixtureRequest, built: Path, desk: Desk) -> Host:
    """Return a host of each format in turn."""
    return Host(built, desk, request.param)


@pytest.fixture
def hosts(built: Path, desk: Desk) -> list[Host]:
    """Return a host of each format."""
    return [Host(built, desk, each) for each in FORMATS]


@pytest.fixture
def noise() -> Callable[..., Any]:
    """Return what makes noise in stereo."""

    def make(seconds: float, seed: int = 1, rate: int = RATE) -> Any:
        rng = np.random.default_rng(seed)
        return (0.1 * rng.standard_normal((2, round(seconds * rate)))).astype(np.float32)

    return make


@pytest.fixture
def song(tmp_path: Path, noise: Callable[..., Any]) -> Path:
    """Return a file of two seconds of noise."""
    path = tmp_path / "song.wav"
    soundfile.write(path, noise(2.0).T, RATE, "FLOAT")
    return path
