"""Tell what a project, an audio file or a MIDI file holds.

With --room, of an audio file: how long its room sounds on, and how far away the source is. That
is an estimate, made from what is heard.

  tonewright info voice.wav --loudness
  tonewright info voice.wav --room
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.summary import document as project_document
from tonewright.dsp.cli.summary import text as project_text
from tonewright.dsp.cli.usage import Parser, UsageError
from tonewright.dsp.errors import MediaError
from tonewright.dsp.exporting.table import decibels, duration, table
from tonewright.dsp.rendering.job import CancelToken, Progress, Report

_UNITS = {"lufs": "LUFS", "lu": "LU", "dbtp": "dBTP", "dbfs": "dBFS"}


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("path", metavar="PATH", type=Path)
    parser.add_argument(
        "--loudness", action="store_true", help="measure it; of a project, render its mix"
    )
    parser.add_argument(
        "--room",
        action="store_true",
        help="estimate how long the room of an audio file sounds on, and how far the source is",
    )
    parser.add_argument(
        "--instrument", action="store_true", help="tell which instrument plays, over time"
    )
    parser.add_argument(
        "--model",
        metavar="FOLDER",
        default="embedded",
        help="whose classifiers tell it; else those that ship",
    )


def run(args: argparse.Namespace, console: Console) -> None:
    """Describe the path."""
    path: Path = args.path
    is_project = path.is_dir() or path.suffix == ".json"
    for asked in (each for each in ("room", "instrument") if getattr(args, each)):
        if is_project or is_midi(path):
            raise UsageError(f"--{asked} listens to an audio file")
    if is_project:
        found, text = _project(args, console)
    elif is_midi(path):
        found, text = _midi(path)
    else:
        found, text = _audio(args, console)
    if loudness := found.get("loudness"):
        named = ((*name.rsplit("_", 1), decibels(value)) for name, value in loudness.items())
        rows = [(name.replace("_", " "), value, _UNITS[unit]) for name, unit, value in named]
        text += "\n\n" + table(("loudness", "", ""), rows)
    if args.instrument:
        found["instrument"], heard = _instrument(args, console)
        text += f"\n\n{heard}"
    console.result(found, text)


def is_midi(path: Path) -> bool:
    """Tell whether a file is MIDI, by its content.

    Raises:
        MediaError: If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(4) == b"MThd"
    except OSError as error:
        raise MediaError(f"{path}: cannot be read ({error.strerror}); check the path") from error


def _project(args: argparse.Namespace, console: Console) -> tuple[dict[str, Any], str]:
    from tonewright.dsp.cli.engine import registry_of
    from tonewright.dsp.project.folder import load

    project = load(args.path)
    registry = registry_of(args)
    chains = [project.master.effects, *(each.channel.effects for each in project.tracks)]
    chains += [clip.effects for _, clip in project.clips()]
    unknown = sorted({each.type for chain in chains for each in chain} - {t.id for t in registry})
    found = project_document(project) | {"effects_not_installed": unknown}
    text = project_text(project)
    if unknown:
        text += f"\nnot installed: {', '.join(unknown)}"
    if args.loudness:
        from tonewright.dsp.cli.engine import renderer_of
        from tonewright.dsp.rendering.job import share
        from tonewright.dsp.rendering.outputs import Mix

        with console.work() as (report, cancel), renderer_of(args, registry) as renderer:
            rendering = renderer.prepare(
                project, [Mix()], report=share(report, 0.0, 0.9), cancel=cancel
            )
            found["loudness"] = _loudness(
                (mix for (mix,) in rendering.stream()),
                sample_rate=rendering.sample_rate,
                channels=2,
                length_samples=rendering.length_samples,
                report=share(report, 0.9, 1.0),
                cancel=cancel,
            )
        found["notes"] = list(rendering.notes)
        for each in rendering.notes:
            console.note(each)
    return found, text


def _audio(args: argparse.Namespace, console: Console) -> tuple[dict[str, Any], str]:
    from tonewright.dsp.audio.file import AudioReader, probe

    info = probe(args.path)
    found = {
        "kind": "audio",
        "path": args.path,
        "format": info.format,
        "subtype": info.subtype,
        "sample_rate": info.sample_rate,
        "channels": info.channels,
        "length_samples": info.length_samples,
        "length_seconds": info.duration_seconds,
        "time_reference_samples": info.time_reference_samples,
    }
    text = (
        f"{args.path}: {info.format} {info.subtype}, {info.channels} channels, "
        f"{info.sample_rate} Hz, {duration(info.duration_seconds)} ({info.length_samples} samples)"
    )
    if args.room:
        from tonewright.dsp.audio.room import room_of_file

        room = room_of_file(args.path)
        found["room"] = room
        text += (
            f"\nroom: reverberation time {room.rt60_seconds:.2f} s, "
            f"direct sound to reverberation {room.drr_db:+.1f} dB"
        )
    if args.loudness:
        with console.work() as (report, cancel), AudioReader(args.path) as reader:
            found["loudness"] = _loudness(
                reader.blocks(),
                sample_rate=info.sample_rate,
                channels=info.channels,
                length_samples=info.length_samples,
                report=report,
                cancel=cancel,
            )
    return found, text


