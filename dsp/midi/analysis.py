"""What a MIDI file is made of: voices with roles, bars, chords and form.

A voice is what one track plays on one channel. Names and programs that say what a voice is are
believed; what says nothing is judged by its notes: a bass is the lowest line, a melody a higher
line that is mostly one note at a time and does not repeat itself like a pattern. Where no voice
is a line, as in a piano score, the upper notes of the highest voice are the melody, and the rest
of that voice is accompaniment. A note that the sustain pedal holds counts for as long as it sounds.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from tonewright.dsp.midi.bars import Bar, bars_of
from tonewright.dsp.midi.chords import Chord
from tonewright.dsp.midi.harmony import Floats, heard_chords
from tonewright.dsp.midi.pedal import held
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.sequence import DRUM_CHANNEL, PROGRAM, MidiSequence
from tonewright.dsp.project.document import Note

_NAMES = (
    (Role.DRUMS, r"drum|percussion|\bkit\b"),
    (Role.MELODY, r"melod|vocal|voice|lead|sing|solo|soprano|tune"),
    (Role.BASS, r"\bbass\b(?!oon)|contrabass|upright"),
    (Role.PAD, r"\bpad\b|choir"),
    (Role.ARPEGGIO, r"arp"),
)
_BASS_PROGRAMS = range(32, 40)
_PAD_PROGRAMS = range(88, 96)
LINE_SHARE = 0.85
"""A line begins one note at a time at this share of its starts."""

PAD_QUARTERS = 1.9
STRUM_QUARTERS = 0.05
"""Notes that follow each other this fast are one stroke."""

SPLIT_PITCH = 60


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """What one track plays on one channel.

    Attributes:
        track: Index of the track.
        channel: 0 to 15.
        notes: As the sequence has them.
        role: What it does.
        split: Of a melody: some of its notes are accompaniment, and ``notes`` is only the rest.
    """

    track: int
    channel: int
    notes: tuple[Note, ...]
    role: Role
    split: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What a sequence is made of.

    Attributes:
        chords: One for each beat of each bar.
    """

    voices: tuple[Voice, ...]
    bars: tuple[Bar, ...]
    chords: tuple[Chord, ...]
    ticks_per_quarter: int

    def bar_chords(self) -> list[list[Chord]]:
        """Return the chords of each bar, each said once where it begins."""
        result = []
        first = 0
        for bar in self.bars:
            beats = self.chords[first : first + bar.beats]
            result.append([c for i, c in enumerate(beats) if i == 0 or c != beats[i - 1]])
            first += bar.beats
        return result

    def form(self) -> str:
        """Return a letter for each section; sections whose chords are mostly the same share it."""
        bars = self.bar_chords()
        sections: list[list[list[Chord]]] = []
        for bar, chords in zip(self.bars, bars, strict=True):
            if bar.phase == 0 or not sections:
                sections.append([])
            if bar.phase >= 0:
                sections[-1].append(chords)
        letters = ""
        kinds: list[list[list[Chord]]] = []
        for section in filter(None, sections):
            for index, kind in enumerate(kinds):
                alike = sum(a[0].root == b[0].root for a, b in zip(section, kind, strict=False))
                if alike >= 0.75 * max(len(section), len(kind)):
                    letters += chr(ord("A") + index % 26)
                    break
            else:
                letters += chr(ord("A") + len(kinds) % 26)
                kinds.append(section)
        return letters


def rows_of(notes: Sequence[Note], ticks_per_quarter: int) -> Floats:
    """Return rows of start and length in quarters, pitch and velocity."""
    rows = [
        (n.start_ticks / ticks_per_quarter, n.length_ticks / ticks_per_quarter, n.pitch, n.velocity)
        for n in notes
    ]
    return np.array(sorted(rows), np.float32).reshape(-1, 4)


def sounding_rows(sequence: MidiSequence, voice: Voice) -> Floats:
    """Return ``rows_of`` a voice's notes, as long as they sound under the sustain pedal."""
    notes = held(
        voice.notes,
        sequence.tracks[voice.track].events,
        voice.channel,
        longest_ticks=4 * sequence.ticks_per_quarter,
    )
    return rows_of(notes, sequence.ticks_per_quarter)


def analysed(
    sequence: MidiSequence,
    roles: Mapping[int, Role] | None = None,
    chords: Mapping[int, Sequence[Chord]] | None = None,
    *,
    melody: bool = True,
) -> Analysis:
    """Return what a sequence is made of.

    Args:
        sequence: What to look at.
        roles: Roles of tracks, by index, that are known better.
        chords: Chords of bars, by index, that are known better.
        melody: Whether to look for one where no track is called so.
    """
    bars = bars_of(sequence)
    voices = _voices(sequence, roles or {}, melody)
    heard = [
        (sounding_rows(sequence, each), each.role) for each in voices if each.role is not Role.DRUMS
    ]
    return Analysis(
        tuple(voices),
        bars,
        tuple(heard_chords(heard, bars, chords)),
        sequence.ticks_per_quarter,
    )


