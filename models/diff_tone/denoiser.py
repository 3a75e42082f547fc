"""The denoiser: a transformer over short patches of frames, told the noise level and a prompt.

A DiT (Peebles and Xie 2023): a token is a patch of ``patch`` frames of all bands; attention goes
over the tokens of a window of ``WINDOW_FRAMES``; the time and the prompt scale, shift and gate
every layer (adaLN-Zero). A token has more numbers than the network is wide, so the network
predicts the clean patch, which is simple, and not the noise, which is not (Li and He 2025, "Back to
basics"); the loss is on the velocity all the same (``velocity_loss``).

The prompt is read by a transformer of its own over its words, trained along; words stand for
themselves, so nothing is downloaded. Beside it stands the **content** of the source (``features``),
or nothing: content is dropped in training for a quarter of the windows, so that the network can be
asked with the prompt alone, as in Diff-TONE, or held to what is played.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from tonewright.models.diff_tone.features import BANDS, CONTENT
from tonewright.models.diff_tone.instruments import MOST_WORDS, VOCABULARY
from tonewright.models.weights import load_weights

WINDOW_FRAMES = 256
TIME_WAVES = 64
LEAST_NOISE = 0.05
"""Share of noise power below which the loss grows no further."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The hyper-parameters of a denoiser.

    Attributes:
        width: Numbers in a token inside.
        layers: How many layers.
        heads: Of attention; they divide the width.
        patch: Frames in a token; they divide ``WINDOW_FRAMES``.
        words: Numbers in a word of the prompt.
    """

    width: int = 256
    layers: int = 6
    heads: int = 4
    patch: int = 4
    words: int = 96


class Attention(nn.Module):
    """Self-attention; ``mask`` is True where a token may be looked at."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.enter = nn.Linear(width, 3 * width)
        self.leave = nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return what every token gathers, ``(batch, tokens, width)``."""
        batch, tokens, width = x.shape
        query, key, value = (
            part.reshape(batch, tokens, self.heads, -1).transpose(1, 2)
            for part in self.enter(x).chunk(3, dim=-1)
        )
        found = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        gathered: Tensor = self.leave(found.transpose(1, 2).reshape(batch, tokens, width))
        return gathered


class Reader(nn.Module):
    """A prompt's words become one vector: two layers, then a mean over the words."""

    def __init__(self, words: int, width: int) -> None:
        super().__init__()
        self.words = nn.Embedding(len(VOCABULARY), words)
        self.places = nn.Parameter(0.02 * torch.randn(MOST_WORDS, words))
        self.norms = nn.ModuleList(nn.LayerNorm(words) for _ in range(4))
        self.attentions = nn.ModuleList(Attention(words, 4) for _ in range(2))
        self.mixes = nn.ModuleList(
            nn.Sequential(nn.Linear(words, 2 * words), nn.GELU(), nn.Linear(2 * words, words))
            for _ in range(2)
        )
        self.leave = nn.Linear(words, width)

    def forward(self, indices: Tensor) -> Tensor:
        """Return prompts as vectors, ``(batch, MOST_WORDS)`` to ``(batch, width)``.

        A prompt without words is a vector of its own: the null prompt.
        """
        indices = indices.clone()
        empty = (indices == 0).all(dim=1)
        indices[empty, 0] = 1
        heard = indices != 0
        x = self.words(indices) + self.places
        for layer in range(2):
            x = x + self.attentions[layer](self.norms[2 * layer](x), heard[:, None, None])
            x = x + self.mixes[layer](self.norms[2 * layer + 1](x))
        mean = (x * heard[..., None]).sum(dim=1) / heard.sum(dim=1, keepdim=True)
        vector: Tensor = self.leave(torch.where(empty[:, None], torch.zeros_like(mean), mean))
        return vector


