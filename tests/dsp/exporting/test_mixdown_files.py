"""What an export leaves on the disk: files, all of them or none, and the report on them."""

import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest

from tonewright.dsp.audio.file import probe, read, read_broadcast
from tonewright.dsp.errors import CancelledError, ExportError, RenderError
from tonewright.dsp.exporting.mixdown import export
from tonewright.dsp.exporting.plan import plan_export
from tonewright.dsp.exporting.settings import (
    Container,
    Depth,
    ExportSettings,
    Midi,
    Normalise,
)
from tonewright.dsp.midi.smf import read_smf
from tonewright.dsp.project.document import TimeRange
from tonewright.dsp.rendering.job import CancelToken

RATE = 8000
NOW = datetime(2024, 5, 17, 12, 30)
FLOAT = ExportSettings(depth=Depth.FLOAT32, broadcast=False)
STEMS = replace(FLOAT, stems=True)


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def audio(folder, name):
    return read(folder / name)[0]


# --- files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ((Container.WAV, Depth.INT16), ("PCM_16", 1e-4)),
        ((Container.WAV, Depth.INT24), ("PCM_24", 1e-6)),
        ((Container.AIFF, Depth.INT24), ("PCM_24", 1e-6)),
        ((Container.FLAC, Depth.INT16), ("PCM_16", 1e-4)),
        ((Container.OGG, Depth.INT24), ("VORBIS", 0.1)),
    ],
)
def test_every_format_holds_what_was_heard(project, exported, whole, encoding, found):
    subtype, tolerance = found
    container, depth = encoding
    file = exported(project, ExportSettings(container=container, depth=depth))
    assert file.audio.subtype == subtype
    assert file.audio.length_samples == whole.shape[1]
    np.testing.assert_allclose(read(file.file.path)[0], whole, atol=tolerance)


def test_the_plan_tells_length_and_size(project, renderer, tmp_path):
    settings = ExportSettings(stems=True, tail=0.5, sample_rate=11_025)
    plan = plan_export(project, settings, tmp_path)
    for planned, done in zip(
        plan.files, export(project, settings, tmp_path, renderer=renderer).files, strict=True
    ):
        assert done.file.path == planned.path
        assert done.audio.length_samples == planned.length_samples
        assert abs(done.size_bytes - planned.size_bytes) <= 1024


def test_the_same_export_gives_the_same_bytes(project, renderer, tmp_path):
    settings = ExportSettings(stems=True, midi=Midi.ONE, depth=Depth.INT16)
    first, second = (
        export(project, settings, tmp_path / name, renderer=renderer, now=NOW)
        for name in ("a", "b")
    )
    assert [each.sha256 for each in first.files] == [each.sha256 for each in second.files]
    other = replace(settings, dither_seed=1)
    third = export(project, other, tmp_path / "c", renderer=renderer, now=NOW)
    assert third.files[0].sha256 != first.files[0].sha256


def test_broadcast_wav_tells_place_and_history(project, renderer, tmp_path):
    project = replace(project, start_timecode="01:00:00;00", frame_rate="30000/1001")
    settings = ExportSettings(range=TimeRange(1.0, 2.0), stems=True, sample_rate=48_000)
    report = export(project, settings, tmp_path, renderer=renderer, now=NOW)
    expected = math.floor(107_892 * 1001 / 30_000 * 48_000 + 0.5) + 48_000
    for each in report.files:
        assert probe(each.file.path).time_reference_samples == expected
    bass = read_broadcast(report.files[2].file.path)
    assert bass.description == "Song / Bass"
    assert (bass.originator, bass.origination_date) == ("Tonewright", "2024-05-17")
    assert bass.coding_history.startswith("A=PCM,F=48000,W=24,M=stereo,T=Tonewright ")
    assert "echo v1 seed 5" in bass.coding_history
    assert "echo" not in read_broadcast(report.files[1].file.path).coding_history


def test_midi_goes_to_a_file_each_or_to_one(project, renderer, tmp_path):
    for midi, name in ((Midi.TRACKS, "Song 03 Keys.mid"), (Midi.ONE, "Song 00 MIDI.mid")):
        settings = ExportSettings(mix=False, midi=midi)
        export(project, settings, tmp_path / midi, renderer=renderer)
        sequence = read_smf(tmp_path / midi / name)
        assert [len(track.notes) for track in sequence.tracks if track.notes] == [4]
    assert renderer.prepared == []


# --- all or nothing -------------------------------------------------------------------------


def test_no_file_appears_before_all_are_complete(project, renderer, tmp_path):
    seen = []
    renderer.on_block = lambda _: seen.append(
        [name for name in names(tmp_path) if not name.startswith(".tonewright-")]
    )
    settings = replace(STEMS, regions=True, normalise=Normalise.PEAK, midi=Midi.ONE)
    export(project, settings, tmp_path, renderer=renderer)
    assert seen
    assert not any(seen)
    assert not [name for name in names(tmp_path) if name.startswith(".")]


def fail():
    raise RenderError("the worker died")


