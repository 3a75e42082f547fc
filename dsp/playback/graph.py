"""What is played: a project compiled into nodes that never wait for a render.

A graph is immutable, so the feeder may read one while the next is compiled. What the store has is
read from there. What it lacks is played as well as can be until it is there: native effects and
synthesizers run live, an effect that runs RENDERED or has a range is left out, and its sound is
dry. Where all is rendered, playback is the export: the nodes are the same, but for the faders that
can move while it plays.
"""

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.midi.sequence import MidiSequence
from tonewright.dsp.playback.levels import Levels, LiveFader, fixed_levels, levels_of
from tonewright.dsp.project.document import Id, Project
from tonewright.dsp.project.tempo import end_of
from tonewright.dsp.rendering.bound import BoundEffect
from tonewright.dsp.rendering.graph import Evaluation, Node, Reader
from tonewright.dsp.rendering.job import CancelToken
from tonewright.dsp.rendering.mix import pad_to, to_stereo
from tonewright.dsp.rendering.nodes import Clips, Effects, Fader, Patch, Placement, Stored, Sum
from tonewright.dsp.rendering.noted import Noted
from tonewright.dsp.rendering.outputs import Mix, Output, Stem
from tonewright.dsp.rendering.plan import Plan, plan
from tonewright.dsp.rendering.sources import Synth
from tonewright.dsp.rendering.store import Store
from tonewright.dsp.units import seconds_to_samples

GRID_SAMPLES = 2_048
"""What is computed at once: less takes more of Python; more takes longer to begin, and until a
fader is heard."""

RUN_UP_SECONDS = 0.1
"""What live effects hear before the place where they begin to sound."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class PlaybackGraph:
    """All that playback needs of a project.

    Attributes:
        mix: What is heard.
        tracks: What their meters show: id and sound behind the fader.
        sample_rate: Of the project.
        length_samples: Where its last clip ends; tails come behind.
        missing: What would be read from the store if it were there.
        live: Whether effects or synthesizers run while it plays.
        levels: Where the faders stand that can move while it plays.
        fixed: Whose levels cannot.
        store: Where stored nodes are read from.
        registry: Builds the effects.
    """

    mix: Node
    tracks: tuple[tuple[Id, Node], ...]
    sample_rate: int
    length_samples: int
    missing: tuple[Stored | Noted, ...]
    live: bool
    levels: Levels
    fixed: frozenset[Id]
    store: Store
    registry: Registry

    def at(self, levels: Levels) -> "PlaybackGraph":
        """Return the graph with its faders elsewhere."""
        return replace(self, levels=levels)

    def differs_in_levels(self, other: "PlaybackGraph") -> bool:
        """Return whether another graph is this one with its faders elsewhere."""
        return self.mix is other.mix and self.tracks is other.tracks

    def open(self, start_samples: int) -> "GraphStream":
        """Return the sound from a position on."""
        return GraphStream(self, start_samples)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the mix, and how loud each track is in it.

    Attributes:
        audio: Shape ``(2, samples)``.
        track_peaks: Largest magnitudes, shape ``(tracks, 2)``.
    """

    audio: Audio
    track_peaks: npt.NDArray[np.float32]


class GraphStream:
    """A graph, running from some position on.

    Raises:
        TonewrightError: If a file or an effect fails; on reading too.
    """

    def __init__(self, graph: PlaybackGraph, start_samples: int) -> None:
        self._position = start_samples
        self._length_samples = graph.length_samples
        self._levels = dict(graph.levels)
        run_up = 0
        if graph.live:
            run_up = min(start_samples, seconds_to_samples(RUN_UP_SECONDS, graph.sample_rate))
        roots = [graph.mix, *(node for _, node in graph.tracks)]
        run = Evaluation(
            roots,
            store=graph.store,
            registry=graph.registry,
            cancel=CancelToken(),
            start_samples=start_samples - run_up,
            block_samples=GRID_SAMPLES,
            live=True,
            levels=self._levels,
        )
        self._failures = run.failures
        self._readers = [Reader(run.open(root)) for root in roots]
        for reader in self._readers:
            reader.read(run_up)

    @property
    def failures(self) -> tuple[str, ...]:
        """Why effects went on with the dry sound, so far."""
        return tuple(self._failures)

    def set_levels(self, levels: Levels) -> None:
        """Move its faders, from the next block of ``GRID_SAMPLES`` on."""
        self._levels.update(levels)

    def read(self, length_samples: int) -> Block:
        """Return the next piece, shorter only where the last clip and all tails have ended."""
        mix, *tracks = [reader.read(length_samples) for reader in self._readers]
        least = min(length_samples, max(0, self._length_samples - self._position))
        audio = pad_to(mix, max(mix.shape[1], least))
        self._position += audio.shape[1]
        peaks = np.zeros((len(tracks), 2), np.float32)
        for peak, track in zip(peaks, tracks, strict=True):
            peak[:] = np.abs(to_stereo(track)).max(axis=1, initial=0.0)
        return Block(audio, peaks)


