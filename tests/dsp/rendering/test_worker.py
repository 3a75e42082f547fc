"""The worker process: results, failures, cancellation, and death."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tonewright.dsp.effects.registry import load_registry
from tonewright.dsp.errors import CancelledError, EffectError, RenderError
from tonewright.dsp.rendering.bound import BoundEffect
from tonewright.dsp.rendering.job import CancelToken, Progress, ignore
from tonewright.dsp.rendering.nodes import Effects, Stored
from tonewright.dsp.rendering.sources import Silence
from tonewright.dsp.rendering.store import Store
from tonewright.dsp.rendering.worker import Worker

RATE = 48_000

EFFECTS = """
import os
from tonewright.dsp.effects import Parameter, RunsIn, effect

@effect("act", Parameter("deed", "pass", kind="text"), runs_in=RunsIn.RENDERED)
class Act:
    def __init__(self, deed="pass"):
        self.deed = deed
        self.blocks = 0

    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        self.blocks += 1
        if self.deed == "print":
            print("this must not get between the messages")
        if self.deed == "raise":
            raise ZeroDivisionError("oh")
        if self.deed == "die" and self.blocks == 3:
            os.kill(os.getpid(), 9)
        while self.deed.startswith("/") and self.blocks == 3:
            open(self.deed, "w").close()  # hang, and say so
        return audio

    def reset(self):
        pass
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def worker(tmp_path: Path, store: Store) -> Iterator[Worker]:
    path = tmp_path / "act.py"
    path.write_text(EFFECTS, "utf-8")
    worker = Worker(store, load_registry([path]))
    yield worker
    pid = worker.pid
    worker.close()
    if pid is not None:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def job(deed: str, seconds: int = 5) -> Stored:
    source = Silence(2, seconds * RATE)
    effect = BoundEffect("act", 1, (("deed", deed),))
    return Stored(Effects(source, (effect,), RATE), RATE, deed, rendered=True)


def run(worker: Worker, node: Stored, cancel: CancelToken | None = None) -> None:
    worker.run(node, report=ignore, cancel=cancel or CancelToken())


def test_a_job_is_rendered_in_another_process(worker: Worker, store: Store) -> None:
    reports: list[Progress] = []
    worker.run(job("print"), report=reports.append, cancel=CancelToken())
    found = store.get(job("print").key)
    assert found is not None
    assert found.length_samples == 5 * RATE
    assert found.recipe["effects"][0]["type"] == "act"
    assert reports[-1].fraction == 1.0
    assert worker.pid not in (None, os.getpid())


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="Linux tells it there")
def test_it_gives_memory_back_as_all_workers_do(worker: Worker) -> None:
    run(worker, job("pass"))
    assert b"GLIBC_TUNABLES=glibc.malloc" in Path(f"/proc/{worker.pid}/environ").read_bytes()


def test_one_process_serves_many_jobs_and_survives_failures(worker: Worker, store: Store) -> None:
    run(worker, job("pass"))
    pid = worker.pid
    with pytest.raises(EffectError, match="oh"):
        run(worker, job("raise"))
    run(worker, job("pass", seconds=6))
    assert worker.pid == pid
    assert store.get(job("raise").key) is None


def test_a_process_that_dies_fails_its_job_only(worker: Worker, store: Store) -> None:
    with pytest.raises(RenderError, match="SIGKILL"):
        run(worker, job("die"))
    assert store.get(job("die").key) is None
    run(worker, job("pass"))
    assert store.get(job("pass").key) is not None


def test_cancel_stops_a_job_that_listens(worker: Worker, store: Store) -> None:
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        worker.run(job("pass", seconds=3600), report=lambda _: cancel.cancel(), cancel=cancel)
    pid = worker.pid
    run(worker, job("pass"))
    assert worker.pid == pid
    assert store.get(job("pass", seconds=3600).key) is None


def test_cancel_ends_the_process_of_a_job_that_does_not_listen(
    worker: Worker, store: Store, tmp_path: Path
) -> None:
    class WhenItHangs(CancelToken):
        @property
        def cancelled(self) -> bool:
            return (tmp_path / "hangs").exists()

    with pytest.raises(CancelledError, match="did not stop"):
        run(worker, job(str(tmp_path / "hangs")), WhenItHangs())
    assert worker.pid is None
    assert list(store.folder.rglob("*part")) == []
    run(worker, job("pass"))
    assert store.get(job("pass").key) is not None


def test_a_process_killed_from_outside_is_started_again(worker: Worker) -> None:
    run(worker, job("pass"))
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(RenderError, match="SIGKILL"):
        run(worker, job("pass", seconds=6))
    run(worker, job("pass", seconds=6))


def test_a_program_that_forgets_to_close_comes_to_its_end(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from tonewright.dsp.rendering.bound import BoundEffect
from tonewright.dsp.rendering.nodes import Effects, Stored
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.sources import Silence
from tonewright.dsp.rendering.store import Store
params = (("delay", 3), ("iterations", 1), ("taps", 1))
node = Effects(Silence(1, 48000), (BoundEffect("wpe_dereverb", 1, params),), 48000)
renderer = Renderer(Store(Path({str(tmp_path)!r})))
renderer.executor.render([Stored(node, 48000, "wpe", rendered=True)])
print(renderer.executor._worker.pid)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip().isdigit()
