"""Diff-TONE as an effect on a track.

The switch belongs to the whole track, so the effect keeps the stream until it is over; a track of
three minutes is 64 MB in stereo. It is edited at the model's rate and brought back to its own; what
is silent stays silent. One longer than
``LONGEST_SECONDS`` is refused.
"""

from dataclasses import dataclass

import numpy as np

from tonewright.dsp.audio.resample import resample
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.fifo import Fifo
from tonewright.dsp.errors import EffectError
from tonewright.models.diff_tone.algorithm import Fixed, Offline, Online, Rule, Run
from tonewright.models.diff_tone.backend import Backend, Listener
from tonewright.models.diff_tone.editing import Editing, Settings, prompts
from tonewright.models.diff_tone.inversion import Inversion

LONGEST_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Controls:
    """What a user sets.

    Attributes:
        target: An instrument, or a prompt.
        source: An instrument or a prompt; ``"auto"`` for what the listener hears.
        rule: ``"online"``, ``"offline"``, or ``"fixed"``.
        switch: Share of the steps before the target's prompt, 0 to 100 %; for ``"fixed"``.
        repeats: For ``"online"``: the same answer this many times in a row.
        confidence: For ``"online"``: its least probability, 0 to 100 %.
        strength: How far the sound goes from the source's to the edited one, 0 to 100 %.
        inversion: A value of ``Inversion``.
        steps: Of the sampler.
        guidance: To the target; 1 for none.
        seed: Another one is another take.
    """

    target: str
    source: str = "auto"
    rule: str = "online"
    switch: float = 10.0
    repeats: int = 1
    confidence: float = 50.0
    strength: float = 100.0
    inversion: str = Inversion.EDIT_FRIENDLY.value
    steps: int = 40
    guidance: float = 2.0
    seed: int = 0

    def chosen_rule(self) -> Rule:
        """Return the rule that is set."""
        rules: dict[str, Rule] = {
            "online": Online(self.repeats, self.confidence / 100.0),
            "offline": Offline(),
            "fixed": Fixed(self.switch / 100.0),
        }
        return rules[self.rule]


class InstrumentChange:
    """Another instrument plays what the track plays.

    Args:
        backend: The model.
        listener: Hears what the source is and when it is decided; None allows no ``"auto"`` and
            no rule but ``"fixed"``.
        controls: What is set.
        run: Told of every step, and asked whether to go on.

    Attributes:
        editing: The last track that was edited: its path and trace.
    """

    def __init__(
        self,
        backend: Backend,
        listener: Listener | None,
        controls: Controls,
        run: Run | None = None,
    ) -> None:
        if listener is None and (controls.rule != "fixed" or controls.source == "auto"):
            raise EffectError(
                f"{backend.name} has no classifier; set source to an instrument and rule to fixed"
            )
        self.editing: Editing | None = None
        self._backend = backend
        self._listener = listener
        self._controls = controls
        self._run = run
        self._waiting: Fifo | None = None
        self._sample_rate = 0.0

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        """Return what is ready: nothing until ``finish``; with ``reset``, all of it."""
        if reset:
            self.reset()
        if self._waiting is None:
            self._waiting = Fifo(len(audio))
            self._sample_rate = sample_rate
        self._waiting.push(audio)
        if self._waiting.samples > LONGEST_SECONDS * sample_rate:
            raise EffectError(
                f"a change of instrument takes at most {LONGEST_SECONDS:.0f} s at once; "
                "split the track"
            )
        return self.finish() if reset else audio[:, :0]

    def finish(self) -> Audio:
        """Return all of the track, edited."""
        if self._waiting is None:
            raise ValueError("no stream has begun")
        audio = self._waiting.pop(self._waiting.samples)
        self.reset()
        return self._edited(audio) if audio.any() else audio

    def reset(self) -> None:
        """Forget the stream so far."""
        self._waiting = None

    def _edited(self, audio: Audio) -> Audio:
        rate = self._backend.sample_rate
        heard = np.ascontiguousarray(resample(audio, self._sample_rate, rate))
        controls = self._controls
        source = controls.source
        if source == "auto" and self._listener is not None:
            answer = self._listener.probabilities(self._backend.encode(heard), 1.0)
            source = self._listener.names[int(answer.argmax())]
        spoken, wanted = prompts(source, controls.target)
        settings = Settings(
            source=spoken,
            steps=controls.steps,
            inversion=Inversion(controls.inversion),
            seed=controls.seed,
        )
        self.editing = Editing(
            self._backend, heard, settings, listener=self._listener, run=self._run
        )
        made = self.editing.at(
            self.editing.switch(controls.chosen_rule()),
            wanted,
            guidance=controls.guidance,
            strength=controls.strength / 100.0,
            run=self._run,
        )
        if len(made) != len(audio):
            made = np.repeat(made.mean(axis=0, keepdims=True), len(audio), axis=0)
        back = resample(made, rate, self._sample_rate)[:, : audio.shape[1]]
        # There and back again may be a sample short.
        return np.pad(back, ((0, 0), (0, audio.shape[1] - back.shape[1])))
