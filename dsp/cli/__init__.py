"""The command line ``tonewright``: one module a subcommand, imported when it is used."""

from tonewright.dsp.cli.program import main

__all__ = ["main"]
