"""Diff-TONE as an effect on a track.

What the track is and where the prompt is exchanged belongs to the whole of it, so the effect keeps
the stream until it is over; three minutes in stereo are 64 MB. Both are decided on its loudest
section and hold for all. Sections (``sections``) are edited one after another at the model's rate
and brought back to the track's own, so memory does not grow with the length. What is silent stays
silent, and the loudness of a section is the source's.

With an ``origin`` the track is a clip that was made here, or a part of one: nothing is inverted
(``origin``).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tonewright.dsp.audio.resample import resample
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.fifo import Fifo
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import Value
from tonewright.dsp.rendering.job import share, work_in_hand
from tonewright.models.diff_tone.algorithm import Fixed, Offline, Online, Rule, Run
from tonewright.models.diff_tone.editing import Editing, Settings, prompts
from tonewright.models.diff_tone.effect_type import AUTO, EMBEDDED
from tonewright.models.diff_tone.embedded import Embedded
from tonewright.models.diff_tone.instruments import NAMES, named_in
from tonewright.models.diff_tone.inversion import Inversion
from tonewright.models.diff_tone.keeping import KEPT, Editable, Kept
from tonewright.models.diff_tone.opening import Model, open_model
from tonewright.models.diff_tone.origin import Origin, Remade, place_in, read_origin
from tonewright.models.diff_tone.sections import (
    enveloped,
    in_sections,
    levelled,
    sections_of,
    spans_of,
)
from tonewright.models.diff_tone.takes import Takes

LONGEST_SECONDS = 900.0

INVERSION_SHARE, EDIT_SHARE = 0.35, 0.85
"""How far a section is when it is inverted, and when it is edited; rendering is the rest."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What a user sets.

    Attributes:
        target: An instrument, or a prompt.
        source: An instrument or a prompt; ``"auto"`` for what the listener hears.
        switch: Share of the steps before the target's prompt, 0 to 100 %; None for the rule's.
        rule: ``"auto"``, ``"online"`` or ``"offline"``.
        repeats: For ``"online"``: the same answer this many times in a row.
        confidence: For ``"online"``: its least probability, 0 to 100 %.
        strength: How far the sound goes from the source's to the edited one, 0 to 100 %.
        inversion: A value of ``Inversion``; ``"auto"`` for edit-friendly, others in bolder takes.
        steps: Of the sampler.
        guidance: To the target, less in gentle takes; 1 for none.
        keep_envelope: How far the loudness of every moment is the source's, 0 to 100 %.
        origin: How the clip was made, if it was made here.
        takes: How often a recording is edited at most, from gentle to bold (``takes``).
        seed: Another one is another take.
    """

    target: str
    source: str = AUTO
    switch: float | None = None
    rule: str = AUTO
    repeats: int = 1
    confidence: float = 50.0
    strength: float = 100.0
    inversion: str = AUTO
    steps: int = 14
    guidance: float = 4.0
    keep_envelope: float = 0.0
    origin: Origin | None = None
    takes: int = 3
    seed: int = 0

    def chosen_rule(self) -> Rule:
        """Return the rule that is set.

        Left to itself, the target's prompt is there from the start. Noise that was found by
        inversion carries the source, whose label is settled at once: a later switch kept a little
        more of what is played and was heard less (40 development cases). Clips made here gain
        nothing from the paper's rule either (.63 against .56 in harmonic mean, twice 24 cases).
        What is played is told to the network anyway.
        """
        if self.switch is not None:
            return Fixed(self.switch / 100.0)
        if self.rule == AUTO:
            return Fixed(0.0)
        return Offline() if self.rule == "offline" else Online(self.repeats, self.confidence / 100)


@dataclass(frozen=True, slots=True)
class Decision:
    """What holds for a whole track.

    Attributes:
        source: What it is, as a prompt.
        target: What it becomes, as a prompt.
        switch: The first step with the target's prompt.
        steps: How many there are.
        editing: Of the section that it was decided on, its trace included.
    """

    source: str
    target: str
    switch: int
    steps: int
    editing: Editable


class InstrumentChange:
    """Another instrument plays what the track plays.

    Args:
        model: What edits, and what listens.
        controls: What is set.
        kept: Edits that may be gone on from.

    Attributes:
        decision: Of the last track that was edited.
    """

    def __init__(self, model: Model, controls: Controls, kept: Kept = KEPT) -> None:
        by_rule = controls.switch is None
        unknown = controls.source == AUTO and controls.origin is None
        if model.listener is None and (by_rule or unknown):
            raise EffectError(
                f"{model.backend.name} has no classifier of its own; set source to an instrument "
                "and switch to 0-100"
            )
        self.decision: Decision | None = None
        self._model = model
        self._controls = controls
        self._kept = kept
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
        rate = self._sample_rate
        self.reset()
        return self.edited(audio, rate)

    def reset(self) -> None:
        """Forget the stream so far."""
        self._waiting = None

    def edited(self, audio: Audio, sample_rate: float) -> Audio:
        """Return a whole track edited, ``(channels, samples)`` of the same shape."""
        spans = spans_of(audio, sample_rate)
        out = np.zeros_like(audio)
        if not spans:
            return out
        progress = _Sections(sum(len(sections_of(b - a, sample_rate)) for a, b in spans))
        decision = self.decide(audio, sample_rate, progress.next())
        for start, end in spans:

            def edit(section: Audio) -> Audio:
                return self._section(section, sample_rate, decision, progress.next())

            out[:, start:end] = in_sections(audio[:, start:end], sample_rate, edit)
        return out

    def decide(self, audio: Audio, sample_rate: float, run: Run) -> Decision:
        """Return what holds for a track, heard on its loudest section."""
        sections = [
            (start + a, start + b)
            for start, end in spans_of(audio, sample_rate)
            for a, b in sections_of(end - start, sample_rate)
        ]
        loudest = max(sections, key=lambda each: float(np.square(audio[:, slice(*each)]).sum()))
        heard = self._at_models_rate(audio[:, slice(*loudest)], sample_rate)
        controls = self._controls
        source = controls.source
        if controls.origin is not None:
            source = controls.origin.prompt
        elif source == AUTO and self._model.listener is not None:
            answer = self._model.listener.probabilities(self._model.backend.encode(heard), 1.0)
            source = self._model.listener.names[int(answer.argmax())]
        spoken, wanted = prompts(source, controls.target)
        editing = self._editing(heard, spoken, run)
        switch = editing.switch(controls.chosen_rule())
        steps = controls.steps if controls.origin is None else controls.origin.steps
        self.decision = Decision(spoken, wanted, switch, steps, editing)
        return self.decision

    def _at_models_rate(self, audio: Audio, sample_rate: float) -> Audio:
        return np.ascontiguousarray(resample(audio, sample_rate, self._model.backend.sample_rate))

    def _editing(self, heard: Audio, source: str, run: Run) -> Editable:
        """Return a section on its path, or the clip that was made here."""
        model, controls = self._model, self._controls
        inverting = Run(share(run.report, 0.0, INVERSION_SHARE), run.cancel)
        if controls.origin is not None:
            origin = controls.origin
            return self._kept.get(
                (model.key, origin),
                lambda: Remade(model.backend, origin, listener=model.listener, run=inverting),
            )
        digest = hashlib.sha256(heard.tobytes()).digest()
        asked = None if controls.inversion == AUTO else Inversion(controls.inversion)

        def invert(inversion: Inversion, run: Run) -> Editing:
            settings = Settings(source, controls.steps, inversion, seed=controls.seed)
            return self._kept.get(
                (model.key, settings, heard.shape, digest),
                lambda: Editing(model.backend, heard, settings, listener=model.listener, run=run),
            )

        if model.listener is None:  # nobody says which take is good
            return invert(asked or Inversion.EDIT_FRIENDLY, inverting)
        return Takes(invert, model.listener, controls.takes, inversion=asked, run=inverting)

    def _section(self, audio: Audio, sample_rate: float, decision: Decision, run: Run) -> Audio:
        """Return one section edited, of the same shape."""
        controls, rate = self._controls, self._model.backend.sample_rate
        heard = self._at_models_rate(audio, sample_rate)
        editing = self._editing(heard, decision.source, run)
        made = editing.at(
            decision.switch,
            decision.target,
            guidance=controls.guidance,
            strength=controls.strength / 100.0,
            run=Run(share(run.report, INVERSION_SHARE, EDIT_SHARE), run.cancel),
        )
        if isinstance(editing, Remade):
            place = place_in(editing.audio, heard)
            made = made[:, place : place + heard.shape[1]]
        if len(made) != len(audio):
            made = np.repeat(made.mean(axis=0, keepdims=True), len(audio), axis=0)
        back = resample(np.ascontiguousarray(made), rate, sample_rate)[:, : audio.shape[1]]
        # There and back again may be a sample short.
        back = np.pad(back, ((0, 0), (0, audio.shape[1] - back.shape[1])))
        kept = enveloped(levelled(back, audio), audio, controls.keep_envelope / 100.0, sample_rate)
        return np.asarray(kept, np.float32)


class _Sections:
    """The progress of a track: a share for the decision, and one for each section."""

    def __init__(self, sections: int) -> None:
        self._report, self._cancel = work_in_hand()
        self._parts = sections + 1
        self._begun = 0

    def next(self) -> Run:
        start = self._begun / self._parts
        self._begun += 1
        return Run(share(self._report, start, self._begun / self._parts), self._cancel)


def controls_of(params: Mapping[str, Value], seed: int) -> Controls:
    """Return the controls that the effect's parameters stand for.

    Raises:
        EffectError: If one of those that are text cannot be read.
    """
    given = {name: value for name, value in params.items() if name != "model"}
    origin = str(given.pop("origin"))
    switch = _switch(str(given.pop("switch")))
    return Controls(
        **given,  # type: ignore[arg-type]
        switch=switch,
        origin=read_origin(origin) if origin else None,
        seed=seed,
    )


def make(*, seed: int, **params: Value) -> InstrumentChange:
    """Return the effect.

    Raises:
        EffectError: If the model is not there, or a parameter that is text says nothing it knows.
    """
    controls = controls_of(params, seed)
    name = str(params["model"])
    if controls.origin is not None and name == EMBEDDED:
        name = controls.origin.model
    model = open_model(name)
    if controls.origin is not None and controls.origin.weights != model.key:
        raise EffectError(
            f"origin: {controls.origin.prompt!r} was made with other weights; generate it again, "
            "or take origin away to edit it as a recording"
        )
    if isinstance(model.backend, Embedded):
        for what, text in (("target", controls.target), ("source", controls.source)):
            if text != AUTO and not named_in(text):
                raise EffectError(
                    f"{what} {text!r} names no instrument that is known; there are: "
                    f"{', '.join(NAMES)}"
                )
    return InstrumentChange(model, controls)


def _switch(text: str) -> float | None:
    if text.strip().lower() == AUTO:
        return None
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 100.0:
        raise EffectError(f"switch must be auto, or 0 to 100 %, not {text!r}")
    return value
