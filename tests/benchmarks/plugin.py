"""The plugin's numbers: late blocks and load of a live chain, alone and beside a model's render.

Build it first: ``make plugin``. The host is the tests' own, paced by the clock, at real-time
priority as hosts are, where the system allows it. Prints a table.

    python tests/benchmarks/plugin.py --seconds 60
    python tests/benchmarks/plugin.py --long 1800 --pause 60

The second plays two instances at once for so long, the shortest round trips that there are, while
every so often a model renders a few seconds beside; that takes little of the processor.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "plugin"
RATE = 48_000
ROUND_SECONDS = 10.0
SPEECH_SECONDS = 5.0
CHAIN = "highpass_filter,peak_filter,compressor,chorus,reverb,limiter"
PRIORITY = 20
"""Of hosts, before all that is not audio."""

TICKS = os.sysconf("SC_CLK_TCK")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tonewright.dsp", *map(str, arguments), "--quiet"]


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass(frozen=True, slots=True)
class Trip:
    """A host's blocks and the plugin's latency, in samples."""

    block: int
    latency: int


SHORTEST = (Trip(256, 512), Trip(512, 1024))
TRIPS = (*SHORTEST, Trip(512, 2048), Trip(512, 8192))


class Host:
    """The plugin at work in a host of its own, on noise."""

    def __init__(self, folder: Path, seconds: float, trip: Trip) -> None:
        source = folder / "in.f32"
        if not source.exists():
            samples = round(ROUND_SECONDS * RATE)
            noise = 0.1 * np.random.default_rng(1).standard_normal((samples, 2))
            noise.astype(np.float32).tofile(source)
        self._seconds = seconds
        paths = (BUILT / "host", BUILT / "tonewright.clap", source, "-")
        settings = ("--set", "When late", 1, "--set", "Latency", trip.latency.bit_length() - 10)
        rounds = ("--rounds", max(1, round(seconds / ROUND_SECONDS)))
        self._process = subprocess.Popen(
            [*map(str, (*paths, RATE, 2, trip.block, "--paced", *settings, *rounds))],
            stdout=subprocess.PIPE,
        )
        with suppress(PermissionError):
            os.sched_setscheduler(self._process.pid, os.SCHED_RR, os.sched_param(PRIORITY))

    def ended(self) -> tuple[dict[str, Any], float]:
        """Wait, and return what the host saw and the share of a processor that it used."""
        assert self._process.stdout is not None
        said = json.loads(self._process.stdout.read())
        used = os.wait4(self._process.pid, 0)[2]
        self._process.returncode = 0
        self._process.stdout.close()
        return said, (used.ru_utime + used.ru_stime) / self._seconds


@contextmanager
def rendering(folder: Path, pause_seconds: float) -> Iterator[list[float]]:
    """Have a model render beside, again and again; the list gets how long each took."""
    speech = folder / "speech.wav"
    noise = 0.1 * np.random.default_rng(2).standard_normal(round(SPEECH_SECONDS * RATE))
    soundfile.write(speech, noise, RATE)
    over = threading.Event()
    took: list[float] = []

    def work() -> None:
        while True:
            started = time.monotonic()
            arguments = ("apply", "dereverb", speech, folder / "dry.wav", "--overwrite")
            store = ("--store", folder / f"store {time.monotonic()}")  # it holds no result yet
            process = subprocess.Popen(command(*arguments, *store), stdout=subprocess.DEVNULL)
            while process.poll() is None and not over.wait(0.1):
                pass
            process.terminate()
            if process.wait() == 0:
                took.append(time.monotonic() - started)
            if over.wait(pause_seconds):
                return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


@contextmanager
def engine() -> Iterator[int]:
    """Serve six effects; yields the process's id."""
    subprocess.run(command("chain", "save", "Six", CHAIN), check=True, stdout=subprocess.DEVNULL)
    process = subprocess.Popen(command("serve", "--chain", "Six"), stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        process.stdout.close()


def an_hour(misses: int, seconds: float) -> str:
    """Return misses an hour; where there were none, what a Poisson process hides at 95 %."""
    if misses:
        return f"{misses * 3600 / seconds:.0f}"
    return f"0 (at most {3 * 3600 / seconds:.0f})"


def rows(
    folder: Path, seconds: float, trips: Sequence[Trip], pid: int, note: str = ""
) -> Iterator[str]:
    """Play instances with some round trips at once, and yield their rows."""
    before = cpu_seconds(pid)
    hosts = [Host(folder, seconds, trip) for trip in trips]
    ended = [host.ended() for host in hosts]
    engine_share = (cpu_seconds(pid) - before) / seconds
    for trip, (said, own_share) in zip(trips, ended, strict=True):
        yield (
            f"| latency {trip.latency}, blocks of {trip.block}{note} "
            f"| {said['misses']} of {seconds * RATE / trip.block:.0f} "
            f"| {an_hour(said['misses'], seconds)} | {100 * engine_share:.1f} % "
            f"| {100 * own_share:.1f} % |"
        )


def short(folder: Path, seconds: float) -> Iterator[str]:
    """Yield rows: each round trip, alone and beside renders without a pause."""
    _, share = Host(folder, seconds, TRIPS[2]).ended()
    yield f"| no engine | | | | {100 * share:.1f} % |"
    with engine() as pid:
        before = cpu_seconds(pid)
        time.sleep(seconds)
        yield f"| no plugin | | | {100 * (cpu_seconds(pid) - before) / seconds:.1f} % | |"
        for trip in TRIPS:
            yield from rows(folder, seconds, [trip], pid)
        for trip in TRIPS:
            with rendering(folder, 0.0):
                yield from rows(folder, seconds, [trip], pid, ", a render beside")


def long(folder: Path, seconds: float, pause_seconds: float) -> Iterator[str]:
    """Yield rows: the shortest round trips at once, beside a render now and then."""
    with engine() as pid, rendering(folder, pause_seconds) as took:
        yield from rows(folder, seconds, SHORTEST, pid, ", both at once")
    yield (
        f"\n{len(took)} renders beside, {sum(took):.0f} s of {seconds:.0f} in all; "
        "the engine's load is that of both instances."
    )


@contextmanager
def watched_load() -> Iterator[list[float]]:
    """Collect the load average every ten seconds."""
    over = threading.Event()
    loads = [os.getloadavg()[0]]

    def work() -> None:
        while not over.wait(10.0):
            loads.append(os.getloadavg()[0])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield loads
    finally:
        over.set()
        thread.join()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="of each row")
    parser.add_argument("--long", type=float, help="two instances at once, so many seconds")
    parser.add_argument("--pause", type=float, default=60.0, help="between renders beside, then")
    args = parser.parse_args()
    hosts = ROOT / "tests" / "desktop" / "plugin" / "host"
    subprocess.run(["make", "-s", "-C", hosts, f"OUT={BUILT}"], check=True)
    with tempfile.TemporaryDirectory() as name, watched_load() as loads:
        folder = Path(name)
        os.environ |= {
            "XDG_DATA_HOME": str(folder / "data"),
            "TONEWRIGHT_CACHE": str(folder / "cache"),
            "TONEWRIGHT_RUNTIME": str(folder / "run"),
            "OMP_NUM_THREADS": "1",
        }
        found = short(folder, args.seconds)
        if args.long is not None:
            found = long(folder, args.long, args.pause)
        sys.stdout.write(
            "| six effects, stereo, 48 kHz | late blocks | misses an hour "
            "| engine CPU, of one core | plugin and host CPU |\n|---|---|---|---|---|\n"
        )
        for line in found:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    sys.stdout.write(
        f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{time.strftime('%Y-%m-%d')}; load average {np.mean(loads):.1f} in the mean, "
        f"{max(loads):.1f} at most\n"
    )


if __name__ == "__main__":
    main()