def silent_graph(sample_rate: int, *, store: Store, registry: Registry) -> PlaybackGraph:
    """Return the graph of a project without tracks."""
    return PlaybackGraph(Sum(()), (), sample_rate, 0, (), False, {}, frozenset(), store, registry)


def playback_plan(
    project: Project,
    *,
    registry: Registry,
    store: Store | None = None,
    known: Plan | None = None,
) -> Plan:
    """Return the plan of the mix and, behind it, of each track; effects not installed left out.

    Args:
        project: A valid project.
        registry: Where effect types are found.
        store: Where notes are looked for that effects running RENDERED have made.
        known: The plan of the project before an edit; it makes this one quicker.

    Raises:
        EffectError: If the parameters of an effect are wrong.
        ProjectError: If tracks feed each other in a circle.
    """
    outputs: list[Output] = [Mix(), *(Stem(track.id) for track in project.tracks)]

    def notes_of(noted: Noted) -> MidiSequence | None:
        return noted.find(store) if store is not None else None

    return plan(
        project, outputs, registry=registry, skip_missing=True, notes_of=notes_of, known=known
    )


def compile_graph(
    project: Project, wanted: Plan, *, store: Store, registry: Registry
) -> PlaybackGraph:
    """Return a project as it can be heard now; ``wanted`` is its ``playback_plan``."""
    fixed = fixed_levels(wanted.roots)
    compiler = _Compiler(store, fixed)
    mix, *tracks = map(compiler.playable, wanted.roots)
    for root in (mix, *tracks):
        _ = root.key  # worked out here, once, and not while it plays
    return PlaybackGraph(
        mix,
        tuple((track.id, node) for track, node in zip(project.tracks, tracks, strict=True)),
        project.sample_rate,
        seconds_to_samples(end_of(project), project.sample_rate),
        (*wanted.waiting, *compiler.missing.values()),
        compiler.live,
        levels_of(project),
        fixed,
        store,
        registry,
    )


class _Compiler:
    def __init__(self, store: Store, fixed: frozenset[Id]) -> None:
        self.missing: dict[str, Stored] = {}
        self.live = False
        self._store = store
        self._fixed = fixed
        self._done: dict[int, tuple[Node, Node]] = {}

    def playable(self, node: Node) -> Node:
        """Return what plays a node now; the same node where nothing has to change."""
        _, found = self._done.get(id(node)) or (node, None)
        if found is None:
            found = self._compiled(node)
            self._done[id(node)] = node, found  # with the node, or its id might be used again
        return found

    def _compiled(self, node: Node) -> Node:
        match node:
            case Stored():
                if self._has(node):
                    return node
                # Nothing else cannot run here; without it the sound is dry.
                return self.playable(node.source.inputs[0] if node.rendered else node.source)
            case Patch(wet=Stored() as wet) if not self._has(wet):
                return self.playable(node.dry)
            case Patch():
                return _with(node, dry=self.playable(node.dry))
            case Effects():
                self.live = True
                return _with(
                    node, source=self.playable(node.source), effects=self._heard(node.effects)
                )
            case Clips():
                return _with(node, placements=self._placed(node.placements))
            case Fader():
                source = self.playable(node.source)
                if node.level_id is None or node.level_id in self._fixed:
                    return _with(node, source=source)
                return LiveFader(source, node.level_id)
            case Sum():
                return _with(node, sources=tuple(map(self.playable, node.sources)))
            case Synth():
                self.live = True
        return node

    def _placed(self, placements: tuple[Placement, ...]) -> tuple[Placement, ...]:
        return tuple(_with(each, source=self.playable(each.source)) for each in placements)

    def _heard(self, effects: tuple[BoundEffect, ...]) -> tuple[BoundEffect, ...]:
        return tuple(
            each if each.sidechain is None else _with(each, sidechain=self.playable(each.sidechain))
            for each in effects
        )

    def _has(self, node: Stored) -> bool:
        if self._store.get(node.key) is not None:
            return True
        self.missing[node.key] = node
        return False


def _with(value: _T, **fields: Any) -> _T:
    """Return a value with other fields; the same where they are the same, for it has its key."""
    same = all(_is(getattr(value, name), new) for name, new in fields.items())
    return value if same else replace(value, **fields)  # type: ignore[type-var]


def _is(old: Any, new: Any) -> bool:
    if isinstance(old, tuple):
        return all(a is b for a, b in zip(old, new, strict=True))
    return old is new
