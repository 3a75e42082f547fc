"""One recording, edited: inverted once, then heard with the prompt exchanged wherever one likes.

``Editing`` keeps the recording's path, so that another switch, another target or another guidance
costs only the steps behind the switch, and the trace of the listener, which says why the automatic
switch is where it is.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.models.diff_tone.algorithm import (
    Rule,
    Run,
    Trace,
    edited,
    estimate_with,
    inverted,
    trace_of,
)
from tonewright.models.diff_tone.backend import Backend, Listener
from tonewright.models.diff_tone.diffusion import NoiseStream
from tonewright.models.diff_tone.instruments import exchanged, named_in
from tonewright.models.diff_tone.inversion import (
    Estimate,
    Inversion,
    guidance_after,
    reconstruction_error,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a recording is inverted.

    Attributes:
        source: What the recording is, as a prompt; empty for the null prompt.
        steps: Of the sampler, at least 2.
        inversion: How its noise is found.
        source_guidance: Classifier-free guidance while it is found; 1 for none.
        seed: Of the noise; another one is another take.
    """

    source: str = ""
    steps: int = 40
    inversion: Inversion = Inversion.EDIT_FRIENDLY
    source_guidance: float = 1.0
    seed: int = 0


class Editing:
    """A recording on its path.

    Args:
        backend: The model.
        audio: The recording, ``(channels, samples)`` at the backend's rate.
        settings: How to invert it.
        listener: Hears the path; None leaves the trace empty.
        run: Told of every step, and asked whether to go on.

    Attributes:
        path: Of the recording.
        latent: Of the recording, as of ``Backend.latent_shape``.
        audio: The recording, ``(channels, samples)``.
    """

    def __init__(
        self,
        backend: Backend,
        audio: Audio,
        settings: Settings,
        *,
        listener: Listener | None = None,
        run: Run | None = None,
    ) -> None:
        self._backend = backend
        self.audio = audio
        self._settings = settings
        self.latent = backend.encode(audio)
        self._grid = backend.grid(settings.steps)
        noise = NoiseStream(settings.seed, tuple(self.latent.shape), self.latent.dtype)
        self.path = inverted(
            self.latent,
            self._estimate(settings.source, settings.source_guidance, run or Run()),
            self._grid,
            noise,
            inversion=settings.inversion,
            run=run,
        )
        self._listener = listener

    @cached_property
    def trace(self) -> Trace:
        """What the listener says of the path, step by step; it is asked when somebody looks."""
        return Trace(()) if self._listener is None else trace_of(self.path, self._listener)

    def switch(self, rule: Rule) -> int:
        """Return where a rule switches; at the end if it never does."""
        found = rule.decide(self.trace, self._grid.steps)
        return self._grid.steps if found is None else found

    @torch.inference_mode()
    def reconstruction_error(self) -> float:
        """Return how far the recording's latent is from the path sampled anew, on average.

        It costs all steps, but for edit-friendly inversion, whose path is exact by construction.
        """
        if self._settings.inversion is Inversion.EDIT_FRIENDLY:
            return float((self.path.end - self.latent).abs().mean())
        source = self._estimate(self._settings.source, self._settings.source_guidance, Run())
        return reconstruction_error(self.path, source, self.latent)

    def at(
        self,
        switch: int,
        target: str,
        *,
        guidance: float = 2.0,
        strength: float = 1.0,
        run: Run | None = None,
    ) -> Audio:
        """Return the recording with the target's prompt from a switch on.

        Args:
            switch: 0 to the number of steps, which leaves the recording as the model has it.
            target: A prompt.
            guidance: Classifier-free guidance to the target, 1 for none; of SDEdit less, see
                ``inversion.guidance_after``.
            strength: How far the latent goes from the recording's to the edited one, 0 to 1.
            run: Told of every step, and asked whether to go on.
        """
        made = self.latent_at(switch, target, guidance=guidance, run=run)
        return self.decoded(made, strength=strength)

    def latent_at(
        self, switch: int, target: str, *, guidance: float, run: Run | None = None
    ) -> Tensor:
        """Return the latent of what ``at`` returns, at full strength."""
        running = run or Run()
        guided = guidance_after(self.path.inversion, guidance)
        return edited(self.path, self._estimate(target, guided, running), switch, running)

    def decoded(self, latent: Tensor, *, strength: float = 1.0) -> Audio:
        """Return an edited latent as sound, on the way from the recording's."""
        with torch.inference_mode():
            between = torch.lerp(self.latent, latent, strength)
        return self._backend.decode(between, self.audio.shape[1], self.audio)

    def _estimate(self, prompt: str, guidance: float, run: Run) -> Estimate:
        length = self.audio.shape[1]
        condition = self._backend.condition(prompt, length, self.audio)
        return estimate_with(self._backend, self._grid, condition, guidance, run)


def prompts(source: str, target: str) -> tuple[str, str]:
    """Return two prompts that, if they can, differ in the instrument only.

    Args:
        source: An instrument, or a sentence; empty if it is not known.
        target: An instrument to put into the source's sentence, or a sentence of its own.
    """
    spoken = f"solo {source}" if source and source == named_in(source) else source
    if target != named_in(target):
        return spoken, target
    return spoken, exchanged(spoken, target) if named_in(spoken) else f"solo {target}"
