"""Pure edits that make the project of an export from the project of the user.

They are not for the timeline: clips are anchored to the clock, so that cuts are exact to the
sample and not to the tick.
"""

import math
from collections.abc import Callable
from dataclasses import replace

from tonewright.dsp.project.document import (
    AudioClip,
    Clip,
    ClockTime,
    EffectSpec,
    Fade,
    Project,
    TimeRange,
)
from tonewright.dsp.project.edits.cut import with_audio_end, with_audio_start, with_midi_start
from tonewright.dsp.project.tempo import range_of, to_ticks


def without_effects(project: Project) -> Project:
    """Return the project with the effects of clips, tracks and groups bypassed.

    | A (reverb) | -> compressor -> master      ->      | A | -> master

    The master keeps its own.
    """
    return replace(
        project,
        tracks=tuple(
            replace(
                track,
                channel=replace(track.channel, effects=_bypassed(track.channel.effects)),
                clips=tuple(replace(c, effects=_bypassed(c.effects)) for c in track.clips),
            )
            for track in project.tracks
        ),
    )


def _bypassed(effects: tuple[EffectSpec, ...]) -> tuple[EffectSpec, ...]:
    return tuple(replace(effect, enabled=False) for effect in effects)


def until(project: Project, end_seconds: float) -> Project:
    """Return the project with nothing played after a time; what rings then, rings on.

    | A | B | C |      ->      | A | B'|          end_seconds inside B

    Before that time it sounds the same, but for a fade-out that the end falls into: it is
    squeezed to be over there.
    """
    return _each_clip(project, lambda clip: _before(project, clip, end_seconds))


def since(project: Project, start_seconds: float) -> Project:
    """Return the project with nothing played before a time, and so no tail from before.

    | A | B | C |      ->      |   |'B | C |      start_seconds inside B
    """
    return _each_clip(project, lambda clip: _behind(project, clip, start_seconds))


def _each_clip(project: Project, cut: Callable[[Clip], Clip | None]) -> Project:
    tracks = []
    for track in project.tracks:
        kept = (cut(clip) for clip in track.clips)
        tracks.append(replace(track, clips=tuple(clip for clip in kept if clip is not None)))
    return replace(project, tracks=tuple(tracks))


def _before(project: Project, clip: Clip, end_seconds: float) -> Clip | None:
    place = range_of(project, clip)
    if place.start_seconds >= end_seconds:
        return None
    if place.end_seconds <= end_seconds:
        return clip
    if isinstance(clip, AudioClip):
        fade_start = place.end_seconds - clip.fade_out.length_seconds
        fade = replace(clip.fade_out, length_seconds=max(0.0, end_seconds - fade_start))
        cut = with_audio_end(project, _on_clock(clip, place), end_seconds)
        return replace(cut, fade_out=fade)
    length_ticks = to_ticks(project.tempo_map, end_seconds) - to_ticks(
        project.tempo_map, clip.start
    )
    return replace(clip, length_ticks=math.ceil(length_ticks))


def _behind(project: Project, clip: Clip, start_seconds: float) -> Clip | None:
    place = range_of(project, clip)
    if place.end_seconds <= start_seconds:
        return None
    if place.start_seconds >= start_seconds:
        return clip
    if isinstance(clip, AudioClip):
        fade_end = place.start_seconds + clip.fade_in.length_seconds
        cut = with_audio_start(project, _on_clock(clip, place), start_seconds)
        return replace(cut, fade_in=Fade(max(0.0, fade_end - start_seconds), clip.fade_in.curve))
    return with_midi_start(project, clip, to_ticks(project.tempo_map, start_seconds))


def _on_clock(clip: AudioClip, place: TimeRange) -> AudioClip:
    return replace(clip, start=ClockTime(place.start_seconds))
