"""Batches that are killed, starved and unplugged, for real; and run again."""

import json
import os
import random
import resource
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import soundfile

Tones = Callable[[int], list[Path]]


def manifest(place: Path, effects: str, inputs: str = '"takes/*.wav"') -> Path:
    path = place / "batch.toml"
    path.write_text(f'out = "out"\ninputs = [{inputs}]\neffects = [{effects}]\n')
    return path


def attempts(out: Path) -> Iterator[tuple[str, str, str]]:
    """Yield output, outcome and reason of every attempt."""
    with closing(sqlite3.connect(out / "batch.sqlite")) as db:
        yield from db.execute("SELECT output, outcome, reason FROM attempts").fetchall()


def test_killed_at_any_moment_every_output_is_made_exactly_once(
    batch: Any, tmp_path: Path, tones: Tones
) -> None:
    """Six runs, in each the parent, a worker or both are killed behind a random event."""
    tones(30)
    path = manifest(tmp_path, '{ type = "reverb" }')
    whole = tmp_path / "whole.toml"
    whole.write_text(path.read_text().replace('"out"', '"whole"'))
    batch.run("run", whole)
    chance = random.Random(6)
    for turn in range(6):
        process = batch.start("run", path, "--workers", 1 + turn % 2)
        assert process.stdout is not None
        for _ in range(chance.randint(1, 3)):
            process.stdout.readline()
        victims = batch.workers_of(process)
        chance.shuffle(victims)
        victims = (victims[:1], [process.pid], [*victims, process.pid])[turn % 3]
        for victim in victims:
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        if process.pid not in victims:
            process.stdout.readline()
            process.kill()
        process.communicate()
    batch.run("run", path)
    assert batch.outputs(tmp_path / "out") == batch.outputs(tmp_path / "whole")
    finished = Counter(
        output for output, outcome, _ in attempts(tmp_path / "out") if outcome == "done"
    )
    assert finished == dict.fromkeys((f"{number:02}.wav" for number in range(30)), 1)
    assert sorted(each.name for each in (tmp_path / "out/.tonewright-batch").iterdir()) == [
        "lock.sqlite"
    ]


def test_a_job_that_kills_its_worker_is_tried_again_alone(
    batch: Any, tmp_path: Path, tones: Tones, effects: Path
) -> None:
    tones(3)
    letter = tmp_path / "letter"
    letter.write_text("x")
    path = manifest(tmp_path, f'{{ type = "deadly", params = {{ letter = "{letter}" }} }}')
    events = batch.run("run", path, "--workers", "1", "--effects-from", effects)
    assert [each["event"] for each in events] == ["again", "done", "done", "done", "finished"]
    assert "SIGKILL" in events[0]["reason"]
    assert len(batch.outputs(tmp_path / "out")) == 3


def test_a_job_that_always_kills_its_worker_fails_and_the_others_go_on(
    batch: Any, tmp_path: Path, tones: Tones, effects: Path
) -> None:
    first, *_ = tones(3)
    letter = tmp_path / "letter"
    letter.write_text("x" * 9)
    path = manifest(tmp_path, "", '"takes/01.wav", "takes/02.wav"')
    path.write_text(
        'out = "out"\n[[render]]\npriority = 1\ninputs = ["takes/00.wav"]\n'
        f'effects = [{{ type = "deadly", params = {{ letter = "{letter}" }} }}]\n'
        '[[render]]\ninputs = ["takes/01.wav", "takes/02.wav"]\n'
    )
    events = batch.run("run", path, "--workers", "1", "--effects-from", effects, code=1)
    assert (events[-1]["done"], events[-1]["failed"]) == (2, 1)
    failed = [each for each in events if each["event"] == "failed"]
    assert [each["source"] for each in failed] == [str(first)]
    assert len(letter.read_text()) == 9 - 3


