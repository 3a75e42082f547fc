import numpy as np
import pytest
import torch

from tonewright.models.style.corpus import Rendition
from tonewright.models.style.encoding import LENGTHS, SLOTS
from tonewright.models.style.network import MOST_NOTES, Steps
from tonewright.models.style.pairs import TARGET_STEPS, Pairs
from tonewright.models.style.weights import KINDS, StyleNetworks


@pytest.fixture
def steps(rendition: Rendition) -> Steps:
    return Pairs([rendition], KINDS["pitched"]).draw(np.random.default_rng(1), 3).steps


def test_it_answers_for_every_step(networks: StyleNetworks, steps: Steps) -> None:
    answer, state = networks.pitched(steps)
    assert answer.counts.shape == (3, TARGET_STEPS, MOST_NOTES + 1)
    assert answer.slots.shape == answer.velocities.shape == (3, TARGET_STEPS, SLOTS)
    assert answer.lengths.shape == (3, TARGET_STEPS, len(LENGTHS))
    assert state.shape == (1, 3, networks.shape.state)
    assert 0.0 <= answer.velocities.min() <= answer.velocities.max() <= 1.0


def test_before_it_learns_it_plays_the_example(networks: StyleNetworks, steps: Steps) -> None:
    answer, _ = networks.pitched(steps)
    count = (steps.aligned > 0).sum(-1).clamp(max=MOST_NOTES)
    assert (answer.counts.argmax(-1) == count).float().mean() > 0.95


def test_a_song_in_pieces_is_the_song(networks: StyleNetworks, steps: Steps) -> None:
    whole, _ = networks.pitched(steps)
    state = None
    pieces = []
    for first in (0, 40):
        here = slice(first, 40 if first == 0 else TARGET_STEPS)
        names = ("aligned", "lengths", "usual", "masks", "chords", "positions", "last")
        piece = {name: getattr(steps, name)[:, here] for name in names}
        answer, state = networks.pitched(
            Steps(**piece, profile=steps.profile, roles=steps.roles), state
        )
        pieces.append(answer.counts)
    torch.testing.assert_close(torch.cat(pieces, dim=1), whole.counts)
