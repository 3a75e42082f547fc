from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.errors import MediaError, ProjectError
from tonewright.dsp.midi.exchange import export_midi
from tonewright.dsp.project.document import (
    ClockTime,
    Id,
    Marker,
    MediaKind,
    MusicalTime,
    Project,
    TrackKind,
)
from tonewright.dsp.project.edits import add_marker, set_tempo
from tonewright.dsp.project.folder import load, save
from tonewright.dsp.project.media import (
    add_audio_file,
    add_files,
    import_media,
    import_soundfont,
    new_project_from_files,
)
from tonewright.dsp.project.media_files import sha256_of
from tonewright.dsp.project.validate import validate


@pytest.fixture
def tone(tmp_path):
    return sound(tmp_path / "tone.wav", 0.5)


@pytest.fixture
def midi(tmp_path, song):
    path = tmp_path / "tune.mid"
    song = add_marker(set_tempo(song, 960, 90.0), Marker(Id("k"), "verse", MusicalTime(480)))
    export_midi(song, path)
    return path


def sound(path, level, rate=44_100, subtype="FLOAT"):
    samples = np.full((1_000, 2), level, np.float32)
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def test_an_audio_file_is_described(tone):
    medium = import_media(tone)
    assert (medium.name, Path(medium.path)) == ("tone", tone)
    assert (medium.sample_rate, medium.channels, medium.length_samples) == (44_100, 2, 1_000)
    assert (medium.sha256, medium.size_bytes) == (sha256_of(tone), tone.stat().st_size)


@pytest.mark.parametrize("bad", ["missing", "garbage", "empty", "nan"])
def test_a_file_that_is_no_sound_is_one_line(tmp_path, bad):
    path = tmp_path / "bad.wav"
    contents = {"garbage": b"\x00\x01garbage" * 99, "empty": b""}
    if bad == "nan":
        sound(path, np.nan)
    elif bad in contents:
        path.write_bytes(contents[bad])
    for read in (import_media, lambda each: add_files(Project(Id("p"), "p"), [each])):
        with pytest.raises(MediaError, match=r"bad\.wav") as caught:
            read(path)
        assert "\n" not in str(caught.value)


def test_a_soundfont_is_told_by_its_content(tmp_path, tone):
    path = tmp_path / "piano.sf2"
    path.write_bytes(b"RIFF\x04\0\0\0sfbkrest")
    medium = import_soundfont(path)
    assert (medium.kind, medium.name, medium.sample_rate) == (MediaKind.SOUNDFONT, "piano", 0)
    with pytest.raises(MediaError, match=r"tone\.wav: no SoundFont"):
        import_soundfont(tone)


def test_a_clip_plays_the_whole_file_on_a_track_of_its_own(tone):
    project = add_audio_file(Project(Id("p"), "p"), tone, start=ClockTime(2.0))
    validate(project)
    (track,) = project.tracks
    (clip,) = track.clips
    assert (track.name, track.kind) == ("tone", TrackKind.AUDIO)
    assert (clip.start, clip.source_length_samples) == (ClockTime(2.0), 1_000)


def test_the_same_content_is_one_medium(tmp_path, tone):
    copy = tmp_path / "copy.wav"
    copy.write_bytes(tone.read_bytes())
    project = add_audio_file(Project(Id("p"), "p"), tone)
    twice = add_audio_file(project, copy, track_id=project.tracks[0].id)
    assert twice.media == project.media
    assert [clip.name for clip in twice.tracks[0].clips] == ["tone", "copy"]
    with pytest.raises(ProjectError, match="no track with the id x"):
        add_audio_file(project, copy, track_id=Id("x"))


def test_files_become_tracks_and_the_first_midi_file_gives_the_tempo(tmp_path, tone, midi):
    added = new_project_from_files("demo", [tone, midi])
    project = added.project
    validate(project)
    assert [(track.name, track.kind) for track in project.tracks] == [
        ("tone", TrackKind.AUDIO),
        ("two", TrackKind.MIDI),
    ]
    assert [event.start_ticks for event in project.tempo_map.tempos] == [0, 960]
    assert [marker.name for marker in project.markers] == ["verse"]
    assert (project.name, project.sample_rate) == ("demo", 44_100)
    assert added.warnings == ()
    assert load_saved(project, tmp_path) == project.tracks


def load_saved(project, tmp_path):
    save(project, tmp_path / "song")
    return load(tmp_path / "song").tracks


def test_a_project_with_tracks_keeps_its_tempo(song, midi):
    added = add_files(song, [midi])
    assert added.project.tempo_map == song.tempo_map
    assert len(added.project.tracks) == len(song.tracks) + 1
    assert any("the project keeps its own" in warning for warning in added.warnings)


def test_the_sample_rate_follows_the_first_sound(tmp_path, midi):
    low = sound(tmp_path / "low.wav", 0.1, 8_000, "PCM_16")
    high = sound(tmp_path / "high.wav", 0.2, 96_000)
    assert new_project_from_files("a", [low, high]).project.sample_rate == 44_100
    assert new_project_from_files("a", [high, low]).project.sample_rate == 96_000
    assert new_project_from_files("a", [midi]).project.sample_rate == 48_000
    assert replace(new_project_from_files("a", []).project, id=Id("p")) == Project(Id("p"), "a")
