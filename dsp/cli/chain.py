"""Keep chains under a name, for the Tonewright plugin in a DAW.

chain list
chain save NAME EFFECT[,EFFECT...]     with -p as for apply; replaces what had the name
chain delete NAME
"""

import argparse

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import registry_of
from tonewright.dsp.cli.names import choose
from tonewright.dsp.cli.specs import add_effect_options, specs_of, types_named
from tonewright.dsp.cli.usage import Parser, UsageError
from tonewright.dsp.effects.protocol import Family
from tonewright.dsp.errors import EffectError
from tonewright.dsp.exporting.table import table


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.add_action("list", "list the kept chains")
    save = parser.add_action("save", "keep a chain")
    save.add_argument("name", metavar="NAME")
    save.add_argument("effects", metavar="EFFECT[,EFFECT...]")
    add_effect_options(save)
    delete = parser.add_action("delete", "forget a chain")
    delete.add_argument("name", metavar="NAME")


def run(args: argparse.Namespace, console: Console) -> None:
    """List, keep or forget."""
    from tonewright.dsp.bridge.chains import NamedChain, kept_chains, read_chain
    from tonewright.dsp.presets import presets_folder

    kept = kept_chains(presets_folder())
    if args.action == "save":
        if args.range is not None:
            raise UsageError("a chain of a plugin has no --range: it is heard wherever it is put")
        types = types_named(args.effects, registry_of(args))
        for each in types:
            if each.family is not Family.AUDIO:
                raise EffectError(f"{each.id} works on notes, and the plugin hears audio")
        specs = specs_of(types, args.param, mix=args.mix, seed=args.seed)
        kept.save(args.name, NamedChain(args.name, tuple(specs)).document())
    elif args.action == "delete":
        kept.delete(choose(args.name, kept.names(), "kept chain", EffectError))
    chains = {name: read_chain(kept.get(name)) for name in kept.names()}
    rows = [(name, ", ".join(e.type for e in each.effects)) for name, each in chains.items()]
    console.result(
        [each.document() | {"name": name} for name, each in chains.items()],
        table(("chain", "effects"), rows) if rows else "no chains are kept",
    )
