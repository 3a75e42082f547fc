"""Put effects on an audio or MIDI file and write the result to another file.

Audio keeps its rate, channels and depth unless something else is said, and the tail of the
effects is kept. The file that is read is never changed.

  tonewright apply reverb voice.wav wet.wav -p room_size=0.6
  tonewright apply highpass_filter,compressor voice.wav out.flac -p compressor.ratio=3
  tonewright apply quantize,transpose song.mid out.mid -p semitones=-2
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.effects import description
from tonewright.dsp.cli.engine import registry_of, renderer_of
from tonewright.dsp.cli.info import is_midi
from tonewright.dsp.cli.specs import add_effect_options, specs_of, types_named
from tonewright.dsp.cli.summary import effect_documents
from tonewright.dsp.cli.usage import Parser, UsageError, sample_rate
from tonewright.dsp.effects.protocol import EffectType, Family
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import EffectError, ExportError
from tonewright.dsp.exporting.table import duration
from tonewright.dsp.project.document import EffectSpec


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.more_help = _described
    parser.add_argument("effects", metavar="EFFECT[,EFFECT...]")
    parser.add_argument("source", metavar="IN", type=Path)
    parser.add_argument("target", metavar="OUT", type=Path, help=".wav, .aiff, .flac, .ogg or .mid")
    add_effect_options(parser)
    parser.add_argument("--no-tail", action="store_true", help="end where the input ends")
    parser.add_argument("--rate", metavar="HZ", type=sample_rate, help="else the input's")
    parser.add_argument("--depth", choices=("16", "24", "32f"), help="else the input's")
    parser.add_argument("--quality", metavar="Q", type=float, default=0.6, help="of ogg, 0 to 1")
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it is there")


def _described(args: argparse.Namespace) -> str:
    """Return the parameters of the effects that were named before ``--help``."""
    if args.effects is None:
        return ""
    types = types_named(args.effects, registry_of(args))
    return "\n" + "\n\n".join(description(each) for each in types)


def run(args: argparse.Namespace, console: Console) -> None:
    """Apply the effects."""
    registry = registry_of(args)
    types = types_named(args.effects, registry)
    specs = specs_of(types, args.param, mix=args.mix, seed=args.seed, where=args.range)
    midi = is_midi(args.source)
    _check_families(types, Family.MIDI if midi else Family.AUDIO, args.source)
    _check_target(args)
    written = _midi(args, specs, registry) if midi else _audio(args, specs, registry, console)
    text = f"{args.target}"
    if "length_seconds" in written:
        text += f"  {duration(written['length_seconds'])}"
    if written.get("clipped_samples"):
        console.note(
            f"{args.target}: {written['clipped_samples']} values were above full scale and "
            "limited; lower the gain, or say --depth 32f"
        )
    for each in written.get("notes", ()) if not midi else ():
        console.note(f"{args.target}: {each}")
    console.result({"path": args.target, "effects": effect_documents(specs)} | written, text)


def _check_families(types: Sequence[EffectType], family: Family, source: Path) -> None:
    for each in types:
        if each.family is not family:
            remedy = (
                "make a project of it with 'tonewright new' and render that"
                if family is Family.MIDI
                else "put it on a MIDI file"
            )
            raise EffectError(
                f"{source}: is {family}, and {each.id!r} works on {each.family}; {remedy}"
            )


def _check_target(args: argparse.Namespace) -> None:
    if not args.target.parent.is_dir():
        raise ExportError(f"{args.target}: there is no such folder; make it first")
    if not args.target.exists():
        return
    if args.source.samefile(args.target):
        raise ExportError(f"{args.target}: is what is read; choose another name")
    if not args.overwrite:
        raise ExportError(f"{args.target}: is there already; choose another name or --overwrite")


# --- audio ----------------------------------------------------------------------------------


def _audio(
    args: argparse.Namespace, specs: Sequence[EffectSpec], registry: Registry, console: Console
) -> dict[str, Any]:
    from tonewright.dsp.exporting.single import apply_to_audio

    encoding = _encoding(args)
    with console.work() as (report, cancel), renderer_of(args, registry) as renderer:
        made = apply_to_audio(
            args.source,
            args.target,
            specs,
            renderer=renderer,
            encoding=encoding,
            sample_rate=args.rate,
            tail=not args.no_tail,
            report=report,
            cancel=cancel,
        )
    return {
        "sample_rate": made.sample_rate,
        "channels": made.channels,
        "length_samples": made.length_samples,
        "length_seconds": made.length_samples / made.sample_rate,
        "container": encoding.container,
        "depth": encoding.depth if encoding.container != "ogg" else None,
        "clipped_samples": made.clipped_samples,
        "notes": list(made.notes),
    }


def _encoding(args: argparse.Namespace) -> Any:
    from tonewright.dsp.audio.file import Encoding
    from tonewright.dsp.exporting.settings import CONTAINERS
    from tonewright.dsp.exporting.single import encoding_like

    container = CONTAINERS.get(args.target.suffix.lower())
    if container is None:
        raise ExportError(
            f"{args.target}: there is no format {args.target.suffix!r}; use {', '.join(CONTAINERS)}"
        )
    try:
        if args.depth is None:
            return encoding_like(args.source, container, args.quality)
        return Encoding(container, args.depth, args.quality)
    except ValueError as error:
        raise UsageError(str(error)) from error


# --- MIDI -----------------------------------------------------------------------------------


def _midi(
    args: argparse.Namespace, specs: Sequence[EffectSpec], registry: Registry
) -> dict[str, Any]:
    from tonewright.dsp.exporting.single import apply_to_midi

    if args.target.suffix.lower() not in (".mid", ".midi"):
        raise ExportError(f"{args.target}: MIDI goes to a .mid file; name it so")
    if args.mix is not None:
        raise UsageError("notes have no --mix")
    sequence = apply_to_midi(args.source, args.target, specs, registry)
    return {"tracks": len(sequence.tracks), "notes": sum(len(t.notes) for t in sequence.tracks)}
