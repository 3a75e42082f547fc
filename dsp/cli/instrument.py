"""Tell or choose what a MIDI track sounds through: a plugin, or the SoundFont.

instrument PROJECT TRACK              tell
instrument PROJECT TRACK PLUGIN       a VST3 instrument, as 'tonewright plugins' lists it
instrument PROJECT TRACK soundfont    the project's SoundFont again
"""

import argparse
from dataclasses import replace
from pathlib import Path

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import registry_of
from tonewright.dsp.cli.names import track_named
from tonewright.dsp.cli.specs import add_param_option, specs_of, types_named
from tonewright.dsp.cli.summary import folder_of
from tonewright.dsp.cli.usage import Parser, UsageError
from tonewright.dsp.effects.protocol import Family
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import Instrument, TrackKind
from tonewright.dsp.project.edits import set_track
from tonewright.dsp.project.folder import links_media, load, save

SOUNDFONT = "soundfont"


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.intermixed = True
    parser.add_argument("project", metavar="PROJECT", type=Path)
    parser.add_argument("track", metavar="TRACK")
    parser.add_argument("plugin", metavar="PLUGIN", nargs="?")
    add_param_option(parser, "set a parameter of the plugin; may be repeated")


def run(args: argparse.Namespace, console: Console) -> None:
    """Change the instrument if one is named, and tell which it is."""
    project = load(args.project)
    track = track_named(project, args.track)
    if track is None or track.kind is not TrackKind.MIDI:
        raise EffectError(f"{args.track}: is no MIDI track; only these have an instrument")
    if args.param and args.plugin in (None, SOUNDFONT):
        raise UsageError("a parameter belongs to a plugin; name it")
    if args.plugin is not None:
        spec = None
        if args.plugin != SOUNDFONT:
            types = types_named(args.plugin, registry_of(args))
            if len(types) > 1 or types[0].family is not Family.INSTRUMENT:
                raise EffectError(f"{args.plugin}: is no instrument; put effects on with fx")
            (spec,) = specs_of(types, args.param)
        sound = replace(track.instrument or Instrument(), plugin=spec)
        project = set_track(project, track.id, instrument=sound)
        folder = folder_of(args.project)
        save(project, folder, collect=not links_media(project, folder))
        track = project.track(track.id)
    plugin = track.instrument.plugin if track.instrument else None
    name = plugin.type if plugin else SOUNDFONT
    params = dict(plugin.params) if plugin else {}
    text = " ".join([f"{track.name}: {name}", *(f"{key}={value}" for key, value in params.items())])
    console.result({"track": track.name, "instrument": name, "params": params}, text)
