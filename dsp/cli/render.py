"""Render a project: a mix, stems and MIDI files, in one pass, with a report beside them.

Without a range or regions, files last until the last tail is silent. All files of a pass start
together and have one length.
"""

import argparse
from pathlib import Path

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import renderer_of
from tonewright.dsp.cli.names import choose, track_named
from tonewright.dsp.cli.usage import Parser, UsageError, sample_rate, seconds, time_range, whole
from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.naming import TOKENS
from tonewright.dsp.exporting.plan import ExportPlan, plan_export
from tonewright.dsp.exporting.settings import (
    AUTO_TAIL,
    CONTAINERS,
    DEFAULT_PATTERN,
    Container,
    Depth,
    ExportSettings,
    Midi,
    Normalise,
    Scope,
)
from tonewright.dsp.exporting.targets import loudness_targets
from tonewright.dsp.project.document import Id, Project
from tonewright.dsp.project.edits import add_media, set_project
from tonewright.dsp.project.folder import load
from tonewright.dsp.project.media import import_soundfont


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("project", metavar="PROJECT", type=Path)
    what = parser.add_argument_group("what to write")
    what.add_argument(
        "--mix", metavar="FILE", type=Path, help="the mix; .wav, .aiff, .flac or .ogg"
    )
    what.add_argument("--stems", metavar="DIR", type=Path, help="a file for each track and group")
    what.add_argument("--midi", metavar="DIR", type=Path, help="a file for each MIDI track")
    what.add_argument("--midi-in-one", action="store_true", help="all MIDI tracks in one file")
    what.add_argument("--dry-run", action="store_true", help="only list what would be written")
    what.add_argument(
        "--overwrite", action="store_true", help="replace files that are there already"
    )

    part = parser.add_argument_group("which part")
    part.add_argument(
        "--only",
        metavar="TRACK",
        action="append",
        help="a stem of this track or group, by name or number; may be repeated",
    )
    part.add_argument("--range", metavar="A:B", type=time_range, help="in s, or m:ss-m:ss")
    part.add_argument("--regions", action="store_true", help="each region in files of its own")
    part.add_argument(
        "--region", metavar="NAME", action="append", help="this region; may be repeated"
    )
    part.add_argument("--loop", action="store_true", help="fold the tail onto the start")
    part.add_argument(
        "--tail",
        metavar="auto|SECONDS",
        type=_tail,
        help="what rings behind the end; auto is until silence, and the default without a range",
    )

    sound = parser.add_argument_group("how it sounds")
    sound.add_argument(
        "--through-master",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="through the master's effects and fader",
    )
    sound.add_argument("--dry", action="store_true", help="bypass the effects of tracks and clips")
    sound.add_argument(
        "--normalise",
        metavar="lufs[:L]|peak[:L]",
        type=_normalise,
        default=(Normalise.NONE, None),
        help="to a loudness in LUFS (else the target's) or a peak in dBFS",
    )
    sound.add_argument(
        "--ceiling", metavar="DBTP", type=float, help="true peak that normalising stays below"
    )
    sound.add_argument(
        "--each", action="store_true", help="a gain for each file; else one keeps the balance"
    )
    sound.add_argument(
        "--target",
        metavar="NAME",
        help=f"check the mix against: {', '.join(each.id for each in loudness_targets())}",
    )
    sound.add_argument(
        "--skip-missing-effects", action="store_true", help="leave out what is not installed"
    )
    sound.add_argument(
        "--soundfont", metavar="FILE.sf2", type=Path, help="where the project names none"
    )

    files = parser.add_argument_group("files")
    files.add_argument("--format", choices=[*Container], help="of stems; else the mix's, or wav")
    files.add_argument(
        "--depth", choices=[*Depth], default=Depth.INT24, help="bits; 24 if not said"
    )
    files.add_argument("--rate", metavar="HZ", type=sample_rate, help="else the project's")
    files.add_argument("--quality", metavar="Q", type=float, default=0.6, help="of ogg, 0 to 1")
    files.add_argument("--dither-seed", metavar="N", type=whole, default=0)
    files.add_argument(
        "--pattern",
        default=DEFAULT_PATTERN,
        help=f"names; tokens are {' '.join(f'{{{each}}}' for each in TOKENS)}",
    )
    files.add_argument(
        "--broadcast",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="timecode and history in WAV files (bext)",
    )


