"""Style translation as an effect on notes.

The melody stays as it is, to the tick; the chords are read from the whole song, bar by bar; bass,
chords and drums are played anew in the style. What is kept stays on its track; a track whose notes
were replaced stays too, without them, and each new part comes on a track behind, with the recipe
in a text at its start. A sequence of one track, as an effect on a project's track has it, gives one
track, the new parts on channels of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import torch

from tonewright import resources
from tonewright.dsp.errors import EffectError
from tonewright.dsp.midi.analysis import Analysis, Voice, analysed, sounding_rows
from tonewright.dsp.midi.bars import NOTHING
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.sequence import (
    CONTROL,
    DRUM_CHANNEL,
    META,
    PROGRAM,
    SYSEX,
    MidiSequence,
    MidiTrack,
    merged,
    without_overlaps,
)
from tonewright.dsp.project.document import MidiEvent, Note
from tonewright.models.style.blending import blended, told_in
from tonewright.models.style.encoding import Floats
from tonewright.models.style.examples import Told
from tonewright.models.style.following import Followed
from tonewright.models.style.heights import below, tune_height
from tonewright.models.style.library import Style, named_style
from tonewright.models.style.loops import style_of_file
from tonewright.models.style.parts import StylePart
from tonewright.models.style.places import Places, places_of
from tonewright.models.style.playing import Freedom, play
from tonewright.models.style.texts import parse_chords, parse_programs, parse_roles
from tonewright.models.style.weights import StyleNetworks, load_networks

_EARLY_QUARTERS = 0.1
"""How much before its bar a note may be played."""

SAME = "same"
"""The choice that leaves a role in the style of the others."""

KEPT_CONTROLLERS = frozenset((1, 7, 10, 11, 64, 66, 67, 91, 93))
"""Modulation, volume, pan, expression, the pedals, reverb and chorus."""

_TEXT = 0x01
_VOLUME, _EXPRESSION = 7, 11
_GM_VOLUME = 100
_LOWEST_VOLUME = 24
"""Quieter parts would not be missed, which is not what anyone asks a style for."""

_CHORD_ROLES = (Role.CHORDS, Role.PAD, Role.ARPEGGIO)
_GROUPS = {"bass": (Role.BASS,), "chords": _CHORD_ROLES, "drums": (Role.DRUMS,)}


@cache
def shipped_networks() -> StyleNetworks:
    """Return the networks that ship with Tonewright, read once."""
    # The steps are too small to share: two threads are slower than one.
    torch.set_num_threads(1)
    return load_networks(resources.path("weights", "style.safetensors"))


@dataclass(frozen=True, slots=True)
class StyleTranslate:
    """The same song, accompanied in another style.

    Attributes:
        style: A name of the library; not used if there is an example.
        example: MIDI file of 2 to 8 bars in the wanted style; empty for none.
        blend_style: A second style, or ``same``.
        blend_percent: 0 (all the first) to 100 (all the second).
        bass_style: Another style for the bass alone, or ``same``.
        chords_style: Another for chords, pads and arpeggios, or ``same``.
        drums_style: Another for the drums, or ``same``.
        follow_bass_percent: How closely the new bass keeps to the notes of the song's own: 0 (only
            to the chords) to 100.
        keep_bass: Leave the song's own bass.
        keep_chords: Leave its chords, pads and arpeggios.
        keep_drums: Leave its drums.
        keep_controllers: Give the new parts the pedals, volumes and places in the stereo field of
            what they replace; otherwise each is just as loud as that.
        programs: Other instruments, ``bass=33,chords=4`` (General MIDI, from 0).
        roles: Roles of tracks that were not found right, ``2=melody,3=bass``, tracks from 1.
        chords: Chords of bars that were not heard right, ``1: Cm7 | 2: F7 Bb7``, bars from 1.
        density: -1 (few notes) to 1 (many).
        temperature: 0 plays the likeliest notes, up to 2.
        variation: Another take of the same with each number.
        seed: Of the random numbers.
    """

    style: str = "bossa"
    example: str = ""
    blend_style: str = SAME
    blend_percent: float = 0.0
    bass_style: str = SAME
    chords_style: str = SAME
    drums_style: str = SAME
    follow_bass_percent: float = 35.0
    keep_bass: bool = False
    keep_chords: bool = False
    keep_drums: bool = False
    keep_controllers: bool = False
    programs: str = ""
    roles: str = ""
    chords: str = ""
    density: float = 0.0
    temperature: float = 0.3
    variation: int = 0
    seed: int = 0

    def process_midi(self, sequence: MidiSequence) -> MidiSequence:
        """Return the sequence with its accompaniment in the style.

        What was made last is kept, for a project asks again whenever something in it changes.

        Raises:
            EffectError: If it has no notes, or a parameter cannot be followed.
        """
        example = Path(self.example)
        changed_ns = example.stat().st_mtime_ns if self.example and example.is_file() else 0
        return _translated(self, sequence, changed_ns)

    def translated(self, sequence: MidiSequence) -> MidiSequence:
        """Return what ``process_midi`` does, made anew."""
        roles = parse_roles(self.roles, len(sequence.tracks))
        heard = analysed(sequence, roles, parse_chords(self.chords))
        if not heard.chords:
            raise EffectError("there are no notes to accompany; give it a song with a few bars")
        parts, told, places = self._told(heard)
        notes = play(
            shipped_networks(),
            parts,
            places.line(heard.chords),
            places,
            freedom=Freedom(self.temperature, self.density),
            numbers=np.random.default_rng((self.seed, self.variation)),
            told=told,
            followed=Followed(_bass_rows(sequence, heard), self.follow_bass_percent / 100.0),
        )
        rests = [_rests(sequence, heard, part.role) for part in parts]
        notes = [_outside(rows, spans) for rows, spans in zip(notes, rests, strict=True)]
        tune = tune_height(heard.voices)
        notes = [below(rows, part.role, tune) for part, rows in zip(parts, notes, strict=True)]
        return self._with_parts(sequence, heard, parts, notes)

    # --- what is played -----------------------------------------------------------------------

    def _told(self, heard: Analysis) -> tuple[list[StylePart], list[Told], Places]:
        places = places_of(heard.bars)

        main = style_of_file(Path(self.example)) if self.example else named_style(self.style)
        found: list[tuple[StylePart, Told]] = []
        for group, roles in _GROUPS.items():
            if getattr(self, f"keep_{group}"):
                continue
            own = getattr(self, f"{group}_style")
            first = _parts(main if own == SAME else named_style(own), roles)
            if own == SAME and self.blend_style != SAME and self.blend_percent > 0.0:
                second = _parts(named_style(self.blend_style), roles)
                share = self.blend_percent / 100.0
                found += blended(first, second, share, places)
            else:
                found += [(part, told_in(part, places)) for part in first]
        programs = parse_programs(self.programs)
        parts = [replace(part, program=programs.get(part.role, part.program)) for part, _ in found]
        return parts, [each for _, each in found], places

    # --- where it goes ------------------------------------------------------------------------

    def _with_parts(
        self,
        sequence: MidiSequence,
        heard: Analysis,
        parts: Sequence[StylePart],
        notes: Sequence[Floats],
    ) -> MidiSequence:
        played = {part.role for part in parts}
        replaced = [voice for voice in heard.voices if self._is_replaced(voice, played)]
        tracks = [
            _without(track, [voice for voice in replaced if voice.track == index])
            for index, track in enumerate(sequence.tracks)
        ]
        kept = {voice.channel for voice in heard.voices if voice not in replaced}
        free = [number for number in range(16) if number != DRUM_CHANNEL and number not in kept]
        recipe = self._recipe()
        new: list[MidiTrack] = []
        for part, rows in zip(parts, notes, strict=True):
            if not len(rows):
                continue
            if part.role is not Role.DRUMS and not free:
                raise EffectError("all 16 channels are taken; put the kept tracks on fewer")
            channel = DRUM_CHANNEL if part.role is Role.DRUMS else free.pop(0)
            track = _track(part, rows, channel, sequence.ticks_per_quarter, recipe)
            if self.keep_controllers:
                controllers = _controllers(sequence, replaced, part.role, channel)
            else:
                controllers = [_volume(sequence, replaced, part.role, track)]
            new.append(replace(track, events=(*track.events, *controllers)))
        if len(sequence.tracks) == 1:
            tracks = [merged((tracks[0], *new), tracks[0].name)]
        else:
            tracks += new
        return replace(sequence, tracks=tuple(tracks))

    def _is_replaced(self, voice: Voice, played: set[Role]) -> bool:
        """Return whether a voice makes room: it is accompaniment, and its group is not kept."""
        if voice.role is Role.MELODY:
            return False
        group = next(name for name, roles in _GROUPS.items() if voice.role in roles)
        if getattr(self, f"keep_{group}"):
            return False
        # Drums stay where the style has none to put in their place.
        return voice.role is not Role.DRUMS or Role.DRUMS in played

    def _recipe(self) -> str:
        said = {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if getattr(self, each.name) != each.default
        }
        said.setdefault("style", self.style)
        return "style_translate " + " ".join(f"{name}={value}" for name, value in said.items())


@lru_cache(maxsize=16)
def _translated(effect: StyleTranslate, sequence: MidiSequence, changed_ns: int) -> MidiSequence:
    """Return a translation; ``changed_ns`` tells one state of the example's file from another."""
    return effect.translated(sequence)


