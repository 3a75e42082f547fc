"""Put an effect on all MIDI tracks of a project at once; the result comes as new tracks.

Tracks that the effect changes are muted, not deleted. What it needs to know of itself it writes
into the new tracks.

  tonewright arrange song style_translate -p style=bossa
  tonewright arrange song style_translate -p example=loop.mid -p keep_bass=on --seed 3
"""

import argparse
from pathlib import Path

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import registry_of
from tonewright.dsp.cli.specs import add_effect_options, specs_of, types_named
from tonewright.dsp.cli.summary import document, folder_of, text
from tonewright.dsp.cli.usage import Parser, UsageError
from tonewright.dsp.effects.protocol import Family
from tonewright.dsp.project.folder import links_media, load, save


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("project", metavar="PROJECT", type=Path)
    parser.add_argument("effects", metavar="EFFECT[,EFFECT...]")
    add_effect_options(parser)


def run(args: argparse.Namespace, console: Console) -> None:
    """Arrange the project and save it."""
    from tonewright.dsp.midi.arranging import arranged

    registry = registry_of(args)
    types = types_named(args.effects, registry)
    specs = specs_of(types, args.param, mix=args.mix, seed=args.seed, where=args.range)
    if args.mix is not None or args.range is not None:
        raise UsageError("arrange has no --mix and no --range")
    for each in types:
        if each.family is not Family.MIDI:
            raise UsageError(f"{each.id!r} works on audio; arrange takes effects on notes")
    project = load(args.project)
    for spec in specs:
        project = arranged(project, registry.make(spec.type, dict(spec.params), seed=spec.seed))
    folder = folder_of(args.project.absolute())
    project = save(project, folder, collect=not links_media(project, folder))
    console.result(document(project), text(project))
