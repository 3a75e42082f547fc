"""Effects on a single audio file, outside a project, at its own rate and channels."""

from collections.abc import Sequence
from pathlib import Path

from tonewright.dsp.project.document import EffectSpec
from tonewright.dsp.project.media import import_media
from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore, share
from tonewright.dsp.rendering.renderer import Renderer, Rendering
from tonewright.dsp.rendering.sources import Source

SHARE_READ = 0.1
"""How much of the progress is reading the file once, to know that it is whole."""


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
    cancel = cancel or CancelToken()

    def reading(fraction: float) -> None:
        cancel.check()
        report(Progress(SHARE_READ * fraction, f"reading {path.name}"))

    media = import_media(path, told=reading)
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
        report=share(report, SHARE_READ, 1.0),
        cancel=cancel,
    )
