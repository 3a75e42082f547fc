"""The nodes between sources and outputs: effects, clips on a track, faders, sums."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects.automation import Automation
from tonewright.dsp.project.document import FadeCurve, Id
from tonewright.dsp.rendering.bound import BoundEffect
from tonewright.dsp.rendering.graph import Evaluation, Node, Reader, cut
from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore, working
from tonewright.dsp.rendering.key import SILENT
from tonewright.dsp.rendering.mix import fade_gains, level_gains, pad_to, to_stereo
from tonewright.dsp.rendering.store import Store, makeshift_key
from tonewright.dsp.units import db_to_gain

_STEPS_SHARE = 0.98
"""How far the steps that an effect tells of can bring the progress; blocks do the rest."""


@dataclass(frozen=True)
class Window:
    """A range in samples that comes and goes over ``fade_samples`` inside its edges."""

    start_samples: int
    end_samples: int
    fade_samples: int

    def gains(self, start_samples: int, length_samples: int) -> Any:
        """Return the gain, 0 outside to 1 inside, of each sample from a position on."""
        at = np.arange(start_samples, start_samples + length_samples)
        inside = np.minimum(at - self.start_samples, self.end_samples - at)
        return np.clip(inside / max(1, self.fade_samples), 0.0, 1.0).astype(np.float32)


@dataclass(frozen=True)
class Slice(Node):
    """What a window lets through of a node, moved to 0."""

    source: Node
    window: Window

    @property
    def inputs(self) -> tuple[Node, ...]:  # type: ignore[override]
        """The node that is cut."""
        return (self.source,)

    @property
    def expected_samples(self) -> int:
        """The length of the window."""
        return self.window.end_samples - self.window.start_samples

    @property
    def streams(self) -> tuple[Node, ...]:
        """None: the source is read at another time than what is yielded."""
        return ()

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield as many samples as the window is long, fewer where the node ends."""
        position = self.window.start_samples + run.start_samples
        # From its start, so that effects in it sound here as they do outside the window.
        for block in cut(run.alone(self.source, 0), position, self.window.end_samples):
            yield block * self.window.gains(position, block.shape[1])
            position += block.shape[1]


@dataclass(frozen=True)
class Patch(Node):
    """``dry`` outside a window and ``wet`` inside; the tail of ``wet`` rings on over the dry.

    ``wet`` is an effect on the ``Slice`` of ``dry``: as the window fades what goes into the
    effect, and not what comes out, tails are whole and the two add up without a bump.
    """

    dry: Node
    wet: Node
    window: Window

    @property
    def inputs(self) -> tuple[Node, ...]:  # type: ignore[override]
        """The two that are joined."""
        return self.dry, self.wet

    @property
    def expected_samples(self) -> int:
        """The length of the dry signal."""
        return self.dry.expected_samples

    @property
    def streams(self) -> tuple[Node, ...]:
        """The dry signal; the wet one is read at another time."""
        return (self.dry,)

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield the dry signal with the window replaced."""
        position, size = run.start_samples, run.block_samples
        dry = Reader(run.open(self.dry))
        wet = Reader(run.alone(self.wet, max(0, position - self.window.start_samples)))
        while not (dry.ended and (wet.ended or position < self.window.start_samples)):
            block = dry.read(size)
            first = min(size, max(0, self.window.start_samples - position))
            patch = wet.read(size - first) if first < size else None
            length = block.shape[1]
            if patch is not None and patch.shape[1]:
                length = max(length, first + patch.shape[1])
            out = pad_to(block, length) * (1.0 - self.window.gains(position, length))
            if patch is not None and patch.shape[1]:
                out[:, first : first + patch.shape[1]] += patch
            yield out
            position += length


@dataclass(frozen=True)
class Effects(Node):
    """Consecutive effects on a node, their tail included."""

    source: Node
    effects: tuple[BoundEffect, ...]
    sample_rate: int

    @property
    def inputs(self) -> tuple[Node, ...]:  # type: ignore[override]
        """The source, then the sidechains."""
        sidechains = (each.sidechain for each in self.effects)
        return self.source, *(each for each in sidechains if each is not None)

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield what the chain returns."""
        sidechains = [
            run.open(each.sidechain) if each.sidechain is not None else None
            for each in self.effects
        ]
        effects = tuple(_shifted(each, -run.start_samples) for each in self.effects)
        chain = run.registry.build(effects, sidechains)
        for block in chain.stream(run.open(self.source), self.sample_rate):
            if chain.failure:
                run.failures[chain.failure] = None
            yield block


