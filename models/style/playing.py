"""Playing: from an example and chords to notes, step by step.

What cannot be played is never chosen: no more notes at once than the example has, no pitch
further than a fourth outside the example's range, no drum that is not in its kit (at the end of a
section any drum of the common kit), and a bass plays one note at a time, or as many as its example
does, and leaps no further than an octave or than that. Of a bass some takes are played, and one is
chosen (``tonewright.models.style.takes``). A note ends where a chord begins that it does not belong
to, and where its key is struck again, so that there is no event that MIDI could not hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tonewright.dsp.midi.chords import QUALITIES
from tonewright.dsp.midi.roles import ACCOMPANIMENT, Role
from tonewright.models.style.encoding import (
    FIRST_DRUM,
    LENGTHS,
    SLOTS,
    STEPS_PER_QUARTER,
    ChordLine,
    Floats,
    Grid,
    bass_pitches,
    chord_features,
    slot_pitches,
    slots_of,
)
from tonewright.models.style.examples import Example, Told, told_of
from tonewright.models.style.network import MOST_NOTES, Answer, Steps, StyleNetwork, one_hot
from tonewright.models.style.places import Places
from tonewright.models.style.takes import Take, nearest, takes_of
from tonewright.models.style.weights import KINDS, StyleNetworks

FURTHER_SEMITONES = 5
FILL_DRUMS = (35, 36, 38, 40, 41, 43, 45, 47, 48, 49, 50)
"""Kick, snare, toms and crash: what fills are played on."""

LARGEST_LEAP = 12
HIGHEST_BASS = 55
"""No bass goes higher, but where its example does."""

DENSITY_NATS = 2.5
"""How much the largest density adds to the odds that something begins."""

DRUM_QUARTERS = 0.2


@dataclass(frozen=True, slots=True)
class Freedom:
    """How freely it is played.

    Attributes:
        temperature: 0 takes the likeliest; 1 draws as the network sees the odds.
        density: -1 (few notes) to 1 (many).
    """

    temperature: float = 0.0
    density: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class StylePart:
    """One part of a style.

    Attributes:
        program: General MIDI program.
        example: What it plays in the style.
        strum_quarters: Time from one note of a chord to the next.
        lengths: How long, in beats, the part really holds each of ``LENGTHS``.
        offsets: How late, in beats, it plays at each step of a beat.
    """

    role: Role
    program: int
    example: Example
    strum_quarters: float = 0.0
    lengths: tuple[float, ...] = tuple(float(each) / 12.0 for each in LENGTHS)
    offsets: tuple[float, ...] = (0.0,) * STEPS_PER_QUARTER


def play(
    networks: StyleNetworks,
    parts: Sequence[StylePart],
    line: ChordLine,
    places: Places,
    *,
    freedom: Freedom,
    numbers: np.random.Generator,
    told: Sequence[Told] | None = None,
) -> list[Floats]:
    """Return the notes of each part over a song's chords.

    Args:
        networks: The trained networks.
        parts: What is to be played.
        line: The chord at each step.
        places: The steps.
        freedom: How freely.
        numbers: Where chance comes from.
        told: What the examples tell, if it is not just what the parts' examples do.

    Returns:
        For each part rows of start and length in quarter notes, pitch and velocity.
    """
    if told is None:
        told = [
            told_of(each.example, places.beat_steps, places.phases, places.ends) for each in parts
        ]
    chords = chord_features(line)
    result: list[Floats] = [np.zeros((0, 4), np.float32)] * len(parts)
    for kind, roles in KINDS.items():
        chosen = [index for index, part in enumerate(parts) if part.role in roles]
        if chosen and len(line):
            rows = [(index, take) for index in chosen for take in takes_of(parts[index].role)]
            group = [parts[index] for index, _ in rows]
            steps = _steps([told[index] for index, _ in rows], group, chords, places)
            player = _Player(
                networks.kind(kind),
                group,
                [take for _, take in rows],
                steps,
                line=line,
                places=places,
                freedom=freedom,
                numbers=numbers,
            )
            grids = player.grids()
            for index in chosen:
                takes = [grids[row] for row, (played, _) in enumerate(rows) if played == index]
                part = parts[index]
                grid = takes[nearest(takes, line, part.example)]
                result[index] = notes_of_grid(grid, part, line, places, told[index].held)
    return result


def _steps(
    told: Sequence[Told], parts: Sequence[StylePart], chords: Floats, places: Places
) -> Steps:
    drums = parts[0].role is Role.DRUMS
    count = len(parts)

    def stacked(name: str) -> Tensor:
        return torch.from_numpy(np.stack([getattr(each, name) for each in told]))

    def shared(array: Floats) -> Tensor:
        return torch.from_numpy(array)[None].expand(count, -1, -1)

    masks = stacked("masks")
    return Steps(
        stacked("aligned"),
        stacked("lengths"),
        stacked("usual"),
        torch.zeros_like(masks) if drums else masks,
        shared(np.zeros_like(chords) if drums else chords),
        shared(places.features),
        torch.zeros(count, len(places.quarters), SLOTS),
        stacked("profile"),
        torch.tensor([ACCOMPANIMENT.index(each.role) for each in parts]),
    )


class _Player:
    """Plays parts that share a network, and all takes of them, at once."""

    def __init__(
        self,
        network: StyleNetwork,
        parts: Sequence[StylePart],
        takes: Sequence[Take],
        steps: Steps,
        *,
        line: ChordLine,
        places: Places,
        freedom: Freedom,
        numbers: np.random.Generator,
    ) -> None:
        self.network, self.parts, self.steps = network, parts, steps
        self.line, self.freedom, self.numbers = line, freedom, numbers
        self.nats = torch.tensor([take.nats for take in takes])
        self.temperatures = np.array([[freedom.temperature * take.freedom] for take in takes])
        self.pitches = [_pitches(part, line) for part in parts]
        self.allowed = np.stack(
            [_allowed(p, pitches, places) for p, pitches in zip(parts, self.pitches, strict=True)]
        )
        self.most = np.array([_most_notes(part) for part in parts])
        self.leaps = {
            row: _largest_leap(part) for row, part in enumerate(parts) if part.role is Role.BASS
        }

    @torch.inference_mode()
    def grids(self) -> list[Grid]:
        """Return what each part plays."""
        count, length = len(self.parts), len(self.line)
        velocities = np.zeros((count, length, SLOTS), np.uint8)
        lengths = np.zeros((count, length), np.uint8)
        before = self.network.beforehand(self.steps)
        copied = _kept(self.network.copied(self.steps), self.steps, self.nats[:, None, None])
        last = np.zeros((count, SLOTS), np.float32)
        heard: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)] * count
        changed = np.append(
            True, (np.diff(self.line.roots) != 0) | (np.diff(self.line.qualities) != 0)
        )
        state = torch.zeros(1, count, self.network.shape.state)
        for step in range(length):
            if changed[step]:
                for row, part in enumerate(self.parts):
                    if part.role is not Role.DRUMS:
                        last[row] = self._framed(heard[row], step, part.example.grid.register)
            told = torch.relu(before[:, step] + self.network.follow(torch.from_numpy(last)))
            out, state = self.network.gru(told[:, None], state)
            answer = self.network.answers(torch.cat((out[:, 0], told), dim=-1), _at(copied, step))
            chosen = self._chosen(answer, step, heard)
            lengths[:, step] = answer.lengths.argmax(-1).numpy()
            loud = _loudness(self.steps.aligned[:, step].numpy(), answer.velocities.numpy())
            velocities[:, step] = np.where(chosen, (loud * 127.0).round().clip(1, 127), 0)
            for row in map(int, np.flatnonzero(chosen.any(axis=1))):
                heard[row] = self.pitches[row][step, chosen[row]]
                last[row] = chosen[row]
        return [
            Grid(velocities[row], lengths[row], part.example.grid.register)
            for row, part in enumerate(self.parts)
        ]

    def _framed(self, pitches: npt.NDArray[np.int64], step: int, register: int) -> Floats:
        result = np.zeros(SLOTS, np.float32)
        at = np.full(len(pitches), step)
        result[slots_of(pitches, self.line, at, register)] = 1.0
        return result

    def _chosen(
        self, answer: Answer, step: int, heard: Sequence[npt.NDArray[np.int64]]
    ) -> npt.NDArray[np.bool_]:
        """Return which slots begin, ``(parts, SLOTS)``."""
        counts = answer.counts.numpy().astype(np.float64)
        counts[:, 1:] += DENSITY_NATS * self.freedom.density
        scores = torch.nn.functional.logsigmoid(answer.slots).numpy().astype(np.float64)
        if self.freedom.temperature > 0.0:
            counts += self.temperatures * self.numbers.gumbel(size=counts.shape)
            scores += self.temperatures * self.numbers.gumbel(size=scores.shape)
        allowed = self.allowed[:, step].copy()
        for row, leap in self.leaps.items():
            if len(heard[row]):
                near = np.abs(self.pitches[row][step] - heard[row].mean()) <= leap
                if (allowed[row] & near).any():
                    allowed[row] &= near
        scores = np.where(allowed, scores, -np.inf)
        wanted = np.minimum(counts.argmax(axis=1), np.minimum(self.most, allowed.sum(axis=1)))
        rank = np.argsort(np.argsort(-scores, axis=1), axis=1)
        return rank < wanted[:, None]


def _loudness(aligned: Floats, answered: Floats) -> Floats:
    """Return velocities, 0 to 1: the example's own where it plays, else the network's.

    Args:
        aligned: The example's, ``(parts, SLOTS)``, 0 where it begins nothing.
        answered: The network's.
    """
    count = (aligned > 0.0).sum(axis=1, keepdims=True)
    mean = aligned.sum(axis=1, keepdims=True) / np.maximum(count, 1)
    return np.where(aligned > 0.0, aligned, np.where(count > 0, mean, answered))


def _kept(copied: Answer, steps: Steps, nats: Tensor) -> Answer:
    """Return what is copied from the example, made likelier."""
    begun = (steps.aligned > 0.0).float()
    notes = one_hot(begun.sum(-1).clamp(max=MOST_NOTES).long(), MOST_NOTES + 1)
    return replace(copied, counts=copied.counts + nats * notes, slots=copied.slots + nats * begun)


def _pitches(part: StylePart, line: ChordLine) -> npt.NDArray[np.int64]:
    """Return the pitch of each slot of a part at each step."""
    if part.role is Role.DRUMS:
        return np.broadcast_to(np.arange(SLOTS) + FIRST_DRUM, (len(line), SLOTS))
    register = part.example.grid.register
    return (bass_pitches if part.role is Role.BASS else slot_pitches)(line, register)


def _at(answer: Answer, step: int) -> Answer:
    """Return one step of answers."""
    return Answer(
        answer.counts[:, step],
        answer.slots[:, step],
        answer.lengths[:, step],
        answer.velocities[:, step],
    )


def _most_notes(part: StylePart) -> int:
    """Return how many notes of a part may begin at once."""
    return min(MOST_NOTES, max(1, int((part.example.grid.velocities > 0).sum(axis=1).max())))


def _largest_leap(part: StylePart) -> float:
    """Return how far a part may leap: an octave, or as far as its example does."""
    grid = part.example.grid
    pitches = slot_pitches(part.example.line, grid.register)
    begun = [
        float(pitches[step, grid.velocities[step] > 0].mean())
        for step in map(int, np.flatnonzero(grid.velocities.any(axis=1)))
    ]
    return max([LARGEST_LEAP, *(abs(b - a) for a, b in pairwise(begun))])


def _allowed(
    part: StylePart, pitches: npt.NDArray[np.int64], places: Places
) -> npt.NDArray[np.bool_]:
    """Return which slots a part may play at each step."""
    grid = part.example.grid
    steps, slots = np.nonzero(grid.velocities)
    if part.role is Role.DRUMS:
        kit = np.zeros(SLOTS, np.bool_)
        kit[slots] = True
        fill = kit.copy()
        if kit.any():
            fill[[drum - FIRST_DRUM for drum in FILL_DRUMS]] = True
        return np.where((places.ends == 1)[:, None], fill, kit)
    if not len(slots):
        return np.zeros(pitches.shape, np.bool_)
    played = slot_pitches(part.example.line, grid.register)[steps, slots]
    low = max(0, int(played.min()) - FURTHER_SEMITONES)
    high = min(127, int(played.max()) + FURTHER_SEMITONES)
    if part.role is Role.BASS:
        high = min(high, max(HIGHEST_BASS, int(played.max())))
    return (pitches >= low) & (pitches <= high)


_TONES = tuple(frozenset(tones) for tones in QUALITIES.values())


def notes_of_grid(
    grid: Grid, part: StylePart, line: ChordLine, places: Places, held: Floats | None = None
) -> Floats:
    """Return the notes of a grid: rows of start and length in quarters, pitch and velocity.

    Args:
        grid: What begins.
        part: Who plays it.
        line: The chord at each step.
        places: The steps.
        held: How long, in beats, the example holds what it begins at each step, or 0.
    """
    drums = part.role is Role.DRUMS
    pitches = _pitches(part, line)
    changes = np.flatnonzero((np.diff(line.roots) != 0) | (np.diff(line.qualities) != 0)) + 1
    end_quarters = float(places.quarters[-1]) + 0.25

    def end_in_chord(pitch: int, step: int, end: float) -> float:
        for change in changes[np.searchsorted(changes, step, side="right") :]:
            at = float(places.quarters[change])
            if at >= end:
                break
            tones = _TONES[line.qualities[change]]
            if (pitch - line.roots[change]) % 12 not in tones and pitch % 12 != line.basses[change]:
                return at
        return end

    rows: list[tuple[float, float, int, int]] = []
    for step in map(int, np.flatnonzero(grid.velocities.any(axis=1))):
        beat = float(places.beat_quarters[step])
        late = part.offsets[places.beat_steps[step] % STEPS_PER_QUARTER] * beat
        start = max(0.0, float(places.quarters[step]) + late)
        length = DRUM_QUARTERS if drums else part.lengths[grid.lengths[step]] * beat
        own = np.zeros(SLOTS, np.float32) if drums or held is None else held[step] * beat
        if own.any():
            length = float(own.max())
        slots = np.flatnonzero(grid.velocities[step])
        # Over another bass the root and that bass are one pitch.
        _, first = np.unique(pitches[step, slots], return_index=True)
        for order, slot in enumerate(slots[np.sort(first)]):
            pitch = int(pitches[step, slot])
            lasts = float(own[slot]) or length
            end = min(start + lasts, max(end_quarters, start + 0.1))
            if not drums:
                end = end_in_chord(pitch, step, end)
            begin = max(start, min(start + order * part.strum_quarters, end - 0.05))
            rows.append((begin, end - begin, pitch, int(grid.velocities[step, slot])))
    return _cut(np.array(sorted(rows), np.float32).reshape(-1, 4))


def _cut(notes: Floats) -> Floats:
    """Return sorted notes, each ended where its key is struck again."""
    following: dict[float, float] = {}
    for row in range(len(notes) - 1, -1, -1):
        start, length, pitch, _ = notes[row].tolist()
        notes[row, 1] = min(length, following.get(pitch, np.inf) - start)
        following[pitch] = start
    return notes
