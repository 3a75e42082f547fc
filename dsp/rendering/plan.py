"""From a project and the outputs wanted to the graph that makes them.

The signal path of a track: clips (gain, fades, their effects), or a MIDI track's synthesizer, or
a group's tracks and what is sent to it; then the track's effects; then fader and pan; then the
group above it, or the master. Results that cost much become ``Stored`` nodes: every effect that
runs RENDERED, every synthesizer, and every track before its fader, so that a move of a fader
renders nothing again; but not a track that only reads files of its own rate that seek quickly.

Mute silences a track and its sends. Solo leaves only soloed tracks and what soloed groups hold;
what is sent to a soloed group is still sent. A sidechain hears a track before its fader, muted or
not.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from tonewright.dsp.audio.file import seeks_quickly
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    AudioClip,
    AutomationLane,
    Channel,
    EffectSpec,
    Id,
    MediaKind,
    Project,
    Track,
    TrackKind,
)
from tonewright.dsp.project.tempo import range_of
from tonewright.dsp.rendering.chains import Chains, file_sha256
from tonewright.dsp.rendering.graph import Node
from tonewright.dsp.rendering.nodes import (
    Clips,
    Effects,
    Fader,
    Patch,
    Placement,
    Stored,
    Sum,
)
from tonewright.dsp.rendering.noted import Noted, NotesOf, not_made
from tonewright.dsp.rendering.outputs import Mix, Output
from tonewright.dsp.rendering.sources import PluginSynth, Silence, Source, Synth
from tonewright.dsp.units import seconds_to_samples

MASTER_LEVEL = Id("master")
"""Whose the fader of the master is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What must be rendered, and what will be read.

    Attributes:
        roots: A node for each output, in the order asked for.
        jobs: The stored nodes behind them, each after those it needs.
        waiting: Notes that are still to be made; the effects that make them are left out.
        effects: Every effect that sounds, as it is in the project.
        stages: The job of each effect that has one of its own (those that run RENDERED or have a
            range), by the effect's id.
        notes: What the user should know: missing media, effects left out.
        sources: The clips of audio tracks whose clips have no effects, by the track's id.
    """

    roots: tuple[Node, ...]
    jobs: tuple[Stored, ...]
    waiting: tuple[Noted, ...]
    effects: tuple[EffectSpec, ...]
    stages: Mapping[Id, Stored | Noted]
    notes: tuple[str, ...]
    sources: Mapping[Id, Clips]


def plan(
    project: Project,
    outputs: Sequence[Output],
    *,
    registry: Registry,
    skip_missing: bool = False,
    notes_of: NotesOf = not_made,
    known: Plan | None = None,
) -> Plan:
    """Return the plan of a project's outputs.

    Args:
        project: A valid project.
        outputs: What will be heard.
        registry: Where effect types are found.
        skip_missing: Leave out effects that are not installed, instead of refusing.
        notes_of: Returns the notes that effects running RENDERED have made.
        known: A plan of the project before an edit. What sounds as it did is taken from there,
            with the keys that were worked out.

    Raises:
        EffectError: If an effect is not installed or its parameters are wrong.
        ProjectError: If tracks feed each other in a circle.
    """
    planner = _Planner(project, registry, skip_missing, notes_of, known.sources if known else {})
    roots = tuple(planner.output(each) for each in outputs)
    return _plan(planner, roots)


def plan_effects(
    source: Node,
    effects: Sequence[EffectSpec],
    *,
    sample_rate: int,
    label: str,
    registry: Registry,
) -> Plan:
    """Return the plan of a chain on any node, outside a project; a file, for example.

    Raises:
        EffectError: If an effect is not installed or its parameters are wrong.
    """
    planner = _Planner(Project(Id(""), label, sample_rate), registry, skip_missing=False)
    root = planner.chains.on_audio(source, effects, (), label=label)
    return _plan(planner, (root,))


def stored_behind(roots: Iterable[Node]) -> tuple[Stored, ...]:
    """Return the stored nodes that some nodes need, each key once, each after its own needs."""
    found: dict[str, Stored] = {}
    visited: set[int] = set()

    def visit(node: Node) -> None:
        if id(node) in visited:
            return
        visited.add(id(node))
        for each in node.inputs:
            visit(each)
        if isinstance(node, Stored):
            found.setdefault(node.key, node)

    for root in roots:
        visit(root)
    return tuple(found.values())


def _plan(planner: "_Planner", roots: tuple[Node, ...]) -> Plan:
    chains = planner.chains
    notes = tuple(dict.fromkeys(chains.notes))
    return Plan(
        roots,
        stored_behind(roots),
        tuple(chains.waiting),
        tuple(chains.effects),
        chains.stages,
        notes,
        planner.sources,
    )


class _Planner:
    def __init__(
        self,
        project: Project,
        registry: Registry,
        skip_missing: bool,
        notes_of: NotesOf = not_made,
        known: Mapping[Id, Clips] = MappingProxyType({}),
    ) -> None:
        self.project = project
        self.sources: dict[Id, Clips] = {}
        self._known = known
        self.chains = Chains(
            project,
            registry,
            skip_missing=skip_missing,
            heard=lambda track_id: self.before_fader(self._tracks[track_id]),
            notes_of=notes_of,
        )
        self._tracks = {track.id: track for track in project.tracks}
        self._media = {medium.id: medium for medium in project.media}
        self._before_fader: dict[Id, Node] = {}
        self._behind_fader: dict[Id, Node] = {}
        self._being_planned: list[Id] = []
        self._seeks_quickly = cache(seeks_quickly)
        self._is_file = cache(os.path.isfile)
        self._any_solo = any(track.channel.soloed for track in project.tracks)

    # --- outputs ---------------------------------------------------------------------------

    def output(self, wanted: Output) -> Node:
        if isinstance(wanted, Mix):
            top = [each for each in self.project.tracks if each.parent_id is None]
            node: Node = Sum(tuple(self.behind_fader(each) for each in top if self._sounds(each)))
        else:
            track = self._tracks[wanted.track_id]
            node = self.behind_fader(track) if self._sounds(track) else Sum(())
        return self._master(node) if wanted.through_master else node

    def _master(self, node: Node) -> Node:
        master, lanes = self.project.master, self.project.master_automation
        node = self.chains.on_audio(node, master.effects, lanes, label="the master")
        return self._fader(node, master, lanes, MASTER_LEVEL)

    # --- tracks ----------------------------------------------------------------------------

    def behind_fader(self, track: Track) -> Node:
        if track.id not in self._behind_fader:
            before = self.before_fader(track)
            node = self._fader(before, track.channel, track.automation, track.id)
            self._behind_fader[track.id] = node
        return self._behind_fader[track.id]

    def before_fader(self, track: Track) -> Node:
        if track.id in self._being_planned:
            names = " -> ".join(
                self._tracks[each].name for each in (*self._being_planned, track.id)
            )
            raise ProjectError(f"tracks feed each other in a circle: {names}; remove one send")
        if track.id not in self._before_fader:
            self._being_planned.append(track.id)
            source = self._source(track)
            node = self.chains.on_audio(
                source,
                track.channel.effects,
                track.automation,
                label=track.name,
                notes_done=track.kind is TrackKind.MIDI,
            )
            if isinstance(node, Effects | Patch) or (
                isinstance(node, Clips) and not all(map(self._is_cheap, node.placements))
            ):
                node = Stored(node, self.project.sample_rate, track.name)
            self._before_fader[track.id] = node
            self._being_planned.pop()
        return self._before_fader[track.id]

    def _source(self, track: Track) -> Node:
        match track.kind:
            case TrackKind.AUDIO:
                return self._clips(track)
            case TrackKind.MIDI:
                return self._synth(track)
            case TrackKind.GROUP:
                return self._group(track)

    def _clips(self, track: Track) -> Clips:
        clips = [each for each in track.clips if isinstance(each, AudioClip) and not each.muted]
        node = Clips(tuple(self._placement(track, each) for each in clips))
        if not any(clip.effects for clip in clips):
            known = self._known.get(track.id)
            node = known if known is not None and known == node else node
            self.sources[track.id] = node
        return node

    def _group(self, group: Track) -> Node:
        sources = [
            self.behind_fader(each)
            for each in self.project.tracks
            if each.parent_id == group.id and self._sounds(each)
        ]
        for track in self.project.tracks:
            for send in track.channel.sends:
                heard = self._sounds(track) or self._soloed(group)
                if send.target_id == group.id and heard and not self._muted(track):
                    node = self.before_fader(track) if send.pre_fader else self.behind_fader(track)
                    sources.append(Fader(node, gain_db=send.gain_db, level_id=send.id))
        return Sum(tuple(sources))

    def _muted(self, track: Track) -> bool:
        return any(each.channel.muted for each in self._line(track))

    def _soloed(self, track: Track) -> bool:
        return any(each.channel.soloed for each in self._line(track))

    def _sounds(self, track: Track) -> bool:
        if track.channel.muted:
            return False
        # A group is the way to what it holds; whether that sounds is asked of the tracks in it.
        return not self._any_solo or track.kind is TrackKind.GROUP or self._soloed(track)

    def _line(self, track: Track) -> list[Track]:
        """The track and the groups above it."""
        line = [track]
        while (parent := line[-1].parent_id) is not None:
            if len(line) > len(self._tracks):
                raise ProjectError(f"group {track.name!r} is inside itself; ungroup it")
            line.append(self._tracks[parent])
        return line

    def _fader(
        self, node: Node, channel: Channel, lanes: Sequence[AutomationLane], level_id: Id
    ) -> Node:
        automation = dict(self.chains.automation(None, lanes))
        unknown = set(automation) - {"gain_db", "pan"}
        if unknown:
            raise ProjectError(f"a channel has no parameter {min(unknown)!r} to automate")
        return Fader(
            node,
            gain_db=channel.gain_db,
            pan=channel.pan,
            gain_automation=automation.get("gain_db"),
            pan_automation=automation.get("pan"),
            level_id=level_id,
        )

    # --- clips and instruments -------------------------------------------------------------

    def _placement(self, track: Track, clip: AudioClip) -> Placement:
        medium = self._media[clip.media_id]
        rate = self.project.sample_rate
        at = range_of(self.project, clip)
        start_samples = seconds_to_samples(at.start_seconds, rate)
        length_samples = seconds_to_samples(at.end_seconds, rate) - start_samples
        phase_samples = 0.0
        if self.chains.has_rendered(clip.effects):
            # Where exactly the clip lies is left out, or every move would render it again.
            length_samples = seconds_to_samples(at.end_seconds - at.start_seconds, rate)
        elif medium.sample_rate != rate or clip.speed_ratio != 1.0:
            late_seconds = start_samples / rate - at.start_seconds
            phase_samples = round(late_seconds * medium.sample_rate * clip.speed_ratio, 6)
        channels = min(2, medium.channels)
        node: Node = Silence(channels, length_samples)
        if self._is_file(medium.path):
            node = Source(
                medium.path,
                medium.sha256,
                channels,
                clip.source_start_samples,
                length_samples,
                medium.sample_rate,
                rate,
                clip.speed_ratio,
                phase_samples,
            )
        else:
            self.chains.notes.append(f"{medium.path}: missing, {clip.name!r} is silent; relink it")
        return Placement(
            self.chains.on_audio(
                node,
                clip.effects,
                track.automation,
                label=f"{track.name}: {clip.name}",
                start_samples=start_samples,
            ),
            start_samples,
            length_samples,
            clip.gain_db,
            seconds_to_samples(clip.fade_in.length_seconds, rate),
            clip.fade_in.curve,
            seconds_to_samples(clip.fade_out.length_seconds, rate),
            clip.fade_out.curve,
        )

    def _is_cheap(self, placement: Placement) -> bool:
        node = placement.source
        if isinstance(node, Source):
            return not node.resamples and self._seeks_quickly(node.path)
        return isinstance(node, Silence | Stored)

    def _synth(self, track: Track) -> Node:
        from tonewright.dsp.midi.schedule import track_events
        from tonewright.dsp.midi.synth import default_soundfont

        rate = self.project.sample_rate
        if track.instrument is not None and track.instrument.plugin is not None:
            return self._plugin(track, track.instrument.plugin)
        wanted = (track.instrument.soundfont_id if track.instrument else None) or (
            self.project.soundfont_id
        )
        if wanted is None:
            path, sha256 = default_soundfont(), ""
        else:
            medium = self._media[wanted]
            if medium.kind is not MediaKind.SOUNDFONT:
                raise ProjectError(f"track {track.name!r}: {medium.name!r} is no SoundFont")
            path, sha256 = Path(medium.path), medium.sha256
        if not path.is_file():
            self.chains.notes.append(f"{path}: missing, {track.name!r} is silent; relink it")
            return Sum(())
        waiting = len(self.chains.waiting)
        events = track_events(self.chains.on_notes(track), self.project.tempo_map, rate)
        if not events:
            return Sum(())
        end_seconds = max(range_of(self.project, clip).end_seconds for clip in track.clips)
        length_samples = seconds_to_samples(end_seconds, rate)
        sha256 = sha256 or file_sha256(path)
        synth = Synth(events, str(path), sha256, rate, length_samples)
        # What waits for notes is not worth storing: it is planned again when they are there.
        return synth if len(self.chains.waiting) > waiting else Stored(synth, rate, track.name)

    def _plugin(self, track: Track, spec: EffectSpec) -> Node:
        from tonewright.dsp.midi.schedule import track_events

        rate = self.project.sample_rate
        bound = self.chains.instrument(spec, track.name)
        events = track_events(self.chains.on_notes(track), self.project.tempo_map, rate)
        if bound is None or not events:
            return Sum(())
        end_seconds = max(range_of(self.project, clip).end_seconds for clip in track.clips)
        played = PluginSynth(events, bound, rate, seconds_to_samples(end_seconds, rate))
        return Stored(played, rate, track.name)
