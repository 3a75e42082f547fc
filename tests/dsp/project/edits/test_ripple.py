from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.automation import value_at
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    ClockTime,
    Id,
    Marker,
    MusicalTime,
    ParameterRef,
    Project,
    Track,
    TrackKind,
)
from tonewright.dsp.project.edits import (
    add_marker,
    ripple_delete_clips,
    ripple_delete_range,
    set_automation,
)
from tonewright.dsp.project.tempo import range_of
from tonewright.dsp.project.validate import validate


def starts(project, track_id):
    return [range_of(project, clip).start_seconds for clip in project.track(track_id).clips]


def test_later_clips_move_up_by_what_was_deleted(song):
    rippled = ripple_delete_clips(song, ["a"])
    assert starts(rippled, "1") == [1.0]
    assert rippled.track("2") is song.track("2")
    assert starts(ripple_delete_clips(song, ["a", "b"]), "1") == []
    assert ripple_delete_clips(song, []) is song
    with pytest.raises(ProjectError, match="no clip with the id x"):
        ripple_delete_clips(song, ["x"])


def test_deleted_clips_that_overlap_count_once(song):
    first, second = song.track("1").clips
    clips = (
        first,
        replace(first, id=Id("over"), start=ClockTime(2.0)),
        replace(second, start=ClockTime(5.0)),
    )
    song = replace(song, tracks=(replace(song.track("1"), clips=clips), *song.tracks[1:]))
    assert starts(ripple_delete_clips(song, ["a", "over"]), "1") == [2.0]


def test_a_range_is_cut_out_of_every_track(song):
    rippled = ripple_delete_range(song, ClockTime(1.5), ClockTime(3.5))
    validate(rippled)
    first, second = rippled.track("1").clips
    assert (first.source_length_samples, second.source_length_samples) == (24_000, 72_000)
    assert second.source_start_samples == 240_000 + 24_000
    assert starts(rippled, "1") == [1.0, 1.5]
    (midi,) = rippled.track("2").clips
    assert midi.length_ticks == 1_440


def test_a_range_inside_one_clip_closes_the_gap(song):
    rippled = ripple_delete_range(song, ClockTime(1.25), ClockTime(1.75), track_ids=["1"])
    assert starts(rippled, "1") == [1.0, 1.25, 2.5]
    assert rippled.track("2") is song.track("2")


def test_markers_and_regions_lose_what_is_cut(song):
    for name, start, length in [
        ("before", 0.5, None),
        ("inside", 2.0, None),
        ("behind", 4.0, None),
        ("gone", 1.5, 1.0),
        ("shortened", 0.5, 1.0),
    ]:
        region = None if length is None else ClockTime(length)
        song = add_marker(song, Marker(Id(name), name, ClockTime(start), region))
    rippled = ripple_delete_range(song, ClockTime(1.0), ClockTime(3.0))
    places = {m.name: (m.start.seconds, m.length and m.length.seconds) for m in rippled.markers}
    assert places == {
        "before": (0.5, None),
        "inside": (1.0, None),
        "behind": (2.0, None),
        "shortened": (0.5, 0.5),
    }
    musical = Marker(Id("m"), "m", MusicalTime(480), MusicalTime(960))
    (region,) = ripple_delete_range(
        add_marker(replace(song, markers=()), musical), ClockTime(1.0), ClockTime(3.0)
    ).markers
    assert region.length == MusicalTime(480)
    kept = ripple_delete_range(song, ClockTime(1.0), ClockTime(3.0), track_ids=["1"])
    assert kept.markers is song.markers


lanes = st.builds(
    lambda ticks, values, bends: AutomationLane(
        ParameterRef(None, "gain_db"),
        tuple(
            AutomationPoint(at, value, bend)
            for at, value, bend in zip(sorted(ticks), values, bends, strict=False)
        ),
    ),
    st.sets(st.integers(0, 4_000), min_size=1, max_size=5),
    st.lists(st.floats(-20, 20), min_size=5, max_size=5),
    st.lists(st.floats(-1, 1), min_size=5, max_size=5),
)


@given(lane=lanes, start=st.integers(0, 4_500), length=st.integers(1, 3_000))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_automation_outside_the_range_sounds_as_before(lane, start, length):
    project = Project(Id("p"), "p", tracks=(Track(Id("1"), "1", TrackKind.AUDIO),))
    project = set_automation(set_automation(project, None, lane), Id("1"), lane)
    end = start + length
    rippled = ripple_delete_range(project, MusicalTime(start), MusicalTime(end))
    validate(rippled)
    (after,) = rippled.master_automation
    assert rippled.track("1").automation == (after,)
    for ticks in np.linspace(0, start, 9, endpoint=False) if start else ():
        assert value_at(after, ticks) == pytest.approx(value_at(lane, ticks), abs=1e-9)
    for ticks in np.linspace(end, 8_000, 9):
        assert value_at(after, ticks - length) == pytest.approx(value_at(lane, ticks), abs=1e-9)


@pytest.mark.parametrize("end", [1.0, 0.5])
def test_an_empty_range_is_refused(song, end):
    with pytest.raises(ValueError, match="longer than 0"):
        ripple_delete_range(song, ClockTime(1.0), ClockTime(end))
