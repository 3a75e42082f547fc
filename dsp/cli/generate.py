"""Make a clip from a prompt and a seed, as an audio file or in a project.

The same prompt, seed and settings make the same clip again, bit for bit. Beside a file lies its
recipe, NAME.recipe.json; with it an edit begins from the clip's own noise, and nothing has to be
guessed. In a project the recipe is kept with the medium.

  tonewright generate "solo flute playing a slow major melody" flute.wav --seed 3 --seconds 8
  tonewright apply diff_tone flute.wav cello.wav -p target=cello -p origin=@flute.recipe.json
"""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import registry_of, renderer_of
from tonewright.dsp.cli.usage import Parser, UsageError, seconds, whole
from tonewright.dsp.errors import ExportError

if TYPE_CHECKING:
    from tonewright.dsp.rendering.store import Store


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("prompt", metavar="PROMPT", help="what plays, and how")
    parser.add_argument("target", metavar="OUT", type=Path, help=".wav, .flac, or a project")
    parser.add_argument("--seed", metavar="N", type=whole, default=0, help="else 0")
    parser.add_argument("--seconds", metavar="S", type=seconds, default=8.0, help="else 8")
    parser.add_argument("--steps", metavar="N", type=whole, default=40, help="else 40")
    parser.add_argument(
        "--guidance", metavar="X", type=_number, default=5.0, help="to the prompt; else 5"
    )
    parser.add_argument(
        "--model",
        metavar="FOLDER",
        default="embedded",
        help="another model; else the one that ships",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it is there")


def run(args: argparse.Namespace, console: Console) -> None:
    """Make the clip."""
    from tonewright.dsp.exporting.table import duration
    from tonewright.dsp.project.folder import PROJECT_FILE
    from tonewright.dsp.rendering.task import Task

    if not 2 <= args.steps <= 200:
        raise UsageError("--steps are 2 to 200")
    into_project = (args.target / PROJECT_FILE).is_file()
    if not into_project:
        _check(args)
    arguments = {
        name: getattr(args, name)
        for name in ("prompt", "seconds", "seed", "steps", "guidance", "model")
    }
    if Path(args.model).is_dir():  # the recipe must find it from anywhere
        arguments["model"] = str(Path(args.model).absolute())
    task = Task("diff_tone", "generate", arguments, args.prompt)
    registry = registry_of(args)
    with console.work() as (report, cancel), renderer_of(args, registry) as renderer:
        made = renderer.executor.answered(task, report=report, cancel=cancel)
        place = _into_project if into_project else _into_file
        path = place(args, made, renderer.executor.store)
    if made["unread"]:
        console.note(f"the model does not know these words: {', '.join(made['unread'])}")
    text = f"{path}  {duration(args.seconds)}  seed {args.seed}"
    console.result({"path": path} | arguments | {"origin": made["origin"]}, text)


def _check(args: argparse.Namespace) -> None:
    if args.target.suffix.lower() not in (".wav", ".flac"):
        raise ExportError(f"{args.target}: name a .wav or .flac file, or the folder of a project")
    if not args.target.parent.is_dir():
        raise ExportError(f"{args.target}: there is no such folder; make it first")
    if args.target.exists() and not args.overwrite:
        raise ExportError(f"{args.target}: is there already; choose another name or --overwrite")


def _into_file(args: argparse.Namespace, made: dict[str, Any], store: "Store") -> Path:
    from tonewright.dsp.cli.stored import write_stored
    from tonewright.dsp.project.atomic import replacing

    path: Path = args.target
    write_stored(path, made["key"], store)
    with replacing(path.with_suffix(".recipe.json")) as file:
        file.write(made["origin"].encode())
    return path


def _into_project(args: argparse.Namespace, made: dict[str, Any], store: "Store") -> Path:
    import tempfile

    from tonewright.dsp.cli.stored import write_stored
    from tonewright.dsp.project.document import EffectSpec, Recipe, new_id
    from tonewright.dsp.project.edits import set_medium
    from tonewright.dsp.project.folder import load, save
    from tonewright.dsp.project.media import add_audio_file
    from tonewright.dsp.rendering.exploration import GENERATED

    project = load(args.target)
    known = {each.id for each in project.media}
    with tempfile.TemporaryDirectory() as folder:
        words = "-".join(args.prompt.split()[:4])
        name = "".join(each for each in words if each.isalnum() or each == "-") or "clip"
        path = Path(folder) / f"{name}-{args.seed}.wav"
        write_stored(path, made["key"], store)
        project = add_audio_file(project, path)
        recipe = Recipe(
            (
                EffectSpec(
                    new_id(), GENERATED, params=(("origin", made["origin"]),), seed=args.seed
                ),
            ),
            weights=(("diff_tone", made["weights_sha256"]),),
        )
        for medium in project.media:
            if medium.id not in known:
                project = set_medium(project, medium.id, recipe=recipe)
        save(project, args.target)
    return args.target


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 15.0:
        raise UsageError(f"{text!r} is not from 0 to 15")
    return value
