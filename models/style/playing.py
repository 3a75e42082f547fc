"""Playing: from an example and chords to notes, step by step.

What cannot be played is never chosen: no more notes at once than the example has, no pitch
further than a fourth outside the example's range, no drum that is not in its kit (at the end of a
section any drum of the common kit), and a bass plays one note at a time, or as many as its example
does, and leaps no further than an octave or than that. Of a bass some takes are played, of which
the best phrases are kept (``tonewright.models.style.takes``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tonewright.dsp.midi.roles import ACCOMPANIMENT, Role
from tonewright.models.style.encoding import (
    FIRST_DRUM,
    SLOTS,
    ChordLine,
    Floats,
    Grid,
    chord_features,
    slot_pitches,
    slots_of,
)
from tonewright.models.style.examples import Told, told_of
from tonewright.models.style.following import Followed, leaning
from tonewright.models.style.network import MOST_NOTES, Answer, Steps, StyleNetwork, one_hot
from tonewright.models.style.parts import (
    StylePart,
    largest_leap,
    most_notes,
    notes_of_grid,
    pitches_of,
    repeated_share,
)
from tonewright.models.style.places import Places
from tonewright.models.style.takes import Take, composite, takes_of
from tonewright.models.style.weights import KINDS, StyleNetworks

FURTHER_SEMITONES = 5
FILL_DRUMS = (35, 36, 38, 40, 41, 43, 45, 47, 48, 49, 50)
"""Kick, snare, toms and crash: what fills are played on."""

HIGHEST_BASS = 55
"""No bass goes higher, but where its example does."""

DENSITY_NATS = 2.5
"""How much the largest density adds to the odds that something begins."""


@dataclass(frozen=True, slots=True)
class Freedom:
    """How freely it is played.

    Attributes:
        temperature: 0 takes the likeliest; 1 draws as the network sees the odds.
        density: -1 (few notes) to 1 (many).
    """

    temperature: float = 0.0
    density: float = 0.0


def play(
    networks: StyleNetworks,
    parts: Sequence[StylePart],
    line: ChordLine,
    places: Places,
    *,
    freedom: Freedom,
    numbers: np.random.Generator,
    told: Sequence[Told] | None = None,
    followed: Followed | None = None,
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
        followed: The bass that new basses follow, if any.

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
        if not chosen or not len(line):
            continue
        rows = [
            (index, take)
            for index in chosen
            for take in takes_of(parts[index].role, follows=bool(followed))
        ]
        group = [parts[index] for index, _ in rows]
        player = _Player(
            networks.kind(kind),
            group,
            [take for _, take in rows],
            _steps([told[index] for index, _ in rows], group, chords, places),
            line=line,
            places=places,
            freedom=freedom,
            numbers=numbers,
        )
        if followed:
            for index in chosen:
                if parts[index].role is Role.BASS:
                    alike = leaning(followed.notes, parts[index], line, places, told[index].held)
                    player.lean(parts[index], alike)
        grids = player.grids()
        for index in chosen:
            part, held = parts[index], told[index].held
            ways = [take for played, take in rows if played == index]
            takes = [grids[row] for row, (played, _) in enumerate(rows) if played == index]
            notes = [notes_of_grid(each, part, line, places, held) for each in takes]
            if len(takes) > 1:
                grid = composite(
                    part, ways, takes, notes, line=line, places=places, followed=followed
                )
                notes = [notes_of_grid(grid, part, line, places, held)]
            (result[index],) = notes
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
        self.lean_nats = [take.lean_nats for take in takes]
        self.leans = np.zeros((len(parts), len(line), SLOTS), np.float32)
        self.temperatures = np.array([[freedom.temperature * take.freedom] for take in takes])
        self.pitches = np.stack([pitches_of(part, line) for part in parts])
        self.allowed = np.stack(
            [_allowed(p, pitches, places) for p, pitches in zip(parts, self.pitches, strict=True)]
        )
        self.most = np.array([most_notes(part) for part in parts])
        self.leaps = np.array(
            [[largest_leap(part) if part.role is Role.BASS else np.inf] for part in parts]
        )
        self.repeats = np.array(
            [[repeated_share(part) if part.role is Role.BASS else 1.0] for part in parts]
        )

    def lean(self, part: StylePart, slots: Floats) -> None:
        """Make slots of a part likelier, ``(steps, SLOTS)``, 1 by as much as each take leans."""
        for row, each in enumerate(self.parts):
            if each is part:
                self.leans[row] = self.lean_nats[row] * slots

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
        lying = np.full(count, np.nan)
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
            chosen = self._chosen(answer, step, lying)
            lengths[:, step] = answer.lengths.argmax(-1).numpy()
            loud = _loudness(self.steps.aligned[:, step].numpy(), answer.velocities.numpy())
            velocities[:, step] = np.where(chosen, (loud * 127.0).round().clip(1, 127), 0)
            for row in map(int, np.flatnonzero(chosen.any(axis=1))):
                heard[row] = self.pitches[row, step, chosen[row]]
                lying[row] = heard[row].mean()
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
        self, answer: Answer, step: int, lying: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.bool_]:
        """Return which slots begin, ``(parts, SLOTS)``.

        Args:
            answer: Of the network.
            step: Which one.
            lying: The mean pitch of what each part began last; not a number if nothing yet.
        """
        counts = answer.counts.numpy().astype(np.float64)
        counts[:, 1:] += DENSITY_NATS * self.freedom.density
        scores = torch.nn.functional.logsigmoid(answer.slots).numpy().astype(np.float64)
        if self.freedom.temperature > 0.0:
            counts += self.temperatures * self.numbers.gumbel(size=counts.shape)
            scores += self.temperatures * self.numbers.gumbel(size=scores.shape)
        # What is heard around is often one held note: a bass that walks must not stop on it.
        again = self.pitches[:, step] == lying[:, None]
        scores += self.leans[:, step] * np.where(again, self.repeats, 1.0)
        allowed = self.allowed[:, step]
        near = allowed & ~(np.abs(self.pitches[:, step] - lying[:, None]) > self.leaps)
        allowed = np.where(near.any(axis=1, keepdims=True), near, allowed)
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


def _at(answer: Answer, step: int) -> Answer:
    """Return one step of answers."""
    return Answer(
        answer.counts[:, step],
        answer.slots[:, step],
        answer.lengths[:, step],
        answer.velocities[:, step],
    )


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