def _group(role: Role) -> Sequence[Role]:
    """Return the roles that are kept, replaced and styled together with one."""
    return next(roles for roles in _GROUPS.values() if role in roles)


def _rests(sequence: MidiSequence, heard: Analysis, role: Role) -> list[tuple[float, float]]:
    """Return start and end, in quarters, of the bars in which a part is silent.

    They are those in which the song is silent, and before the first section those in which
    nothing of the part's group plays: a pick-up stays alone.
    """
    roles = _group(role)
    every = [note for track in sequence.tracks for note in track.notes]
    group = [note for voice in heard.voices if voice.role in roles for note in voice.notes]
    sung = _sounding(heard, every)
    played = _sounding(heard, group)
    return [
        (bar.start, bar.start + bar.quarters)
        for bar, sounds, plays in zip(heard.bars, sung, played, strict=True)
        if not (plays if bar.phase < 0 else sounds)
    ]


def _sounding(heard: Analysis, notes: Sequence[Note]) -> list[bool]:
    """Return whether something sounds in each bar."""
    sounding = np.zeros(len(heard.bars), np.bool_)
    starts = np.array([bar.start for bar in heard.bars])
    ends = starts + np.array([bar.quarters for bar in heard.bars])
    for note in notes:
        start = note.start_ticks / heard.ticks_per_quarter
        end = start + note.length_ticks / heard.ticks_per_quarter
        sounding |= (starts < end - NOTHING) & (ends > start + _EARLY_QUARTERS)
    return [bool(each) for each in sounding]


