"""Numbers of batches: kills survived, what a job costs beside its rendering, time left, memory.

``--quick`` shortens everything to see that it runs; ``--only`` takes one of the parts. Kills come
at random times (a fixed seed), at the parent, a worker or both.
"""

import argparse
import json
import os
import queue
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import soundfile

from tonewright.dsp.batch.crew import Event
from tonewright.dsp.batch.jobs import jobs_of
from tonewright.dsp.batch.made import Made, MadeFile, Stamp
from tonewright.dsp.batch.manifest import read_manifest
from tonewright.dsp.batch.runner import Run
from tonewright.dsp.batch.state import State
from tonewright.dsp.batch.task import Task
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.rendering.job import CancelToken

RATE = 8_000
_BATCH = (sys.executable, "-m", "tonewright.dsp", "batch", "run")


def kills(folder: Path, files: int, times: int) -> str:
    """Kill a batch again and again, finish it, and return what was lost or done twice."""
    random_ = random.Random(1)
    for number in range(files):
        signal_ = 0.2 * np.sin(np.arange(RATE) / (5 + number % 40))
        soundfile.write(folder / f"{number:04}.wav", signal_, RATE, subtype="PCM_16")
    manifest = folder / "batch.toml"
    manifest.write_text('inputs = ["*.wav"]\neffects = [{ type = "reverb" }]\n')
    command = [*_BATCH, str(manifest), "--quiet"]
    spared: set[str] = set()
    for turn in range(times):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            _wait_for_more(folder, random_.randint(1, 2 * files // times))
            victims = [process.pid]
            if turn % 3:
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
                with suppress(OSError):
                    victims = [*map(int, children.read_text().split()), process.pid]
            if turn % 3 == 1:
                victims = victims[:1]
            for victim in victims:
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
            time.sleep(random_.uniform(0.0, 1.0))
            process.kill()
        spared |= {f"{path.name}:{path.stat().st_mtime_ns}" for path in folder.glob("out/*.wav")}
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    made = {f"{path.name}:{path.stat().st_mtime_ns}" for path in folder.glob("out/*.wav")}
    damaged = sum(
        soundfile.read(folder / "out" / f"{number:04}.wav")[0].shape[0] < RATE
        for number in range(files)
    )
    with closing(sqlite3.connect(folder / "out/batch.sqlite")) as db:
        (begun,) = db.execute("SELECT count(*) FROM attempts").fetchone()
        (repeated,) = db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM attempts WHERE outcome = 'done'"
            " GROUP BY output HAVING count(*) > 1)"
        ).fetchone()
        (done,) = db.execute("SELECT count(*) FROM jobs WHERE state = 'done'").fetchone()
    return (
        f"{files} files, killed {times} times: {done} done, {files - done} lost, "
        f"{damaged} damaged, {repeated} finished twice, {len(spared - made)} outputs written "
        f"again, {begun - files} begun in vain"
    )


def _wait_for_more(folder: Path, jobs: int) -> None:
    """Wait until so many more outputs are there, or a while."""
    before = len(list(folder.glob("out/*.wav")))
    for _ in range(600):
        if len(list(folder.glob("out/*.wav"))) >= before + jobs:
            return
        time.sleep(0.05)


class _Instant:
    """A worker that is done at once."""

    def __init__(self, events: "queue.Queue[Event]") -> None:
        self._events = events

    def give(self, task: Task) -> None:
        made = MadeFile(task.output, '{"size_bytes": 0}')
        self._events.put(Event(self, "done", Made(Stamp(0, 0), "0", (made,))))

    def hold(self, paused: bool) -> None:
        pass

    def silent_seconds(self) -> float:
        return 0.0

    def end(self) -> None:
        pass


class _InstantCrew:
    def size(self) -> int:
        return 4

    def hire(self, events: "queue.Queue[Event]", *, alone: bool) -> _Instant:
        return _Instant(events)

    def grows(self) -> bool:
        return False


def growth(folder: Path, jobs: int) -> str:
    """Return what the parent spends on each of some jobs that cost nothing."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(jobs):
        (folder / f"{number}.wav").touch()
    (folder / "batch.toml").write_text('inputs = ["*.wav"]\neffects = [{ type = "gain" }]\n')
    registry = default_registry()
    start, start_cpu = time.perf_counter(), time.process_time()
    manifest = read_manifest(folder / "batch.toml", registry)
    with State(manifest.out, writes=True) as state:
        recipes = state.plan(jobs_of(manifest, registry))
        planned = time.perf_counter()
        Run(state, recipes, crew=_InstantCrew()).carry_out(CancelToken())
    ended = time.perf_counter()
    cpu = time.process_time() - start_cpu
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return (
        f"{jobs} jobs: planning {1e3 * (planned - start) / jobs:.2f} ms a job, "
        f"scheduling and recording {1e3 * (ended - planned) / jobs:.2f} ms a job "
        f"({1e3 * cpu / jobs:.2f} ms of CPU in all), {grown / 1e3:.0f} MB more"
    )


def time_left(folder: Path, files: int) -> str:
    """Return how wrong the time left was that a batch of short and long files told."""
    chance = np.random.default_rng(4)
    for number in range(files):
        length = int(44_100 * np.clip(chance.lognormal(2.5, 0.7), 3, 60))
        noise = 0.1 * chance.standard_normal((length, 2))
        suffix, subtype = (("flac", "PCM_16"), ("wav", "PCM_24"))[number % 2]
        soundfile.write(folder / f"{number:03}.{suffix}", noise, 44_100, subtype=subtype)
    (folder / "batch.toml").write_text(
        'inputs = ["*.wav", "*.flac"]\nname = "{number}"\n'
        'effects = [{ type = "reverb" }, { type = "pitch_shift", params = { semitones = 2 } }]\n'
    )
    command = [*_BATCH, str(folder / "batch.toml"), "--json", "--workers", "2"]
    said, done = [], 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            done += event["event"] == "done"
            if event["event"] == "progress" and done >= 8:
                said.append((time.monotonic(), event["eta_seconds"]))
    end = said[-1][0]
    total = end - said[0][0]
    wrong = sorted(abs(left / (end - now) - 1.0) for now, left in said if end - now > 0.1 * total)
    return (
        f"{files} files of 3 to 60 s: after the first 8 and before the last tenth, the time left "
        f"was wrong by {100 * wrong[len(wrong) // 2]:.0f} % (median), "
        f"{100 * wrong[int(0.95 * len(wrong))]:.0f} % (95 of 100), {100 * wrong[-1]:.0f} % at worst"
    )


def long_file(folder: Path, effect: str, hours: float) -> str:
    """Return the memory that a worker takes for a long file through an effect, and how long."""
    rate, minute = 16_000, 16_000 * 60
    chance = np.random.default_rng(2)
    with soundfile.SoundFile(folder / "long.wav", "w", rate, 1, "PCM_16") as file:
        for _ in range(round(60 * hours)):
            file.write(0.1 * chance.standard_normal(minute))
    (folder / "batch.toml").write_text(f'inputs = ["*.wav"]\neffects = [{{type = "{effect}"}}]\n')
    start = time.monotonic()
    command = [*_BATCH, str(folder / "batch.toml"), "--quiet", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        peaks = _Peaks(process.pid)
        code = process.wait()
    assert code == 0
    return (
        f"{hours:g} h of mono at {rate} Hz through {effect}: worker {peaks.worker / 1e3:.0f} MB "
        f"at most, parent {peaks.parent / 1e3:.0f} MB, "
        f"{3600 * hours / (time.monotonic() - start):.0f} times real time"
    )


class _Peaks:
    """Follows the largest resident memory, in kB, of a batch and of its worker."""

    def __init__(self, pid: int) -> None:
        self.parent = self.worker = 0
        threading.Thread(target=self._follow, args=(pid,), daemon=True).start()

    def _follow(self, pid: int) -> None:
        while parent := _peak(pid):
            self.parent = max(self.parent, parent)
            with suppress(OSError):
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
                self.worker = max([self.worker, *map(_peak, map(int, children.split()))])
            time.sleep(0.5)


def _peak(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1])
    return 0


def main() -> None:
    """Print a line for each measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=("growth", "kills", "left", "long"))
    parser.add_argument("--effect", default="wpe_dereverb", help="for the long file")
    args = parser.parse_args()
    quick = args.quick
    parts: dict[str, list[tuple[Callable[..., str], tuple[object, ...]]]] = {
        "growth": [
            (growth, (jobs,)) for jobs in ((100, 1_000) if quick else (100, 1_000, 100_000))
        ],
        "left": [(time_left, (24 if quick else 60,))],
        "long": [(long_file, (args.effect, 0.1 if quick else 3.0))],
        "kills": [(kills, (60, 5) if quick else (1_000, 20))],
    }
    for name, measurements in parts.items():
        for measure, arguments in measurements if args.only in (None, name) else ():
            with tempfile.TemporaryDirectory() as folder:
                os.environ["TONEWRIGHT_CACHE"] = f"{folder}/store"
                place = Path(folder) / "batch"
                place.mkdir()
                sys.stdout.write(measure(place, *arguments) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
