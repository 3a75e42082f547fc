"""Numbers of batches: kills survived, and what a job costs beside its rendering.

Files are short, so that the batch is what is measured. ``--quick`` shortens everything to see
that it runs. Kills come at random times (a fixed seed), at the parent, a worker or both.
"""

import argparse
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import soundfile

from tonewright.dsp.batch.jobs import jobs_of
from tonewright.dsp.batch.made import Made, MadeFile, Stamp
from tonewright.dsp.batch.manifest import read_manifest
from tonewright.dsp.batch.rows import JobState
from tonewright.dsp.batch.state import State
from tonewright.dsp.effects.registry import default_registry

RATE = 8_000


def kills(folder: Path, files: int, times: int) -> str:
    """Kill a batch again and again, finish it, and return what was lost or done twice."""
    random_ = random.Random(1)
    for number in range(files):
        signal_ = 0.2 * np.sin(np.arange(RATE) / (5 + number % 40))
        soundfile.write(folder / f"{number:04}.wav", signal_, RATE, subtype="PCM_16")
    manifest = folder / "batch.toml"
    manifest.write_text('inputs = ["*.wav"]\neffects = [{ type = "reverb" }]\n')
    command = [sys.executable, "-m", "tonewright.dsp", "batch", "run", str(manifest), "--quiet"]
    for turn in range(times):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            time.sleep(random_.uniform(0.5, 6.0))
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
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
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
        f"{damaged} damaged, {repeated} finished twice, {begun - files} begun in vain"
    )


def growth(folder: Path, jobs: int) -> str:
    """Return what the parent spends on each of some jobs that cost nothing."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(jobs):
        (folder / f"{number}.wav").touch()
    (folder / "batch.toml").write_text('inputs = ["*.wav"]\neffects = [{ type = "gain" }]\n')
    registry = default_registry()
    start = time.perf_counter()
    manifest = read_manifest(folder / "batch.toml", registry)
    with State(manifest.out, writes=True) as state:
        state.plan(jobs_of(manifest, registry))
        planned = time.perf_counter()
        while (job := state.take(JobState.WAITING)) is not None:
            made = MadeFile(job.output, '{"size_bytes": 0}')
            state.done(job.output, job.recipe, Made(Stamp(0, 0), "0", (made,)), 0.0)
    ended = time.perf_counter()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return (
        f"{jobs} jobs: planning {1e3 * (planned - start) / jobs:.2f} ms a job, "
        f"recording {1e3 * (ended - planned) / jobs:.2f} ms a job, {grown / 1e3:.0f} MB more"
    )


def main() -> None:
    """Print a line for each measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    for jobs in (100, 1_000) if quick else (100, 1_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            sys.stdout.write(growth(Path(folder), jobs) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TONEWRIGHT_CACHE"] = f"{folder}/store"
        place = Path(folder) / "batch"
        place.mkdir()
        sys.stdout.write(kills(place, 60 if quick else 1_000, 5 if quick else 20) + "\n")


if __name__ == "__main__":
    main()