def _outside(rows: Floats, spans: Sequence[tuple[float, float]]) -> Floats:
    """Return the notes that do not begin in one of some spans; they may be a little early."""
    begins = rows[:, 0] + _EARLY_QUARTERS
    inside = np.zeros(len(rows), np.bool_)
    for start, end in spans:
        inside |= (begins >= start) & (begins < end)
    return rows[~inside]


def _bass_rows(sequence: MidiSequence, heard: Analysis) -> Floats:
    """Return the notes of a song's basses, as long as they sound; none if it has none."""
    found = [sounding_rows(sequence, each) for each in heard.voices if each.role is Role.BASS]
    return np.concatenate([np.zeros((0, 4), np.float32), *found])


def _parts(style: Style, roles: Sequence[Role]) -> list[StylePart]:
    return [part for part in style.style_parts() if part.role in roles]


def _without(track: MidiTrack, voices: Sequence[Voice]) -> MidiTrack:
    """Return a track without the notes of voices, nor what only served them."""
    if not voices:
        return track
    gone = {id(note) for voice in voices for note in voice.notes}
    notes = tuple(note for note in track.notes if id(note) not in gone)
    silent = {voice.channel for voice in voices} - {note.channel for note in notes}
    events = tuple(
        event
        for event in track.events
        if not (event.data[0] < SYSEX and event.data[0] & 0x0F in silent)
    )
    return replace(track, notes=notes, events=events)


