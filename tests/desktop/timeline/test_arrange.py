"""Edits of many clips: what moves together, and what stays."""

import pytest

from tonewright.desktop.timeline.arrange import (
    copied,
    crossfaded,
    duplicated,
    moved,
    pasted,
    split,
    start_of,
)
from tonewright.dsp.project.document import ClockTime
from tonewright.dsp.project.edits import move_clips


def ids(project, *names):
    return [clip.id for _, clip in project.clips() if clip.name in names]


def starts(project):
    return {clip.name: start_of(project, clip) for _, clip in project.clips()}


def track_of(project, name):
    return next(track.name for track, clip in project.clips() if clip.name == name)


def test_clips_keep_their_distances_and_stop_at_the_start(song):
    after = starts(moved(song, ids(song, "A", "B"), -2.5))
    assert after == pytest.approx({"A": 0.0, "B": 3.0, "C": 0.0})


def test_clips_change_their_track_only_to_one_of_their_kind(song):
    assert track_of(moved(song, ids(song, "A"), 0.0, 1), "A") == "Two"
    for rows in (2, 5, -1):  # a MIDI track, below the last, above the first
        after = moved(song, ids(song, "A"), 0.5, rows)
        assert track_of(after, "A") == "One"
        assert starts(after)["A"] == pytest.approx(1.5)
    assert moved(song, [], 1.0) is song


def test_copies_lie_on_their_clips_and_are_others(song):
    after, copies = duplicated(song, ids(song, "A", "C"))
    assert len(list(after.clips())) == 5
    assert not set(copies) & set(ids(song, "A", "B", "C"))


def test_an_overlap_becomes_a_crossfade_and_a_clip_inside_another_stays(song):
    (a, b) = ids(song, "A", "B")
    overlapping = move_clips(song, {b}, delta=ClockTime(-1.5))
    after = crossfaded(overlapping, [b])
    fades = [
        (clip.fade_in.length_seconds, clip.fade_out.length_seconds)
        for _, clip in after.clips()
        if clip.name in "AB"
    ]
    assert fades == [(0.0, pytest.approx(0.5)), (pytest.approx(0.5), 0.0)]
    assert crossfaded(overlapping, []) is overlapping
    assert crossfaded(song, [a, b]) is song


def test_a_cut_parts_only_what_sounds_there(song):
    after = split(song, ids(song, "A", "B", "C"), 1.5)
    assert sorted(clip.name for _, clip in after.clips()).count("B") == 1
    assert len(list(after.clips())) == 5


def test_what_is_pasted_starts_at_the_time_and_goes_where_it_came_from(song):
    clipboard = copied(song, ids(song, "A", "C"))
    assert clipboard.start_seconds == 0.0
    after, new = pasted(song, clipboard, 8.0)
    found = {clip.id: (track.name, start_of(after, clip)) for track, clip in after.clips()}
    assert [found[each] for each in new] == [("One", 9.0), ("Keys", 8.0)]
    two = song.tracks[1].id
    after, (only,) = pasted(song, copied(song, ids(song, "A")), 2.0, two)
    assert any(clip.id == only for clip in after.track(two).clips)
