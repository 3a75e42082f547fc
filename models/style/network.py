"""The network: a style example and the chords in, a part's next step out.

For one part at a time it goes over the steps of a song with a GRU. At each step it is told

* what the example plays at this place of its bars: the bar that stands in the same place of the
  pattern (``aligned``), and how often each slot is begun there over all bars (``usual``);
* the chord, the chord that follows and when, and the place in bar, pattern and section;
* what the part itself began last, written in the frame of the chord now;
* the style as a vector, from the example's rhythm and slots.

It answers with how many notes begin, a score for every slot, their velocities and one length.
Slots are numbers of the chord's frame (``tonewright.models.style.encoding``), so carrying a
pattern to another chord costs nothing, and what is learnt is what players add: voice leading,
walking, approach notes, chords that change inside a bar, fills. The two answers that matter start
from the example, by weights that are learnt too.

After S. Cífka, U. Şimşekli, G. Richard, "Supervised symbolic music style translation using
synthetic data" (ISMIR 2019) and O. Cífka, "Groove2Groove" (TASLP 2020), which learn from the same
kind of pairs and translate the source's notes by attention; here the source's chords are read
first and the example is aligned by bars, so that a small network suffices.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tonewright.dsp.midi.roles import ACCOMPANIMENT
from tonewright.models.style.encoding import (
    CHORD_FEATURES,
    LENGTHS,
    POSITION_FEATURES,
    SLOTS,
    STEPS_PER_QUARTER,
)

MOST_NOTES = 7
"""The largest number of notes that begin at one step of a part."""

FORGOTTEN = 0.1
"""Share of features that is left out at random in training."""

BAR_STEPS = 4 * STEPS_PER_QUARTER
PROFILE_FEATURES = 2 * BAR_STEPS + SLOTS


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a network."""

    state: int = 192
    style: int = 32
    hidden: int = 192


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """What the network is told, of shape ``(batch, steps, ...)``.

    Attributes:
        aligned: Velocities of the example, 0 to 1, ``SLOTS``.
        lengths: Index of the aligned step's length, no last dimension.
        usual: How often a slot is begun here, 0 to 1, ``SLOTS``.
        masks: The chord that ``aligned`` was played over, 12.
        chords: ``CHORD_FEATURES``.
        positions: ``POSITION_FEATURES``.
        last: What the part began last, ``SLOTS``.
        profile: The example as a whole, ``(batch, PROFILE_FEATURES)``.
        roles: Index into ``ACCOMPANIMENT``, ``(batch,)``.
    """

    aligned: Tensor
    lengths: Tensor
    usual: Tensor
    masks: Tensor
    chords: Tensor
    positions: Tensor
    last: Tensor
    profile: Tensor
    roles: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What begins at each step: logits; an answer's velocities are 0 to 1."""

    counts: Tensor
    slots: Tensor
    lengths: Tensor
    velocities: Tensor


class StyleNetwork(nn.Module):
    """The network; basses, other pitched parts and drums have one each."""

    def __init__(self, shape: Shape = Shape()) -> None:
        super().__init__()
        self.shape = shape
        self.roles = nn.Embedding(len(ACCOMPANIMENT), 8)
        self.style = nn.Sequential(nn.Linear(PROFILE_FEATURES, shape.style), nn.Tanh())
        self.begun = nn.Embedding(len(LENGTHS), 8)
        told = 3 * SLOTS + 12 + CHORD_FEATURES + POSITION_FEATURES + 8 + 8 + shape.style
        self.told = nn.Linear(told, shape.state)
        self.follow = nn.Linear(SLOTS, shape.state, bias=False)
        self.forget = nn.Dropout(FORGOTTEN)
        self.gru = nn.GRU(shape.state, shape.state, batch_first=True)
        self.answer = nn.Sequential(
            nn.Linear(2 * shape.state, shape.hidden),
            nn.ReLU(),
            nn.Linear(shape.hidden, MOST_NOTES + 1 + 2 * SLOTS + len(LENGTHS)),
        )
        self.copy = nn.Parameter(torch.tensor([2.0, 2.0, 2.0, 2.0, 2.0]))

    def forward(self, steps: Steps, state: Tensor | None = None) -> tuple[Answer, Tensor]:
        """Return the answers, and the state ``(1, batch, state)`` to go on with."""
        told = self.forget(torch.relu(self.beforehand(steps) + self.follow(steps.last)))
        out, state = self.gru(told, state)
        features = self.forget(torch.cat((out, told), dim=-1))
        return self.answers(features, self.copied(steps)), state

    def beforehand(self, steps: Steps) -> Tensor:
        """Return the part of what is told that does not wait for the steps before."""
        count = steps.aligned.shape[1]
        fixed = torch.cat((self.roles(steps.roles), self.style(steps.profile)), dim=-1)
        told = (
            steps.aligned,
            (steps.aligned > 0.0).float(),
            steps.usual,
            steps.masks,
            steps.chords,
            steps.positions,
            self.begun(steps.lengths),
            fixed[:, None].expand(-1, count, -1),
        )
        return self.told(torch.cat(told, dim=-1))

    def copied(self, steps: Steps) -> Answer:
        """Return what the example alone would answer, which the network's answers start from."""
        begun = (steps.aligned > 0.0).float()
        notes = begun.sum(-1).clamp(max=MOST_NOTES).long()
        return Answer(
            self.copy[0] * one_hot(notes, MOST_NOTES + 1),
            self.copy[1] * begun + self.copy[2] * steps.usual - 3.0,
            self.copy[3] * one_hot(steps.lengths, len(LENGTHS)),
            self.copy[4] * (steps.aligned - 0.5) * begun,
        )

    def answers(self, features: Tensor, copied: Answer) -> Answer:
        """Return the answers from features ``(..., 2 * state)`` and what is copied."""
        sizes = (MOST_NOTES + 1, SLOTS, SLOTS, len(LENGTHS))
        counts, slots, velocities, lengths = self.answer(features).split(sizes, -1)
        return Answer(
            copied.counts + counts,
            copied.slots + slots,
            copied.lengths + lengths,
            torch.sigmoid(copied.velocities + velocities),
        )


def one_hot(index: Tensor, size: int) -> Tensor:
    """Return ones at an index in zeros."""
    return nn.functional.one_hot(index, size).float()
