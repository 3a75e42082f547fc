"""What a second run does, told from the state alone: no worker is started."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tonewright.dsp.batch.jobs import Job, jobs_of
from tonewright.dsp.batch.made import Made, MadeFile, Stamp, write_receipt
from tonewright.dsp.batch.manifest import read_manifest
from tonewright.dsp.batch.report import write_report
from tonewright.dsp.batch.rows import JobState
from tonewright.dsp.batch.runner import recover
from tonewright.dsp.batch.state import State
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import BatchError


@pytest.fixture
def takes(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{name}.wav" for name in "abc"]
    for path in paths:
        path.write_bytes(b"x")
    return paths


def planned(folder: Path, more: str = "", inputs: str = '"*.wav"') -> list[Job]:
    path = folder / "batch.toml"
    path.write_text(f"inputs = [{inputs}]\n{more}", "utf-8")
    return list(jobs_of(read_manifest(path, default_registry()), default_registry()))


@contextmanager
def state_of(folder: Path, jobs: list[Job], **options: Any) -> Iterator[State]:
    with State(folder / "out", writes=True) as state:
        state.plan(jobs, **options)
        yield state


def taken(state: State) -> list[str]:
    found = []
    while (job := state.take(JobState.WAITING)) is not None:
        found.append(job.output)
    return found


def made_of(job: Job, out: Path) -> Made:
    (out / job.output).write_text("made")
    document = json.dumps({"path": job.output, "size_bytes": 4})
    return Made(Stamp.of(job.source), "sha", (MadeFile(job.output, document, b"\x89PNG"),))


def finish(folder: Path, jobs: list[Job]) -> None:
    with state_of(folder, jobs) as state:
        taken(state)
        for job in jobs:
            state.done(job.output, job.recipe.key, made_of(job, state.out), 1.0)


def test_the_higher_priority_comes_first_then_the_order_of_the_manifest(
    tmp_path: Path, takes: list[Path]
) -> None:
    jobs = planned(tmp_path, '[[render]]\n[[render]]\npriority = 1\nname = "first {stem}"')
    with state_of(tmp_path, jobs) as state:
        assert taken(state) == [
            *(f"first {each.name}" for each in takes),
            *(each.name for each in takes),
        ]


def test_a_few_jobs_of_each_kind_tell_what_the_others_cost(tmp_path: Path) -> None:
    for number in range(40):
        for suffix in ("wav", "flac"):
            (tmp_path / f"{number:02}.{suffix}").write_bytes(b"x" * number)
    (tmp_path / "low.wav").write_bytes(b"x")
    text = (
        '[[render]]\ninputs = ["??.*"]\nname = "{number}"\neffects = [{type = "gain"}]\n'
        '[[render]]\ninputs = ["low.wav"]\npriority = -1\n'
    )
    (tmp_path / "batch.toml").write_text(text)
    jobs = list(
        jobs_of(read_manifest(tmp_path / "batch.toml", default_registry()), default_registry())
    )
    with state_of(tmp_path, jobs) as state:
        chosen = state.samples()
        sources = {Path(each.source).name for each in state.rows() if each.output in chosen}
        assert sources == {"10.wav", "30.wav", "10.flac", "30.flac"}
        job = state.take(JobState.WAITING, chosen[0])
        assert job is not None
        assert job.output == chosen[0]
        assert chosen[0] not in taken(state)
    with state_of(tmp_path / "few", jobs[:9]) as state:
        assert state.samples() == []


def test_a_second_run_does_only_what_is_missing_or_changed(
    tmp_path: Path, takes: list[Path]
) -> None:
    jobs = planned(tmp_path)
    finish(tmp_path, jobs)
    with state_of(tmp_path, jobs) as state:
        assert taken(state) == []
        assert state.counts().skipped == 3
    takes[0].write_bytes(b"another")  # an input
    (tmp_path / "out/b.wav").unlink()  # an output
    (tmp_path / "d.wav").touch()  # a new one
    with state_of(tmp_path, planned(tmp_path)) as state:
        assert taken(state) == ["a.wav", "b.wav", "d.wav"]


def test_another_recipe_is_another_output(tmp_path: Path, takes: list[Path]) -> None:
    finish(tmp_path, planned(tmp_path))
    with state_of(tmp_path, planned(tmp_path, 'effects = [{type = "gain"}]')) as state:
        assert taken(state) == ["a.wav", "b.wav", "c.wav"]


def test_an_input_that_was_only_touched_is_for_the_worker_to_compare(
    tmp_path: Path, takes: list[Path]
) -> None:
    jobs = planned(tmp_path)
    finish(tmp_path, jobs)
    os.utime(takes[1], ns=(1, 1))
    with state_of(tmp_path, jobs) as state:
        job = state.take(JobState.WAITING)
        assert job is not None
        assert (job.output, job.made_sha256) == ("b.wav", "sha")
        state.unchanged(job.output, Stamp.of(takes[1]))
    with state_of(tmp_path, jobs) as state:
        assert taken(state) == []
    with state_of(tmp_path, jobs, force=True) as state:
        job = state.take(JobState.WAITING)
        assert job is not None
        assert job.made_sha256 is None


def test_only_leaves_the_rest_for_another_run(tmp_path: Path, takes: list[Path]) -> None:
    jobs = planned(tmp_path)
    with state_of(tmp_path, jobs, only="b*") as state:
        assert taken(state) == ["b.wav"]
        assert state.counts().left == 3
    with state_of(tmp_path, jobs) as state:
        assert taken(state) == ["a.wav", "b.wav", "c.wav"]


def test_what_fails_lastingly_is_not_tried_again_unasked(tmp_path: Path, takes: list[Path]) -> None:
    jobs = planned(tmp_path)
    with state_of(tmp_path, jobs) as state:
        taken(state)
        for output, lasting in (("a.wav", True), ("b.wav", False)):
            state.failed(output, "why", state=JobState.FAILED, lasting=lasting, seconds=1.0)
    with state_of(tmp_path, jobs) as state:
        assert taken(state) == ["b.wav", "c.wav"]
    with state_of(tmp_path, jobs, retry_failed=True) as state:
        assert taken(state) == ["a.wav", "b.wav", "c.wav"]


def test_a_file_that_no_batch_made_is_not_replaced_unasked(
    tmp_path: Path, takes: list[Path]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.wav").write_text("precious")
    jobs = planned(tmp_path)
    with state_of(tmp_path, jobs) as state:
        assert taken(state) == ["b.wav", "c.wav"]
        assert "--overwrite" in next(iter(state.rows())).reason
    with state_of(tmp_path, jobs, overwrite=True) as state:
        assert taken(state) == ["a.wav", "b.wav", "c.wav"]


def test_what_had_a_receipt_is_finished_by_the_next_run(tmp_path: Path, takes: list[Path]) -> None:
    jobs = planned(tmp_path)
    with state_of(tmp_path, jobs) as state:
        taken(state)
        folder = state.out / ".tonewright-batch/worker"
        for name, complete in (("one", True), ("two", False)):
            (folder.with_name(name)).mkdir()
            made = made_of(jobs[0], folder.with_name(name))
            if complete:
                write_receipt(folder.with_name(name), "a.wav", jobs[0].recipe.key, made)
    with State(tmp_path / "out", writes=True) as state:
        assert recover(state) == 1
        state.plan(jobs)
        assert taken(state) == ["b.wav", "c.wav"]
    assert (tmp_path / "out/a.wav").read_text() == "made"
    assert {each.name for each in (tmp_path / "out/.tonewright-batch").iterdir()} == {"lock.sqlite"}


def test_jobs_that_are_no_longer_asked_for_are_forgotten_and_their_outputs_stay(
    tmp_path: Path, takes: list[Path]
) -> None:
    finish(tmp_path, planned(tmp_path))
    with state_of(tmp_path, planned(tmp_path, "", '"a.wav"')) as state:
        assert [each.output for each in state.rows()] == ["a.wav"]
    assert (tmp_path / "out/c.wav").is_file()


def test_there_is_one_run_at_a_time_and_readers_do_not_wait(
    tmp_path: Path, takes: list[Path]
) -> None:
    with pytest.raises(BatchError, match="no batch has run here"):
        State(tmp_path / "out")
    with state_of(tmp_path, planned(tmp_path)):
        with pytest.raises(BatchError, match="a batch is running here"):
            State(tmp_path / "out", writes=True)
        with State(tmp_path / "out") as reader:
            assert reader.counts().left == 3


def test_the_report_has_every_job_failures_first(tmp_path: Path, takes: list[Path]) -> None:
    jobs = planned(tmp_path)
    with state_of(tmp_path, jobs) as state:
        taken(state)
        state.done("a.wav", jobs[0].recipe.key, made_of(jobs[0], state.out), 1.5)
        state.failed("b.wav", "<no> sound", state=JobState.FAILED, lasting=True, seconds=0.1)
        as_json, as_csv, as_html = (path.read_text("utf-8") for path in write_report(state))
    document = json.loads(as_json)
    assert [(each["output"], each["status"]) for each in document["jobs"]] == [
        ("b.wav", "failed"),
        ("a.wav", "done"),
        ("c.wav", "unfinished"),
    ]
    assert document["counts"] == {"done": 1, "failed": 1, "skipped": 0, "left": 1}
    assert [line.split(",")[0] for line in as_csv.splitlines()] == [
        *("output", "b.wav", "a.wav", "c.wav")
    ]
    assert as_html.index("b.wav") < as_html.index("a.wav")
    assert "&lt;no&gt; sound" in as_html
    assert "http" not in as_html.replace("http-equiv", "")
    assert as_html.count("<audio") == as_html.count("data:image/png") == 1
