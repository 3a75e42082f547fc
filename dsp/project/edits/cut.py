"""Cutting clips: one edge moved, or two halves; what sounds keeps its place on the timeline.

Audio is cut at a sample of its medium that falls on the project's sample grid, because that is
where both sides of a cut meet. Fades that the cut makes longer than the clip are left to the
caller.
"""

import math
from dataclasses import replace

from tonewright.dsp.project.document import (
    AudioClip,
    Clip,
    ClockTime,
    EffectSpec,
    Fade,
    MidiClip,
    MusicalTime,
    Project,
    Time,
    new_id,
)
from tonewright.dsp.project.edits.access import changed, find_medium, source_rate_hz
from tonewright.dsp.project.edits.midi import cut_midi_clip
from tonewright.dsp.project.tempo import (
    at_seconds,
    range_of,
    shifted,
    to_samples,
    to_seconds,
    to_ticks,
)

TOUCHING_SECONDS = 1e-6
"""Clips whose edges are no further apart touch: less than a tenth of a sample at 96 kHz."""


def with_audio_start(project: Project, clip: AudioClip, seconds: float) -> AudioClip:
    """Return the clip with its start at ``seconds``, or as near as medium and end allow."""
    tempo_map, rate_hz = project.tempo_map, source_rate_hz(project, clip)
    start_seconds = to_seconds(tempo_map, clip.start)
    first_seconds = max(0.0, start_seconds - clip.source_start_samples / rate_hz)
    last_seconds = start_seconds + (clip.source_length_samples - 1) / rate_hz
    start = at_seconds(tempo_map, min(max(seconds, first_seconds), last_seconds), clip.start)
    if isinstance(start, MusicalTime):
        if to_seconds(tempo_map, start) < first_seconds - TOUCHING_SECONDS:
            start = MusicalTime(start.ticks + 1)
        elif to_seconds(tempo_map, start) > last_seconds:
            start = MusicalTime(start.ticks - 1)
    cut_samples = _source_samples(project, clip, start)
    cut_samples = min(max(cut_samples, -clip.source_start_samples), clip.source_length_samples - 1)
    if isinstance(start, ClockTime):
        start = ClockTime(max(start_seconds + cut_samples / rate_hz, 0.0))
    return changed(
        clip,
        start=start,
        source_start_samples=clip.source_start_samples + cut_samples,
        source_length_samples=clip.source_length_samples - cut_samples,
        effects=_effects_from(clip.effects, cut_samples / rate_hz),
    )


def with_audio_end(project: Project, clip: AudioClip, seconds: float) -> AudioClip:
    """Return the clip with its end at ``seconds``, or as near as medium and start allow."""
    if abs(range_of(project, clip).end_seconds - seconds) * project.sample_rate < 0.5:
        return clip
    available = find_medium(project, clip.media_id).length_samples - clip.source_start_samples
    length_samples = _source_samples(project, clip, ClockTime(seconds))
    return changed(clip, source_length_samples=min(max(length_samples, 1), max(available, 1)))


def with_midi_start(project: Project, clip: MidiClip, ticks: float) -> MidiClip:
    """Return the clip with its start at ``ticks``, at least a tick before its end."""
    from_ticks = to_ticks(project.tempo_map, clip.start)
    delta_ticks = math.floor(max(ticks, 0.0) - from_ticks + 0.5)
    delta_ticks = min(max(delta_ticks, -math.floor(from_ticks)), clip.length_ticks - 1)
    if delta_ticks == 0:
        return clip
    start = shifted(project.tempo_map, clip.start, MusicalTime(delta_ticks))
    effects = _effects_from(
        clip.effects,
        to_seconds(project.tempo_map, start) - to_seconds(project.tempo_map, clip.start),
    )
    if delta_ticks > 0:
        return replace(cut_midi_clip(clip, delta_ticks)[1], start=start, effects=effects)
    return replace(
        clip,
        start=start,
        length_ticks=clip.length_ticks - delta_ticks,
        notes=tuple(
            replace(note, start_ticks=note.start_ticks - delta_ticks) for note in clip.notes
        ),
        events=tuple(
            replace(event, start_ticks=event.start_ticks - delta_ticks) for event in clip.events
        ),
        effects=effects,
    )


def halves(project: Project, clip: Clip, at: Time) -> tuple[Clip, Clip] | None:
    """Return both halves of a clip, or None where the time leaves one of them empty."""
    tempo_map = project.tempo_map
    start_seconds = to_seconds(tempo_map, clip.start)
    left: Clip
    right: Clip
    if isinstance(clip, AudioClip):
        cut_seconds = to_seconds(tempo_map, at)
        start = at_seconds(tempo_map, cut_seconds, clip.start)
        cut_samples = _source_samples(project, clip, start)
        if not 0 < cut_samples < clip.source_length_samples:
            return None
        if isinstance(start, ClockTime):
            start = ClockTime(start_seconds + cut_samples / source_rate_hz(project, clip))
        left = replace(clip, source_length_samples=cut_samples, fade_out=Fade())
        right = replace(
            clip,
            start=start,
            source_start_samples=clip.source_start_samples + cut_samples,
            source_length_samples=clip.source_length_samples - cut_samples,
            fade_in=Fade(),
        )
    else:
        cut_ticks = math.floor(to_ticks(tempo_map, at) - to_ticks(tempo_map, clip.start) + 0.5)
        if not 0 < cut_ticks < clip.length_ticks:
            return None
        start = shifted(tempo_map, clip.start, MusicalTime(cut_ticks))
        left, right = cut_midi_clip(clip, cut_ticks)
        right = replace(right, start=start)
    cut_seconds = to_seconds(tempo_map, start) - start_seconds
    left = replace(left, effects=_effects_until(clip.effects, cut_seconds))
    right = replace(right, effects=_effects_from(clip.effects, cut_seconds))
    return left, with_fresh_ids(right)


def _source_samples(project: Project, clip: AudioClip, at: Time) -> int:
    """Return how much source a clip plays from its start to a time.

    Counted in samples of the project first, because that is where both sides of a cut meet.
    """
    tempo_map, rate_hz = project.tempo_map, project.sample_rate
    samples = to_samples(tempo_map, at, rate_hz) - to_samples(tempo_map, clip.start, rate_hz)
    return math.floor(samples * source_rate_hz(project, clip) / rate_hz + 0.5)


def _effects_from(effects: tuple[EffectSpec, ...], cut_seconds: float) -> tuple[EffectSpec, ...]:
    """Return the effects of a clip whose start moves by ``cut_seconds``."""
    kept = []
    for effect in effects:
        if effect.range is None:
            kept.append(effect)
        elif effect.range.end_seconds > cut_seconds:
            moved = replace(
                effect.range,
                start_seconds=max(effect.range.start_seconds - cut_seconds, 0.0),
                end_seconds=effect.range.end_seconds - cut_seconds,
            )
            kept.append(changed(effect, range=moved))
    return tuple(kept)


def _effects_until(effects: tuple[EffectSpec, ...], cut_seconds: float) -> tuple[EffectSpec, ...]:
    """Return the effects of a clip that ends at ``cut_seconds``."""
    return tuple(
        effect
        for effect in effects
        if effect.range is None or effect.range.start_seconds < cut_seconds
    )


def with_fresh_ids(clip: Clip) -> Clip:
    """Return a copy of a clip: it and its effects have new ids."""
    effects = tuple(replace(effect, id=new_id()) for effect in clip.effects)
    return replace(clip, id=new_id(), effects=effects)
