"""Tracks as they sound behind Tonewright's effects and instruments, for programs without them."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from tonewright.dsp.audio.file import AudioWriter, Encoding
from tonewright.dsp.exchange.dawproject.words import is_external
from tonewright.dsp.exporting.naming import safe_name
from tonewright.dsp.project.document import Id, Project, Track, TrackKind
from tonewright.dsp.rendering.job import CancelToken, Report
from tonewright.dsp.rendering.outputs import Stem
from tonewright.dsp.rendering.renderer import Renderer


@dataclass(frozen=True, slots=True)
class RenderedTrack:
    """The sound of a track before its fader, in a stereo file.

    Attributes:
        name: In the zip.
        path: Where it is now.
    """

    name: str
    path: Path
    sample_rate: int
    length_samples: int


def needs_rendering(track: Track) -> bool:
    """Return whether other programs would play a track without something of Tonewright's."""
    if track.kind is TrackKind.GROUP or not track.clips:
        return False
    chains = [track.channel.effects, *(clip.effects for clip in track.clips)]
    own = any(each.enabled and not is_external(each) for chain in chains for each in chain)
    sounds_here = track.instrument is None or track.instrument.plugin is None
    return own or (track.kind is TrackKind.MIDI and sounds_here)


def render_tracks(
    project: Project,
    folder: Path,
    *,
    renderer: Renderer,
    report: Report,
    cancel: CancelToken | None,
) -> tuple[dict[Id, RenderedTrack], Sequence[str]]:
    """Render the tracks that need it into a folder.

    Returns:
        The files by track, and what the renderer had to say.

    Raises:
        CancelledError: If ``cancel`` was set.
        TonewrightError: If one cannot be rendered or written.
    """
    tracks = [each for each in project.tracks if needs_rendering(each)]
    if not tracks:
        return {}, ()
    rendering = renderer.prepare(
        _at_unity(project),
        [Stem(each.id) for each in tracks],
        skip_missing=True,
        report=report,
        cancel=cancel,
    )
    rate = rendering.sample_rate
    with ExitStack() as closing:
        writers = []
        for index, track in enumerate(tracks, 1):
            path = folder / f"{index:02} {safe_name(track.name)}.wav"
            writer = AudioWriter(path, rate, 2, Encoding("wav", "32f"))
            writers.append((track, path, closing.enter_context(writer)))
        for blocks in rendering.stream():
            for (_, _, writer), block in zip(writers, blocks, strict=True):
                writer.write(block)
    files = {
        track.id: RenderedTrack(f"rendered/{path.name}", path, rate, writer.length_samples)
        for track, path, writer in writers
    }
    return files, rendering.notes


def _at_unity(project: Project) -> Project:
    """Return the project with every track as it is before its fader."""
    tracks = (
        replace(
            track,
            channel=replace(track.channel, gain_db=0.0, pan=0.0, muted=False, soloed=False),
            automation=tuple(each for each in track.automation if each.target.effect_id),
        )
        for track in project.tracks
    )
    return replace(project, tracks=tuple(tracks))
