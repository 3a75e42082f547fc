"""Levels that move while a project plays: of faders and pans, and of sends.

In a plan a level belongs to its node, so that another level is another node, and a fader that is
dragged would be planned and opened anew with every step. A graph that plays has a ``LiveFader``
wherever a level can move by itself, and that asks for its own before every block.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.project.document import Channel, Id, Project
from tonewright.dsp.rendering.graph import Evaluation, Node
from tonewright.dsp.rendering.mix import level_gains, to_stereo
from tonewright.dsp.rendering.nodes import Fader, Stored
from tonewright.dsp.rendering.plan import MASTER_LEVEL


@dataclass(frozen=True, slots=True)
class Level:
    """Where a fader stands, and its pan, in [-1, 1]."""

    gain_db: float
    pan: float = 0.0


Levels = Mapping[Id, Level]
"""Of tracks and sends, by their ids, and of the master, by ``MASTER_LEVEL``."""


@dataclass(frozen=True)
class LiveFader(Node):
    """A fader whose level is the run's; it goes to another one in a straight line over a block."""

    source: Node
    level_id: Id

    @property
    def inputs(self) -> tuple[Node, ...]:  # type: ignore[override]
        """What is faded."""
        return (self.source,)

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield the stereo signal behind the fader."""
        level: Level = run.levels[self.level_id]
        gains = level_gains(level.gain_db, level.pan)
        for block in run.open(self.source):
            stereo = to_stereo(block)
            now: Level = run.levels[self.level_id]
            if now == level:
                yield stereo if (gains == 1.0).all() else stereo * gains
                continue
            target = level_gains(now.gain_db, now.pan)
            way = np.linspace(0.0, 1.0, stereo.shape[1] + 1, dtype=np.float32)[1:]
            yield stereo * (gains + (target - gains) * way)
            level, gains = now, target


def levels_of(project: Project) -> dict[Id, Level]:
    """Return all levels of a project."""
    levels = {MASTER_LEVEL: Level(project.master.gain_db, project.master.pan)}
    for track in project.tracks:
        channel = track.channel
        levels[track.id] = Level(channel.gain_db, channel.pan)
        levels |= {send.id: Level(send.gain_db) for send in channel.sends}
    return levels


def moved_levels(before: Project, after: Project) -> frozenset[Id] | None:
    """Return whose levels differ in ``after``; None if anything else differs."""
    if _without_levels(before, after) != after:
        return None
    old, new = levels_of(before), levels_of(after)
    return frozenset(each for each, level in new.items() if old[each] != level)


def fixed_levels(roots: Iterable[Node]) -> frozenset[Id]:
    """Return whose levels move by a new plan only.

    They are automated, or what is stored has them in it, as that of a group with effects has the
    faders of its tracks.
    """
    fixed: set[Id] = set()
    seen: set[tuple[int, bool]] = set()
    waiting = [(root, False) for root in roots]
    while waiting:
        node, stored = waiting.pop()
        if (id(node), stored) in seen:
            continue
        seen.add((id(node), stored))
        if isinstance(node, Fader) and node.level_id is not None and (stored or node.automated):
            fixed.add(node.level_id)
        stored = stored or isinstance(node, Stored)
        waiting.extend((each, stored) for each in node.inputs)
    return frozenset(fixed)


def _without_levels(project: Project, model: Project) -> Project:
    """Return a project with the levels of another that has the same tracks and sends."""
    if len(project.tracks) != len(model.tracks):
        return project
    tracks = tuple(
        old if old is new else replace(old, channel=_at(old.channel, new.channel))
        for old, new in zip(project.tracks, model.tracks, strict=True)
    )
    return replace(project, tracks=tracks, master=_at(project.master, model.master))


def _at(channel: Channel, model: Channel) -> Channel:
    """Return a channel with the levels of another."""
    sends = channel.sends
    if len(sends) == len(model.sends):
        sends = tuple(
            replace(old, gain_db=new.gain_db) for old, new in zip(sends, model.sends, strict=True)
        )
    return replace(channel, gain_db=model.gain_db, pan=model.pan, sends=sends)
