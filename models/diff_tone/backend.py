"""What Diff-TONE needs to know of a generative model, and nothing more.

A backend turns audio into a latent and back, reads prompts, and estimates the clean latent of a
noisy one. Latents are ``(batch, ..., frames)``; states are as in ``diffusion``. All randomness
comes from the caller.
"""

from collections.abc import Callable
from typing import Any, Protocol

from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.models.diff_tone.diffusion import Grid

Check = Callable[[], None]
"""Raises CancelledError if the user stopped the work; called inside steps."""

Condition = Any
"""What a backend makes of a prompt; opaque to everybody else."""


def unchecked() -> None:
    """Go on."""


class Backend(Protocol):
    """A text-to-music diffusion model.

    Attributes:
        name: For people.
        sample_rate: Of the audio it makes, in Hz.
    """

    name: str
    sample_rate: int

    def latent_shape(self, length_samples: int) -> tuple[int, ...]:
        """Return the shape of the latent of so much audio."""
        ...

    def encode(self, audio: Audio) -> Tensor:
        """Return the latent of audio ``(channels, samples)`` at ``sample_rate``."""
        ...

    def decode(self, latent: Tensor, length_samples: int, source: Audio | None = None) -> Audio:
        """Return the audio of a latent, ``(channels, length_samples)``.

        Args:
            latent: What to hear.
            length_samples: How much of it.
            source: The recording that the latent was made from, if there is one; a model may take
                its phase and its channels.
        """
        ...

    def condition(self, prompt: str, length_samples: int, source: Audio | None = None) -> Condition:
        """Return a prompt as the model takes it.

        Args:
            prompt: A sentence; an empty one is the model's null prompt.
            length_samples: Of the audio.
            source: The recording whose notes should be kept, if there is one; a model may be told.
        """
        ...

    def grid(self, steps: int) -> Grid:
        """Return noise levels to sample at."""
        ...

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
        """Return the clean estimate for a state.

        Args:
            x: The state.
            grid: What the sampler goes along.
            index: Of the state in the grid, before the last.
            condition: Of ``condition``.
            guidance: Classifier-free guidance (Ho and Salimans 2022): 1 for none, 0 for the null
                prompt.
            check: Called now and then.
        """
        ...


class Listener(Protocol):
    """Hears instruments in clean estimates and in sound, and compares what two estimates play.

    Attributes:
        names: The instruments it tells apart.
    """

    names: tuple[str, ...]

    def probabilities(self, clean: Tensor, alpha: float) -> Tensor:
        """Return the probability of every instrument, ``(len(names),)``, over the whole latent.

        Args:
            clean: A clean estimate of the backend that it listens for.
            alpha: The share of signal power of the state it was made from.
        """
        ...

    def in_sound(self, latent: Tensor, source: Audio) -> Tensor:
        """Return the probability of every instrument, ``(len(names),)``, in what a latent sounds.

        Args:
            latent: Of an edit.
            source: The recording, ``(channels, samples)`` at the backend's rate.
        """
        ...

    def kept(self, before: Tensor, after: Tensor) -> float:
        """Return how much of what one latent plays another does, 0 to 1."""
        ...
