"""A song with a riff that starts at the second bar, and another clip that sounds with it."""

import pytest

from tonewright.desktop.session import Session
from tonewright.dsp.project.document import (
    PPQ,
    Id,
    MidiClip,
    MusicalTime,
    Note,
    Project,
    Track,
    TrackKind,
)

RIFF = Id("riff")
A, B, C = Note(60, 100, 0, 480), Note(64, 90, 960, 480), Note(67, 80, 1920, 480)


@pytest.fixture
def session(qapp):
    riff = MidiClip(RIFF, "Riff", MusicalTime(4 * PPQ), 4 * PPQ, (A, B, C))
    bass = MidiClip(Id("bass"), "Bass", MusicalTime(5 * PPQ), 4 * PPQ, (Note(40, 90, 0, 960),))
    later = MidiClip(Id("later"), "Later", MusicalTime(40 * PPQ), PPQ, (Note(50, 90, 0, 960),))
    return Session(
        Project(
            Id("song"),
            "Song",
            tracks=(
                Track(Id("keys"), "Keys", TrackKind.MIDI, clips=(riff,)),
                Track(Id("low"), "Low", TrackKind.MIDI, clips=(bass, later)),
            ),
        )
    )
