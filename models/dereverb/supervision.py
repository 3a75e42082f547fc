"""What a training is told: the dry signal, the room's acoustics, or nothing.

The three supervisions of Bahrman, Fontaine and Richard. **Strong**: the dry signal is known.
**Weak** (Hybrid-WSSD): RT60 and DRR of each example are, or RT60 only; a room with these must
turn the estimate into what was heard. **Blind** (U-DREAM): both are what an analyser says,
which has learnt from 100 labelled examples.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import torch
from torch import Tensor

from tonewright.models.dereverb.acoustics import Acoustics
from tonewright.models.dereverb.analyser import Analyser, fitted_analyser, heard, labels_of
from tonewright.models.dereverb.losses import matching_loss, strong_loss
from tonewright.models.training.corpus import Store
from tonewright.models.training.rooms import Responses

MATCHED_FROM_FRAME = 31
"""After half a second most echoes of what came before a passage are over."""

USUAL_DRR_DB = 1.0
"""What is taken for the DRR where RT60 only is known: the mean of the rooms that train."""


class Supervision(StrEnum):
    """What is known of an example."""

    STRONG = "strong"
    WEAK = "weak"
    WEAK_RT60 = "weak-rt60"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Strong:
    """The loss where the dry signal is known.

    Attributes:
        masks: Whether the network has masks: these are judged by the levels that ``Matching``
            looks at, so that supervisions differ in nothing but what is known.
        augment: Whether examples may be dry or noisy.
    """

    masks: bool = False
    augment: bool = True

    def loss(self, estimate: Tensor, wet: Tensor, dry: Tensor, rooms: np.ndarray) -> Tensor:
        """Return the loss of a batch."""
        if self.masks:
            return matching_loss(estimate, dry, None, MATCHED_FROM_FRAME)
        return strong_loss(estimate, dry)


@dataclass(frozen=True, slots=True)
class Matching:
    """The loss where the room is known, or an analyser says what it is.

    Attributes:
        responses: The rooms; their acoustics are the labels.
        analyser: What says it instead, from the wet signal; None to take the labels.
        drr: Whether the label has a DRR; else all rooms have the same.
        augment: Whether examples may be dry or noisy: no, a label would be wrong there.
    """

    responses: Responses
    analyser: Analyser | None = None
    drr: bool = True
    augment: bool = False

    def loss(self, estimate: Tensor, wet: Tensor, dry: Tensor, rooms: np.ndarray) -> Tensor:
        """Return the loss of a batch; ``dry`` is not looked at."""
        return matching_loss(estimate, wet, self.known(wet, rooms), MATCHED_FROM_FRAME)

    def known(self, wet: Tensor, rooms: np.ndarray) -> Acoustics:
        """Return what is known of the rooms of a batch."""
        if self.analyser is None:
            labels = labels_of(self.responses, rooms)
            usual = torch.full_like(labels.drr_db, USUAL_DRR_DB)
            return labels if self.drr else replace(labels, drr_db=usual)
        with torch.no_grad():
            found: Acoustics = self.analyser(heard(wet))
        return found


def supervised(
    supervision: Supervision, store: Store, responses: Responses, *, masks: bool, seed: int
) -> Strong | Matching:
    """Return what a training of filters, or of masks, on these recordings and rooms is told."""
    match supervision:
        case Supervision.STRONG:
            return Strong(masks=masks, augment=not masks)
        case Supervision.WEAK:
            return Matching(responses)
        case Supervision.WEAK_RT60:
            return Matching(responses, drr=False)
        case Supervision.BLIND:
            return Matching(responses, fitted_analyser(store, responses, seed=seed))
