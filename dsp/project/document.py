"""The project as one immutable value.

Every object is a frozen dataclass; an edit returns a new project that shares all it did not
touch, so comparing by identity finds what changed and any thread may read without a lock.

Conventions: positions and lengths in ticks are musical (``PPQ`` ticks a quarter note); clip
contents count from the clip's start; audio sources count samples in the media's own rate; ranges
are half open. Collections are tuples, clips sorted by start. ``extra`` keeps fields that this
version does not know, so that they survive a round trip.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any, NewType

PPQ = 960
"""Ticks per quarter note in every project."""

FORMAT = 1
"""The version of the project format that this code writes."""

Id = NewType("Id", str)
Json = Any
Value = float | int | bool | str  # of a parameter; a ``FilePath`` is a str
Extra = Mapping[str, Json]


def new_id() -> Id:
    """Return a fresh identity: it survives edits and renames."""
    return Id(uuid.uuid4().hex)


# --- time -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class MusicalTime:
    """A position that follows the tempo, in ticks from the start of the project."""

    ticks: int


@dataclass(frozen=True, slots=True, order=True)
class ClockTime:
    """A position that stays on the clock, in seconds from the start of the project."""

    seconds: float


Time = MusicalTime | ClockTime


class TempoCurve(StrEnum):
    """How the tempo moves from one event to the next."""

    CONSTANT = "constant"
    LINEAR = "linear"  # bpm changes linearly over ticks


@dataclass(frozen=True, slots=True)
class TempoEvent:
    """A tempo in quarter notes a minute, from ``start_ticks`` to the next event."""

    start_ticks: int
    bpm: float
    curve: TempoCurve = TempoCurve.CONSTANT


@dataclass(frozen=True, slots=True)
class TimeSignatureEvent:
    """A time signature from ``start_ticks`` on; ``denominator`` is a power of two."""

    start_ticks: int
    numerator: int = 4
    denominator: int = 4


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Tempi and signatures, each sorted by start, the first at tick 0.

    ``dsp.project.tempo`` converts with it.
    """

    tempos: tuple[TempoEvent, ...] = (TempoEvent(0, 120.0),)
    time_signatures: tuple[TimeSignatureEvent, ...] = (TimeSignatureEvent(0),)

    def __post_init__(self) -> None:
        for name, events in (("tempos", self.tempos), ("time_signatures", self.time_signatures)):
            starts = [event.start_ticks for event in events]
            if not starts or starts[0] != 0 or any(a >= b for a, b in pairwise(starts)):
                raise ValueError(f"{name} must start at tick 0 and rise, not {starts[:8]}")
        for tempo in self.tempos:
            if not 1.0 <= tempo.bpm <= 6000.0:
                raise ValueError(f"a tempo must be 1 to 6000 bpm, not {tempo.bpm}")
        for signature in self.time_signatures:
            power_of_two = signature.denominator > 0 and not signature.denominator & (
                signature.denominator - 1
            )
            if signature.numerator < 1 or not power_of_two or signature.denominator > 4 * PPQ:
                raise ValueError(
                    f"no time signature: {signature.numerator}/{signature.denominator}"
                )


@dataclass(frozen=True, slots=True)
class Marker:
    """A named place, or a region where ``length`` is given (of the same kind as ``start``)."""

    id: Id
    name: str
    start: Time
    length: Time | None = None
    color: str = "#808080"
    comment: str = ""
    extra: Extra = field(default_factory=dict, hash=False)


# --- effects and automation -----------------------------------------------------------------


