"""Three classifiers of instruments: two have a say in edits, the third, which has none, reports.

* ``Steering``: one-dimensional convolutions over frames, bands as channels; it also gets the noise
  level, since it listens to clean estimates, which are blurred when noise is high.
* ``Choosing``: says which take is good; residual convolutions over patches of bands and frames, so
  that a timbre is known at any pitch. It hears sound only.
* ``Reporting``: a pyramid of convolutions over bands and frames; it hears sound only.

The third shares no layer, no seed and no half of the phrases with the others: see ``train``.
"""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from tonewright.models.diff_tone.features import BANDS
from tonewright.models.diff_tone.instruments import NAMES
from tonewright.models.weights import load_weights

HEARD_FRAMES: Final = 256
"""Frames that a classifier hears at once, 3 s; longer audio is heard in windows."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The one hyper-parameter of a classifier: how many numbers a layer has, at the least."""

    width: int


class Steering(nn.Module):
    """Convolutions over frames; logits for ``NAMES``."""

    def __init__(self, width: int = 192) -> None:
        super().__init__()
        self.shape = Shape(width)
        self.enter = nn.Conv1d(BANDS + 1, width, 5, stride=2, padding=2)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.GroupNorm(8, width),
                nn.GELU(),
                nn.Conv1d(width, width, 5, padding=2 * spacing, dilation=spacing, groups=4),
                nn.GELU(),
                nn.Conv1d(width, width, 1),
            )
            for spacing in (1, 2, 4, 1, 2, 4)
        )
        self.leave = nn.Linear(2 * width, len(NAMES))

    def embed(self, mel: Tensor, alpha: Tensor) -> Tensor:
        """Return what is heard, ``(batch, 2 x width)``; arguments as of ``forward``."""
        told = alpha[:, None, None].expand(-1, 1, mel.shape[2])
        x = self.enter(torch.cat([mel, told], dim=1))
        for block in self.blocks:
            x = x + block(x)
        return torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1)

    def forward(self, mel: Tensor, alpha: Tensor) -> Tensor:
        """Return logits, ``(batch, len(NAMES))``.

        Args:
            mel: As of ``features``, ``(batch, BANDS, frames)``.
            alpha: Share of signal power that the estimate was made from, ``(batch,)``; 1 for audio.
        """
        logits: Tensor = self.leave(functional.gelu(self.embed(mel, alpha)))
        return logits


class Choosing(nn.Module):
    """Residual convolutions over patches of bands and frames; logits for ``NAMES``."""

    PATCH: Final = (6, 8)
    """Bands and frames from one patch to the next."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.shape = Shape(width)
        bands, frames = self.PATCH
        # Patches overlap by half.
        self.enter = nn.Conv2d(
            1, width, (2 * bands, 2 * frames), self.PATCH, (bands // 2, frames // 2)
        )
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.GroupNorm(4, width),
                nn.Conv2d(width, width, 3, padding=1),
                nn.GELU(),
                nn.Conv2d(width, width, 1),
            )
            for _ in range(4)
        )
        self.leave = nn.Linear(2 * width, len(NAMES))

    def forward(self, mel: Tensor) -> Tensor:
        """Return logits, ``(batch, len(NAMES))``, of ``(batch, BANDS, frames)``."""
        x = self.enter(mel[:, None])
        for block in self.blocks:
            x = x + block(x)
        logits: Tensor = self.leave(torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1))
        return logits


class Reporting(nn.Module):
    """Convolutions over bands and frames; logits for ``NAMES``."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.shape = Shape(width)
        widths = (width, 2 * width, 3 * width, 4 * width)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        before = 1
        for index, after in enumerate(widths):
            stride = (2, 4) if index == 0 else (2, 2)
            layers[f"conv{index}"] = nn.Conv2d(
                before, after, 5 if index == 0 else 3, stride, 2 if index == 0 else 1, bias=False
            )
            layers[f"norm{index}"] = nn.BatchNorm2d(after)
            layers[f"act{index}"] = nn.ReLU()
            before = after
        self.layers = nn.Sequential(layers)
        self.leave = nn.Linear(2 * before, len(NAMES))

    def embed(self, mel: Tensor) -> Tensor:
        """Return what is heard, ``(batch, 8 x width)``, of ``(batch, BANDS, frames)``."""
        x = self.layers(mel[:, None])
        return torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1)

    def forward(self, mel: Tensor) -> Tensor:
        """Return logits, ``(batch, len(NAMES))``, of ``(batch, BANDS, frames)``."""
        logits: Tensor = self.leave(self.embed(mel))
        return logits


def load_steering(path: Path) -> Steering:
    """Return the classifier that steers, of a file of weights; raises as ``load_weights``."""
    return load_weights(path, Steering, "a classifier that steers")


def load_choosing(path: Path) -> Choosing:
    """Return the classifier that chooses, of a file of weights; raises as ``load_weights``."""
    return load_weights(path, Choosing, "a classifier that chooses")


def load_reporting(path: Path) -> Reporting:
    """Return the classifier that reports, of a file of weights; raises as ``load_weights``."""
    return load_weights(path, Reporting, "a classifier that reports")


def windows_of(mel: Tensor) -> Tensor:
    """Return long spectrograms in windows of ``HEARD_FRAMES`` that cover all of them.

    Shape:
        ``(1, BANDS, frames)`` to ``(windows, BANDS, HEARD_FRAMES)``; a short one is filled up with
        its lowest value.
    """
    frames = mel.shape[2]
    if frames <= HEARD_FRAMES:
        return functional.pad(mel, (0, HEARD_FRAMES - frames), value=float(mel.min()))
    count = -(-frames // HEARD_FRAMES)
    starts = torch.linspace(0, frames - HEARD_FRAMES, count).round().long()
    return torch.cat([mel[:, :, start : start + HEARD_FRAMES] for start in starts.tolist()])


def heard(logits: Tensor, mel: Tensor) -> Tensor:
    """Return one answer for all windows, ``(len(NAMES),)``: the mean, loud windows counting more.

    Args:
        logits: Of every window.
        mel: The windows, ``(windows, BANDS, frames)``.
    """
    loudness = mel.amax(dim=1).mean(dim=1)
    weights = torch.softmax(2.0 * loudness, dim=0)
    return weights @ torch.softmax(logits, dim=1)
