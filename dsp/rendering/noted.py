"""Notes that an effect with a network makes: a job of the worker process, kept in the store.

An effect on notes that runs RENDERED is never run where a project is planned. Planning asks the
store for its notes by their content key; where they are missing, the effect is left out and the
job is named, and once it is done the project is planned again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.midi.sequence import MidiSequence
from tonewright.dsp.rendering.bound import BoundEffect
from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore
from tonewright.dsp.rendering.key import SILENT, content_key
from tonewright.dsp.rendering.store import Store


@dataclass(frozen=True)
class Noted:
    """What an effect makes of a sequence.

    Attributes:
        sequence: What goes into it.
        effect: With all that decides its notes.
        label: What is being made, for people.
    """

    sequence: MidiSequence
    effect: BoundEffect
    label: str = field(default="", metadata=SILENT)

    rendered = True
    """It needs the worker process."""

    inputs = ()
    """Nothing must be in the store before."""

    expected_samples = 0
    """No audio comes of it."""

    @cached_property
    def key(self) -> str:
        """The content key."""
        return content_key(replace(self, sequence=replace(self.sequence, warnings=())))

    def find(self, store: Store) -> MidiSequence | None:
        """Return the notes, over the tempo map that went in, if the store has them."""
        found = store.notes(self.key)
        return None if found is None else replace(self.sequence, tracks=found.tracks)

    def is_in(self, store: Store) -> bool:
        """Return whether the store has the notes."""
        return store.notes(self.key) is not None

    def render(
        self,
        *,
        store: Store,
        registry: Registry,
        report: Report = ignore,
        cancel: CancelToken | None = None,
    ) -> tuple[str, ...]:
        """Make the notes and store them; nothing stands in for notes, so return ().

        Raises:
            CancelledError: If ``cancel`` was set before or behind the effect.
            TonewrightError: If the effect or the disk fails.
        """
        cancel = cancel or CancelToken()
        cancel.check()
        effect = registry.make(self.effect.type, dict(self.effect.params), seed=self.effect.seed)
        report(Progress(0.0, self.label, self.key))
        made = effect.process_midi(self.sequence)
        cancel.check()
        store.write_notes(self.key, made)
        report(Progress(1.0, self.label, self.key))
        return ()


NotesOf = Callable[[Noted], MidiSequence | None]
"""Returns the notes if they have been made."""


def not_made(noted: Noted) -> None:
    """Return no notes: they have not been made."""
