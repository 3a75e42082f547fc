"""Hosted plugins: what a process of their own costs, how fast a scan is, and what loading leaves.

python tests/benchmarks/plugins.py [overhead] [scan] [loads] [--loads 2000]
"""

import argparse
import importlib.util
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tonewright.dsp.effects.chain import STREAM_SAMPLES, Chain
from tonewright.dsp.effects.vst3 import hosted
from tonewright.dsp.effects.vst3.process import Limits
from tonewright.dsp.effects.vst3.scan import scan

_spec = importlib.util.spec_from_file_location(
    "build_test_plugins", Path(__file__).parents[1] / "plugins" / "build.py"
)
assert _spec is not None and _spec.loader is not None
build = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(build)

RATE = 48_000
SECONDS = 60
REAL = Path("/usr/lib/vst3")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process's threads have used."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9


def compared(
    inside: Callable[[], object], outside: Callable[[], object], pid: int, times: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return (seconds, of all processors) that two calls take: the least of each, in turn.

    The least, since on a busy machine all that disturbs makes a call longer.
    """
    least = [[float("inf")] * 2 for _ in range(2)]
    for _ in range(times):
        for found, call in zip(least, (inside, outside), strict=True):
            used = time.process_time() + cpu_seconds(pid)
            started = time.perf_counter()
            call()
            taken = time.perf_counter() - started
            used = time.process_time() + cpu_seconds(pid) - used
            found[:] = min(found[0], taken), min(found[1], used)
    return (least[0][0], least[0][1]), (least[1][0], least[1][1])


def overhead(path: Path, times: int) -> list[str]:
    """Compare a minute of stereo in blocks of 512, offline, with pedalboard in this process.

    Once as one call on all of it, and once as a chain renders it, a piece after the other.
    """
    import pedalboard

    audio = 0.1 * np.random.default_rng(1).standard_normal((2, SECONDS * RATE)).astype(np.float32)
    pieces = np.split(audio, range(STREAM_SAMPLES, audio.shape[1], STREAM_SAMPLES), axis=1)
    plugin = pedalboard.VST3Plugin(str(path))
    effect = hosted.HostedPlugin(path=str(path))
    pid = effect._process.pid

    def rendered(board: Chain) -> None:
        for _ in board.stream(pieces, RATE, tail=False):
            pass

    rows = []
    inside, outside = Chain([plugin]), Chain([effect])
    for what, first, second in (
        (
            "one call",
            lambda: plugin.process(audio, RATE, 512, True),
            lambda: effect.process(audio, RATE, 512, True),
        ),
        ("a chain's render", lambda: rendered(inside), lambda: rendered(outside)),
    ):
        (wall, used), (hosted_wall, hosted_used) = compared(first, second, pid, times)
        rows.append(
            f"| {path.stem} | {what} | {SECONDS / wall:.0f}x | {SECONDS / hosted_wall:.0f}x "
            f"| {100 * (hosted_wall / wall - 1):+.0f} % | {100 * (hosted_used / used - 1):+.0f} % |"
        )
    return rows


def loads(path: Path, count: int) -> str:
    """Load, play and unload a plugin many times, and say what stays."""

    def held() -> tuple[int, int, int]:
        status = Path("/proc/self/status").read_text()
        memory = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        files = len(list(Path("/proc/self/fd").iterdir()))
        shared = len(list(Path("/dev/shm").glob("tonewright-plugin-*")))
        return files, shared, int(memory.split()[1])

    audio = np.zeros((2, 2_048), np.float32)

    def once() -> None:
        hosted.HostedPlugin(path=str(path)).process(audio, RATE)
        hosted.close_idle()

    once()
    before = held()
    started = time.perf_counter()
    for _ in range(count):
        once()
    each = (time.perf_counter() - started) / count
    grown = [now - then for now, then in zip(held(), before, strict=True)]
    return (
        f"{count} loads and unloads, {1000 * each:.0f} ms each: {grown[0]:+d} open files, "
        f"{grown[1]:+d} shared files, {grown[2]:+d} kB of memory"
    )


def scans(folder: Path) -> list[str]:
    """Scan a hundred plugins, then again when nothing has changed."""
    for number in range(100):
        build.bundle(folder / "many" / f"{number:03}", "TestGain")
    said = []
    for again in ("new", "known"):
        started = time.perf_counter()
        found = scan([folder / "many"], limits=Limits(), path=folder / "plugins.json")
        taken = time.perf_counter() - started
        said.append(f"scan of {len(found.entries)} {again} plugins: {taken:.2f} s")
    return said


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["overhead", "scan", "loads"])
    parser.add_argument("--loads", type=int, default=2_000)
    parser.add_argument("--times", type=int, default=20, help="how often each is measured, in turn")
    args = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    say(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{time.strftime('%Y-%m-%d')}; load average before: {os.getloadavg()[0]:.1f}"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gain = build.bundle(folder / "own", "TestGain")
        real = (REAL / f"{each}.vst3" for each in ("ZamCompX2", "ZaMultiCompX2", "ZamHeadX2"))
        if "overhead" in args.parts:
            say("\n| plugin | | in process | hosted | time | CPU |\n|---|---|---|---|---|---|")
            for path in (gain, *(each for each in real if each.exists())):
                for row in overhead(path, args.times):
                    say(row)
        if "scan" in args.parts:
            say("\n" + "\n".join(scans(folder)))
        if "loads" in args.parts:
            say("\n" + loads(gain, args.loads))


if __name__ == "__main__":
    main()