def test_a_job_without_enough_memory_gets_that_of_all_workers(
    batch: Any, tmp_path: Path, tones: Tones, effects: Path
) -> None:
    tones(2)
    path = manifest(tmp_path, "")
    path.write_text(
        'out = "out"\n[[render]]\ninputs = ["takes/*.wav"]\nname = "{stem} {megabytes}"\n'
        'effects = [{ type = "hungry", params = { megabytes = [1, 900, 9000] } }]\n'
    )
    events = batch.run(
        *("run", path, "--workers", "2", "--memory", "800M", "--effects-from", effects), code=1
    )
    told = {each["output"]: each for each in events[:-1]}  # what was told of each last
    assert {name: each["event"] for name, each in told.items()} == {
        f"{stem} {size}.wav": "failed" if size == "9000.0" else "done"
        for stem in ("00", "01")
        for size in ("1.0", "900.0", "9000.0")
    }
    assert "--memory" in told["00 9000.0.wav"]["reason"]
    assert [each for each in events if each["event"] == "again" and " 1.0" in each["output"]] == []


@pytest.mark.parametrize("workers", [1, 2])
def test_where_no_memory_is_enough_chunks_become_shorter_and_the_report_says_so(
    batch: Any, tmp_path: Path, tones: Tones, effects: Path, workers: int
) -> None:
    path = tmp_path / "takes/long.wav"
    tones(1)
    soundfile.write(path, [0.1] * 160_000, 8_000, subtype="PCM_16")  # 20 s
    need = 250 * workers  # MB a second, of chunks of 10 s; all workers have 1 GB each
    effect = f'{{ type = "grasping", params = {{ megabytes_per_second = {need} }} }}'
    events = batch.run(
        *("run", manifest(tmp_path, effect), "--only", "long.wav", "--effects-from", effects),
        *("--workers", workers, "--memory", "1G"),
    )
    assert [each["event"] for each in events] == ["again"] * workers + ["done", "finished"]
    (job,) = [
        each
        for each in json.loads((tmp_path / "out/report.json").read_text())["jobs"]
        if each["status"] == "done"
    ]
    assert "chunks of 1/4" in job["notes"][0]
    made = soundfile.read(tmp_path / "out/long.wav")[0]
    assert abs(made - soundfile.read(path)[0]).max() < 2**-14
    # What short chunks gave is not kept as what the effect gives.
    assert list((tmp_path / "store").glob("??/*")) == []


def test_a_job_that_hangs_is_ended_and_the_others_go_on(
    batch: Any, tmp_path: Path, tones: Tones, effects: Path, gate: Any
) -> None:
    tones(2)
    path = tmp_path / "batch.toml"
    path.write_text(
        'out = "out"\n[[render]]\ninputs = ["takes/00.wav"]\npriority = 1\n'
        f'effects = [{gate.effect}]\n[[render]]\ninputs = ["takes/01.wav"]\n'
    )
    events = batch.run(
        *("run", path, "--workers", "1", "--timeout", "3s", "--effects-from", effects), code=1
    )
    assert [each["event"] for each in events] == ["again", "done", "failed", "finished"]
    assert "00.wav: showed no progress for 3 s (reading 00.wav)" in events[2]["reason"]
    assert batch.outputs(tmp_path / "out").keys() == {"01.wav"}


def test_bad_inputs_are_told_and_the_good_ones_done(
    batch: Any, tmp_path: Path, tones: Tones
) -> None:
    good = tones(4)
    (tmp_path / "takes/cut.wav").write_bytes(good[0].read_bytes()[:1000])
    (tmp_path / "takes/text.wav").write_text("no sound")
    (tmp_path / "takes/empty.wav").touch()
    path = manifest(tmp_path, '{ type = "gain" }', '"takes/*.wav", "takes/gone.wav"')
    events = batch.run("run", path, code=1)
    assert (events[-1]["done"], events[-1]["failed"]) == (4, 4)
    reasons = {Path(e["source"]).stem: e["reason"] for e in events if e["event"] == "failed"}
    assert reasons.keys() == {"cut", "text", "empty", "gone"}
    assert "was cut off" in reasons["cut"]
    # What failed of itself is not tried again until it changes or one asks for it.
    assert [each["event"] for each in batch.run("run", path, code=1)] == ["finished"]
    again = batch.run("run", path, "--retry-failed", code=1)
    assert [each["event"] for each in again] == ["failed"] * 4 + ["finished"]
    (tmp_path / "takes/text.wav").write_bytes(good[1].read_bytes())
    assert [each["event"] for each in batch.run("run", path, code=1)] == ["done", "finished"]


