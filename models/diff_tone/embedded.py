"""Our own model as a backend: mel frames as latent, the denoiser over windows, the render stage.

A latent of any length is denoised in windows of ``WINDOW_FRAMES`` that overlap a little and lie
elsewhere in every step (SpotDiffusion, Frolov et al. 2024); the clean estimates are faded into each
other (MultiDiffusion, Bar-Tal et al. 2023), so there is one latent without seams, however long the
file.

All channels share a latent, that of their mean power; each is rendered from its own phase, with its
own share of the power in every frame. The level is the source's.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tonewright.dsp.audio.signal import Audio
from tonewright.models.diff_tone.backend import Check, Condition, unchecked
from tonewright.models.diff_tone.batches import LOWEST
from tonewright.models.diff_tone.classifier import (
    HEARD_FRAMES,
    Choosing,
    Steering,
    heard,
    windows_of,
)
from tonewright.models.diff_tone.denoiser import WINDOW_FRAMES, Denoiser
from tonewright.models.diff_tone.diffusion import Grid, cosine_grid
from tonewright.models.diff_tone.features import (
    BANDS,
    HOP_SAMPLES,
    SAMPLE_RATE,
    band_power,
    content_of,
    frames_of,
    level_of,
    mel_of,
    power_of,
    spectrum_of,
)
from tonewright.models.diff_tone.instruments import NAMES, indices_of
from tonewright.models.diff_tone.measures import mel_of_audio, mel_similarity
from tonewright.models.diff_tone.render import PHASE_STEPS, rendered

OVERLAP_FRAMES = 16
"""The least overlap of two windows."""

LEEWAY_FRAMES = 64
"""How far windows can at least be moved: there are as many of them as that takes."""

WINDOWS_AT_ONCE = 8
THREADS = 2
"""Groups of windows at a time. Operations of two threads do not wait for each other as the two
threads of one operation do, so a busy core costs only its share."""

ENVELOPE_FRAMES = 9
"""Over how many frames, 0.1 s, the envelope of a channel is smoothed."""

CONTENT_GUIDANCE = 2.0
"""Chosen on the development split (``resources/weights/diff_tone.md``)."""

GUIDED_TIME = 0.3
"""Below, there is no guidance: who plays what is decided, and a step costs a third (Kynkäänniemi et
al. 2024)."""

GENERATED_LEVEL = 0.1
"""Level of a clip that was not made from a recording."""

LISTENED_STEPS = 8
"""Of the phase, where a take is only listened to."""

GOLDEN_RATIO = 0.5 * (1.0 + 5.0**0.5)
"""Its multiples, less whole numbers, are spread evenly, however many there are."""

_TINY = 1e-12

Spun = Callable[[Tensor, Tensor | None], Tensor]
"""The clean estimate for a state and what is played, shapes as of ``Embedded.cycle_spun``."""


@dataclass(frozen=True, slots=True)
class _Told:
    """Words ``(1, MOST_WORDS)``, and the source's content ``(1, CONTENT, frames)`` or None."""

    words: Tensor
    content: Tensor | None


