"""Render the song that ships with Tonewright: mix, stems, MIDI, regions, a report, a picture.

The folder gets the mix and the report with the null test, ``stem/`` and ``midi/`` with a file for
each track, ``region/`` with two parts of the song, ``streaming/`` with a mix at a loudness that
streaming services play as it is, and ``spectrogram.png``. Files of an earlier run are replaced.
"""

import argparse
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from tonewright import resources
from tonewright.dsp.audio.file import read
from tonewright.dsp.audio.picture import panels
from tonewright.dsp.audio.spectrogram import spectrogram
from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import renderer_of
from tonewright.dsp.cli.usage import Parser
from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.mixdown import export
from tonewright.dsp.exporting.report import ExportReport
from tonewright.dsp.exporting.settings import Container, Depth, ExportSettings, Midi, Normalise
from tonewright.dsp.exporting.table import decibels, duration, table
from tonewright.dsp.midi.exchange import export_midi
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import AudioClip, EffectSpec, Project
from tonewright.dsp.project.folder import load
from tonewright.dsp.rendering.file import prepare_file
from tonewright.dsp.rendering.job import CancelToken, Report, share
from tonewright.dsp.rendering.renderer import Renderer

_STREAMING = "apple"
_PICTURED_SECONDS = 6.0
_WIDTH, _HEIGHT = 960, 150


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("demo-out"), help="else demo-out"
    )


def run(args: argparse.Namespace, console: Console) -> None:
    """Render everything and tell what came of it."""
    start = time.monotonic()
    project = load(resources.path("demo"))
    with console.work() as (report, cancel), renderer_of(args) as renderer:
        reports = render_all(project, args.out, renderer=renderer, report=report, cancel=cancel)
        picture = args.out / "spectrogram.png"
        draw(project, reports[0].files[0].file.path, picture, renderer=renderer, cancel=cancel)
    seconds = time.monotonic() - start
    document = {
        "folder": args.out,
        "seconds": round(seconds, 1),
        "reports": [each.to_json() for each in reports],
        "picture": picture,
    }
    console.result(document, _summary(args.out, reports, seconds))


def render_all(
    project: Project, folder: Path, *, renderer: Renderer, report: Report, cancel: CancelToken
) -> list[ExportReport]:
    """Write mix, stems, regions, MIDI and the streaming mix; return the reports, mix first."""
    jobs = (
        (folder, ExportSettings(stems=True, midi=Midi.TRACKS, pattern="{kind}/{number} {track}")),
        (folder / "region", ExportSettings(regions=True, pattern="{region}")),
        (
            folder / "streaming",
            ExportSettings(
                container=Container.FLAC,
                depth=Depth.INT16,
                sample_rate=44_100,
                normalise=Normalise.LUFS,
                target=_STREAMING,
                pattern="{project}",
            ),
        ),
    )
    mix_file = folder / f"{project.name}.wav"
    # The first renders all tracks; the others find them in the store.
    shares = pairwise((0.0, 0.8, 0.9, 1.0))
    reports = [
        export(
            project,
            settings,
            place,
            mix_file=mix_file if settings.stems else None,
            renderer=renderer,
            overwrite=True,
            report=share(report, start, end),
            cancel=cancel,
        )
        for (place, settings), (start, end) in zip(jobs, shares, strict=True)
    ]
    export_midi(project, folder / "midi" / f"{project.name}.mid")
    return reports


def draw(
    project: Project, mix_file: Path, picture: Path, *, renderer: Renderer, cancel: CancelToken
) -> None:
    """Draw the guitar as recorded, the same without its room, and the mix."""
    recording, dereverb = _recorded_in_a_room(project)
    heard = []
    for effects in ((), (dereverb,)):
        rendering = prepare_file(renderer, recording, effects, cancel=cancel)
        end_samples = round(_PICTURED_SECONDS * rendering.sample_rate)
        heard.append((rendering.read(end_samples=end_samples)[0], rendering.sample_rate))
    heard.append(read(mix_file))
    pictures = [
        spectrogram(audio, rate, columns=_WIDTH, rows=_HEIGHT, low_hz=80.0) for audio, rate in heard
    ]
    with replacing(picture) as file:
        file.write(panels(pictures, quiet_db=-80.0, loud_db=-25.0))


def _recorded_in_a_room(project: Project) -> tuple[Path, EffectSpec]:
    for track, clip in project.clips():
        for effect in track.channel.effects:
            if effect.type == "wpe_dereverb" and isinstance(clip, AudioClip):
                return Path(project.medium(clip.media_id).path), effect
    raise ExportError(f"{project.name}: no track takes a room away; install the demo again")


def _summary(folder: Path, reports: Sequence[ExportReport], seconds: float) -> str:
    rows = []
    for each in (file for report in reports for file in report.files):
        name = each.file.path.relative_to(folder).as_posix()
        if each.audio is None:
            rows.append((name, "", "", ""))
            continue
        loudness, length = each.audio.loudness, each.audio.length_samples / each.audio.sample_rate
        rows.append(
            (
                name,
                duration(length),
                decibels(loudness.integrated_lufs),
                decibels(loudness.true_peak_dbtp),
            )
        )
    lines = [table(("file", "length", "LUFS-I", "dBTP"), rows), ""]
    null = reports[0].null
    if null is not None:
        lines.append(
            f"null test: the stems minus the mix peak at {decibels(null.residual_dbfs)} dBFS"
        )
    mix = reports[0].files[0].audio
    if mix is not None:
        length = mix.length_samples / mix.sample_rate
        lines.append(f"{duration(length)} of music in {seconds:.1f} s")
    lines += [f"warning: {warning}" for report in reports for warning in report.warnings]
    lines.append(f"all of it is in {folder}; the numbers are in {reports[0].plan.report.name}")
    return "\n".join(lines)