def _controllers(
    sequence: MidiSequence, replaced: Sequence[Voice], role: Role, channel: int
) -> list[MidiEvent]:
    """Return the controllers of the busiest voice that a part replaces, on the part's channel."""
    voices = [voice for voice in replaced if voice.role in _group(role)]
    if not voices:
        return []
    voice = max(voices, key=lambda each: len(each.notes))
    return [
        replace(event, data=bytes((CONTROL | channel,)) + event.data[1:])
        for event in sequence.tracks[voice.track].events
        if event.data[0] == CONTROL | voice.channel and event.data[1] in KEPT_CONTROLLERS
    ]


def _volume(
    sequence: MidiSequence, replaced: Sequence[Voice], role: Role, track: MidiTrack
) -> MidiEvent:
    """Return a volume that makes a part as loud as the voice of its kind that it stands for.

    That is the one that plays at its height, as for its place in a project's mix. Where the song
    has none of its kind, it is as loud as the others usually are; where nothing is replaced, it
    keeps General MIDI's volume. Loudness goes with velocity times volume.
    """

    def level(voice: Voice) -> float:
        return _level(sequence.tracks[voice.track], voice.notes)

    def away(voice: Voice) -> float:
        return abs(_height(voice.notes) - _height(track.notes))

    own = [voice for voice in replaced if voice.role in _group(role)]
    volume = _GM_VOLUME
    if replaced:
        wanted = level(min(own, key=away)) if own else float(np.median([*map(level, replaced)]))
        volume = round(wanted / np.mean([note.velocity for note in track.notes]))
    channel = track.notes[0].channel
    value = min(max(volume, _LOWEST_VOLUME), 127)
    return MidiEvent(0, bytes((CONTROL | channel, _VOLUME, value)))


def _height(notes: Sequence[Note]) -> float:
    return float(np.mean([note.pitch for note in notes]))


def _level(track: MidiTrack, notes: Sequence[Note]) -> float:
    """Return how loud notes are: velocity, times volume, times the share of the expression."""
    channel = notes[0].channel

    def usual(controller: int, default: int) -> float:
        values = [
            event.data[2]
            for event in track.events
            if event.data[0] == CONTROL | channel and event.data[1] == controller
        ]
        return float(np.median(values)) if values else float(default)

    velocity = float(np.mean([note.velocity for note in notes]))
    return velocity * usual(_VOLUME, _GM_VOLUME) * usual(_EXPRESSION, 127) / 127.0


def _track(
    part: StylePart, rows: Floats, channel: int, ticks_per_quarter: int, recipe: str
) -> MidiTrack:
    notes = []
    for start, length, pitch, velocity in rows.tolist():
        start_ticks = round(start * ticks_per_quarter)
        end_ticks = max(round((start + length) * ticks_per_quarter), start_ticks + 1)
        notes.append(Note(int(pitch), int(velocity), start_ticks, end_ticks - start_ticks, channel))
    events = (
        MidiEvent(0, bytes((META, _TEXT)) + recipe.encode(errors="replace")),
        MidiEvent(0, bytes((CONTROL | channel, 0, 0))),
        MidiEvent(0, bytes((PROGRAM | channel, part.program))),
    )
    return MidiTrack(f"{part.role.value} (style)", without_overlaps(notes), events)
