from dataclasses import replace

import pytest

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    ClockTime,
    Id,
    Instrument,
    Marker,
    Media,
    MediaKind,
    MidiClip,
    MusicalTime,
    TempoMap,
)
from tonewright.dsp.project.edits import (
    add_clip,
    add_marker,
    add_media,
    remove_marker,
    remove_unused_media,
    set_marker,
    set_medium,
    set_project,
    set_tempo,
    set_tempo_map,
    set_time_signature,
    set_track,
)
from tonewright.dsp.project.tempo import range_of
from tonewright.dsp.project.validate import validate


def test_settings_of_the_project(song):
    assert set_project(song, name="b").name == "b"
    assert set_project(song, name="song") is song
    with pytest.raises(ProjectError, match="sample_rate must be"):
        set_project(song, sample_rate=1)
    with pytest.raises(ValueError, match="does not set tracks"):
        set_project(song, tracks=())


def test_markers_are_sorted_by_where_they_are(song):
    late = Marker(Id("1"), "late", ClockTime(2.0))
    early = Marker(Id("2"), "early", MusicalTime(960))
    both = add_marker(add_marker(song, late), early)
    assert both.markers == (early, late)
    moved = set_marker(both, Id("1"), start=ClockTime(0.5))
    assert [marker.name for marker in moved.markers] == ["late", "early"]
    assert set_marker(both, Id("1"), name="late") is both
    assert remove_marker(both, Id("1")).markers == (early,)
    with pytest.raises(ProjectError, match="in the project already"):
        add_marker(both, late)
    with pytest.raises(ProjectError, match="start in seconds must be"):
        set_marker(both, Id("1"), start=ClockTime(-1.0))
    for edit in (remove_marker, set_marker):
        with pytest.raises(ProjectError, match="no marker with the id x"):
            edit(both, Id("x"))


def test_a_tempo_moves_what_is_musical_and_nothing_else(song):
    song = add_clip(song, Id("2"), MidiClip(Id("clock"), "", ClockTime(1.5), 960))
    song = add_clip(song, Id("2"), MidiClip(Id("ticks"), "", MusicalTime(1_920), 960))
    song = add_marker(song, Marker(Id("k"), "", ClockTime(1.5)))
    song = add_marker(song, Marker(Id("l"), "", MusicalTime(1_920)))
    fast = set_tempo(song, 0, 120.0)
    validate(fast)
    starts = {clip.id: range_of(fast, clip).start_seconds for _, clip in fast.clips()}
    assert (starts["a"], starts["clock"], starts["ticks"]) == (1.0, 1.5, 1.0)
    assert [clip.id for clip in fast.track("2").clips] == ["c", "ticks", "clock"]
    assert [marker.id for marker in fast.markers] == ["l", "k"]
    assert fast.track("1") is song.track("1")


def test_tempo_events_are_set_and_removed(song):
    slower = set_tempo(song, 960, 30.0)
    assert [event.bpm for event in slower.tempo_map.tempos] == [60.0, 30.0]
    assert set_tempo(slower, 960, 30.0) is slower
    assert set_tempo(slower, 960, None).tempo_map == song.tempo_map
    waltz = set_time_signature(song, 0, 3)
    assert waltz.tempo_map.time_signatures[0].numerator == 3
    assert set_time_signature(waltz, 7, None) is waltz
    assert set_tempo_map(song, TempoMap(song.tempo_map.tempos)) is song
    for edit in (set_tempo, set_time_signature):
        with pytest.raises(ProjectError, match="at the start of the project cannot be removed"):
            edit(song, 0, None)


def test_media_are_added_set_and_removed_when_unused(song):
    spare = replace(song.media[0], id=Id("spare"))
    soundfont = Media(Id("sf"), "sf", "/s.sf2", "1" * 64, kind=MediaKind.SOUNDFONT)
    more = add_media(add_media(song, spare), soundfont)
    assert remove_unused_media(more) == song
    for used in (
        set_project(more, soundfont_id=Id("sf")),
        set_track(more, Id("2"), instrument=Instrument(soundfont_id=Id("sf"))),
    ):
        assert [medium.id for medium in remove_unused_media(used).media] == ["m", "sf"]
    assert remove_unused_media(song) is song
    assert set_medium(song, Id("m"), path="/b.wav").media[0].path == "/b.wav"
    assert set_medium(song, Id("m"), name="tone") is song
    with pytest.raises(ProjectError, match="in the project already"):
        add_media(song, song.media[0])
    with pytest.raises(ProjectError, match="sha256 must be"):
        add_media(song, replace(spare, sha256=""))
    with pytest.raises(ProjectError, match="which has 100: trim it"):
        set_medium(song, Id("m"), length_samples=100)
