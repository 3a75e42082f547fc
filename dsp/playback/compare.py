"""Hearing a chain against the dry sound, at one loudness: the louder of two sounds seems better.

The dry sound is the same project with the chain's effects bypassed and a gain in their place,
which makes up for the loudness that they add or take. It is measured (ITU-R BS.1770, integrated)
behind the fader over ``MEASURED_SECONDS`` from where the listener is.
"""

from dataclasses import dataclass, replace
from math import isfinite

from tonewright.dsp.audio.loudness import LoudnessMeter
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.playback.graph import PlaybackGraph, compile_graph, playback_plan
from tonewright.dsp.project.document import EffectSpec, Id, MidiClip, Project, TimeRange
from tonewright.dsp.project.edits import add_effect, set_effect
from tonewright.dsp.project.edits.access import find_clip
from tonewright.dsp.project.tempo import range_of
from tonewright.dsp.rendering.mix import pad_to
from tonewright.dsp.rendering.store import Store
from tonewright.dsp.units import seconds_to_samples

MEASURED_SECONDS = 8.0
MAX_GAIN_DB = 40.0
"""More than this is not made up for: one of the two is as good as silent."""


@dataclass(frozen=True, slots=True)
class Dry:
    """The dry sound of a chain, ready to be played.

    Attributes:
        graph: What plays it.
        gain_db: What makes it as loud as the chain; 0 where there is nothing to measure.
    """

    graph: PlaybackGraph
    gain_db: float


def bypassed(project: Project, owner_id: Id | None) -> Project:
    """Return a project with the effects of a track, a clip or the master (None) bypassed.

    Raises:
        ProjectError: If there is no such track or clip.
    """
    for effect in _effects(project, owner_id):
        project = set_effect(project, effect.id, enabled=False)
    return project


def dry(
    project: Project,
    owner_id: Id | None,
    *,
    at_seconds: float,
    store: Store,
    registry: Registry,
) -> Dry:
    """Return the dry sound of a chain, as loud as the chain.

    Args:
        project: As it is heard.
        owner_id: Whose chain it is; None is the master's.
        at_seconds: Where the listener is; what is silent there is measured where it sounds next.
        store: What has been rendered; what has not is dry in both.
        registry: Where effect types are found.

    Raises:
        ProjectError: If there is no such track or clip.
        TonewrightError: If it cannot be played.
    """
    without = bypassed(project, owner_id)
    wet_graph, dry_graph = (_compiled(each, store, registry) for each in (project, without))
    where = _measured(project, owner_id, at_seconds)
    wet_lufs, dry_lufs = (
        _loudness_lufs(passage(each, project, owner_id, where), each.sample_rate)
        for each in (wet_graph, dry_graph)
    )
    gain_db = wet_lufs - dry_lufs
    if _plays_notes(project, owner_id) or not isfinite(gain_db) or abs(gain_db) > MAX_GAIN_DB:
        return Dry(dry_graph, 0.0)
    gain = EffectSpec(Id("compare"), "gain", params=(("gain_db", gain_db),))
    return Dry(_compiled(add_effect(without, owner_id, gain), store, registry), gain_db)


def both(
    project: Project, owner_id: Id | None, where: TimeRange, *, store: Store, registry: Registry
) -> tuple[Audio, Audio]:
    """Return a passage of a track, of a clip's track or of the mix: dry, and with the chain.

    Raises:
        ProjectError: If there is no such track or clip.
        TonewrightError: If it cannot be played.

    Shape:
        Both ``(2, samples)``, as long as the range.
    """
    dry_audio, wet_audio = (
        passage(_compiled(each, store, registry), project, owner_id, where)
        for each in (bypassed(project, owner_id), project)
    )
    return dry_audio, wet_audio


def passage(graph: PlaybackGraph, project: Project, owner_id: Id | None, where: TimeRange) -> Audio:
    """Return what a graph plays in a range, behind the fader of the track, or of the mix (None)."""
    node = graph.mix
    if owner_id is not None:
        tracks = {each.id for each in project.tracks}
        track_id = owner_id if owner_id in tracks else find_clip(project, owner_id)[0].id
        node = dict(graph.tracks)[track_id]
    start = seconds_to_samples(where.start_seconds, graph.sample_rate)
    length = seconds_to_samples(where.end_seconds, graph.sample_rate) - start
    audio = replace(graph, mix=node, tracks=()).open(start).read(length).audio
    return pad_to(audio, length)


def _compiled(project: Project, store: Store, registry: Registry) -> PlaybackGraph:
    wanted = playback_plan(project, registry=registry, store=store)
    return compile_graph(project, wanted, store=store, registry=registry)


def _measured(project: Project, owner_id: Id | None, at_seconds: float) -> TimeRange:
    """Return a passage in which the owner sounds: here, or else behind, or else before."""
    clips = [
        range_of(project, clip)
        for track, clip in project.clips()
        if owner_id in (None, track.id, clip.id)
    ]
    start = at_seconds
    if clips and not any(each.start_seconds <= start < each.end_seconds for each in clips):
        starts = sorted(each.start_seconds for each in clips)
        start = next((each for each in starts if each > at_seconds), starts[0])
    end = start + MEASURED_SECONDS
    if any(clip.id == owner_id for _, clip in project.clips()):
        end = min(end, clips[0].end_seconds)
    return TimeRange(start, end)


def _plays_notes(project: Project, owner_id: Id | None) -> bool:
    return any(clip.id == owner_id and isinstance(clip, MidiClip) for _, clip in project.clips())


def _effects(project: Project, owner_id: Id | None) -> tuple[EffectSpec, ...]:
    if owner_id is None:
        return project.master.effects
    for track in project.tracks:
        if track.id == owner_id:
            return track.channel.effects
    _, clip = find_clip(project, owner_id)
    return clip.effects


def _loudness_lufs(audio: Audio, sample_rate: int) -> float:
    """Return the integrated loudness; -inf for silence."""
    meter = LoudnessMeter(sample_rate, len(audio))
    meter.add(audio)
    return meter.integrated_lufs
