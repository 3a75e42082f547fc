"""A run in this process, with a real worker."""

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tonewright.dsp.batch.crew import LocalCrew
from tonewright.dsp.batch.jobs import Job, jobs_of
from tonewright.dsp.batch.manifest import read_manifest
from tonewright.dsp.batch.runner import Run, Told
from tonewright.dsp.batch.whole import run_batch
from tonewright.dsp.effects.registry import load_registry
from tonewright.dsp.rendering.store import Store


def test_a_worker_rests_in_the_middle_of_a_job_and_goes_on(
    tmp_path: Path, tones: Callable[[int], list[Path]], effects: Path, gate: Any
) -> None:
    tones(2)
    path = tmp_path / "batch.toml"
    path.write_text(f'inputs = ["takes/*.wav"]\neffects = [{gate.effect}]\n')
    registry = load_registry([effects])
    manifest = read_manifest(path, registry)
    crew = LocalCrew(Store(tmp_path / "store"), registry, workers=1, memory_bytes=2 * 10**9)
    told: queue.Queue[Told] = queue.Queue()
    runs: queue.Queue[Run] = queue.Queue()
    ended = []

    def work() -> None:
        jobs = jobs_of(manifest, registry)
        ended.append(run_batch(manifest, jobs, crew, told=told.put, begun=runs.put)[0])

    thread = threading.Thread(target=work)
    thread.start()
    run = runs.get(timeout=60)
    gate.began()
    run.pause(True)
    # The run looks at the pause every 100 ms, and a short job may be over by then.
    with pytest.raises(queue.Empty):
        told.get(timeout=1.0)
    gate.go()
    with pytest.raises(queue.Empty):
        told.get(timeout=1.0)
    run.pause(False)
    assert [told.get(timeout=60).event for _ in range(2)] == ["done", "done"]
    thread.join()
    assert ended[0].done == 2


def test_jobs_that_come_meanwhile_do_not_wait_for_those_under_way(
    tmp_path: Path, tones: Callable[[int], list[Path]], effects: Path, gate: Any
) -> None:
    first, second = tones(2)
    second = second.rename(tmp_path / second.name)
    path = tmp_path / "batch.toml"
    path.write_text(f'inputs = ["takes/*.wav"]\neffects = [{gate.effect}]\n')
    registry = load_registry([effects])
    manifest = read_manifest(path, registry)
    crew = LocalCrew(Store(tmp_path / "store"), registry, workers=2, memory_bytes=10**9)
    ended = []

    def work() -> None:
        def jobs() -> Iterator[Job]:
            return jobs_of(manifest, registry)

        ended.append(run_batch(manifest, jobs(), crew, more=jobs, more_seconds=0.1)[0])

    thread = threading.Thread(target=work)
    thread.start()
    gate.began()
    second.rename(first.with_name(second.name))
    gate.began()  # while the first is still held
    gate.go(2)
    thread.join()
    assert (ended[0].done, ended[0].skipped, ended[0].failed) == (2, 0, 0)
