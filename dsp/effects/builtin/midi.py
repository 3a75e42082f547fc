"""Effects on notes: each takes a ``MidiSequence`` and returns a new one.

Notes keep their order of keys and their channel; positions never fall before the start. Where
notes of one key come to overlap because they were moved, the earlier one is cut.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from tonewright.dsp.effects.protocol import EffectType, Family, Parameter, ParameterKind
from tonewright.dsp.midi.quantize import GRIDS, Grid
from tonewright.dsp.midi.sequence import (
    DRUM_CHANNEL,
    POLY_PRESSURE,
    MidiSequence,
    MidiTrack,
    without_overlaps,
)
from tonewright.dsp.project.document import PPQ, MidiEvent, Note
from tonewright.dsp.project.tempo import to_seconds, to_ticks


@dataclass(frozen=True, slots=True)
class Transpose:
    """Move notes up or down; those that would leave 0-127 stay inside by octaves.

    Attributes:
        semitones: -127 to 127.
        keep_drums: Leave the drum channel as it is, where a pitch is an instrument.
    """

    semitones: int = 0
    keep_drums: bool = True

    def __post_init__(self) -> None:
        _require_range("semitones", self.semitones, -127, 127)

    def process_midi(self, sequence: MidiSequence) -> MidiSequence:
        """Return the sequence transposed, the pressure of single keys too."""
        return _with_tracks(sequence, self._track)

    def _track(self, track: MidiTrack) -> MidiTrack:
        notes = (replace(note, pitch=self._pitch(note.pitch, note.channel)) for note in track.notes)
        return replace(track, notes=tuple(notes), events=tuple(map(self._event, track.events)))

    def _event(self, event: MidiEvent) -> MidiEvent:
        status, *data = event.data
        if status & 0xF0 != POLY_PRESSURE:
            return event
        pitch, pressure = data
        pitch = self._pitch(pitch, status & 0x0F)
        return replace(event, data=bytes((status, pitch, pressure)))

    def _pitch(self, pitch: int, channel: int) -> int:
        if self.keep_drums and channel == DRUM_CHANNEL:
            return pitch
        moved = pitch + self.semitones
        if moved < 0:
            return moved % 12
        # 116 to 127 is the highest octave there is.
        return moved if moved <= 127 else 116 + (moved - 116) % 12


@dataclass(frozen=True, slots=True)
class Quantize:
    """Pull notes to the lines of a grid.

    Attributes:
        grid: One of ``GRIDS``.
        strength: 0 (nothing moves) to 1 (onto the lines).
        swing: 0 (straight) to 1 (triplets).
        ends: Pull the ends too; a note keeps at least one spacing or its own length. Otherwise
            the lengths stay.
    """

    grid: str = "1/16"
    strength: float = 1.0
    swing: float = 0.0
    ends: bool = False

    def __post_init__(self) -> None:
        if self.grid not in GRIDS:
            raise ValueError(f"grid must be one of {', '.join(GRIDS)}, not {self.grid!r}")
        _require_range("strength", self.strength, 0.0, 1.0)
        _require_range("swing", self.swing, 0.0, 1.0)

    def process_midi(self, sequence: MidiSequence) -> MidiSequence:
        """Return the sequence with its notes on the grid."""
        grid = Grid(self.grid, sequence.tempo_map, sequence.ticks_per_quarter, swing=self.swing)

        def moved(note: Note) -> Note:
            start_ticks = grid.pulled(note.start_ticks, self.strength)
            length_ticks = note.length_ticks
            if self.ends:
                end_ticks = grid.pulled(note.start_ticks + length_ticks, self.strength)
                least_ticks = min(length_ticks, round(grid.spacing_ticks))
                length_ticks = max(end_ticks - start_ticks, least_ticks)
            return replace(note, start_ticks=start_ticks, length_ticks=length_ticks)

        return _with_tracks(
            sequence,
            lambda track: replace(track, notes=without_overlaps(map(moved, track.notes))),
        )


@dataclass(frozen=True, slots=True)
class Humanize:
    """Move each note and its velocity a little, at random, the same for the same seed.

    Attributes:
        timing_ms: Standard deviation of the starts, 0 to 100; no note moves more than three.
        velocity: Standard deviation of the velocities, 0 to 64; likewise.
        seed: Of the random numbers.
    """

    timing_ms: float = 8.0
    velocity: float = 6.0
    seed: int = 0

    def __post_init__(self) -> None:
        _require_range("timing_ms", self.timing_ms, 0.0, 100.0)
        _require_range("velocity", self.velocity, 0.0, 64.0)

    def process_midi(self, sequence: MidiSequence) -> MidiSequence:
        """Return the sequence with its notes moved; each keeps its length."""
        tempo_map = replace(sequence, tracks=()).rescaled(PPQ).tempo_map
        ticks = sequence.ticks_per_quarter / PPQ

        def later(start_ticks: int, seconds: float) -> int:
            moved_seconds = to_seconds(tempo_map, start_ticks / ticks) + seconds
            return max(0, round(to_ticks(tempo_map, moved_seconds) * ticks))

        def humanized(track: MidiTrack, index: int) -> MidiTrack:
            # Text seeds the same numbers on every machine.
            numbers = random.Random(f"{self.seed} {index}")

            def deviation() -> float:
                return min(3.0, max(-3.0, numbers.gauss(0.0, 1.0)))

            notes = []
            for note in track.notes:
                start_ticks = later(note.start_ticks, deviation() * self.timing_ms / 1000.0)
                velocity = _velocity(note.velocity + deviation() * self.velocity)
                notes.append(replace(note, start_ticks=start_ticks, velocity=velocity))
            return replace(track, notes=without_overlaps(notes))

        tracks = (humanized(track, index) for index, track in enumerate(sequence.tracks))
        return replace(sequence, tracks=tuple(tracks))


@dataclass(frozen=True, slots=True)
class Velocity:
    """Shape velocities: draw them together, then scale, then add; the result stays in 1-127.

    Attributes:
        scale: Factor, 0 to 4.
        offset: What is added, -127 to 127.
        compress: 0 (as they are) to 1 (all equal to ``target``).
        target: The velocity that ``compress`` draws to, 1 to 127.
    """

    scale: float = 1.0
    offset: float = 0.0
    compress: float = 0.0
    target: int = 80

    def __post_init__(self) -> None:
        _require_range("scale", self.scale, 0.0, 4.0)
        _require_range("offset", self.offset, -127.0, 127.0)
        _require_range("compress", self.compress, 0.0, 1.0)
        _require_range("target", self.target, 1, 127)

    def process_midi(self, sequence: MidiSequence) -> MidiSequence:
        """Return the sequence with new velocities."""

        def shaped(note: Note) -> Note:
            drawn = note.velocity + (self.target - note.velocity) * self.compress
            return replace(note, velocity=_velocity(drawn * self.scale + self.offset))

        return _with_tracks(
            sequence, lambda track: replace(track, notes=tuple(map(shaped, track.notes)))
        )


def _with_tracks(sequence: MidiSequence, change: Callable[[MidiTrack], MidiTrack]) -> MidiSequence:
    return replace(sequence, tracks=tuple(map(change, sequence.tracks)))


def _velocity(value: float) -> int:
    return min(127, max(1, round(value)))


def _require_range(name: str, value: float, minimum: float, maximum: float) -> None:
    if not minimum <= value <= maximum:
        raise ValueError(f"{name} must be {minimum} to {maximum}, not {value}")


def _type(
    factory: type, description: str, *parameters: Parameter, seeded: bool = False
) -> EffectType:
    return EffectType(
        id=factory.__name__.lower(),
        name=factory.__name__,
        factory=f"{__name__}:{factory.__name__}",
        parameters=parameters,
        family=Family.MIDI,
        seeded=seeded,
        description=description,
    )


MIDI_EFFECT_TYPES = (
    _type(
        Transpose,
        "Move notes up or down",
        Parameter("semitones", 0, -127, 127, ParameterKind.INT, "semitones"),
        Parameter(
            "keep_drums",
            True,
            kind=ParameterKind.BOOL,
            description="Leave channel 10 as it is",
        ),
    ),
    _type(
        Quantize,
        "Pull notes to a grid",
        Parameter("grid", "1/16", kind=ParameterKind.CHOICE, choices=tuple(GRIDS)),
        Parameter("strength", 1.0, 0.0, 1.0),
        Parameter("swing", 0.0, 0.0, 1.0, description="1 is the feel of triplets"),
        Parameter("ends", False, kind=ParameterKind.BOOL, description="Pull the ends too"),
    ),
    _type(
        Humanize,
        "Move notes and velocities a little, at random",
        Parameter("timing_ms", 8.0, 0.0, 100.0, unit="ms"),
        Parameter("velocity", 6.0, 0.0, 64.0),
        seeded=True,
    ),
    _type(
        Velocity,
        "Draw velocities together, scale them and add to them",
        Parameter("scale", 1.0, 0.0, 4.0),
        Parameter("offset", 0.0, -127.0, 127.0),
        Parameter("compress", 0.0, 0.0, 1.0),
        Parameter("target", 80, 1, 127, ParameterKind.INT),
    ),
)
"""The MIDI effects that ship with the engine."""
