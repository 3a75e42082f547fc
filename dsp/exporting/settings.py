"""What an export makes, as one value: command line, dialog and batch fill in the same one."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.naming import check_pattern
from tonewright.dsp.exporting.targets import LoudnessTarget, loudness_target
from tonewright.dsp.project.document import Id, TimeRange


class Container(StrEnum):
    """The kind of audio file."""

    WAV = "wav"
    AIFF = "aiff"
    FLAC = "flac"
    OGG = "ogg"


class Depth(StrEnum):
    """The samples of WAV, AIFF and FLAC; OGG has none."""

    INT16 = "16"
    INT24 = "24"
    FLOAT32 = "32f"


class Normalise(StrEnum):
    """What is brought to a level."""

    NONE = "none"
    PEAK = "peak"  # the sample peak, in dBFS
    LUFS = "lufs"  # the integrated loudness


class Scope(StrEnum):
    """What shares a gain."""

    TOGETHER = "together"  # all files of a range: stems still sum to the mix
    EACH = "each"


class Midi(StrEnum):
    """Which MIDI files are written."""

    NONE = "none"
    TRACKS = "tracks"
    ONE = "one"


CONTAINERS = {f".{each}": each for each in Container} | {".aif": Container.AIFF}
"""The container that an extension stands for."""

AUTO_TAIL = "auto"
DEFAULT_PEAK_DBFS = -1.0
DEFAULT_CEILING_DBTP = -1.0
DEFAULT_PATTERN = "{project} {region} {number} {track}"


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """The settings of an export.

    Attributes:
        mix: Write the mix.
        stems: Write a file for each of ``tracks``.
        tracks: Ids of tracks and groups; None is all at the top level, which sum to the mix.
        through_master: All files pass the master's effects and fader, each on its own; without
            it, none does. Either way the stems can sum to the mix.
        dry: Bypass the effects of tracks, groups and clips; faders, pan and sends stay.
        regions: Write every file once for each region marker of these names; True for all.
        range: Export only this part of the project.
        loop: Fold what rings behind the end onto the start, so that the files loop.
        tail: ``"auto"`` (until silence) or seconds behind the end. None is ``"auto"`` for a
            whole project and 0 for ranges and regions. Behind a range only tails sound on, no
            further notes or clips.
        sample_rate: In Hz; None is the project's.
        quality: Of OGG, 0 to 1.
        dither_seed: Of the noise under 16 and 24 bits.
        normalise: What is brought to ``level``.
        level: dBFS or LUFS; None is the target's loudness, or -1 dBFS for peaks.
        ceiling_dbtp: True peak that normalising stays below; None is the target's, or -1 dBTP.
        scope: Whether the files of a range share a gain.
        target: Id of a loudness target: the mix is checked against it.
        pattern: Names of audio and MIDI files, see ``dsp.exporting.naming``.
        broadcast: Put timecode and history into WAV files (``bext``).
        midi: Which MIDI files are written; they hold the whole project.
        skip_missing: Leave out effects that are not installed, instead of refusing.

    Raises:
        ExportError: If a setting is out of range or two contradict each other.
    """

    mix: bool = True
    stems: bool = False
    tracks: tuple[Id, ...] | None = None
    through_master: bool = True
    dry: bool = False
    regions: bool | tuple[str, ...] = False
    range: TimeRange | None = None
    loop: bool = False
    tail: str | float | None = None
    container: Container = Container.WAV
    depth: Depth = Depth.INT24
    sample_rate: int | None = None
    quality: float = 0.6
    dither_seed: int = 0
    normalise: Normalise = Normalise.NONE
    level: float | None = None
    ceiling_dbtp: float | None = None
    scope: Scope = Scope.TOGETHER
    target: str | None = None
    pattern: str = DEFAULT_PATTERN
    broadcast: bool = True
    midi: Midi = Midi.NONE
    skip_missing: bool = False

    def __post_init__(self) -> None:
        if not (self.mix or self.stems or self.midi is not Midi.NONE):
            raise ExportError("nothing to export: choose the mix, stems or MIDI")
        if self.tracks == ():
            raise ExportError("no track is selected: choose at least one, or all")
        if self.range is not None:
            start, end = self.range.start_seconds, self.range.end_seconds
            if not (0.0 <= start < end < math.inf):
                raise ExportError(f"range {start:g} to {end:g} s is empty or starts before 0")
            if self.regions:
                raise ExportError("choose a range or regions, not both")
        if isinstance(self.tail, str):
            if self.tail != AUTO_TAIL:
                raise ExportError(f'tail must be "auto" or seconds, not {self.tail!r}')
        elif self.tail is not None and not 0.0 <= self.tail < math.inf:
            raise ExportError(f"tail must be at least 0 s, not {self.tail:g}")
        if self.loop and self.tail not in {None, AUTO_TAIL}:
            raise ExportError("a loop has no tail behind it: leave the tail out")
        if self.container is Container.FLAC and self.depth is Depth.FLOAT32:
            raise ExportError("FLAC holds 16 or 24 bits, not 32f: choose 24, or WAV")
        if self.sample_rate is not None and not 8000 <= self.sample_rate <= 192_000:
            raise ExportError(f"rate must be 8000 to 192000 Hz, not {self.sample_rate}")
        if not 0.0 <= self.quality <= 1.0:
            raise ExportError(f"quality must be 0 to 1, not {self.quality:g}")
        if self.dither_seed < 0:
            raise ExportError(f"the seed of the dither must be at least 0, not {self.dither_seed}")
        if self.normalise is Normalise.LUFS and self.level is None and self.target is None:
            raise ExportError("normalising loudness needs a level in LUFS or a target")
        for name, value in (("level", self.level), ("ceiling", self.ceiling_dbtp)):
            if value is not None and not -70.0 <= value <= 0.0:
                raise ExportError(f"{name} must be -70 to 0 dB, not {value:g}")
        check_pattern(self.pattern)
        if self.target is not None:
            loudness_target(self.target)

    @property
    def loudness(self) -> LoudnessTarget | None:
        """The loudness target, if one is set."""
        return None if self.target is None else loudness_target(self.target)

    @property
    def goal(self) -> float:
        """What normalising brings files to, in dBFS or LUFS."""
        if self.level is not None:
            return self.level
        if self.normalise is Normalise.LUFS and self.loudness is not None:
            return self.loudness.integrated_lufs
        return DEFAULT_PEAK_DBFS

    @property
    def ceiling(self) -> float:
        """The true peak in dBTP that normalising stays below."""
        if self.ceiling_dbtp is not None:
            return self.ceiling_dbtp
        return DEFAULT_CEILING_DBTP if self.loudness is None else self.loudness.true_peak_dbtp

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "ExportSettings":
        """Return settings from JSON values; what is not named has its default.

        Raises:
            ExportError: Naming the setting that is unknown or wrong.
        """
        known = {field.name: field for field in fields(cls)}
        read: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                raise ExportError(f"there is no export setting {name!r}")
            try:
                read[name] = _READERS.get(name, _like(known[name].default))(value)
            except (TypeError, ValueError, KeyError) as error:
                words = "" if name in _READERS else _in_words(known[name].default)
                raise ExportError(f"export setting {name!r} cannot be {value!r}{words}") from error
        return cls(**read)


def _like(default: Any) -> Any:
    """Return a function that lets through what has the type of a default, and enum names."""

    def read(value: Any) -> Any:
        if isinstance(default, StrEnum):
            return type(default)(value)
        if isinstance(default, float) and type(value) is int:
            return float(value)
        if type(value) is not type(default):
            raise TypeError
        return value

    return read


def _in_words(default: Any) -> str:
    """Return what a setting can be, judged by its default; empty where that does not tell."""
    if isinstance(default, StrEnum):
        return f"; it can be {', '.join(type(default))}"
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    return f"; it is {kinds[type(default)]}" if type(default) in kinds else ""


def _optional(read: Any) -> Any:
    return lambda value: None if value is None else read(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not all(isinstance(name, str) for name in value):
        raise TypeError
    return tuple(value)


_READERS: dict[str, Any] = {
    "tracks": _optional(_names),
    "regions": lambda value: value if isinstance(value, bool) else _names(value),
    "range": _optional(
        lambda value: TimeRange(_number(value["start_seconds"]), _number(value["end_seconds"]))
    ),
    "tail": _optional(lambda value: value if isinstance(value, str) else _number(value)),
    "sample_rate": _optional(_like(0)),
    "level": _optional(_number),
    "ceiling_dbtp": _optional(_number),
    "target": _optional(_like("")),
}