class FilePath(str):
    """The value of a parameter that names a file.

    It is absolute in memory; the project file names a place inside its folder instead
    (``dsp.project.folder`` translates).
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A half-open range in seconds.

    On a clip it counts from the clip's start, on a track from the project's.
    """

    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """One effect of a chain, as data; never a live plugin.

    Attributes:
        type: The id of an effect type, e.g. ``"reverb"``. One that is not installed is kept.
        version: The version of the effect type that ``params`` were set with.
        params: Sorted (name, value) pairs; a parameter that is not named has its default.
        mix: Share of the processed signal, 0 (dry) to 1 (wet).
        seed: For effects that draw random numbers.
        range: Where it applies; everywhere if None.
        sidechain_id: The track that an effect with a sidechain listens to.
        state: The opaque state of an external plugin, base64.
    """

    id: Id
    type: str
    version: int = 1
    params: tuple[tuple[str, Value], ...] = ()
    enabled: bool = True
    mix: float = 1.0
    seed: int = 0
    range: TimeRange | None = None
    sidechain_id: Id | None = None
    state: str = ""
    extra: Extra = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """A parameter of one effect, or of the channel itself (``gain_db``, ``pan``) if no effect."""

    effect_id: Id | None
    parameter: str


@dataclass(frozen=True, slots=True)
class AutomationPoint:
    """A value in the parameter's own unit.

    ``bend`` in [-1, 1] shapes the way to the next point: 0 is straight, above 0 starts slowly,
    below 0 starts fast.
    """

    ticks: int
    value: float
    bend: float = 0.0


class AutomationMode(StrEnum):
    """Whether a lane is read."""

    READ = "read"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class AutomationLane:
    """The automation of one parameter; points sorted by ticks."""

    target: ParameterRef
    points: tuple[AutomationPoint, ...]
    mode: AutomationMode = AutomationMode.READ
    extra: Extra = field(default_factory=dict, hash=False)


# --- channels -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Send:
    """A copy of a track's sound to a group, after the fader unless ``pre_fader``."""

    id: Id
    target_id: Id
    gain_db: float = 0.0
    pre_fader: bool = False
    extra: Extra = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """The strip of a track or of the master: effects, then fader and pan, then sends.

    ``pan`` in [-1, 1] follows the balance law of ``dsp.rendering.mix``.
    """

    gain_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    soloed: bool = False
    effects: tuple[EffectSpec, ...] = ()
    sends: tuple[Send, ...] = ()
    extra: Extra = field(default_factory=dict, hash=False)


# --- clips ----------------------------------------------------------------------------------


class FadeCurve(StrEnum):
    """The shape of a fade's gain over its length, t from 0 to 1."""

    LINEAR = "linear"  # t
    EQUAL_POWER = "equal_power"  # sin(pi t / 2): two of them cross at constant power
    SMOOTH = "smooth"  # (1 - cos(pi t)) / 2


@dataclass(frozen=True, slots=True)
class Fade:
    """A fade at a clip's edge."""

    length_seconds: float = 0.0
    curve: FadeCurve = FadeCurve.LINEAR


@dataclass(frozen=True, slots=True)
class AudioClip:
    """A piece of a medium on the timeline.

    ``speed_ratio`` plays the source faster (above 1) or slower; pitch follows, as on tape. The
    clip lasts ``source_length_samples / media.sample_rate / speed_ratio`` seconds; the tail of
    its effects sounds on behind it.
    """

    id: Id
    name: str
    start: Time
    media_id: Id
    source_start_samples: int
    source_length_samples: int
    speed_ratio: float = 1.0
    gain_db: float = 0.0
    fade_in: Fade = Fade()
    fade_out: Fade = Fade()
    muted: bool = False
    effects: tuple[EffectSpec, ...] = ()
    extra: Extra = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Note:
    """A note; ``start_ticks`` counts from the clip's start."""

    pitch: int
    velocity: int
    start_ticks: int
    length_ticks: int
    channel: int = 0
    release_velocity: int = 64


@dataclass(frozen=True, slots=True)
class MidiEvent:
    """Any other MIDI message of a clip, as its bytes.

    Channel messages and SysEx as on the wire (status first, SysEx with F0 and F7); a meta event
    as FF, type and payload without the length.
    """

    start_ticks: int
    data: bytes


@dataclass(frozen=True, slots=True)
class MidiClip:
    """Notes and other events, both sorted by start, of which ``length_ticks`` sound."""

    id: Id
    name: str
    start: Time
    length_ticks: int
    notes: tuple[Note, ...] = ()
    events: tuple[MidiEvent, ...] = ()
    muted: bool = False
    effects: tuple[EffectSpec, ...] = ()
    extra: Extra = field(default_factory=dict, hash=False)