@dataclass(slots=True, eq=False)
class _Heard:
    """A voice while its role is being found."""

    track: int
    channel: int
    name: str
    program: int
    strum_ticks: float
    notes: list[Note] = field(default_factory=list)
    role: Role | None = None

    def line_share(self) -> float:
        """Return how many strokes there are for each note; a strummed chord is one stroke."""
        starts = sorted(note.start_ticks for note in self.notes)
        strokes = sum(b - a > self.strum_ticks for a, b in pairwise(starts))
        return (strokes + 1) / len(starts)

    def mean_pitch(self) -> float:
        return float(np.mean([note.pitch for note in self.notes]))

    def variety(self, bar_ticks: float) -> float:
        """Return how different its bars are: 1 if no two have the same rhythm and shape."""
        bars: dict[int, list[tuple[int, int]]] = {}
        for note in self.notes:
            bar = bars.setdefault(int(note.start_ticks // bar_ticks), [])
            step = round(12 * (note.start_ticks % bar_ticks) / bar_ticks)
            bar.append((step, note.pitch - (bar[0][1] if bar else note.pitch)))
            if len(bar) == 1:
                bar[0] = (step, note.pitch)
        shapes = {tuple((s, p if i else 0) for i, (s, p) in enumerate(b)) for b in bars.values()}
        return len(shapes) / len(bars)


def _voices(sequence: MidiSequence, roles: Mapping[int, Role], find_melody: bool) -> list[Voice]:
    heard = [each for each in _heard(sequence) if each.notes]
    for each in heard:
        each.role = roles.get(each.track) or _told_role(each)
    open_voices = [each for each in heard if each.role is None]
    taken = {each.role for each in heard}
    if find_melody and Role.MELODY not in taken and len(open_voices) > 1:
        melody = _best_melody(open_voices, 4.0 * sequence.ticks_per_quarter)
        if melody is not None:
            melody.role = Role.MELODY
            open_voices.remove(melody)
    if Role.BASS not in taken and len(open_voices) > 1:
        lowest = min(open_voices, key=_Heard.mean_pitch)
        if lowest.mean_pitch() < 55.0 and lowest.line_share() > 0.7:
            lowest.role = Role.BASS
            open_voices.remove(lowest)
    sought = find_melody and all(each.role is not Role.MELODY for each in heard)
    split = max(open_voices, key=_Heard.mean_pitch) if open_voices and sought else None
    voices: list[Voice] = []
    for each in heard:
        if each is split:
            voices += _split(each)
        else:
            role = each.role or _accompaniment(each, sequence.ticks_per_quarter)
            voices.append(Voice(each.track, each.channel, tuple(each.notes), role))
    return voices


def _heard(sequence: MidiSequence) -> list[_Heard]:
    result: list[_Heard] = []
    strum_ticks = STRUM_QUARTERS * sequence.ticks_per_quarter
    for index, track in enumerate(sequence.tracks):
        channels: dict[int, _Heard] = {}
        programs = {
            event.data[0] & 0x0F: event.data[1]
            for event in reversed(track.events)
            if event.data[0] & 0xF0 == PROGRAM
        }
        for note in track.notes:
            if note.channel not in channels:
                program = programs.get(note.channel, 0)
                channels[note.channel] = _Heard(
                    index, note.channel, track.name, program, strum_ticks
                )
            channels[note.channel].notes.append(note)
        result += channels.values()
    return result


def _told_role(voice: _Heard) -> Role | None:
    """Return the role that channel, name or program tell, or None."""
    if voice.channel == DRUM_CHANNEL:
        return Role.DRUMS
    for role, words in _NAMES:
        if re.search(words, voice.name, re.IGNORECASE) and role is not Role.DRUMS:
            return role
    if voice.program in _BASS_PROGRAMS:
        return Role.BASS
    return Role.PAD if voice.program in _PAD_PROGRAMS else None


def _best_melody(voices: Sequence[_Heard], bar_ticks: float) -> _Heard | None:
    scores = {
        id(each): each.mean_pitch() / 24.0 + 2.0 * each.variety(bar_ticks)
        for each in voices
        if each.line_share() >= LINE_SHARE and each.mean_pitch() >= 52.0
    }
    lines = [each for each in voices if id(each) in scores]
    return max(lines, key=lambda each: scores[id(each)], default=None)


def _accompaniment(voice: _Heard, ticks_per_quarter: int) -> Role:
    mean = np.mean([note.length_ticks for note in voice.notes]) / ticks_per_quarter
    if mean >= PAD_QUARTERS:
        return Role.PAD
    return Role.ARPEGGIO if voice.line_share() > LINE_SHARE else Role.CHORDS


def _split(voice: _Heard) -> list[Voice]:
    """Return the upper notes of a voice as melody, and the rest as accompaniment."""
    top: dict[int, int] = {}
    for note in voice.notes:
        top[note.start_ticks] = max(top.get(note.start_ticks, 0), note.pitch)
    if voice.line_share() >= LINE_SHARE and min(top.values()) >= SPLIT_PITCH - 12:
        return [Voice(voice.track, voice.channel, tuple(voice.notes), Role.MELODY)]
    # Between the hands: the middle of the widest gap would be unsteady, so take a fixed place
    # but for music that lies high or low as a whole.
    split = min(max(float(np.median(list(top.values()))) - 7.0, SPLIT_PITCH - 7.0), 72.0)
    sounding = sorted(voice.notes, key=lambda n: (n.start_ticks, -n.pitch))
    melody: list[Note] = []
    rest: list[Note] = []
    above: list[Note] = []
    for note in sounding:
        above = [n for n in above if n.start_ticks + n.length_ticks > note.start_ticks]
        hidden = any(n.pitch > note.pitch for n in above)
        is_top = note.pitch == top[note.start_ticks] and note.pitch >= split and not hidden
        (melody if is_top else rest).append(note)
        if is_top:
            above.append(note)
    if not melody or not rest:
        role = Role.MELODY if melody else Role.CHORDS
        return [Voice(voice.track, voice.channel, tuple(voice.notes), role)]
    whole = Voice(voice.track, voice.channel, tuple(melody), Role.MELODY, split=True)
    return [whole, replace(whole, notes=tuple(rest), role=Role.CHORDS, split=False)]