def _instrument(args: argparse.Namespace, console: Console) -> tuple[dict[str, Any], str]:
    """Return what two classifiers take a recording for, as data and as a table."""
    from tonewright.dsp.cli.engine import renderer_of
    from tonewright.dsp.rendering.task import Task

    arguments = {"path": args.path.absolute(), "model": args.model}
    task = Task("diff_tone", "hear", arguments, f"listening to {args.path.name}")
    with console.work() as (report, cancel), renderer_of(args) as renderer:
        found = renderer.executor.answered(task, report=report, cancel=cancel)

    def named(answers: Sequence[tuple[str, float]]) -> str:
        likely = [f"{name} {100 * share:.0f} %" for name, share in answers if share >= 0.01]
        return ", ".join(likely) or "silence"

    both = [found[name] for name in ("steering", "reporting")]
    rows = [("all of it", *(named(each["instruments"]) for each in both))]
    for windows in zip(*(each["windows"] for each in both), strict=True):
        start, end = (duration(windows[0][f"{edge}_seconds"]) for edge in ("start", "end"))
        rows.append((f"{start} - {end}", *(named(each["instruments"]) for each in windows)))
    return found, table(("instrument", "the classifier that steers", "the one that reports"), rows)


def _loudness(
    blocks: Iterable[Audio],
    *,
    sample_rate: int,
    channels: int,
    length_samples: int,
    report: Report,
    cancel: CancelToken,
) -> dict[str, float]:
    from dataclasses import asdict

    from tonewright.dsp.audio.loudness import LoudnessMeter

    meter = LoudnessMeter(sample_rate, channels)
    position = 0
    for block in blocks:
        cancel.check()
        meter.add(block)
        position += block.shape[1]
        report(Progress(min(1.0, position / max(1, length_samples)), "measuring"))
    return asdict(meter.result())


def _midi(path: Path) -> tuple[dict[str, Any], str]:
    from tonewright.dsp.midi.analysis import analysed
    from tonewright.dsp.midi.exchange import channels_of
    from tonewright.dsp.midi.smf import read_smf
    from tonewright.dsp.project.document import PPQ
    from tonewright.dsp.project.tempo import to_seconds

    sequence = read_smf(path)
    # The tempo functions count in a project's ticks.
    tempo_map = sequence.rescaled(PPQ).tempo_map
    scale = PPQ / sequence.ticks_per_quarter
    lengths = [to_seconds(tempo_map, each.length_ticks * scale) for each in sequence.tracks]
    length_seconds = max(lengths, default=0.0)
    channels = [sorted(number + 1 for number in channels_of(each)) for each in sequence.tracks]
    heard = analysed(sequence)
    roles = [
        list(dict.fromkeys(each.role.value for each in heard.voices if each.track == index))
        for index in range(len(sequence.tracks))
    ]
    chords = [" ".join(chord.name for chord in bar) for bar in heard.bar_chords()]
    found = {
        "kind": "midi",
        "path": path,
        "ticks_per_quarter": sequence.ticks_per_quarter,
        "length_seconds": length_seconds,
        "tempos": sequence.tempo_map.tempos,
        "time_signatures": sequence.tempo_map.time_signatures,
        "tracks": [
            {
                "number": number,
                "name": each.name,
                "notes": len(each.notes),
                "events": len(each.events),
                "channels": used,
                "roles": does,
                "length_seconds": length,
            }
            for number, (each, used, does, length) in enumerate(
                zip(sequence.tracks, channels, roles, lengths, strict=True), 1
            )
        ],
        "chords": chords,
        "form": heard.form(),
        "warnings": sequence.warnings,
    }
    rows = [
        (
            str(number),
            each.name,
            str(len(each.notes)),
            str(len(each.events)),
            ", ".join(map(str, used)),
            ", ".join(does),
        )
        for number, (each, used, does) in enumerate(
            zip(sequence.tracks, channels, roles, strict=True), 1
        )
    ]
    text = (
        f"{path}: MIDI, {len(rows)} tracks, {duration(length_seconds)}, "
        f"{sequence.ticks_per_quarter} ticks a quarter, "
        f"{sequence.tempo_map.tempos[0].bpm:g} bpm at the start\n\n"
        + table(("", "track", "notes", "events", "channels", "role"), rows)
    )
    if any(chords):
        text += f"\n\nchords, by ear; form {heard.form()}\n{_chart(chords)}"
    return found, "\n".join([text, *sequence.warnings])


def _chart(chords: Sequence[str]) -> str:
    """Return chords by the bar, four bars a line."""
    width = max(map(len, chords))
    lines = [chords[first : first + 4] for first in range(0, len(chords), 4)]
    return "\n".join(
        f"{4 * number + 1:4}  | " + " | ".join(f"{each:{width}}" for each in line) + " |"
        for number, line in enumerate(lines)
    )
