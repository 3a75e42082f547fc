"""Serve the Tonewright plugins of DAWs on this machine, until Ctrl-C.

A plugin finds the engine by itself, and again when it was started anew. A plugin that has no chain
of its own gets the one that is named here, or passes what it hears.

  tonewright serve
  tonewright serve --chain "Warm vocal"          (see: tonewright chain --help)
"""

import argparse

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import registry_of
from tonewright.dsp.cli.names import choose
from tonewright.dsp.cli.usage import Parser
from tonewright.dsp.errors import EffectError


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("--chain", metavar="NAME", help="a kept chain, for plugins without one")


def run(args: argparse.Namespace, console: Console) -> None:
    """Serve."""
    from tonewright.dsp.bridge.chains import NamedChain, kept_chains, read_chain
    from tonewright.dsp.bridge.rendezvous import Meeting, runtime_folder
    from tonewright.dsp.bridge.server import Server
    from tonewright.dsp.bridge.studio import Studio, captures_folder
    from tonewright.dsp.presets import presets_folder
    from tonewright.dsp.rendering.store import Store

    chain = NamedChain("")
    if args.chain is not None:
        kept = kept_chains(presets_folder())
        name = choose(args.chain, kept.names(), "kept chain", EffectError)
        chain = read_chain(kept.get(name) | {"name": name})
    registry = registry_of(args)
    folder = runtime_folder()
    with console.work() as (_, cancel), Meeting(folder) as meeting:
        studio = Studio(
            meeting.token,
            registry,
            results=Store(args.store),
            captures=Store(captures_folder()),
            presets_folder=presets_folder(),
            chain=chain,
        )
        try:
            with Server(meeting, studio):
                console.event(
                    {"serving": folder, "chain": chain.name}, "serving plugins; Ctrl-C ends"
                )
                cancel.wait()
        finally:
            studio.close()
