"""A project with all that a project can hold, to a DAWproject and back: what is lost is listed."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tonewright.dsp.exchange.dawproject.reader import read_dawproject
from tonewright.dsp.exchange.dawproject.writer import write_dawproject
from tonewright.dsp.project.document import (
    AudioClip,
    AutomationLane,
    AutomationMode,
    AutomationPoint,
    Channel,
    ClockTime,
    EffectSpec,
    Fade,
    FadeCurve,
    Id,
    Instrument,
    Marker,
    Media,
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
    TimeRange,
    TimeSignatureEvent,
    Track,
    TrackKind,
)
from tonewright.dsp.project.media import import_media
from tonewright.dsp.project.validate import validate

RATE = 48_000


def tone(path: Path, channels: int, rate: int) -> Media:
    path.parent.mkdir(exist_ok=True)
    audio = np.full((rate, channels), 0.1 * channels)
    soundfile.write(path, audio, rate, subtype="PCM_16")
    return import_media(path)


def lane(effect: str | None, parameter: str, *values: float, **more: Any) -> AutomationLane:
    points = tuple(AutomationPoint(960 * place, value) for place, value in enumerate(values))
    return AutomationLane(ParameterRef(effect and Id(effect), parameter), points, **more)


def voice(media: tuple[Media, ...]) -> Track:
    one, two, slow = (each.id for each in media)
    effects = (
        EffectSpec(Id("f1"), "compressor", params=(("threshold_db", -20.0),), sidechain_id=Id("d")),
        EffectSpec(Id("f2"), "gain", enabled=False, mix=0.3, seed=9, range=TimeRange(0.5, 1.5)),
        EffectSpec(
            Id("f3"),
            "vst3_not_here",
            params=(("amount", 0.5), ("on", True), ("word", "loud")),
            state="QUJD",
        ),
    )
    sends = (Send(Id("s1"), Id("bus"), -6.0), Send(Id("s2"), Id("in"), 0.0, True))
    bent = dataclasses.replace(lane(None, "gain_db", -6.0, 0.0, -96.0))
    bent = dataclasses.replace(
        bent, points=(dataclasses.replace(bent.points[0], bend=0.5), *bent.points[1:])
    )
    return Track(
        Id("v"),
        "Voice",
        TrackKind.AUDIO,
        "#123456",
        Id("in"),
        Channel(-12.5, 1.0, muted=True, effects=effects, sends=sends),
        (
            AudioClip(
                Id("c1"),
                "one",
                ClockTime(0.5),
                one,
                100,
                40_000,
                fade_in=Fade(0.1, FadeCurve.EQUAL_POWER),
                fade_out=Fade(0.2, FadeCurve.SMOOTH),
                effects=(EffectSpec(Id("cf"), "gain"),),
            ),
            AudioClip(Id("c2"), "two", MusicalTime(1_000), two, 0, 44_100, 0.5, 3.0),
            AudioClip(Id("c3"), "slow", ClockTime(2.5), slow, 441, 21_609, muted=True),
        ),
        (
            bent,
            lane(None, "pan", 0.0, 1.0, mode=AutomationMode.OFF),
            lane("f1", "threshold_db", -20.0, -30.0),
            lane("f3", "amount", 0.1, 0.9),
        ),
    )


def drums() -> Track:
    messages = (b"\xc9\x08", b"\xd9\x40", b"\xa9\x24\x46", b"\xf0\x7e\x7f\xf7", b"\xff\x05la")
    clip = MidiClip(
        Id("m1"),
        "beat",
        ClockTime(2.0),
        3_840,
        (Note(36, 100, 0, 240, 9, 0), Note(38, 1, 240, 1)),
        tuple(MidiEvent(place, each) for place, each in enumerate(messages)),
        muted=True,
        effects=(EffectSpec(Id("q"), "quantize"),),
    )
    return Track(
        Id("d"),
        "Drums & <Bass>",
        TrackKind.MIDI,
        instrument=Instrument(drums=True),
        clips=(clip,),
    )


@pytest.fixture
def everything(tmp_path: Path) -> Project:
    media = (
        tone(tmp_path / "a" / "tone.wav", 1, RATE),
        tone(tmp_path / "b" / "tone.wav", 2, 44_100),  # of the same name
        tone(tmp_path / "slow.wav", 2, 22_050),
    )
    reverb = EffectSpec(Id("fb"), "reverb", params=(("room_size", 0.4),))
    bus = Track(Id("bus"), "Bus", TrackKind.GROUP, channel=Channel(-2.0, 0.3, effects=(reverb,)))
    inner = Track(
        Id("in"), "Inner", TrackKind.GROUP, parent_id=Id("bus"), channel=Channel(soloed=True)
    )
    limiter = EffectSpec(Id("mf"), "limiter")
    project = Project(
        Id("p"),
        "Every thing",
        RATE,
        TempoMap(
            (
                TempoEvent(0, 97.3),
                TempoEvent(960, 120.0, TempoCurve.LINEAR),
                TempoEvent(4_800, 60.0),
            ),
            (TimeSignatureEvent(0, 7, 8), TimeSignatureEvent(3_360, 4, 4)),
        ),
        (
            Marker(Id("k1"), "Place", MusicalTime(480), comment="x"),
            Marker(Id("k2"), "Region", MusicalTime(960), MusicalTime(960), "#00ff00"),
            Marker(Id("k3"), "By the clock", ClockTime(3.0), ClockTime(1.0)),
        ),
        (bus, inner, voice(media), drums()),
        Channel(-3.0, -0.1, effects=(limiter,)),
        master_automation=(
            lane(None, "gain_db", 0.0, -3.0),
            lane("mf", "threshold_db", -1.0, -3.0),
        ),
        media=media,
        start_timecode="01:00:00:00",
        frame_rate="30000/1001",
        extra={"their": "data"},
    )
    validate(project)
    return project


def differences(before: Any, after: Any, place: str = "project") -> Iterator[str]:
    """Yield where two projects differ, identities and media left aside."""
    if dataclasses.is_dataclass(before) and type(before) is type(after):
        for each in dataclasses.fields(before):
            if each.name not in ("id", "media", "media_id"):
                values = getattr(before, each.name), getattr(after, each.name)
                yield from differences(*values, f"{place}.{each.name}")
    elif isinstance(before, tuple) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, f"{place}[{getattr(pair[0], 'name', index)}]")
    elif before != after:
        yield place


LOST = {
    "project.tracks[Voice].clips[one].fade_in.curve": "Voice: one: the equal_power curve",
    "project.tracks[Voice].clips[one].fade_out.curve": "Voice: one: the smooth curve",
    "project.tracks[Voice].clips[one].effects": "Voice: one: effects of a clip: gain",
    "project.tracks[Voice].automation": "Voice: automation of pan (switched off",
    "project.tracks[Drums & <Bass>].clips[beat].events": "Drums & <Bass>: beat: 2 MIDI messages",
    "project.tracks[Drums & <Bass>].clips[beat].effects": "beat: effects of a clip: quantize",
    "project.markers[Region].length": "marker Region: the length",
    "project.markers[By the clock].length": "marker By the clock: the length",
    "project.markers[By the clock].start": "marker By the clock: that it follows the clock",
    "project.start_timecode": "project: the start timecode",
    "project.frame_rate": "and the frame rate",
    "project.extra": "project: what other programs keep in it",
}
"""What the format has no word for, and the line that says so."""


def test_what_is_lost_on_the_way_is_listed_and_nothing_else_is(
    everything: Project, tmp_path: Path
) -> None:
    left = write_dawproject(everything, tmp_path / "song.dawproject")
    again = read_dawproject(tmp_path / "song.dawproject", tmp_path / "media")
    assert not again.left
    assert set(differences(everything, again.project)) == set(LOST)
    for line in (*LOST.values(), "Voice: the bends of the automation of gain_db"):
        assert [each for each in left if line in each], line
    # The lane that is gone was switched off; the others are as they were, but for bends.
    lanes = [each.target for each in everything.tracks[2].automation]
    assert [each.target for each in again.project.tracks[2].automation] == [lanes[0], *lanes[2:]]
    assert sorted(each.sha256 for each in again.project.media) == sorted(
        each.sha256 for each in everything.media
    )
    again_left = write_dawproject(again.project, tmp_path / "twice.dawproject")
    twice = read_dawproject(tmp_path / "twice.dawproject", tmp_path / "media again")
    assert list(differences(again.project, twice.project)) == []
    assert set(again_left) < set(left)