Clip = AudioClip | MidiClip


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a MIDI track sounds through.

    Attributes:
        soundfont_id: A medium of kind SOUNDFONT; the project's if None.
        bank: Bank select at the start; the clips' own events if None.
        program: Program 0-127 at the start; the clips' own events if None.
        drums: Play the channel's notes as a General MIDI drum kit.
        plugin: A plugin to sound through, instead of a SoundFont.
    """

    soundfont_id: Id | None = None
    bank: int | None = None
    program: int | None = None
    drums: bool = False
    plugin: EffectSpec | None = None
    extra: Extra = field(default_factory=dict, hash=False)


# --- tracks, media, project -----------------------------------------------------------------


class TrackKind(StrEnum):
    """What a track holds."""

    AUDIO = "audio"
    MIDI = "midi"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Track:
    """A track; with ``parent_id`` it sounds through that group, else through the master."""

    id: Id
    name: str
    kind: TrackKind
    color: str = "#4f8cc9"
    parent_id: Id | None = None
    channel: Channel = Channel()
    clips: tuple[Clip, ...] = ()
    automation: tuple[AutomationLane, ...] = ()
    instrument: Instrument | None = None
    extra: Extra = field(default_factory=dict, hash=False)


class MediaKind(StrEnum):
    """What a media file is."""

    AUDIO = "audio"
    SOUNDFONT = "soundfont"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a medium was made: the same effect on the same inputs makes it again.

    Attributes:
        effects: What was applied, in order, parameters and seeds included.
        inputs: SHA-256 of each input file.
        output: Which output it is, where there are several (e.g. ``"vocals"``).
        weights: (effect type, SHA-256) of the networks used.
    """

    effects: tuple[EffectSpec, ...]
    inputs: tuple[str, ...] = ()
    output: str = ""
    weights: tuple[tuple[str, str], ...] = ()
    extra: Extra = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Media:
    """A file that clips play from.

    ``path`` is absolute in memory; the project file names a place inside its folder instead
    (``dsp.project.folder`` translates). There may be no such file: then the medium is missing,
    and its clips are silent. ``sha256`` is of the file's bytes and finds it again; ``size_bytes``
    makes that quick (0 if unknown). A SoundFont has no rate, channels or length (0).
    """

    id: Id
    name: str
    path: str
    sha256: str
    sample_rate: int = 0
    channels: int = 0
    length_samples: int = 0
    kind: MediaKind = MediaKind.AUDIO
    size_bytes: int = 0
    recipe: Recipe | None = None
    extra: Extra = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that a user makes.

    Attributes:
        soundfont_id: The SoundFont of MIDI tracks without their own; the shipped default if None.
        start_timecode: Timecode of the project's start, ``HH:MM:SS:FF`` at ``frame_rate``.
        frame_rate: Frames a second as a fraction, e.g. ``"25"`` or ``"30000/1001"``.
    """

    id: Id
    name: str
    sample_rate: int = 48_000
    tempo_map: TempoMap = TempoMap()
    markers: tuple[Marker, ...] = ()
    tracks: tuple[Track, ...] = ()
    master: Channel = Channel()
    master_automation: tuple[AutomationLane, ...] = ()
    media: tuple[Media, ...] = ()
    soundfont_id: Id | None = None
    start_timecode: str = "00:00:00:00"
    frame_rate: str = "25"
    format: int = FORMAT
    extra: Extra = field(default_factory=dict, hash=False)

    def track(self, track_id: Id) -> Track:
        """Return a track by id; KeyError if there is none."""
        return _by_id(self.tracks, track_id)

    def medium(self, media_id: Id) -> Media:
        """Return a medium by id; KeyError if there is none."""
        return _by_id(self.media, media_id)

    def clips(self) -> Iterator[tuple[Track, Clip]]:
        """Yield every clip with its track, in order."""
        for track in self.tracks:
            for clip in track.clips:
                yield track, clip


def _by_id(objects: tuple[Any, ...], wanted: Id) -> Any:
    for each in objects:
        if each.id == wanted:
            return each
    raise KeyError(wanted)
