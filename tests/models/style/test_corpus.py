from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.sequence import PROGRAM, MidiSequence, MidiTrack
from tonewright.dsp.project.document import MidiEvent, Note
from tonewright.models.style import corpus
from tonewright.models.style.corpus import (
    HELD_OUT_CHART,
    Rendition,
    chart_for,
    parts_of,
    read,
    rendition_path,
    write,
)
from tonewright.models.style.grooves import Groove


def track(name: str, count: int, length_ticks: int, program: int = 0, pitch: int = 40) -> MidiTrack:
    notes = tuple(Note(pitch, 90, 48 * n, length_ticks, 2) for n in range(count))
    return MidiTrack(name, notes, (MidiEvent(0, bytes((PROGRAM | 2, program))),))


def test_tracks_become_parts_with_roles() -> None:
    tracks = (
        track("Drum", 8, 1),
        track("Walk", 4, 48, 32),
        track("Bass", 2, 48, 33),
        track("Chord-Sus", 2, 768, 48),
        track("Chord", 6, 24, 4),
        track("Arpeggio", 9, 24, 24),
        track("Chord-3", 3, 24),
        track("Chord-4", 1, 24),
    )
    parts = parts_of(MidiSequence(192, tracks=tracks))
    assert [(part.role, part.program, len(part.notes)) for part in parts] == [
        (Role.BASS, 32, 6),
        (Role.CHORDS, 4, 6),
        (Role.CHORDS, 0, 3),
        (Role.PAD, 48, 2),
        (Role.ARPEGGIO, 24, 9),
        (Role.DRUMS, 0, 8),
    ]


def test_a_trumpet_that_is_written_as_a_bass_is_none() -> None:
    tracks = (track("Bass", 2, 48, 33), track("Bass-Trumpet", 3, 48, 59, pitch=60))
    parts = parts_of(MidiSequence(192, tracks=tracks))
    assert [(part.role, part.program, len(part.notes)) for part in parts] == [
        (Role.BASS, 33, 2),
        (Role.ARPEGGIO, 59, 3),
    ]


def test_where_no_bass_is_low_the_lowest_is_it() -> None:
    tracks = (track("Bass-Sax", 3, 48, 65, pitch=66), track("Bass-Guitar", 2, 48, 24, pitch=55))
    parts = parts_of(MidiSequence(192, tracks=tracks))
    assert [(part.role, part.program) for part in parts] == [(Role.BASS, 24), (Role.ARPEGGIO, 65)]


def test_a_rendition_comes_back(rendition: Rendition, tmp_path: Path) -> None:
    path = rendition_path(tmp_path, 2, rendition.groove)
    path.parent.mkdir()
    write(path, rendition.chart, rendition.parts)
    again = read(path, rendition.groove)
    assert again.chart == rendition.chart
    for part, other in zip(rendition.parts, again.parts, strict=True):
        assert (part.role, part.program) == (other.role, other.program)
        np.testing.assert_array_equal(part.notes, other.notes)


def test_all_grooves_share_the_held_out_chart_and_no_other() -> None:
    one, two = Groove("stdlib/a", "A", 4), Groove("stdlib/b", "B", 4)
    assert chart_for(HELD_OUT_CHART, one) == chart_for(HELD_OUT_CHART, two)
    assert chart_for(1, one) != chart_for(1, two)
    assert chart_for(1, one) != chart_for(HELD_OUT_CHART, one)


def test_what_is_there_is_not_made_again(
    rendition: Rendition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def render(chart, groove, folder, seed):
        asked.append(groove.name)
        return MidiSequence(192, tracks=(track("Chord", 4, 24),))

    monkeypatch.setattr(corpus, "render", render)
    monkeypatch.setattr(corpus, "grooves", lambda _: (rendition.groove,))
    corpus.make(tmp_path, 2)
    corpus.make(tmp_path, 3)
    assert asked == ["Plain"] * 3
    found = list(corpus.renditions(tmp_path, range(3)))
    assert len(found) == 3
