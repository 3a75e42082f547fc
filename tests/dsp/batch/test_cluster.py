"""Batches on a Dask cluster: a real scheduler, several workers on this machine, one killed."""

import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tonewright import resources
from tonewright.dsp.batch.cluster import unlike, versions_of
from tonewright.dsp.effects.registry import default_registry

Tones = Callable[[int], list[Path]]


class Cluster:
    """Starts a scheduler and workers as the commands of Dask do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[str]] = []
        scheduler = self._start("scheduler", "--port", "0", "--host", "127.0.0.1")
        assert scheduler.stderr is not None
        found = (re.search(r"Scheduler at: +(tcp://\S+)", line) for line in scheduler.stderr)
        self.address = next(each[1] for each in found if each)

    def worker(self) -> "subprocess.Popen[str]":
        """Start a worker with one thread."""
        return self._start(
            *("worker", self.address, "--nthreads", "1", "--no-nanny", "--memory-limit", "2GB")
        )

    def _start(self, what: str, *options: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", *options]
        log = subprocess.PIPE if what == "scheduler" else subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=self._folder, stderr=log, text=True)
        self._started.append(process)
        return process

    def close(self) -> None:
        for process in reversed(self._started):
            process.kill()  # a worker that is asked to end first looks for its scheduler
        for process in self._started:
            process.communicate(timeout=30)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    started = Cluster(folder)
    yield started
    started.close()


@pytest.mark.usefixtures("effects")
def test_a_worker_that_is_killed_costs_nothing_but_time(
    batch: Any, tmp_path: Path, tones: Tones, gate: Any, cluster: Cluster
) -> None:
    tones(6)
    path = tmp_path / "batch.toml"
    path.write_text(f'out = "out"\ninputs = ["takes/*.wav"]\neffects = [{gate.effect}]\n')
    workers = [cluster.worker(), cluster.worker()]
    run = batch.start("run", path, "--scheduler", cluster.address, "--effects-from", "effects.py")
    gate.began(jobs=2)  # both are in the middle of a job
    workers[0].send_signal(signal.SIGKILL)
    gate.go(jobs=2)  # the one that is lost may still take its share
    out, err = run.communicate(timeout=120)
    assert run.returncode == 0, err
    assert batch.outputs(tmp_path / "out").keys() == {f"{number:02}.wav" for number in range(6)}
    assert out.count('"done"') == 6 + 1
    with closing(sqlite3.connect(tmp_path / "out/batch.sqlite")) as db:
        finished = db.execute("SELECT count(*) FROM attempts WHERE outcome = 'done'").fetchone()
    assert finished == (6,)
    assert [each.name for each in (tmp_path / "out/.tonewright-batch").iterdir()] == ["lock.sqlite"]


def test_machines_with_other_weights_or_effects_take_no_part() -> None:
    wanted = {"tonewright": "1", "gain": "gain:1::", "dereverb": "dereverb:1:abc:"}
    assert unlike(wanted, wanted | {"more": "more:1::"}) == ""
    assert unlike(wanted, wanted | {"dereverb": "dereverb:1:abd:"}) == (
        "has other versions or weights of dereverb"
    )
    assert unlike(wanted, {"tonewright": "1", "gain": "gain:1::"}) == "lacks dereverb"


def test_weights_are_told_apart_by_what_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "path", lambda *_: tmp_path)
    (tmp_path / "net.safetensors").write_bytes(b"numbers")
    wanted = versions_of(default_registry())
    assert "gain" in wanted
    assert unlike(wanted, versions_of(default_registry())) == ""
    (tmp_path / "net.safetensors").write_bytes(b"numb3rs")
    told = unlike(wanted, versions_of(default_registry()))
    assert told == "has other versions or weights of net.safetensors"


def test_without_a_scheduler_the_address_is_told(
    batch: Any, tmp_path: Path, tones: Tones, monkeypatch: pytest.MonkeyPatch
) -> None:
    tones(1)
    (tmp_path / "batch.toml").write_text('inputs = ["takes/*.wav"]\n')
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    process = batch.start("run", "batch.toml", "--scheduler", "tcp://127.0.0.1:9")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "tcp://127.0.0.1:9: no Dask scheduler answers" in err.splitlines()[-1]