@pytest.mark.parametrize("settings", [STEMS, replace(STEMS, normalise=Normalise.PEAK)])
def test_cancelling_and_failing_leave_nothing(project, renderer, tmp_path, settings):
    cancel = CancelToken()
    renderer.on_block = lambda _: cancel.cancel()
    with pytest.raises(CancelledError):
        export(project, settings, tmp_path / "out", renderer=renderer, cancel=cancel)
    renderer.on_block = lambda _: fail()
    with pytest.raises(RenderError):
        export(project, settings, tmp_path / "out", renderer=renderer)
    assert names(tmp_path) == []


def test_files_that_were_there_are_refused_or_replaced_whole(project, renderer, tmp_path):
    (tmp_path / "Song 00 Mix.wav").write_text("old")
    with pytest.raises(ExportError, match="is there already"):
        export(project, FLOAT, tmp_path, renderer=renderer)
    assert renderer.prepared == []
    renderer.on_block = lambda _: fail()
    with pytest.raises(RenderError):
        export(project, FLOAT, tmp_path, renderer=renderer, overwrite=True)
    assert names(tmp_path) == ["Song 00 Mix.wav"]
    assert (tmp_path / "Song 00 Mix.wav").read_text() == "old"
    renderer.on_block = None
    export(project, FLOAT, tmp_path, renderer=renderer, overwrite=True)
    assert audio(tmp_path, "Song 00 Mix.wav").any()


@pytest.mark.parametrize("settings", [STEMS, replace(STEMS, normalise=Normalise.PEAK)])
def test_a_folder_that_vanishes_is_one_line(project, renderer, tmp_path, settings):
    folder = tmp_path / "out"
    settings = replace(settings, range=TimeRange(0.0, 20.0))
    renderer.on_block = lambda _: shutil.rmtree(folder, ignore_errors=True)
    with pytest.raises(ExportError) as caught:
        export(project, settings, folder, renderer=renderer)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    program = """
import resource, signal, sys
from pathlib import Path
from types import SimpleNamespace
import numpy as np
from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.mixdown import export
from tonewright.dsp.exporting.settings import ExportSettings
from tonewright.dsp.project.document import Id, Project, TimeRange

class Rendering(SimpleNamespace):
    def stream(self, *, start_samples, end_samples, block_samples):
        for _ in range(start_samples, end_samples, 8000):
            yield (np.full((2, 8000), 0.1, np.float32),)

class Renderer:
    def prepare(self, *_, **__):
        return Rendering(sample_rate=8000, effects=(), notes=())

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
settings = ExportSettings(range=TimeRange(0.0, 60.0))
try:
    export(Project(Id("p"), "Song", sample_rate=8000), settings, Path(sys.argv[1]),
           renderer=Renderer())
except ExportError as error:
    sys.exit(f"refused: {error}")
"""
    done = subprocess.run(
        [sys.executable, "-c", program, os.fspath(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.startswith("refused: ")
    assert "Song 00 Mix.wav" in done.stderr
    assert done.stderr.count("\n") == 1
    assert names(tmp_path) == []


def test_progress_only_grows_and_ends_at_one(project, renderer, tmp_path):
    seen = []
    settings = replace(STEMS, regions=True, tail="auto")
    export(project, settings, tmp_path, renderer=renderer, report=seen.append)
    fractions = [progress.fraction for progress in seen]
    assert fractions[-1] == 1.0
    assert all(before <= after for before, after in pairwise(fractions))


# --- the report -----------------------------------------------------------------------------


def test_the_report_measures_the_files_that_are_there(project, renderer, tmp_path):
    settings = ExportSettings(stems=True, midi=Midi.ONE, target="spotify", depth=Depth.INT16)
    report = export(project, settings, tmp_path, renderer=renderer, now=NOW)
    said = json.loads((tmp_path / "Song export.json").read_text("utf-8"))
    assert len(said["files"]) == len(report.files) == 5
    for file in said["files"]:
        content = (tmp_path / file["path"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["size_bytes"] == len(content)
    mix = said["files"][0]
    found = probe(tmp_path / mix["path"])
    assert mix["length_samples"] == found.length_samples
    assert (mix["sample_rate"], mix["channels"], mix["depth"]) == (RATE, 2, "PCM_16")
    assert mix["delivery"]["passed"]
    assert "delivery" not in said["files"][1]
    assert said["files"][3]["integrated_lufs"] is None  # Keys is silent
    assert said["effects"] == [
        {"where": "Bass", "type": "echo", "version": 1, "params": {}, "mix": 1.0, "seed": 5}
    ]
    assert said["null_test"]["passed"]
    assert said["settings"] == json.loads(json.dumps(settings.to_json()))
    assert "a note of the renderer" in said["warnings"]


def test_the_readable_report_says_the_same(project, renderer, tmp_path):
    settings = ExportSettings(stems=True, midi=Midi.ONE, target="ebu-r128")
    report = export(project, settings, tmp_path, renderer=renderer, now=NOW)
    text = (tmp_path / "Song export.txt").read_text("utf-8")
    for each in report.files:
        assert each.file.path.name in text
        assert each.sha256[:16] in text
    assert "they sum to the mix" in text
    assert "Song 00 Mix.wav FAILS ebu-r128" in text
    assert "seed 5" in text
    assert all(f"warning: {warning}" in text for warning in report.warnings)