class Layer(nn.Module):
    """Attention and a map of every token, scaled, shifted and gated by time and prompt."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.norms = nn.ModuleList(nn.LayerNorm(width, elementwise_affine=False) for _ in range(2))
        self.attention = Attention(width, shape.heads)
        self.mix = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.modulation = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """Return the next tokens, ``(batch, tokens, width)``; ``told`` is ``(batch, width)``."""
        shift, scale, gate, shift_mix, scale_mix, gate_mix = (
            self.modulation(told)[:, None].chunk(6, dim=-1)
        )  # fmt: skip
        x = x + gate * self.attention(self.norms[0](x) * (1.0 + scale) + shift)
        return x + gate_mix * self.mix(self.norms[1](x) * (1.0 + scale_mix) + shift_mix)


class Denoiser(nn.Module):
    """A noisy window, its time, a prompt and content in; the clean estimate out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.enter = nn.Linear(shape.patch * BANDS, width)
        self.content = nn.Linear(shape.patch * CONTENT, width)
        self.no_content = nn.Parameter(torch.zeros(width))
        self.places = nn.Parameter(0.02 * torch.randn(WINDOW_FRAMES // shape.patch, width))
        self.time = nn.Sequential(
            nn.Linear(2 * TIME_WAVES, width), nn.SiLU(), nn.Linear(width, width)
        )
        self.reader = Reader(shape.words, width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = nn.Linear(width, 2 * width)
        self.leave = nn.Linear(width, shape.patch * BANDS)
        for layer in (self.modulation, self.leave):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, time: Tensor, prompt: Tensor, content: Tensor | None) -> Tensor:
        """Return the clean estimate, ``(batch, BANDS, frames)``.

        Args:
            x: States, ``(batch, BANDS, frames)``, up to ``WINDOW_FRAMES`` in whole patches.
            time: 0 (clean) to 1 (noise), ``(batch,)``.
            prompt: Word indices, ``(batch, MOST_WORDS)``; all 0 for the null prompt.
            content: ``(batch, CONTENT, frames)``, a negative number anywhere in the first frame
                for a window without it; None if none has it.
        """
        tokens = self.enter(self._patches(x)) + self.places[: x.shape[2] // self.shape.patch]
        if content is None:
            tokens = tokens + self.no_content
        else:
            given = (content[:, :, 0].amin(dim=1) >= 0.0)[:, None, None]
            held = self.content(self._patches(content))
            tokens = tokens + torch.where(given, held, self.no_content)
        told = functional.silu(self.time(waves_of(time)) + self.reader(prompt))
        for layer in self.layers:
            tokens = layer(tokens, told)
        shift, scale = self.modulation(told)[:, None].chunk(2, dim=-1)
        out = self.leave(self.norm(tokens) * (1.0 + scale) + shift)
        return out.unflatten(2, (self.shape.patch, BANDS)).flatten(1, 2).transpose(1, 2)

    def _patches(self, x: Tensor) -> Tensor:
        """Return frames in patches, ``(batch, n, frames)`` to ``(batch, tokens, patch x n)``."""
        return x.transpose(1, 2).unflatten(1, (-1, self.shape.patch)).flatten(2)


def load_denoiser(path: Path) -> Denoiser:
    """Return the denoiser of a file of weights; raises as ``load_weights``."""
    return load_weights(path, lambda **shape: Denoiser(Shape(**shape)), "a denoiser")


def waves_of(time: Tensor) -> Tensor:
    """Return times as sines and cosines, ``(batch,)`` to ``(batch, 2 x TIME_WAVES)``."""
    rates = torch.exp(torch.linspace(0.0, math.log(1_000.0), TIME_WAVES, device=time.device))
    phase = time[:, None] * rates
    return torch.cat([phase.sin(), phase.cos()], dim=1)


def velocity_loss(estimate: Tensor, clean: Tensor, alpha: Tensor) -> Tensor:
    """Return the mean squared error of the velocity that a clean estimate stands for.

    It is that of the clean estimate over the share of noise power.

    Args:
        estimate: ``(batch, BANDS, frames)``.
        clean: What it should be.
        alpha: Share of signal power, ``(batch,)``.
    """
    error = (estimate - clean).square().mean(dim=(1, 2))
    return (error / (1.0 - alpha).clamp(min=LEAST_NOISE)).mean()
