"""Find VST3 plugins, list them, and decide which to trust.

  plugins                list what was found, and what cannot be used and why
  plugins scan [FOLDER...]
                         look for new and changed plugins, each loaded in a process of its own
  plugins trust PATH     use a plugin although its sound is later than it reports (a delay)
  plugins distrust PATH

A plugin that was found is an effect like any other: see 'tonewright effects'.
"""

import argparse
from pathlib import Path
from typing import Any

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.usage import Parser, UsageError
from tonewright.dsp.effects.vst3.catalog import identified
from tonewright.dsp.effects.vst3.folders import standard_folders
from tonewright.dsp.effects.vst3.process import Limits
from tonewright.dsp.effects.vst3.scan import (
    Catalog,
    log_path,
    read_catalog,
    scan,
    trusted,
    write_catalog,
)
from tonewright.dsp.errors import EffectError
from tonewright.dsp.exporting.table import table

_ACTIONS = ("list", "scan", "trust", "distrust")


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.intermixed = True
    parser.add_argument("action", metavar="ACTION", nargs="?", choices=_ACTIONS, default="list")
    parser.add_argument("items", metavar="ITEM", nargs="*", type=Path, default=[], help="see above")
    parser.add_argument("--retry", action="store_true", help="scan: try again what failed before")
    parser.add_argument(
        "--timeout",
        metavar="S",
        type=float,
        default=Limits().load_seconds,
        help="scan: seconds that a plugin may take (default %(default)g)",
    )


def run(args: argparse.Namespace, console: Console) -> None:
    """Scan or change the list of plugins, and show it."""
    match args.action, args.items:
        case "list", []:
            catalog = read_catalog()
        case "scan", folders:
            catalog = _scanned(folders, args, console)
        case "trust" | "distrust", [path]:
            catalog = read_catalog()
            wanted = str(path.absolute())
            if wanted not in catalog.entries:
                raise EffectError(f"{path} was not scanned; tonewright plugins lists what was")
            catalog = trusted(catalog, wanted, args.action == "trust")
            write_catalog(catalog)
        case _:
            raise UsageError(f"{args.action} does not take {len(args.items)} items")
    console.result(documents(catalog), listing(catalog))


def documents(catalog: Catalog) -> list[dict[str, Any]]:
    """Return what is known of each file as JSON documents."""
    ids: dict[str, list[str]] = {}
    for effect_id, entry, _ in identified(catalog):
        ids.setdefault(entry.path, []).append(effect_id)
    return [
        {
            "path": path,
            "ids": ids.get(path, []),
            "failure": entry.failure,
            "untrue": entry.untrue,
            "trusted": entry.trusted,
        }
        for path, entry in sorted(catalog.entries.items())
    ]


def listing(catalog: Catalog) -> str:
    """Return the plugins as tables: those that can be used, then the others with the reason."""
    usable = [
        (
            f"  {effect_id}",
            "instrument" if plugin["instrument"] else "effect",
            "" if entry.trusted else entry.untrue,
            entry.path,
        )
        for effect_id, entry, plugin in identified(catalog)
    ]
    skipped = [
        (f"  {path}", each.failure)
        for path, each in sorted(catalog.entries.items())
        if each.failure
    ]
    parts = []
    if usable:
        parts.append(table(("plugin", "", "", "file"), usable))
    if skipped:
        parts.append(table(("skipped", "why"), skipped))
    return "\n\n".join(parts) or "no plugins were found yet: tonewright plugins scan"


def _scanned(folders: list[Path], args: argparse.Namespace, console: Console) -> Catalog:
    for folder in folders:
        if not folder.is_dir():
            raise EffectError(f"{folder} is no folder; name one that holds .vst3 plugins")
    catalog = scan(
        folders or [each for each in standard_folders() if each.is_dir()],
        limits=Limits(load_seconds=args.timeout),
        retry=args.retry,
        report=lambda done, total, name: console.note(f"{done + 1}/{total} {name}"),
    )
    console.note(f"log: {log_path()}")
    return catalog
