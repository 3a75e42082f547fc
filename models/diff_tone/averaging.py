"""The mean of denoisers of which one went on from the other, far enough to be wrong elsewhere.

Weights along one training lie in one valley, so that their mean is a denoiser too, often a better
one (Izmailov et al. 2018, Averaging weights leads to wider optima and better generalization):
``python -m tonewright.models.diff_tone.averaging FIRST SECOND --out MEAN``.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from tonewright.models.diff_tone.denoiser import Denoiser, load_denoiser
from tonewright.models.weights import save_weights


def mean_of(denoisers: Sequence[Denoiser]) -> Denoiser:
    """Return a denoiser with the mean of the weights of some.

    Raises:
        ValueError: If they are not all of one shape.
    """
    if len({each.shape for each in denoisers}) != 1:
        raise ValueError(f"denoisers of different shapes: {[each.shape for each in denoisers]}")
    mean = Denoiser(denoisers[0].shape)
    states = [each.state_dict() for each in denoisers]
    mean.load_state_dict(
        {name: torch.stack([each[name] for each in states]).mean(dim=0) for name in states[0]}
    )
    return mean


def main() -> None:
    """Average as the command line says."""
    parser = argparse.ArgumentParser(description="Average denoisers of one training.")
    parser.add_argument("weights", nargs="+", type=Path, help="files of denoisers")
    parser.add_argument("--out", type=Path, required=True, help="the mean's")
    options = parser.parse_args()
    save_weights(mean_of([load_denoiser(each) for each in options.weights]), options.out)


if __name__ == "__main__":
    main()
