import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.desktop.timeline.snap import Grid, grid_after, grid_before, lines, snapped
from tonewright.dsp.project.document import (
    ClockTime,
    Marker,
    MidiClip,
    MusicalTime,
    Project,
    TempoCurve,
    TempoEvent,
    TempoMap,
    TimeSignatureEvent,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits import add_clip, add_marker, add_track, set_project, set_tempo_map

PLAIN = Project(new_id(), "Song")
BENT = set_tempo_map(
    PLAIN,
    TempoMap(
        (TempoEvent(0, 90.0, TempoCurve.LINEAR), TempoEvent(9600, 151.3)),
        (TimeSignatureEvent(0), TimeSignatureEvent(7680, 7, 8)),
    ),
)
GRIDS = [Grid.BAR, Grid.BEAT, Grid.SIXTEENTH, Grid.FRAME]


@pytest.mark.parametrize(
    ("grid", "spacing"), [(Grid.BAR, 2.0), (Grid.BEAT, 0.5), (Grid.SIXTEENTH, 0.125)]
)
def test_lines_follow_the_tempo(grid, spacing):
    assert list(lines(PLAIN, 0.0, 4.0, grid)) == pytest.approx(
        [index * spacing for index in range(round(4.0 / spacing) + 1)]
    )


def test_frames_follow_the_frame_rate():
    project = set_project(PLAIN, frame_rate="30000/1001")
    assert list(lines(project, 0.0, 0.1, Grid.FRAME)) == pytest.approx(
        [0.0, 1001 / 30000, 2002 / 30000]
    )


@pytest.mark.parametrize("project", [PLAIN, BENT])
@settings(derandomize=True, deadline=None, max_examples=60)
@given(seconds=st.floats(0.0, 60.0), grid=st.sampled_from(GRIDS))
def test_a_position_lies_between_its_lines_and_a_line_is_its_own(project, seconds, grid):
    before, after = grid_before(project, seconds, grid), grid_after(project, seconds, grid)
    assert before - 1e-6 <= seconds <= after + 1e-6
    assert before < after
    assert grid_before(project, after, grid) == pytest.approx(after, abs=1e-6)
    landed = snapped(project, seconds, grid, reach_seconds=0.0)
    assert landed in (before, after)
    assert abs(landed - seconds) <= (after - before) / 2 + 1e-6


def test_edges_and_markers_go_before_the_grid_unless_they_are_what_moves():
    clip = MidiClip(new_id(), "Riff", MusicalTime(100), 500)
    project = add_track(PLAIN, Track(new_id(), "Bass", TrackKind.MIDI))
    project = add_clip(project, project.tracks[0].id, clip)
    project = add_marker(project, Marker(new_id(), "Verse", ClockTime(3.3)))
    end_seconds = 600 / 1920
    near = end_seconds + 0.01
    assert snapped(project, near, Grid.BEAT, reach_seconds=0.02) == pytest.approx(end_seconds)
    assert snapped(project, 3.31, Grid.BEAT, reach_seconds=0.02) == 3.3
    ignored = snapped(project, near, Grid.BEAT, reach_seconds=0.02, ignored=[clip.id])
    assert ignored == pytest.approx(0.5)


def test_without_a_grid_a_position_stays_and_never_is_before_the_start():
    assert snapped(PLAIN, 1.234, Grid.NONE, reach_seconds=0.01) == 1.234
    assert snapped(PLAIN, -1.0, Grid.NONE, reach_seconds=0.01) == 0.0
    assert list(lines(PLAIN, 0.0, 1.0, Grid.NONE)) == []
