"""What is said of things that are painted: for tool tips and for screen readers."""

from tonewright.desktop.timeline.automation_item import Target
from tonewright.desktop.timeline.layers import Layer
from tonewright.dsp.project.document import AudioClip, AutomationPoint, Clip, Project, Track
from tonewright.dsp.project.tempo import bar_beat_tick, range_of, to_seconds, to_ticks


def spoken_clip(project: Project, track: Track, clip: Clip) -> str:
    """Return name, kind, place and length of a clip, in words."""
    sounding = range_of(project, clip)
    kind = "Audio clip" if isinstance(clip, AudioClip) else f"MIDI clip of {len(clip.notes)} notes"
    words = [
        f"{clip.name or 'unnamed'}, {kind} on {track.name}",
        f"starts at {spoken_place(project, sounding.start_seconds)}",
        f"{sounding.end_seconds - sounding.start_seconds:.2f} seconds long",
    ]
    if clip.effects:
        words.append(f"{len(clip.effects)} effects")
    if clip.muted:
        words.append("muted")
    return ", ".join(words)


def spoken_point(project: Project, track: Track, target: Target, point: AutomationPoint) -> str:
    """Return parameter, value and place of an automation point, in words."""
    place = spoken_place(project, to_seconds(project.tempo_map, float(point.ticks)))
    value = f"{point.value:.2f} {target.unit}".strip()
    return f"{target.label} {value}, automation point on {track.name}, at {place}"


def spoken_layer(project: Project, owner: Track | Clip, layer: Layer) -> str:
    """Return name, owner, place and state of an effect that is a layer, in words."""
    kind = "track" if isinstance(owner, Track) else "clip"
    start = spoken_place(project, layer.where.start_seconds)
    length_seconds = layer.where.end_seconds - layer.where.start_seconds
    state = "bypassed" if not layer.enabled else "not rendered yet"
    if layer.enabled and layer.state is not None:
        state = layer.state.to_text()
    return (
        f"{layer.name}, effect on the {kind} {owner.name or 'unnamed'}, starts at {start}, "
        f"{length_seconds:.2f} seconds long, {state}"
    )


def spoken_place(project: Project, seconds: float) -> str:
    """Return a position as bar and beat."""
    place = bar_beat_tick(project.tempo_map, round(to_ticks(project.tempo_map, max(seconds, 0.0))))
    return f"bar {place.bar}, beat {place.beat}"


def clock(seconds: float) -> str:
    """Return a position as minutes, seconds and milliseconds."""
    total_ms = round(max(seconds, 0.0) * 1000)
    minutes, rest_ms = divmod(total_ms, 60_000)
    return f"{minutes}:{rest_ms // 1000:02d}.{rest_ms % 1000:03d}"