def _shifted(effect: BoundEffect, samples: int) -> BoundEffect:
    curves = tuple((name, curve.shifted(samples)) for name, curve in effect.automation)
    return replace(effect, automation=curves)


@dataclass(frozen=True)
class Placement:
    """A clip's audio on a track: gain, and fades over its ``length_samples``."""

    source: Node
    start_samples: int
    length_samples: int
    gain_db: float = 0.0
    fade_in_samples: int = 0
    fade_in_curve: FadeCurve = FadeCurve.LINEAR
    fade_out_samples: int = 0
    fade_out_curve: FadeCurve = FadeCurve.LINEAR

    def shape(self, block: Audio, position: int) -> Audio:
        """Return a block that starts ``position`` samples into the clip with gain and fades.

        A fade-out ends in silence; without one, a tail behind the clip's end sounds on.
        """
        end = position + block.shape[1]
        gains = np.full(block.shape[1], db_to_gain(self.gain_db))
        at = np.arange(position, end)
        if position < self.fade_in_samples:
            gains *= fade_gains(self.fade_in_curve, at / self.fade_in_samples)
        if self.fade_out_samples and end > self.length_samples - self.fade_out_samples:
            gains *= fade_gains(
                self.fade_out_curve, (self.length_samples - at) / self.fade_out_samples
            )
        return block * gains.astype(np.float32)


@dataclass(frozen=True)
class Clips(Node):
    """The clips of a track, in stereo on the project's timeline."""

    placements: tuple[Placement, ...]

    @property
    def inputs(self) -> tuple[Node, ...]:  # type: ignore[override]
        """The clips' audio."""
        return tuple(each.source for each in self.placements)

    @property
    def expected_samples(self) -> int:
        """Where the last clip ends."""
        ends = (each.start_samples + each.length_samples for each in self.placements)
        return max(ends, default=0)

    @property
    def streams(self) -> tuple[Node, ...]:
        """None: a clip is opened alone, since two clips may play one source at two times."""
        return ()

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield the sum of what sounds; a clip is opened only when its turn comes."""
        waiting = deque(sorted(self.placements, key=lambda each: each.start_samples))
        sounding: list[tuple[Placement, Reader]] = []
        position, size = run.start_samples, run.block_samples
        while waiting or sounding:
            while waiting and waiting[0].start_samples < position + size:
                placement = waiting.popleft()
                into = max(0, position - placement.start_samples)
                sounding.append((placement, Reader(run.alone(placement.source, into))))
            out = silence(2, size)
            length = size if waiting else 0
            for placement, reader in sounding:
                first = max(0, placement.start_samples - position)
                block = reader.read(size - first)
                into = position + first - placement.start_samples
                out[:, first : first + block.shape[1]] += placement.shape(block, into)
                length = max(length, first + block.shape[1])
            sounding = [each for each in sounding if not each[1].ended]
            if sounding:
                length = size
            yield out[:, :length]
            position += length


@dataclass(frozen=True)
class Fader(Node):
    """Gain and pan, fixed or automated; stereo.

    Attributes:
        level_id: Whose it is: a track, a send, or the master; None if nobody's.
    """

    source: Node
    gain_db: float = 0.0
    pan: float = 0.0
    gain_automation: Automation | None = None
    pan_automation: Automation | None = None
    level_id: Id | None = field(default=None, metadata=SILENT)

    @property
    def automated(self) -> bool:
        """Whether it moves by itself."""
        return self.gain_automation is not None or self.pan_automation is not None

    @property
    def inputs(self) -> tuple[Node, ...]:  # type: ignore[override]
        """What is faded."""
        return (self.source,)

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield the stereo signal behind the fader."""
        position = run.start_samples
        fixed = level_gains(self.gain_db, self.pan)
        moving = self.automated
        for block in run.open(self.source):
            end = position + block.shape[1]
            gains = self._gains(np.arange(position, end)) if moving else fixed
            stereo = to_stereo(block)
            yield stereo if not moving and (fixed == 1.0).all() else stereo * gains
            position = end

    def _gains(self, samples: Any) -> Any:
        level, pan = self.gain_automation, self.pan_automation
        return level_gains(
            level.values(samples) if level is not None else self.gain_db,
            pan.values(samples) if pan is not None else self.pan,
        )


