"""Outputs at an address, here of the file system that fsspec keeps in memory or on this disk."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
import soundfile

from tonewright.dsp.batch.jobs import Kind, Recipe
from tonewright.dsp.batch.made import Made, MadeFile, Stamp, write_receipt
from tonewright.dsp.batch.remote import RemoteOutputs, UploadError, file_system, upload
from tonewright.dsp.batch.task import Task
from tonewright.dsp.errors import BatchError
from tonewright.dsp.exporting.settings import ExportSettings

URL = "memory://bucket/cleaned"


@pytest.fixture(autouse=True)
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.fixture
def task(tmp_path: Path) -> Task:
    folder = tmp_path / "token"
    recipe = Recipe(Kind.AUDIO, (), ExportSettings(), False, "recipe")
    return Task("sub/a.wav", tmp_path / "a.wav", recipe, folder, None, f"{URL}/.tonewright-batch")


def finish(task: Task, content: bytes = b"sound") -> Made:
    path = task.folder / task.output
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    document = json.dumps({"size_bytes": len(content)})
    made = Made(Stamp(1, 2), "sha", (MadeFile(task.output, document),), ("a note",))
    write_receipt(task.folder, task.output, "recipe", made)
    return made


def test_what_was_uploaded_is_found_by_its_receipt_and_moved(task: Task, memory: Any) -> None:
    made = finish(task)
    upload(task, made)
    assert not task.folder.exists()
    outputs = RemoteOutputs(URL)
    assert not outputs.exists("sub/a.wav")
    ((token, output, recipe, read),) = outputs.receipts()
    assert (token, output, recipe, read) == ("token", "sub/a.wav", "recipe", made)
    for _ in range(2):  # killed in between, it is done again
        outputs.publish(token, read)
    assert memory.cat_file("/bucket/cleaned/sub/a.wav") == b"sound"
    assert outputs.exists("sub/a.wav")
    assert outputs.exists("sub")
    assert not outputs.exists("su")
    assert outputs.stamp("sub/a.wav").size_bytes == 5
    outputs.discard(token)
    assert list(outputs.receipts()) == []
    # Another process finds the same stamp, and another one when the file is another.
    assert RemoteOutputs(URL).stamp("sub/a.wav") == outputs.stamp("sub/a.wav")
    memory.pipe_file("/bucket/cleaned/sub/a.wav", b"noise")
    assert RemoteOutputs(URL).stamp("sub/a.wav") != outputs.stamp("sub/a.wav")


def test_without_a_receipt_nothing_is_taken_for_complete(task: Task, memory: Any) -> None:
    memory.pipe_file("/bucket/cleaned/.tonewright-batch/other/b.wav", b"half")
    outputs = RemoteOutputs(URL)
    assert list(outputs.receipts()) == []
    outputs.clear()
    assert memory.find("/bucket/cleaned") == []


def test_a_part_that_arrives_short_is_refused(
    task: Task, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = finish(task)
    monkeypatch.setattr(
        type(memory), "put_file", lambda self, here, there, **_: self.pipe_file(there, b"so")
    )
    with pytest.raises(UploadError, match="only 2 bytes arrived"):
        upload(task, made)
    assert (task.folder / "sub/a.wav").exists()


def test_an_address_that_is_none_or_refuses_is_told(
    task: Task, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BatchError, match="nowhere://x: cannot be used"):
        file_system("nowhere://x")

    def put_file(*_: Any, **__: Any) -> None:
        raise PermissionError("read only")

    monkeypatch.setattr(type(memory), "put_file", put_file)
    with pytest.raises(UploadError, match=r"PermissionError: read only\); check the connection"):
        upload(task, finish(task))


def test_a_batch_writes_to_an_address_and_a_rerun_finds_it_done(
    batch: Any, tmp_path: Path, tones: Callable[[int], list[Path]]
) -> None:
    tones(3)
    path = tmp_path / "batch.toml"
    url = (tmp_path / "server/cleaned").as_uri()
    path.write_text(f'out = "{url}"\ninputs = ["takes/*.wav"]\neffects = [{{ type = "gain" }}]\n')
    assert batch.run("run", path, "--workers", "1")[-1]["done"] == 3
    server = tmp_path / "server/cleaned"
    assert soundfile.info(server / "02.wav").frames == 4_000
    assert (server / "report.html").is_file()
    assert not list(server.glob(".tonewright-batch/*"))
    (server / "01.wav").unlink()
    again = batch.run("run", path, "--workers", "1")[-1]
    assert (again["done"], again["skipped"]) == (1, 2)
    (status,) = [batch.start("status", tmp_path / "cleaned.batch").communicate()[0]]
    assert json.loads(status)["skipped"] == 2
