import json
import shutil
from collections import namedtuple
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.plan import plan_export
from tonewright.dsp.exporting.settings import (
    Container,
    Depth,
    ExportSettings,
    Midi,
    Normalise,
)
from tonewright.dsp.project.document import Channel, Id, TimeRange, Track, TrackKind

NOW = datetime(2024, 5, 17, 12, 30)
RATE = 8000


def names(plan):
    return [file.path.name for file in plan.files]


def test_it_lists_every_file_without_touching_the_disk(project, tmp_path):
    settings = ExportSettings(stems=True, midi=Midi.TRACKS)
    plan = plan_export(project, settings, tmp_path / "out", now=NOW)
    assert names(plan) == [
        "Song 00 Mix.wav",
        "Song 01 Drums.wav",
        "Song 02 Bass.wav",
        "Song 03 Keys.wav",
        "Song 03 Keys.mid",
    ]
    assert not (tmp_path / "out").exists()
    assert plan.problems == ()
    said = json.loads(json.dumps(plan.to_json()))
    assert [Path(file["path"]).name for file in said["files"]] == names(plan)
    for file in plan.files:
        assert str(file.path) in plan.to_text()


def test_until_silence_is_at_least_the_content_and_a_tail_is_exact(project, tmp_path):
    (mix,) = plan_export(project, ExportSettings(), tmp_path).files
    assert (mix.length_samples, mix.open_ended) == (3 * RATE, True)
    assert "≥ 0:03.000" in plan_export(project, ExportSettings(), tmp_path).to_text()
    (mix,) = plan_export(project, ExportSettings(tail=0.5, sample_rate=44_100), tmp_path).files
    assert (mix.length_samples, mix.open_ended) == (round(3.5 * 44_100), False)


def test_a_range_ends_where_it_ends_and_has_its_timecode(project, tmp_path):
    settings = ExportSettings(range=TimeRange(1.0, 2.5), pattern="{track} {timecode}")
    (mix,) = plan_export(project, settings, tmp_path).files
    assert mix.length_samples == round(1.5 * RATE)
    assert mix.path.name == "Mix 01-00-01-00.wav"


def test_each_region_has_files_in_order(project, tmp_path):
    settings = ExportSettings(regions=True, pattern="{region}/{track} {date} {kind} {format}")
    plan = plan_export(project, settings, tmp_path, now=NOW)
    assert [file.path.relative_to(tmp_path).as_posix() for file in plan.files] == [
        "Verse/Mix 2024-05-17 mix wav.wav",
        "Chorus/Mix 2024-05-17 mix wav.wav",
    ]
    assert [file.length_samples for file in plan.files] == [RATE, RATE]
    assert len(plan.passes) == 1
    only = plan_export(project, ExportSettings(regions=("Chorus",)), tmp_path)
    assert names(only) == ["Song Chorus 00 Mix.wav"]
    with pytest.raises(ExportError, match="no region 'Bridge'; there is 'Verse', 'Chorus'"):
        plan_export(project, ExportSettings(regions=("Bridge",)), tmp_path)
    with pytest.raises(ExportError, match="no regions"):
        plan_export(replace(project, markers=()), ExportSettings(regions=True), tmp_path)


def test_the_same_name_twice_is_numbered_and_said(project, tmp_path):
    drums, bass, keys = project.tracks
    project = replace(project, tracks=(drums, replace(bass, name="drums"), keys))
    plan = plan_export(project, ExportSettings(stems=True, mix=False, pattern="{track}"), tmp_path)
    assert names(plan) == ["Drums.wav", "drums (2).wav", "Keys.wav"]
    assert any("drums (2).wav: numbered" in warning for warning in plan.warnings)


def test_a_file_that_is_there_is_a_problem_unless_it_may_be_overwritten(project, tmp_path):
    (tmp_path / "Song 00 Mix.wav").touch()
    plan = plan_export(project, ExportSettings(), tmp_path)
    assert plan.files[0].exists
    assert "is there already" in plan.problems[0]
    assert "exists" in plan.to_text()
    assert plan_export(project, ExportSettings(), tmp_path, overwrite=True).problems == ()


def test_take_is_the_first_number_that_is_free(project, tmp_path):
    settings = ExportSettings(pattern="{project} {take}")
    (tmp_path / "Song 1.wav").touch()
    (tmp_path / "Song 2.wav").touch()
    plan = plan_export(project, settings, tmp_path)
    assert names(plan) == ["Song 3.wav"]
    assert plan.problems == ()


def test_an_earlier_report_is_kept(project, tmp_path):
    assert plan_export(project, ExportSettings(), tmp_path).report.name == "Song export.json"
    (tmp_path / "Song export.txt").touch()
    assert plan_export(project, ExportSettings(), tmp_path).report.name == "Song export (2).json"


