import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    Channel,
    ClockTime,
    EffectSpec,
    Fade,
    Id,
    Instrument,
    Marker,
    MidiEvent,
    MusicalTime,
    Note,
    ParameterRef,
    Project,
    Send,
    TimeRange,
)
from tonewright.dsp.project.validate import validate

GAIN = EffectSpec(Id("e"), "gain")


def with_track(project, index, **fields):
    track = replace(project.tracks[index], **fields)
    return replace(project, tracks=(*project.tracks[:index], track, *project.tracks[index + 1 :]))


def with_clip(project, **fields):
    index = 1 if {"notes", "events", "length_ticks"} & set(fields) else 0
    clips = project.tracks[index].clips
    return with_track(project, index, clips=(replace(clips[0], **fields), *clips[1:]))


def with_channel(project, index, **fields):
    return with_track(project, index, channel=Channel(**fields))


def with_medium(project, **fields):
    return replace(project, media=(replace(project.media[0], **fields),))


def lane(*points, parameter="gain_db", effect=None):
    return AutomationLane(ParameterRef(effect, parameter), points)


@given(st.from_type(Project))
@settings(
    derandomize=True,
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_random_projects_are_consistent(project):
    validate(project)


FAULTS = {
    "speed_ratio": lambda p: with_clip(p, speed_ratio=0.0),
    "gain_db": lambda p: with_clip(p, gain_db=math.nan),
    "which has 480000": lambda p: with_clip(p, source_length_samples=480_001),
    "no medium with the id nothing": lambda p: with_clip(p, media_id=Id("nothing")),
    "fade length_seconds": lambda p: with_clip(p, fade_in=Fade(2.1)),
    "clip 'a': start": lambda p: with_clip(p, start=ClockTime(-0.1)),
    "sorted by start": lambda p: with_clip(p, start=ClockTime(9.0)),
    "clip b: each id": lambda p: with_clip(p, id=Id("b")),
    "no MIDI note": lambda p: with_clip(p, notes=(Note(60, 0, 0, 1),)),
    "no MIDI event": lambda p: with_clip(p, events=(MidiEvent(0, b"\x90\x01\x01"),)),
    "length_ticks": lambda p: with_clip(p, length_ticks=0),
    "notes and events must be sorted": lambda p: with_clip(
        p, notes=(Note(60, 1, 5, 1), Note(60, 1, 4, 1))
    ),
    "cannot be on the midi track": lambda p: with_track(
        with_track(p, 0, clips=()), 1, clips=p.tracks[0].clips
    ),
    "no group 2": lambda p: with_track(p, 0, parent_id=Id("2")),
    "no group x": lambda p: with_channel(p, 0, sends=(Send(Id("s"), Id("x")),)),
    "circle through 'group'": lambda p: with_track(p, 2, parent_id=Id("g")),
    "circle through 'one', 'group'": lambda p: with_channel(
        p, 0, effects=(replace(GAIN, sidechain_id=Id("g")),)
    ),
    "no track x": lambda p: replace(p, master=Channel(effects=(replace(GAIN, sidechain_id="x"),))),
    "the master cannot send": lambda p: replace(p, master=Channel(sends=(Send(Id("s"), Id("g")),))),
    "pan must be": lambda p: with_channel(p, 0, pan=1.1),
    "gain: mix": lambda p: with_channel(p, 0, effects=(replace(GAIN, mix=-0.1),)),
    "range must be longer": lambda p: with_channel(
        p, 0, effects=(replace(GAIN, range=TimeRange(1.0, 1.0)),)
    ),
    "parameters must be sorted": lambda p: with_channel(
        p, 0, effects=(replace(GAIN, params=(("b", 1), ("a", 1))),)
    ),
    "effect e: each id": lambda p: with_channel(p, 0, effects=(GAIN, GAIN)),
    "one automation lane": lambda p: with_track(
        p, 0, automation=(lane(AutomationPoint(0, 1.0)),) * 2
    ),
    "a lane needs a point": lambda p: with_track(p, 0, automation=(lane(),)),
    "no effect x": lambda p: with_track(
        p, 0, automation=(lane(AutomationPoint(0, 1.0), effect=Id("x")),)
    ),
    "automates gain_db and pan": lambda p: with_track(
        p, 0, automation=(lane(AutomationPoint(0, 1.0), parameter="wow"),)
    ),
    "points must be sorted": lambda p: with_track(
        p, 0, automation=(lane(AutomationPoint(5, 1.0), AutomationPoint(4, 1.0)),)
    ),
    "bend must be": lambda p: with_track(p, 0, automation=(lane(AutomationPoint(0, 1.0, 2.0)),)),
    "no color": lambda p: with_track(p, 0, color="red"),
    "program must be": lambda p: with_track(p, 1, instrument=Instrument(program=128)),
    "no SoundFont m": lambda p: replace(p, soundfont_id=Id("m")),
    "sha256 must be": lambda p: with_medium(p, sha256="abc"),
    "medium 'tone': sample_rate": lambda p: with_medium(p, sample_rate=0),
    "project: sample_rate": lambda p: replace(p, sample_rate=1),
    "start_timecode": lambda p: replace(p, start_timecode="1:2:3"),
    "frame_rate must be a fraction": lambda p: replace(p, frame_rate="25/0"),
    "frame_rate must be 1": lambda p: replace(p, frame_rate="0"),
    "both be in ticks": lambda p: replace(
        p, markers=(Marker(Id("k"), "k", ClockTime(0.0), MusicalTime(1)),)
    ),
    "a region must be longer": lambda p: replace(
        p, markers=(Marker(Id("k"), "k", ClockTime(0.0), ClockTime(0.0)),)
    ),
}


@pytest.mark.parametrize("message", FAULTS)
def test_a_fault_is_named_with_its_place(song, message):
    validate(song)
    with pytest.raises(ProjectError) as caught:
        validate(FAULTS[message](song))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
