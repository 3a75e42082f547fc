"""Hear a change of instrument at several switch positions, and see what each keeps and becomes.

The folder gets the sound of every position, curve.svg (content kept against target heard, the
automatic choice marked, and below it what the classifier heard step by step) and explore.json.
Early switches change more, late ones keep more. A setting that is liked goes to 'tonewright apply
diff_tone' with -p switch=.

  tonewright explore flute.wav --target cello --out tried
  tonewright explore song.wav --target organ --range 12:24 --positions 9 --out tried
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from tonewright.dsp.cli.console import Console, plain
from tonewright.dsp.cli.engine import registry_of, renderer_of
from tonewright.dsp.cli.specs import add_param_option, specs_of
from tonewright.dsp.cli.usage import Parser, time_range, whole
from tonewright.dsp.errors import ExportError

if TYPE_CHECKING:
    from tonewright.dsp.rendering.exploration import Exploration

LONG_SECONDS = 30.0


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("source", metavar="FILE", type=Path)
    parser.add_argument("--target", metavar="INSTRUMENT", required=True, help="or a sentence")
    parser.add_argument("--out", metavar="FOLDER", type=Path, required=True)
    parser.add_argument("--positions", metavar="N", type=whole, default=7, help="else 7")
    parser.add_argument(
        "--range", metavar="A:B", type=time_range, help="only there; s or m:ss-m:ss"
    )
    parser.add_argument("--seed", metavar="N", type=whole, help="another is another take; else 0")
    add_param_option(
        parser, "another parameter of diff_tone; @FILE is a file's text; may be repeated"
    )


def run(args: argparse.Namespace, console: Console) -> None:
    """Explore, and write what was found."""
    from tonewright.dsp.cli.stored import write_stored
    from tonewright.dsp.exporting.curve import curve_svg
    from tonewright.dsp.project.atomic import replacing
    from tonewright.dsp.rendering.exploration import (
        EFFECT,
        exploration_of,
        explore_file,
        positions_of,
    )

    registry = registry_of(args)
    settings = [("target", args.target), *args.param]
    (spec,) = specs_of([registry.get(EFFECT)], settings, seed=args.seed, where=args.range)
    task = explore_file(args.source, spec, positions_of(max(2, args.positions)), registry)
    if task.arguments["node"].expected_samples > LONG_SECONDS * task.arguments["node"].sample_rate:
        console.note("this is long, and every position takes its time; --range explores a part")
    _make(args.out)
    with console.work() as (report, cancel), renderer_of(args, registry) as renderer:
        answer = renderer.executor.answered(task, report=report, cancel=cancel)
        found = exploration_of(answer)
        files = {}
        for point in found.points:
            name = "auto" if point.automatic else f"switch-{point.switch_percent:05.1f}"
            files[point.switch] = args.out / f"{name}.wav"
            write_stored(files[point.switch], point.key, renderer.executor.store)
    document = answer | {"path": args.source, "curve": args.out / "curve.svg"}
    for point in document["points"]:
        point["path"] = files[point["switch"]]
    with replacing(args.out / "curve.svg") as file:
        file.write(curve_svg(found).encode())
    with replacing(args.out / "explore.json") as file:
        file.write(json.dumps(plain(document), indent=1, allow_nan=False).encode())
    console.result(document, _told(found, files, args.out))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder}: cannot be made ({error.strerror}); choose another") from error


def _told(found: "Exploration", files: dict[str, Path], folder: Path) -> str:
    from tonewright.dsp.exporting.table import table

    rows = []
    for each in found.points:
        heard = "" if each.target_probability is None else f"{100 * each.target_probability:.0f} %"
        likeliest = each.instruments[0][0]
        automatic = " auto" if each.automatic else ""
        rows.append(
            (
                f"{each.switch_percent:g} %{automatic}",
                f"{100 * each.content_kept:.0f} %",
                heard,
                likeliest,
                files[each.switch].name,
            )
        )
    columns = ("switch", "content kept", "target heard", "sounds like", "file")
    return (
        f"{found.source} to {found.target}; {found.case()}\n\n{table(columns, rows)}\n\n"
        f"all of it is in {folder}; curve.svg shows it"
    )
