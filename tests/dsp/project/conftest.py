"""Random projects: ``st.from_type(Project)`` gives consistent ones with everything in them."""

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import strategies as st

from tonewright.dsp.errors import ProjectError
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
    MediaKind,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Note,
    ParameterRef,
    Project,
    Recipe,
    Send,
    TempoCurve,
    TempoEvent,
    TempoMap,
    TimeRange,
    TimeSignatureEvent,
    Track,
    TrackKind,
)
from tonewright.dsp.project.edits.access import fitting
from tonewright.dsp.project.tempo import to_seconds
from tonewright.dsp.project.validate import check_routing

names = st.text(max_size=8)
gains = st.floats(-60, 12)
times = st.builds(MusicalTime, st.integers(0, 50_000)) | st.builds(ClockTime, st.floats(0, 30))
shas = st.binary(min_size=32, max_size=32).map(bytes.hex)
extras = st.dictionaries(
    st.text(min_size=1, max_size=6).map(lambda name: f"x {name}"),
    st.none() | st.integers(-9, 9) | names | st.lists(st.booleans(), max_size=2),
    max_size=1,
)
params = st.dictionaries(
    st.sampled_from(["a_db", "b_hz", "c", "d"]),
    st.booleans() | st.integers(-99, 99) | st.floats(-1e6, 1e6) | names,
    max_size=3,
).map(lambda values: tuple(sorted(values.items())))
ranges = st.builds(
    lambda start, length: TimeRange(start, start + length), st.floats(0, 3), st.floats(0.01, 3)
)
fades = st.builds(Fade, st.floats(0, 1), st.sampled_from(FadeCurve))
notes = st.builds(
    Note,
    pitch=st.integers(0, 127),
    velocity=st.integers(1, 127),
    start_ticks=st.integers(0, 4_000),
    length_ticks=st.integers(0, 2_000),
    channel=st.integers(0, 2),
    release_velocity=st.integers(0, 127),
)
events = st.builds(
    MidiEvent,
    st.integers(0, 4_000),
    st.sampled_from(
        [b"\xb0\x07\x50", b"\xc1\x05", b"\xe0\x00\x40", b"\xf0\x7e\x7f\x09\x01\xf7", b"\xff\x05la"]
    ),
)


def by_start(values):
    return tuple(sorted(values, key=lambda each: each.start_ticks))


@st.composite
def tempo_maps(draw):
    starts = [0, *sorted(draw(st.sets(st.integers(1, 40_000), max_size=3)))]
    tempos = [
        TempoEvent(s, draw(st.floats(30, 300)), draw(st.sampled_from(TempoCurve))) for s in starts
    ]
    starts = [0, *sorted(draw(st.sets(st.integers(1, 40_000), max_size=2)))]
    signatures = [
        TimeSignatureEvent(s, draw(st.integers(1, 12)), 2 ** draw(st.integers(0, 4)))
        for s in starts
    ]
    return TempoMap(tuple(tempos), tuple(signatures))


