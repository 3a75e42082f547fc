"""Effects on a single audio file, outside a project, at its own rate and channels."""

from collections.abc import Sequence
from pathlib import Path

from tonewright.dsp.project.document import EffectSpec
from tonewright.dsp.project.media import import_media
from tonewright.dsp.rendering.job import CancelToken, Report, ignore
from tonewright.dsp.rendering.renderer import Renderer, Rendering
from tonewright.dsp.rendering.sources import Source


def prepare_file(
    renderer: Renderer,
    path: Path,
    effects: Sequence[EffectSpec],
    *,
    report: Report = ignore,
    cancel: CancelToken | None = None,
) -> Rendering:
    """Return a chain on a file, ready to be streamed.

    Args:
        renderer: Renders what must be rendered.
        path: Any audio or video file.
        effects: In order; an effect with a range applies to that part of the file.
        report: Told how far the work is.
        cancel: Stops it.

    Raises:
        MediaError: If the file cannot be read.
        EffectError: If an effect is not installed or its parameters are wrong.
    """
    media = import_media(path)
    source = Source(
        media.path,
        media.sha256,
        media.channels,
        0,
        media.length_samples,
        media.sample_rate,
        media.sample_rate,
    )
    return renderer.prepare_effects(
        source,
        effects,
        sample_rate=media.sample_rate,
        label=path.name,
        report=report,
        cancel=cancel,
    )