def test_a_medium_of_the_project_is_never_overwritten(project, tmp_path):
    take = tmp_path / "Song 00 Mix.wav"
    project = replace(project, media=(replace(project.media[0], path=str(take)),))
    plan = plan_export(project, ExportSettings(), tmp_path, overwrite=True)
    assert "is a medium of this project" in plan.problems[0]


def test_too_little_space_is_a_problem_before_anything_is_rendered(project, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 200_000))
    settings = ExportSettings(depth=Depth.INT24, tail=0.0)  # 3 s: 144 kB
    assert plan_export(project, settings, tmp_path).problems == ()
    spooled = replace(settings, normalise=Normalise.PEAK)  # and 192 kB on the way
    assert "are free" in plan_export(project, spooled, tmp_path).problems[0]


def test_a_mix_file_has_its_own_place_and_format(project, tmp_path):
    settings = ExportSettings(stems=True, depth=Depth.INT16, midi=Midi.ONE)
    plan = plan_export(
        project,
        settings,
        tmp_path / "stems",
        mix_file=tmp_path / "final.flac",
        midi_folder=tmp_path / "midi",
    )
    mix, *stems, midi = plan.files
    assert mix.path == tmp_path / "final.flac"
    assert mix.encoding.container == Container.FLAC
    assert all(stem.path.parent == tmp_path / "stems" for stem in stems)
    assert midi.path == tmp_path / "midi" / "Song 00 MIDI.mid"
    with pytest.raises(ExportError, match=r"no format '\.mp3'"):
        plan_export(project, settings, tmp_path, mix_file=tmp_path / "final.mp3")
    with pytest.raises(ExportError, match="depth of flac"):
        plan_export(
            project,
            replace(settings, depth=Depth.FLOAT32),
            tmp_path,
            mix_file=tmp_path / "final.flac",
        )


def test_what_is_selected_is_checked_and_warned_about(project, tmp_path):
    drums, bass, keys = project.tracks
    muted = replace(drums, channel=Channel(muted=True))
    plan = plan_export(
        replace(project, tracks=(muted, bass, keys)),
        ExportSettings(stems=True, tracks=(Id("d"), Id("b"))),
        tmp_path,
    )
    assert any("'Drums' is muted" in warning for warning in plan.warnings)
    assert not plan.complete
    assert any("not all of the mix" in warning for warning in plan.warnings)
    rest = replace(project, tracks=(muted, bass))
    assert plan_export(rest, ExportSettings(stems=True, tracks=(Id("b"),)), tmp_path).complete
    with pytest.raises(ExportError, match="no track with the id x"):
        plan_export(project, ExportSettings(stems=True, tracks=(Id("x"),)), tmp_path)
    soloed = replace(project, tracks=(drums, replace(bass, channel=Channel(soloed=True)), keys))
    warnings = plan_export(soloed, ExportSettings(), tmp_path).warnings
    assert any("solo is on for 'Bass'" in warning for warning in warnings)


def test_groups_stand_for_what_they_hold(project, tmp_path):
    drums, bass, keys = project.tracks
    group = Track(Id("g"), "Rhythm", TrackKind.GROUP)
    project = replace(
        project,
        tracks=(group, *(replace(each, parent_id=Id("g")) for each in (drums, bass, keys))),
    )
    plan = plan_export(project, ExportSettings(stems=True, mix=False, midi=Midi.TRACKS), tmp_path)
    assert names(plan) == ["Song 01 Rhythm.wav", "Song 04 Keys.mid"]
    assert plan.complete
    inside = ExportSettings(stems=True, tracks=(Id("d"), Id("b"), Id("k")))
    assert not plan_export(project, inside, tmp_path).complete
    only = ExportSettings(mix=False, midi=Midi.TRACKS, tracks=(Id("d"),))
    with pytest.raises(ExportError, match="MIDI track"):
        plan_export(project, only, tmp_path)


def test_an_empty_project_has_nothing_to_export(project, tmp_path):
    with pytest.raises(ExportError, match="has no length"):
        plan_export(replace(project, tracks=()), ExportSettings(), tmp_path)


def test_a_bad_timecode_of_the_project_is_named(project, tmp_path):
    with pytest.raises(ExportError, match="99:00:00:00"):
        plan_export(replace(project, start_timecode="99:00:00:00"), ExportSettings(), tmp_path)


def test_a_folder_that_cannot_be_is_one_line(project, tmp_path):
    with pytest.raises(ExportError, match="the name is too long"):
        plan_export(project, ExportSettings(), tmp_path / ("x" * 300))
