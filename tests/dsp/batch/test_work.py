"""What a worker does for a job, in this process."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

from tonewright.dsp.batch.jobs import STATE_FOLDER, jobs_of
from tonewright.dsp.batch.made import RECEIPT, Made
from tonewright.dsp.batch.manifest import read_manifest
from tonewright.dsp.batch.outputs import FolderOutputs
from tonewright.dsp.batch.task import Task
from tonewright.dsp.batch.work import work
from tonewright.dsp.cli import main
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.job import ignore
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.store import Store

RATE = 44_100


def made(folder: Path, text: str) -> tuple[Task, Made]:
    path = folder / "batch.toml"
    path.write_text(text, "utf-8")
    (job,) = jobs_of(read_manifest(path, default_registry()), default_registry())
    task = Task(job.output, job.source, job.recipe, folder / "parts", None)
    return task, work(task, renderer(folder), ignore)


def renderer(folder: Path) -> Renderer:
    return Renderer(executor=InlineQueue(Store(folder / "store"), default_registry()))


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    path = tmp_path / "voice.wav"
    signal = 0.05 * np.sin(2 * np.pi * 997 * np.arange(2 * RATE) / RATE)
    soundfile.write(path, np.stack([signal, signal], 1), RATE, subtype="PCM_24")
    return path


def test_the_file_is_what_apply_makes(tmp_path: Path, voice: Path) -> None:
    task, result = made(tmp_path, 'inputs = ["voice.wav"]\neffects = [{type = "reverb"}]')
    assert main(["apply", "reverb", str(voice), str(tmp_path / "wet.wav"), "--quiet"]) == 0
    assert (task.folder / "voice.wav").read_bytes() == (tmp_path / "wet.wav").read_bytes()
    said = json.loads(result.files[0].document)
    assert said["length_seconds"] > 2.0
    assert (said["sample_rate"], said["channels"]) == (RATE, 2)
    assert (result.files[0].picture or b"").startswith(b"\x89PNG")


def test_loudness_is_brought_where_the_export_says(tmp_path: Path, voice: Path) -> None:
    _, result = made(
        tmp_path,
        'inputs = ["voice.wav"]\nexport = {normalise = "lufs", level = -20, container = "flac"}',
    )
    (file,) = result.files
    assert file.path == "voice.flac"
    assert json.loads(file.document)["integrated_lufs"] == pytest.approx(-20.0, abs=0.1)


def test_notes_and_projects(tmp_path: Path, voice: Path) -> None:
    track = mido.MidiTrack()
    track += [mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)]
    mido.MidiFile(tracks=[track]).save(tmp_path / "keys.mid")
    text = 'inputs = ["keys.mid"]\neffects = [{type = "transpose", params = {semitones = 2}}]'
    task, _ = made(tmp_path, text)
    notes = [
        each.note for each in mido.MidiFile(task.folder / "keys.mid") if each.type == "note_on"
    ]
    assert notes == [62]

    assert main(["new", str(tmp_path / "song"), str(voice), "--quiet"]) == 0
    (tmp_path / "parts").rename(tmp_path / "before")
    _, result = made(tmp_path, 'inputs = ["song"]\nexport = {stems = true, pattern = "{track}"}')
    assert {each.path.rpartition(".")[2] for each in result.files} == {"wav", "json", "txt"}
    assert all(each.path.startswith("song/") for each in result.files)


def test_stems_that_do_not_sum_to_the_mix_are_made_and_told(tmp_path: Path, voice: Path) -> None:
    song = str(tmp_path / "song")
    assert main(["new", song, str(voice), str(voice), "--quiet"]) == 0
    assert main(["fx", song, "master", "add", "distortion", "--quiet"]) == 0
    _, result = made(tmp_path, 'inputs = ["song"]\nexport = {stems = true}')
    assert any("null test" in each for each in result.notes)
    assert len([each for each in result.files if each.path.endswith(".wav")]) == 3


def test_an_input_that_holds_what_it_held_is_not_rendered(tmp_path: Path, voice: Path) -> None:
    task, first = made(tmp_path, 'inputs = ["voice.wav"]')
    again = replace(task, folder=tmp_path / "more", made_sha256=first.source_sha256)
    assert work(again, renderer(tmp_path), ignore).files == ()
    assert not again.folder.exists()


def test_a_receipt_is_written_last_and_publishing_may_be_repeated(
    tmp_path: Path, voice: Path, monkeypatch: Any
) -> None:
    task, result = made(tmp_path, 'inputs = ["voice.wav"]\nname = "a/b/{stem}"')
    assert (task.folder / RECEIPT).is_file()
    out = tmp_path / "out"
    (out / STATE_FOLDER).mkdir(parents=True)
    task.folder.rename(out / STATE_FOLDER / "token")
    outputs = FolderOutputs(out)
    ((token, output, recipe, read),) = outputs.receipts()
    assert (token, output, recipe, read) == ("token", task.output, task.recipe.key, result)
    for _ in range(2):
        outputs.publish("token", read)
        assert soundfile.info(out / "a/b/voice.wav").frames == 2 * RATE