class Embedded:
    """The embedded model; attributes as of ``backend.Backend``.

    Args:
        denoiser: Its network.
        content_guidance: How hard it is held to what is played, where there is guidance at all.
        half: Whether the network computes in 16 bits, as it was trained; None where the processor
            has instructions for it, which takes half of the time.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        *,
        content_guidance: float = CONTENT_GUIDANCE,
        half: bool | None = None,
    ) -> None:
        self.name = "Tonewright"
        self.sample_rate = SAMPLE_RATE
        self.content_guidance = content_guidance
        self._denoiser = denoiser
        self._half = torch.cpu._is_avx512_bf16_supported() if half is None else half

    def latent_shape(self, length_samples: int) -> tuple[int, ...]:
        """Return the shape of the latent: whole patches, at least one window."""
        patch = self._denoiser.shape.patch
        frames = -(-frames_of(length_samples) // patch) * patch
        return (1, BANDS, max(frames, WINDOW_FRAMES))

    @torch.inference_mode()
    def encode(self, audio: Audio) -> Tensor:
        """Return the latent of the mean power of all channels."""
        channels = torch.from_numpy(audio)
        power = band_power(spectrum_of(channels)).mean(dim=0, keepdim=True)
        mel = mel_of(power, _level(channels))
        missing = self.latent_shape(audio.shape[1])[2] - mel.shape[2]
        return functional.pad(mel, (0, missing), value=LOWEST)

    @torch.inference_mode()
    def decode(
        self,
        latent: Tensor,
        length_samples: int,
        source: Audio | None = None,
        *,
        phase_steps: int = PHASE_STEPS,
    ) -> Audio:
        """Return the audio of a latent: mono without a source, else with the source's channels.

        See ``Backend.decode``; ``phase_steps`` are as of ``render.audio_with``.
        """
        mel = latent[:, :, : frames_of(length_samples)]
        if source is None:
            # There is no phase to begin with: that of a fixed noise is as good as any.
            noise = np.random.default_rng(0).standard_normal((1, length_samples), np.float32)
            power = power_of(mel, torch.tensor(GENERATED_LEVEL))
            made = rendered(
                torch.from_numpy(noise), power, smooth_share=1.0, phase_steps=phase_steps
            )
            return np.asarray(made / made.abs().max().clamp(min=1.0))
        channels = torch.from_numpy(source)
        own = band_power(spectrum_of(channels))
        mean = own.mean(dim=0, keepdim=True)
        target = power_of(mel, _level(channels))
        shares = _smoothed(own.sum(dim=1, keepdim=True)) / _smoothed(mean.sum(dim=1, keepdim=True))
        with ThreadPoolExecutor(THREADS) as pool:
            each_channel = pool.map(
                partial(_rendered, phase_steps=phase_steps),
                channels.split(1),
                (target * shares).split(1),
            )
            made = torch.cat(list(each_channel))
        return np.asarray(made * (_level(channels) / _level(made)).reshape(1, 1))

    def condition(self, prompt: str, length_samples: int, source: Audio | None = None) -> Condition:
        """Return a prompt's words, and what the source plays if there is one."""
        words = torch.tensor([indices_of(prompt)])
        if source is None:
            return _Told(words, None)
        content = content_of(torch.from_numpy(source.mean(axis=0, keepdims=True)))
        missing = self.latent_shape(length_samples)[2] - content.shape[2]
        return _Told(words, functional.pad(content, (0, missing)))

    def grid(self, steps: int) -> Grid:
        """Return noise levels, dense at high noise."""
        return cosine_grid(steps)

    @torch.inference_mode()
    def clean(
        self,
        x: Tensor,
        grid: Grid,
        index: int,
        condition: Condition,
        *,
        guidance: float,
        check: Check = unchecked,
    ) -> Tensor:
        """Return the clean estimate, windows faded into each other."""

        def windowed(x: Tensor, content: Tensor | None) -> Tensor:
            told = _Told(condition.words, content)
            starts = window_starts(x.shape[2], index)
            time = grid.times[index]
            return self._windowed(x, starts, time, told, guidance=guidance, check=check)

        return self.cycle_spun(x, condition.content, grid, index, windowed)

    def cycle_spun(
        self, x: Tensor, content: Tensor | None, grid: Grid, index: int, estimate: Spun
    ) -> Tensor:
        """Return an estimate that knows no borders between patches.

        The network sees whole patches. Where they begin is another frame in every step, and every
        frame of a patch in the last one, so that no two frames stand on a border throughout: cycle
        spinning (Coifman and Donoho 1995), over the steps of a sampler.

        Args:
            x: The state, ``(batch, BANDS, frames)``.
            content: What is played, ``(batch, CONTENT, frames)``, or None.
            grid: Of the sampler.
            index: Of the state in the grid.
            estimate: Of a state and what is played, where patches begin with the first frame.
        """
        patch = self._denoiser.shape.patch
        firsts = range(patch) if index == grid.steps - 1 else (index % patch,)

        def begun(first: int) -> Tensor:
            played = None if content is None else content.roll(-first, 2)
            return estimate(x.roll(-first, 2), played).roll(first, 2)

        return torch.stack([begun(first) for first in firsts]).mean(dim=0)

    def _windowed(
        self,
        x: Tensor,
        starts: list[int],
        time: float,
        condition: _Told,
        *,
        guidance: float,
        check: Check,
    ) -> Tensor:
        """Return the clean estimate of a state ``(1, BANDS, frames)``, windows faded together."""
        at_once = min(WINDOWS_AT_ONCE, -(-len(starts) // THREADS))
        groups = [starts[first : first + at_once] for first in range(0, len(starts), at_once)]

        def cut(frames: Tensor, group: list[int]) -> Tensor:
            return torch.cat([frames[:, :, start : start + WINDOW_FRAMES] for start in group])

        def estimates(group: list[int]) -> Tensor:
            check()
            content = None if condition.content is None else cut(condition.content, group)
            return self.guided(cut(x, group), time, condition.words, content, guidance)

        fade = torch.hann_window(WINDOW_FRAMES + 2, periodic=False)[1:-1]
        total, weight = torch.zeros_like(x), torch.zeros(x.shape[2])
        with ThreadPoolExecutor(THREADS) as pool:
            for group, made in zip(groups, pool.map(estimates, groups), strict=True):
                for start, window in zip(group, made, strict=True):
                    total[0, :, start : start + WINDOW_FRAMES] += fade * window
                    weight[start : start + WINDOW_FRAMES] += fade
        return total / weight

    @torch.inference_mode()
    def guided(
        self, windows: Tensor, time: float, words: Tensor, content: Tensor | None, guidance: float
    ) -> Tensor:
        """Return clean estimates of windows, each by itself.

        With guidance, the way from no prompt to the prompt is gone ``guidance`` times, and the way
        from no content to the content ``content_guidance`` times: the more is asked of the target,
        the more of what is played would be lost otherwise.

        Args:
            windows: ``(batch, BANDS, WINDOW_FRAMES)``.
            time: Of all of them.
            words: Of one prompt for all, or of one for each.
            content: ``(batch, CONTENT, WINDOW_FRAMES)``, or None.
            guidance: To the prompt.
        """
        if guidance == 1.0 or (guidance and time < GUIDED_TIME):
            return self._asked(windows, time, words, content)
        silent = torch.zeros_like(words)
        if guidance == 0.0:
            return self._asked(windows, time, silent, content)
        told = [(silent, content), (words, content)]
        if content is not None and self.content_guidance != 1.0:
            # A negative number says that there is no content (``Denoiser.forward``).
            told.append((silent, torch.full_like(content, -1.0)))
        count = len(windows)
        null, full, *free = self._asked(
            windows.repeat(len(told), 1, 1),
            time,
            torch.cat([said.expand(count, -1) for said, _ in told]),
            None if content is None else torch.cat([played for _, played in told]),
        ).split(count)
        made = null + guidance * (full - null)
        return made + (self.content_guidance - 1.0) * (null - free[0]) if free else made

    def _asked(self, windows: Tensor, time: float, words: Tensor, content: Tensor | None) -> Tensor:
        """Return what the network says, no guidance: arguments as of ``guided``."""
        times = torch.full((len(windows),), time)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._half):
            clean: Tensor = self._denoiser(windows, times, words.expand(len(windows), -1), content)
        return clean.float()


class EmbeddedListener:
    """The classifiers that have a say in edits, as a listener to the embedded model.

    Args:
        backend: The model.
        steering: Hears clean estimates.
        choosing: Hears sound.
    """

    names = NAMES

    def __init__(self, backend: Embedded, steering: Steering, choosing: Choosing) -> None:
        self._backend = backend
        self._steering = steering
        self._choosing = choosing

    @torch.inference_mode()
    def probabilities(self, clean: Tensor, alpha: float) -> Tensor:
        """Return the probability of every instrument over the whole latent."""
        windows = windows_of(clean)
        return heard(self._steering(windows, torch.full((len(windows),), alpha)), windows)

    @torch.inference_mode()
    def in_sound(self, latent: Tensor, source: Audio) -> Tensor:
        """Return the probability of every instrument, ``(len(names),)``, over the whole sound.

        Only the loudest channel is made to sound, in a few steps of the phase: in both that is
        enough to hear who plays. Halves of what is long are made side by side.
        """
        loudest = int(np.square(source).sum(axis=1).argmax())
        frames = frames_of(source.shape[1])
        borders = [0, frames // 2, frames] if frames > 2 * HEARD_FRAMES else [0, frames]

        def sounding(start: int, end: int) -> Audio:
            part = source[loudest : loudest + 1, start * HOP_SAMPLES : end * HOP_SAMPLES]
            mel = latent[:, :, start : end + 1]
            return self._backend.decode(mel, part.shape[1], part, phase_steps=LISTENED_STEPS)

        with ThreadPoolExecutor(THREADS) as pool:
            audio = np.concatenate(list(pool.map(sounding, borders, borders[1:])), axis=1)
        windows = windows_of(mel_of_audio(audio))
        return heard(self._choosing(windows), windows)

    @torch.inference_mode()
    def kept(self, before: Tensor, after: Tensor) -> float:
        """Return the likeness of the chroma of two latents, 0 to 1."""
        return mel_similarity(before, after)


def window_starts(frames: int, step: int = 0) -> list[int]:
    """Return where the windows of a step begin so that they cover all frames.

    The first begins with the first frame and the last ends with the last. Those between are pushed
    to the front, to the back or in between, by the golden ratio from step to step.
    """
    hop, last = WINDOW_FRAMES - OVERLAP_FRAMES, frames - WINDOW_FRAMES
    between = -(-(last + LEEWAY_FRAMES) // hop) if last else 0
    push = step * GOLDEN_RATIO % 1.0
    starts = []
    for number in range(between + 1):
        first, latest = min(number * hop, last), max(0, last - (between - number) * hop)
        starts.append(round(first + push * (latest - first)))
    return starts


@torch.inference_mode()
def _rendered(channel: Tensor, target: Tensor, *, phase_steps: int) -> Tensor:
    """Return one channel; a thread begins without inference mode."""
    return rendered(channel, target, phase_steps=phase_steps)


def _level(channels: Tensor) -> Tensor:
    """Return the level of the mean power of channels, ``(1, 1, 1)``."""
    return level_of(channels).square().mean(dim=0, keepdim=True).sqrt()


def _smoothed(power: Tensor) -> Tensor:
    around = ENVELOPE_FRAMES // 2
    mean = functional.avg_pool1d(power, ENVELOPE_FRAMES, 1, around, count_include_pad=False)
    return mean.clamp(min=_TINY)
