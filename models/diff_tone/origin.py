"""Clips that were made here, and edited from the very noise that they began with.

The **origin** of a clip is all that made it: model, prompt, seed, length, steps, guidance. Made
again it is the same clip, bit for bit, on the same machine; and since its whole way from noise is
known, nothing has to be inverted: an edit goes the same way until the switch, and on with the
target's prompt. What is edited must be that clip, or a part of it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import EffectError
from tonewright.models.diff_tone.algorithm import (
    Generated,
    Rule,
    Run,
    Trace,
    edited,
    estimate_with,
    generated,
)
from tonewright.models.diff_tone.backend import Backend, Listener
from tonewright.models.diff_tone.diffusion import NoiseStream
from tonewright.models.diff_tone.inversion import Path as DiffusionPath

LONGEST_SECONDS = 60.0
LEAST_LIKENESS = 0.9
"""Correlation of a part of a clip with its place in the clip: resampling takes a little of it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """How a clip was made.

    Attributes:
        prompt: What was asked for.
        length_samples: Of the clip, at the model's rate.
        seed: Of its noise.
        steps: Of the sampler.
        guidance: To the prompt.
        model: As of ``opening.open_model``.
        weights: The model's key: another model of that name would make another clip.
    """

    prompt: str
    length_samples: int
    seed: int = 0
    steps: int = 40
    guidance: float = 5.0
    model: str = "embedded"
    weights: str = ""

    def to_text(self) -> str:
        """Return it as JSON, in one line."""
        return json.dumps(asdict(self), sort_keys=True)


def read_origin(text: str) -> Origin:
    """Return an origin from its JSON, or from a file that holds it.

    Raises:
        EffectError: If it is none.
    """
    place = "origin"
    if not text.lstrip().startswith("{"):
        place = text
        try:
            text = Path(text).expanduser().read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise EffectError(
                f"origin {place}: cannot be read; name the recipe beside a generated clip"
            ) from error
    try:
        return Origin(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise EffectError(
            f"{place}: no recipe of a generated clip ({error}); generate the clip again"
        ) from error


class Remade:
    """A clip on the way that made it; it is used like ``editing.Editing``.

    Args:
        backend: The model that made it.
        origin: How.
        listener: Hears the way; None leaves the trace empty.
        run: Told of every step, and asked whether to go on.

    Attributes:
        audio: The clip, ``(channels, samples)`` at the backend's rate.
        path: Of the clip, from noise.
        trace: What the listener said, step by step.
    """

    def __init__(
        self,
        backend: Backend,
        origin: Origin,
        *,
        listener: Listener | None = None,
        run: Run | None = None,
    ) -> None:
        self._backend = backend
        self._origin = origin
        self._grid = backend.grid(origin.steps)
        condition = backend.condition(origin.prompt, origin.length_samples)
        source = estimate_with(backend, self._grid, condition, origin.guidance, run or Run())
        noise = NoiseStream(origin.seed, backend.latent_shape(origin.length_samples))
        made: Generated = generated(source, self._grid, noise, listener=listener, run=run)
        self.path: DiffusionPath = made.path
        self.trace: Trace = made.trace
        self.audio: Audio = backend.decode(self.path.end, origin.length_samples)

    def switch(self, rule: Rule) -> int:
        """Return where a rule switches; at the end if it never does."""
        found = rule.decide(self.trace, self._grid.steps)
        return self._grid.steps if found is None else found

    def reconstruction_error(self) -> float:
        """Return 0: the way is the clip's own."""
        return 0.0

    def at(
        self,
        switch: int,
        target: str,
        *,
        guidance: float,
        strength: float = 1.0,
        run: Run | None = None,
    ) -> Audio:
        """Return the clip with the target's prompt from a switch on; see ``Editing.at``.

        At the last switch it is the clip itself.
        """
        if switch == self._grid.steps or strength == 0.0:
            return self.audio
        length = self._origin.length_samples
        condition = self._backend.condition(target, length, self.audio)
        estimate = estimate_with(self._backend, self._grid, condition, guidance, run or Run())
        made = edited(self.path, estimate, switch, run)
        with torch.inference_mode():
            latent = torch.lerp(self.path.end, made, strength)
        return self._backend.decode(latent, length, self.audio)


def place_in(clip: Audio, part: Audio) -> int:
    """Return at which sample of a clip a part of it begins.

    Raises:
        EffectError: If it is no part of the clip.
    """
    whole, heard = (each.mean(axis=0, dtype=np.float64) for each in (clip, part))
    heard = heard[: len(whole)]
    size = len(whole) + len(heard)
    spectra = np.fft.rfft(whole, size) * np.fft.rfft(heard, size).conj()
    products = np.fft.irfft(spectra, size)[: len(whole) - len(heard) + 1]
    total = np.concatenate([[0.0], np.cumsum(whole**2)])
    power = total[len(heard) :] - total[: -len(heard)]
    likeness = products / np.sqrt(np.maximum(power, 1e-12) * max(1e-12, float(heard @ heard)))
    place = int(np.argmax(likeness))
    if likeness[place] < LEAST_LIKENESS:
        raise EffectError(
            "origin: what is edited is not the clip that this recipe makes; take origin away to "
            "edit it as a recording"
        )
    return place
