"""A song that says all that DAWproject can say, and one file for it to play."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.project.document import (
    AudioClip,
    AutomationLane,
    AutomationPoint,
    Channel,
    ClockTime,
    EffectSpec,
    Fade,
    Id,
    Instrument,
    Marker,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Note,
    ParameterRef,
    Project,
    Send,
    TempoCurve,
    TempoEvent,
    TempoMap,
    TimeSignatureEvent,
    Track,
    TrackKind,
)
from tonewright.dsp.project.media import import_media

RATE = 48_000


@pytest.fixture
def full_song(tmp_path: Path) -> Project:
    path = tmp_path / "tone.wav"
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE)
    soundfile.write(path, tone, RATE, subtype="PCM_16")
    medium = import_media(path)
    group = Track(Id("g"), "Group", TrackKind.GROUP, channel=Channel(-3.0))
    eq = EffectSpec(Id("e"), "gain", params=(("gain_db", -2.5),), mix=0.5, seed=3)
    first = AudioClip(
        Id("a"),
        "first",
        ClockTime(1.25),
        medium.id,
        4_801,
        96_000,
        gain_db=-4.5,
        fade_in=Fade(0.25),
        fade_out=Fade(0.5),
    )
    second = AudioClip(Id("b"), "second", MusicalTime(9_600), medium.id, 0, 48_000, 2.0, muted=True)
    audio = Track(
        Id("1"),
        "Guitar",
        TrackKind.AUDIO,
        "#112233",
        Id("g"),
        Channel(-6.5, -0.25, effects=(eq,), sends=(Send(Id("s"), Id("g"), -12.0, True),)),
        (first, second),
        (
            AutomationLane(
                ParameterRef(None, "gain_db"),
                (AutomationPoint(0, -6.0), AutomationPoint(1_920, 3.0)),
            ),
            AutomationLane(ParameterRef(None, "pan"), (AutomationPoint(480, -1.0),)),
            AutomationLane(ParameterRef(Id("e"), "gain_db"), (AutomationPoint(960, -9.0),)),
        ),
    )
    clip = MidiClip(
        Id("c"),
        "riff",
        MusicalTime(960),
        1_920,
        (Note(60, 90, 0, 480, 2, 10), Note(64, 127, 481, 239)),
        (MidiEvent(0, bytes((0xB2, 7, 100))), MidiEvent(10, bytes((0xE0, 5, 70)))),
    )
    midi = Track(
        Id("2"),
        "Keys",
        TrackKind.MIDI,
        channel=Channel(muted=True),
        clips=(clip,),
        instrument=Instrument(program=4),
    )
    return Project(
        Id("p"),
        "Full song",
        RATE,
        TempoMap(
            (TempoEvent(0, 90.0, TempoCurve.LINEAR), TempoEvent(3_840, 120.5)),
            (TimeSignatureEvent(0, 3, 4), TimeSignatureEvent(2_880, 6, 8)),
        ),
        (Marker(Id("m"), "Verse", MusicalTime(1_440), color="#ff0000", comment="soft"),),
        (group, audio, midi),
        Channel(-1.0),
        media=(medium,),
    )
