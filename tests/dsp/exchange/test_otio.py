import sys
from dataclasses import replace

import opentimelineio
import pytest

from tonewright.dsp.errors import ExportError, ProjectError
from tonewright.dsp.exchange.otio import read_otio, write_otio
from tonewright.dsp.project.document import ClockTime, Id
from tonewright.dsp.project.tempo import range_of
from tonewright.dsp.project.validate import validate


def test_audio_clips_come_back_to_the_sample(full_song, tmp_path):
    left = write_otio(full_song, tmp_path / "song.otio")
    again = read_otio(tmp_path / "song.otio")
    validate(again.project)
    assert not again.left
    assert "Keys: 1 MIDI clips" in left
    before = full_song.tracks[1].clips
    after = next(each for each in again.project.tracks if each.name == "Guitar").clips
    for old, new in zip(before, after, strict=True):
        start = range_of(full_song, old).start_seconds
        assert new.start.seconds == pytest.approx(start, abs=0.5 / 48_000)
        same = replace(new, id=old.id, start=old.start, media_id=old.media_id)
        assert same == old


def test_clips_that_overlap_go_to_tracks_of_their_own(full_song, tmp_path):
    guitar = full_song.tracks[1]
    over = replace(guitar.clips[0], id=Id("o"), start=ClockTime(1.5))
    tracks = (full_song.tracks[0], replace(guitar, clips=(guitar.clips[0], over)))
    write_otio(replace(full_song, tracks=tracks), tmp_path / "song.otio")
    timeline = opentimelineio.adapters.read_from_file(str(tmp_path / "song.otio"))
    assert [each.name for each in timeline.tracks] == ["Group", "Guitar", "Guitar"]


def test_what_is_trimmed_elsewhere_counts(full_song, tmp_path):
    path = tmp_path / "song.otio"
    write_otio(full_song, path)
    timeline = opentimelineio.adapters.read_from_file(str(path))
    clip = timeline.tracks[1][1]
    span = clip.source_range
    later = opentimelineio.opentime.RationalTime(4_800, 48_000)
    clip.source_range = opentimelineio.opentime.TimeRange(
        span.start_time + later, span.duration - later
    )
    opentimelineio.adapters.write_to_file(timeline, str(path))
    (first, *_) = read_otio(path).project.tracks[1].clips
    assert (first.source_start_samples, first.source_length_samples) == (9_601, 91_200)


def test_a_damaged_file_and_a_missing_library_are_said(full_song, tmp_path, monkeypatch):
    (tmp_path / "bad.otio").write_text("{")
    with pytest.raises(ProjectError, match=r"bad\.otio"):
        read_otio(tmp_path / "bad.otio")
    monkeypatch.setitem(sys.modules, "opentimelineio", None)
    with pytest.raises(ExportError, match=r"tonewright\[exchange\]"):
        write_otio(full_song, tmp_path / "song.otio")


def test_damaged_gain_and_fades_are_said_and_the_clip_is_kept(full_song, tmp_path):
    path = tmp_path / "song.otio"
    write_otio(full_song, path)
    timeline = opentimelineio.adapters.read_from_file(str(path))
    del timeline.tracks[1][1].metadata["tonewright"]["fade_in"]
    opentimelineio.adapters.write_to_file(timeline, str(path))
    again = read_otio(path)
    assert len(again.project.tracks[1].clips) == len(full_song.tracks[1].clips)
    assert any("damaged" in each for each in again.left)
