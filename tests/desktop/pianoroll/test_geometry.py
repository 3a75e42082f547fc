from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.desktop.pianoroll.geometry import Line, NoteGeometry, grid_lines
from tonewright.dsp.project.document import Note, TempoMap, TimeSignatureEvent


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, 127), st.floats(0.2, 5), st.floats(0.01, 0.99))
def test_the_row_of_a_pitch_is_where_the_pitch_is_found(pitch, zoom, inside):
    geometry = NoteGeometry().zoomed(pitch=zoom)
    assert geometry.pitch_at(geometry.y_of(pitch) + inside * geometry.row_pixels) == pitch


def test_a_note_is_as_long_as_it_lasts_but_never_too_thin_to_be_seen():
    geometry = NoteGeometry(pixels_per_tick=0.1)
    assert geometry.rect(Note(60, 1, 960, 480)).width() == pytest.approx(48)
    assert geometry.rect(Note(60, 1, 960, 0)).width() >= 2
    assert geometry.ticks_at(geometry.rect(Note(60, 1, 960, 0)).x()) == pytest.approx(960)


def test_zoom_stops_where_nothing_could_be_edited():
    tiny, huge = NoteGeometry().zoomed(time=1e-9, pitch=1e-9), NoteGeometry().zoomed(time=1e9)
    assert tiny.row_pixels >= 4
    assert tiny.pixels_per_tick > 0
    assert huge.pixels_per_tick <= 4


def lines(grid, pixels_per_tick, *signatures, end=7680):
    tempo_map = TempoMap(time_signatures=signatures or (TimeSignatureEvent(0),))
    return list(grid_lines(tempo_map, 0, end, grid, pixels_per_tick))


def test_bars_follow_the_signature_and_each_place_has_one_line():
    found = lines("1/8", 1.0, TimeSignatureEvent(0, 3, 4), TimeSignatureEvent(2880, 6, 8))
    bars = [ticks for ticks, kind in found if kind is Line.BAR]
    assert bars == [0, 2880, 5760]
    assert len({ticks for ticks, _ in found}) == len(found)
    assert (960, Line.BEAT) in found
    assert (480, Line.GRID) in found


def test_lines_that_would_crowd_are_left_out():
    assert {kind for _, kind in lines("1/16", 0.1)} == {Line.GRID, Line.BEAT, Line.BAR}
    assert {kind for _, kind in lines("1/16", 0.01)} == {Line.BEAT, Line.BAR}
    far = [ticks for ticks, _ in lines("1/16", 0.001, end=100_000)]
    assert min(b - a for a, b in pairwise(far)) * 0.001 >= 7