def test_a_full_disk_fails_what_does_not_fit_and_leaves_no_piece_of_it(
    batch: Any, tmp_path: Path, tones: Tones
) -> None:
    tones(2)
    long = tmp_path / "takes/long.wav"
    soundfile.write(long, [0.1] * 900_000, 8_000, subtype="PCM_16")
    path = manifest(tmp_path, '{ type = "gain" }')

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    events = batch.run("run", path, code=1, preexec_fn=full)
    (failed,) = [each for each in events if each["event"] == "failed"]
    assert failed["output"] == "long.wav"
    assert "File too large" in failed["reason"] or "too large" in failed["reason"]
    assert batch.outputs(tmp_path / "out").keys() == {"00.wav", "01.wav"}
    # There is room again: a rerun does what is missing without being asked for it.
    assert [each["event"] for each in batch.run("run", path)] == ["done", "finished"]
    assert batch.outputs(tmp_path / "out").keys() == {"00.wav", "01.wav", "long.wav"}


def test_an_output_folder_that_vanishes_stops_the_run_and_is_not_made_anew(
    batch: Any, tmp_path: Path, tones: Tones, effects: Path, gate: Any
) -> None:
    tones(3)
    path = manifest(tmp_path, gate.effect)
    process = batch.start("run", path, "--workers", "1", "--effects-from", effects)
    gate.began()  # the first job is in the middle
    (tmp_path / "out").rename(tmp_path / "unplugged")
    gate.go()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "has vanished" in err.splitlines()[-1]
    assert not (tmp_path / "out").exists()
    (tmp_path / "unplugged").rename(tmp_path / "out")
    assert batch.run("run", path, "--effects-from", effects)[-1]["done"] == 3


def test_an_input_that_changes_while_it_is_read_is_read_again(
    batch: Any, tmp_path: Path, tones: Tones, effects: Path, gate: Any
) -> None:
    first, second = tones(2)
    path = manifest(tmp_path, gate.effect, '"takes/00.wav"')
    process = batch.start("run", path, "--workers", "1", "--effects-from", effects)
    gate.began()
    first.write_bytes(second.read_bytes())
    gate.go()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert '"again"' in out
    assert "was changed while it was read" in out
    made = soundfile.read(tmp_path / "out/00.wav")[0][:4000]
    assert abs(made - soundfile.read(second)[0]).max() < 2**-14


def test_control_c_ends_cleanly_and_another_run_goes_on(
    batch: Any, tmp_path: Path, tones: Tones
) -> None:
    tones(12)
    path = manifest(tmp_path, '{ type = "reverb" }')
    process = batch.start("run", path, "--workers", "1")
    batch.first(process, "done")
    workers = batch.workers_of(process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1].startswith("tonewright: cancelled")
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)
    done = len(batch.outputs(tmp_path / "out"))
    assert 1 <= done < 12
    finished = batch.run("run", path)[-1]
    assert (finished["done"], finished["skipped"]) == (12 - done, done)


def test_two_runs_in_one_folder_are_refused(
    batch: Any, tmp_path: Path, tones: Tones, effects: Path, gate: Any
) -> None:
    tones(1)
    path = manifest(tmp_path, gate.effect)
    first = batch.start("run", path, "--effects-from", effects)
    gate.began()
    second = batch.start("run", path, "--effects-from", effects)
    assert "a batch is running here" in second.communicate(timeout=60)[1]
    assert second.returncode == 1
    gate.go()
    first.communicate(timeout=60)
    assert first.returncode == 0
