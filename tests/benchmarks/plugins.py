"""Hosted plugins: what a process of their own costs, how fast a scan is, and what loading leaves.

python tests/benchmarks/plugins.py [--loads 2000]
"""

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

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


def median(call: Callable[[], object], times: int = 5) -> float:
    """Return the median of how long a call takes, in seconds, after one to warm up."""
    call()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def overhead(path: Path) -> str:
    """Compare a minute of stereo in blocks of 512, offline, with pedalboard in this process."""
    import pedalboard

    audio = 0.1 * np.random.default_rng(1).standard_normal((2, SECONDS * RATE)).astype(np.float32)
    plugin = pedalboard.VST3Plugin(str(path))
    inside = median(lambda: plugin.process(audio, RATE, 512, True))
    effect = hosted.HostedPlugin(path=str(path))
    outside = median(lambda: effect.process(audio, RATE, 512, True))
    return (
        f"{path.stem:14} in process {SECONDS / inside:6.0f}x real time, "
        f"hosted {SECONDS / outside:6.0f}x, {100 * (outside / inside - 1):+.1f} %"
    )


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


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loads", type=int, default=2_000)
    args = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gain = build.bundle(folder / "own", "TestGain")
        for path in (
            gain,
            *(REAL / f"{each}.vst3" for each in ("ZamCompX2", "ZaMultiCompX2", "ZamHeadX2")),
        ):
            if path.exists():
                say(overhead(path))
        for number in range(100):
            build.bundle(folder / "many" / f"{number:03}", "TestGain")
        for again in ("new", "known"):
            started = time.perf_counter()
            found = scan([folder / "many"], limits=Limits(), path=folder / "plugins.json")
            taken = time.perf_counter() - started
            say(f"scan of {len(found.entries)} {again} plugins: {taken:.2f} s")
        say(loads(gain, args.loads))


if __name__ == "__main__":
    main()