@st.composite
def projects(draw):
    numbers = count()

    def new_id(kind):
        return Id(f"{kind}{next(numbers)}")

    def effects(most):
        return tuple(
            EffectSpec(
                new_id("effect"),
                draw(st.sampled_from(["gain", "reverb", "future"])),
                draw(st.integers(1, 3)),
                draw(params),
                draw(st.booleans()),
                draw(st.floats(0, 1)),
                draw(st.integers(0, 99)),
                draw(st.none() | ranges),
                None,
                draw(st.sampled_from(["", "AAEC"])),
                draw(extras),
            )
            for _ in range(draw(st.integers(0, most)))
        )

    def channel(groups):
        sends = tuple(
            Send(new_id("send"), group, draw(gains), draw(st.booleans()), draw(extras))
            for group in groups
            if draw(st.booleans())
        )
        return Channel(
            draw(gains),
            draw(st.floats(-1, 1)),
            draw(st.booleans()),
            draw(st.booleans()),
            effects(2),
            sends,
            draw(extras),
        )

    def lanes(of):
        targets = [
            ParameterRef(None, "gain_db"),
            *(ParameterRef(each.id, "c") for each in of.effects),
        ]
        return tuple(
            AutomationLane(
                target,
                tuple(
                    AutomationPoint(ticks, draw(gains), draw(st.floats(-1, 1)))
                    for ticks in sorted(
                        draw(st.sets(st.integers(0, 9_000), min_size=1, max_size=3))
                    )
                ),
                draw(st.sampled_from(AutomationMode)),
                draw(extras),
            )
            for target in targets
            if draw(st.booleans())
        )

    media = tuple(
        Media(
            id=new_id("medium"),
            name=draw(names),
            path=f"/sounds/{index}.wav",
            sha256=draw(shas),
            sample_rate=draw(st.sampled_from([44_100, 48_000, 96_000])),
            channels=2,
            length_samples=draw(st.integers(2, 500_000)),
            size_bytes=draw(st.integers(0, 9_999)),
            recipe=draw(
                st.none()
                | st.builds(
                    Recipe,
                    st.just(effects(1)),
                    st.tuples(shas),
                    names,
                    st.just((("separate", "0" * 64),)),
                    extras,
                )
            ),
            extra=draw(extras),
        )
        for index in range(draw(st.integers(1, 2)))
    )
    soundfont = Media(new_id("medium"), "sf", "/sounds/a.sf2", "a" * 64, kind=MediaKind.SOUNDFONT)
    project = Project(
        new_id("project"),
        draw(names),
        tempo_map=draw(tempo_maps()),
        media=(*media, soundfont),
        soundfont_id=draw(st.sampled_from([None, soundfont.id])),
        extra=draw(extras),
    )

    def audio_clip():
        medium = draw(st.sampled_from(media))
        start = draw(st.integers(0, medium.length_samples - 1))
        return fitting(
            project,
            AudioClip(
                new_id("clip"),
                draw(names),
                draw(times),
                medium.id,
                start,
                draw(st.integers(1, medium.length_samples - start)),
                draw(st.sampled_from([1.0, 0.5, 1.25])),
                draw(gains),
                draw(fades),
                draw(fades),
                draw(st.booleans()),
                effects(1),
                draw(extras),
            ),
        )

    def midi_clip():
        return MidiClip(
            new_id("clip"),
            draw(names),
            draw(times),
            draw(st.integers(1, 4_000)),
            by_start(draw(st.lists(notes, max_size=4))),
            by_start(draw(st.lists(events, max_size=3))),
            draw(st.booleans()),
            effects(1),
            draw(extras),
        )

    groups = [new_id("track") for _ in range(draw(st.integers(0, 2)))]
    kinds = [TrackKind.GROUP] * len(groups)
    kinds += draw(st.lists(st.sampled_from([TrackKind.AUDIO, TrackKind.MIDI]), max_size=3))
    tracks = []
    for index, kind in enumerate(kinds):
        # A group sounds through groups behind it only, so there is no circle.
        is_group = kind is TrackKind.GROUP
        targets = groups[index + 1 :] if is_group else groups
        strip = channel(targets)
        make_clip = audio_clip if kind is TrackKind.AUDIO else midi_clip
        clips = [] if is_group else [make_clip() for _ in range(draw(st.integers(0, 3)))]
        instrument = Instrument(
            draw(st.sampled_from([None, soundfont.id])),
            draw(st.none() | st.integers(0, 127)),
            draw(st.none() | st.integers(0, 127)),
            draw(st.booleans()),
            next(iter(effects(1)), None),
            draw(extras),
        )
        tracks.append(
            Track(
                groups[index] if is_group else new_id("track"),
                draw(names),
                kind,
                parent_id=draw(st.sampled_from([None, *targets])),
                channel=strip,
                clips=tuple(
                    sorted(clips, key=lambda clip: to_seconds(project.tempo_map, clip.start))
                ),
                automation=lanes(strip),
                instrument=instrument if kind is TrackKind.MIDI else None,
                extra=draw(extras),
            )
        )
    marks = [
        Marker(new_id("marker"), draw(names), start, draw(st.none() | st.just(type(start)(2))))
        for start in draw(st.lists(times, max_size=2))
    ]
    master = channel([])
    project = replace(
        project,
        markers=tuple(
            sorted(marks, key=lambda marker: to_seconds(project.tempo_map, marker.start))
        ),
        tracks=tuple(tracks),
        master=master,
        master_automation=lanes(master),
    )
    return draw(sidechained(project))


@st.composite
def sidechained(draw, project):
    """Let the first effect of some track listen to another, where that makes no circle."""
    for track in project.tracks:
        if not track.channel.effects or not draw(st.booleans()):
            continue
        source = draw(st.sampled_from(project.tracks)).id
        first = replace(track.channel.effects[0], sidechain_id=source)
        strip = replace(track.channel, effects=(first, *track.channel.effects[1:]))
        tracks = tuple(
            replace(each, channel=strip) if each is track else each for each in project.tracks
        )
        listening = replace(project, tracks=tracks)
        try:
            check_routing(listening)
        except ProjectError:
            continue
        return listening
    return project


st.register_type_strategy(Project, projects())


@pytest.fixture
def song():
    """Two audio clips that touch, one MIDI clip, a group: 1 second is 960 ticks."""
    medium = Media(Id("m"), "tone", "/sounds/tone.wav", "0" * 64, 48_000, 1, 480_000)
    first = AudioClip(Id("a"), "a", ClockTime(1.0), medium.id, 48_000, 96_000)
    second = AudioClip(Id("b"), "b", ClockTime(3.0), medium.id, 240_000, 96_000)
    played = (Note(60, 90, 0, 480), Note(62, 90, 480, 960), Note(64, 90, 1_440, 480))
    midi = MidiClip(Id("c"), "c", MusicalTime(0), 1_920, played)
    return Project(
        Id("p"),
        "song",
        tempo_map=TempoMap((TempoEvent(0, 60.0),)),
        tracks=(
            Track(Id("1"), "one", TrackKind.AUDIO, parent_id=Id("g"), clips=(first, second)),
            Track(Id("2"), "two", TrackKind.MIDI, clips=(midi,)),
            Track(Id("g"), "group", TrackKind.GROUP),
        ),
        media=(medium,),
    )