def run(args: argparse.Namespace, console: Console) -> None:
    """Plan, and unless it is a dry run, carry it out."""
    if not (args.mix or args.stems or args.midi):
        raise UsageError("nothing to write; say --mix FILE, --stems DIR or --midi DIR")
    project = load(args.project)
    if args.soundfont is not None and project.soundfont_id is None:
        medium = import_soundfont(args.soundfont)
        project = set_project(add_media(project, medium), soundfont_id=medium.id)
    plan = plan_of(args, project)
    if args.dry_run:
        console.result(plan.to_json(), plan.to_text())
        return
    from tonewright.dsp.exporting.mixdown import carry_out  # its meters take a second to import

    with console.work() as (report, cancel), renderer_of(args) as renderer:
        made = carry_out(plan, renderer=renderer, report=report, cancel=cancel)
    console.result(made.to_json() | {"report": plan.report}, f"{made.to_text()}{plan.report}")


def plan_of(args: argparse.Namespace, project: Project) -> ExportPlan:
    """Return the plan that a command line describes.

    Raises:
        ExportError: If it does not fit the project.
    """
    folder = args.stems or (args.mix.parent if args.mix else args.midi)
    return plan_export(
        project,
        _settings(args, project),
        folder.absolute(),
        mix_file=args.mix and args.mix.absolute(),
        midi_folder=args.midi and args.midi.absolute(),
        overwrite=args.overwrite,
    )


def _settings(args: argparse.Namespace, project: Project) -> ExportSettings:
    midi = Midi.ONE if args.midi_in_one else Midi.TRACKS
    regions = tuple(
        choose(each, _regions(project), "region", ExportError) for each in args.region or ()
    )
    target = None
    if args.target is not None:
        known = [each.id for each in loudness_targets()]
        target = choose(args.target, known, "loudness target", ExportError)
    normalise, level = args.normalise
    return ExportSettings(
        mix=args.mix is not None,
        stems=args.stems is not None,
        tracks=_only(args.only, project),
        through_master=args.through_master,
        dry=args.dry,
        regions=regions or args.regions,
        range=args.range,
        loop=args.loop,
        tail=args.tail,
        container=_container(args),
        depth=Depth(args.depth),
        sample_rate=args.rate,
        quality=args.quality,
        dither_seed=args.dither_seed,
        normalise=normalise,
        level=level,
        ceiling_dbtp=args.ceiling,
        scope=Scope.EACH if args.each else Scope.TOGETHER,
        target=target,
        pattern=args.pattern,
        broadcast=args.broadcast,
        midi=midi if args.midi is not None else Midi.NONE,
        skip_missing=args.skip_missing_effects,
    )


def _only(names: list[str] | None, project: Project) -> tuple[Id, ...] | None:
    if names is None:
        return None
    tracks = [track_named(project, name) for name in names]
    if None in tracks:
        raise UsageError("the master is no stem; say --mix FILE")
    return tuple(each.id for each in tracks if each is not None)


def _regions(project: Project) -> list[str]:
    return [each.name for each in project.markers if each.length is not None]


def _container(args: argparse.Namespace) -> Container:
    if args.format is not None:
        return Container(args.format)
    return CONTAINERS.get(args.mix.suffix.lower(), Container.WAV) if args.mix else Container.WAV


def _tail(text: str) -> str | float:
    return AUTO_TAIL if text.casefold() == AUTO_TAIL else seconds(text)


def _normalise(text: str) -> tuple[Normalise, float | None]:
    name, colon, level = text.partition(":")
    try:
        return Normalise(name.casefold()), float(level) if colon else None
    except ValueError as error:
        raise UsageError(f"{text!r}: write lufs, lufs:-14, peak or peak:-1") from error