@dataclass(frozen=True)
class Sum(Node):
    """Several stereo signals together; none is silence of no length."""

    sources: tuple[Node, ...]

    @property
    def inputs(self) -> tuple[Node, ...]:  # type: ignore[override]
        """What is summed."""
        return self.sources

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield the sum, until the longest has ended."""
        streams = [run.open(each) for each in self.sources]
        while streams:
            blocks = [(stream, next(stream, None)) for stream in streams]
            streams = [stream for stream, block in blocks if block is not None]
            sounding = [block for _, block in blocks if block is not None]
            if not sounding:
                return
            out = silence(2, max(block.shape[1] for block in sounding))
            for block in sounding:
                out[:, : block.shape[1]] += block
            yield out


@dataclass(frozen=True)
class Stored(Node):
    """A node whose audio is rendered into the store, then read from there.

    Where an effect failed and went on dry, what stands in for the result is read instead.

    Attributes:
        label: What is being rendered, for people.
        rendered: Whether it needs the worker process (an effect that runs RENDERED).
    """

    source: Node
    sample_rate: int = field(metadata=SILENT)
    label: str = field(default="", metadata=SILENT)
    rendered: bool = field(default=False, metadata=SILENT)

    @property
    def key(self) -> str:
        """The key of what is stored."""
        return self.source.key

    def is_in(self, store: Store) -> bool:
        """Return whether the store has it."""
        return store.get(self.key) is not None

    def render(
        self,
        *,
        store: Store,
        registry: Any,
        report: Report = ignore,
        cancel: CancelToken | None = None,
    ) -> tuple[str, ...]:
        """Render it into the store; what it needs from the store must be there.

        Returns:
            Why effects went on with the dry sound. If one did, the store has what stands in for
            the result, and not the result.

        Raises:
            CancelledError: If ``cancel`` was set; the store is as it was.
            TonewrightError: If an effect, a medium or the disk fails.
        """
        cancel = cancel or CancelToken()
        run = Evaluation([self.source], store=store, registry=registry, cancel=cancel)
        expected = max(1, self.expected_samples)
        furthest, done = 0.0, 0

        def tell(fraction: float, stage: str) -> None:
            # What an effect did before its first block is not undone by the blocks.
            nonlocal furthest
            furthest = max(furthest, min(1.0, fraction))
            report(Progress(furthest, stage, self.key, ((0, done),)))

        def step(progress: Progress) -> None:
            stage = f"{self.label}: {progress.stage}" if progress.stage else self.label
            tell(_STEPS_SHARE * progress.fraction, stage)

        with (
            store.write(self.key, sample_rate=self.sample_rate, recipe=self.recipe) as out,
            working(step, cancel),
        ):
            for block in run.open(self.source):
                out.add(block)
                done = out.length_samples
                tell(done / expected, self.label)
            out.failures = tuple(run.failures)
        return out.failures

    @property
    def recipe(self) -> dict[str, Any]:
        """What made it, as JSON: the label, and the effects where it is effects that made it."""
        effects = self.source.effects if isinstance(self.source, Effects) else ()
        return {
            "label": self.label,
            "effects": [
                {
                    "type": each.type,
                    "version": each.version,
                    "params": dict(each.params),
                    "mix": each.mix,
                    "seed": each.seed,
                    "weights_sha256": each.weights_sha256,
                }
                for each in effects
            ],
        }

    @property
    def inputs(self) -> tuple[Node, ...]:  # type: ignore[override]
        """What is stored; nothing is read from it when the store has it."""
        return (self.source,)

    @property
    def streams(self) -> tuple[Node, ...]:
        """None: what is stored has been rendered before."""
        return ()

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield the audio from the store."""
        key = self.key
        if run.store.get(key) is None:
            makeshift = run.store.get(makeshift_key(key))
            if makeshift is not None:
                key = makeshift.key
                run.failures.update(dict.fromkeys(makeshift.failures))
        yield from run.store.read(key, run.block_samples, run.start_samples)
