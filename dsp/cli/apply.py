"""Put effects on an audio or MIDI file and write the result to another file.

Audio keeps its rate, channels and depth unless something else is said, and the tail of the
effects is kept. The file that is read is never changed.

  tonewright apply reverb voice.wav wet.wav -p room_size=0.6
  tonewright apply highpass_filter,compressor voice.wav out.flac -p compressor.ratio=3
  tonewright apply quantize,transpose song.mid out.mid -p semitones=-2
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.effects import description
from tonewright.dsp.cli.engine import registry_of, renderer_of
from tonewright.dsp.cli.info import is_midi
from tonewright.dsp.cli.specs import add_effect_options, specs_of, types_named
from tonewright.dsp.cli.summary import effect_documents
from tonewright.dsp.cli.usage import Parser, UsageError, sample_rate
from tonewright.dsp.effects.protocol import EffectType, Family, MidiEffect
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import EffectError, ExportError
from tonewright.dsp.exporting.table import duration
from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack, merged
from tonewright.dsp.project.document import PPQ, EffectSpec, TimeRange
from tonewright.dsp.project.tempo import to_ticks

_CONTAINERS = {".wav": "wav", ".flac": "flac", ".ogg": "ogg", ".aif": "aiff", ".aiff": "aiff"}


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
    from tonewright.dsp.audio.file import AudioReader, AudioWriter, read_broadcast
    from tonewright.dsp.audio.resample import Resampler
    from tonewright.dsp.rendering.file import prepare_file
    from tonewright.dsp.rendering.job import Progress, share

    with AudioReader(args.source) as reader:
        subtype, channels, from_rate = reader.subtype, reader.channels, reader.sample_rate
    to_rate = args.rate or from_rate
    encoding = _encoding(args, subtype)
    # The timecode of the input counts in its own rate.
    keeps_broadcast = encoding.container == "wav" and to_rate == from_rate
    broadcast = read_broadcast(args.source) if keeps_broadcast else None
    with console.work() as (report, cancel), renderer_of(args, registry) as renderer:
        rendering = prepare_file(
            renderer, args.source, specs, report=share(report, 0.0, 0.5), cancel=cancel
        )
        if args.range and args.range.start_seconds * from_rate >= rendering.length_samples:
            raise EffectError(f"{args.source}: ends before {args.range.start_seconds:g} s")
        expected = max(1, rendering.length_samples)
        resampler = Resampler(from_rate, to_rate, channels) if to_rate != from_rate else None
        with AudioWriter(args.target, to_rate, channels, encoding, broadcast=broadcast) as writer:
            position = 0
            end_samples = rendering.length_samples if args.no_tail else None
            for (block,) in rendering.stream(end_samples=end_samples):
                cancel.check()
                writer.write(resampler.process(block) if resampler else block)
                position += block.shape[1]
                report(Progress(min(1.0, 0.5 + 0.5 * position / expected), "writing"))
            if resampler:
                writer.write(resampler.finish())
    return {
        "sample_rate": to_rate,
        "channels": channels,
        "length_samples": writer.length_samples,
        "length_seconds": writer.length_samples / to_rate,
        "container": encoding.container,
        "depth": encoding.depth if encoding.container != "ogg" else None,
        "clipped_samples": writer.clipped_samples,
    }


def _encoding(args: argparse.Namespace, subtype: str) -> Any:
    from tonewright.dsp.audio.file import Encoding

    container = _CONTAINERS.get(args.target.suffix.lower())
    if container is None:
        raise ExportError(
            f"{args.target}: there is no format {args.target.suffix!r}; "
            f"use {', '.join(_CONTAINERS)}"
        )
    own = {"PCM_16": "16", "PCM_S8": "16", "PCM_U8": "16"}
    wide = {"FLOAT", "DOUBLE", "PCM_32"}
    depth = args.depth or ("32f" if subtype in wide else own.get(subtype, "24"))
    if args.depth is None and container == "flac" and depth == "32f":
        depth = "24"
    try:
        return Encoding(container, depth, args.quality)
    except ValueError as error:
        raise UsageError(str(error)) from error


# --- MIDI -----------------------------------------------------------------------------------


def _midi(
    args: argparse.Namespace, specs: Sequence[EffectSpec], registry: Registry
) -> dict[str, Any]:
    from tonewright.dsp.midi.smf import read_smf, write_smf

    if args.target.suffix.lower() not in (".mid", ".midi"):
        raise ExportError(f"{args.target}: MIDI goes to a .mid file; name it so")
    if args.mix is not None:
        raise UsageError("notes have no --mix")
    sequence = read_smf(args.source)
    for spec in specs:
        effect = registry.make(spec.type, dict(spec.params), seed=spec.seed)
        sequence = _processed(sequence, effect, spec.range)
    write_smf(sequence, args.target)
    return {"tracks": len(sequence.tracks), "notes": sum(len(t.notes) for t in sequence.tracks)}


def _processed(sequence: MidiSequence, effect: MidiEffect, where: TimeRange | None) -> MidiSequence:
    """Return a sequence with an effect on what begins in a range, or on all."""
    if where is None:
        return effect.process_midi(sequence)
    tempo_map = sequence.rescaled(PPQ).tempo_map
    scale = sequence.ticks_per_quarter / PPQ
    start, end = (
        to_ticks(tempo_map, seconds) * scale for seconds in (where.start_seconds, where.end_seconds)
    )

    def part(track: MidiTrack, inside: bool) -> MidiTrack:
        return replace(
            track,
            notes=tuple(n for n in track.notes if (start <= n.start_ticks < end) is inside),
            events=tuple(e for e in track.events if (start <= e.start_ticks < end) is inside),
        )

    changed = effect.process_midi(
        replace(sequence, tracks=tuple(part(each, True) for each in sequence.tracks))
    )
    return replace(
        sequence,
        tracks=tuple(
            merged((part(before, False), after), before.name)
            for before, after in zip(sequence.tracks, changed.tracks, strict=True)
        ),
    )
