"""What a training is told: the dry signal, the room's acoustics, or nothing.

The three supervisions of Bahrman, Fontaine and Richard. **Strong**: the dry signal is known.
**Weak** (Hybrid-WSSD): RT60 and DRR of each example are; a response made from them must turn the
estimate into what was heard. **Blind** (U-DREAM): both are what an analyser says, which has
learnt from 100 labelled examples.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from torch import Tensor

from tonewright.models.dereverb.acoustics import Acoustics, polack_responses
from tonewright.models.dereverb.analyser import Analyser, fitted_analyser, heard, labels_of
from tonewright.models.dereverb.losses import matching_loss, strong_loss
from tonewright.models.training.corpus import SAMPLE_RATE, Store
from tonewright.models.training.rooms import Responses

MODEL_SAMPLES = SAMPLE_RATE
"""Length of a room's model: 1 s."""


class Supervision(StrEnum):
    """What is known of an example."""

    STRONG = "strong"
    WEAK = "weak"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Strong:
    """The loss where the dry signal is known."""

    augment: bool = True

    def loss(
        self, estimate: Tensor, wet: Tensor, dry: Tensor, rooms: np.ndarray, seed: int
    ) -> Tensor:
        """Return the loss of a batch."""
        return strong_loss(estimate, dry)


@dataclass(frozen=True, slots=True)
class Matching:
    """The loss where the room is known, or an analyser says what it is.

    Attributes:
        responses: The rooms; their acoustics are the labels.
        analyser: What says it instead, from the wet signal; None to take the labels.
        augment: Whether examples may be dry or noisy: no, a label would be wrong there.
    """

    responses: Responses
    analyser: Analyser | None = None
    augment: bool = False

    def loss(
        self, estimate: Tensor, wet: Tensor, dry: Tensor, rooms: np.ndarray, seed: int
    ) -> Tensor:
        """Return the loss of a batch; ``dry`` is not looked at."""
        generator = torch.Generator().manual_seed(seed)
        models = polack_responses(self.known(wet, rooms), SAMPLE_RATE, MODEL_SAMPLES, generator)
        return matching_loss(estimate, wet, models)

    def known(self, wet: Tensor, rooms: np.ndarray) -> Acoustics:
        """Return what is known of the rooms of a batch."""
        if self.analyser is None:
            return labels_of(self.responses, rooms)
        with torch.no_grad():
            found: Acoustics = self.analyser(heard(wet))
        return found


def supervised(
    supervision: Supervision, store: Store, responses: Responses, seed: int
) -> Strong | Matching:
    """Return what a training on these recordings and rooms is told."""
    match supervision:
        case Supervision.STRONG:
            return Strong()
        case Supervision.WEAK:
            return Matching(responses)
        case Supervision.BLIND:
            return Matching(responses, fitted_analyser(store, responses, seed=seed))
