"""``tonewright-desktop``: builds the objects and starts the event loop."""

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from tonewright import resources
from tonewright.desktop import accessible
from tonewright.desktop.adapters.audio_sink import SoundDevice
from tonewright.desktop.session import Session
from tonewright.desktop.settings import Settings
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.theme import apply_theme
from tonewright.desktop.window import Window
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.project.folder import load
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.store import Store


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program until its window is closed, and return its exit code."""
    args = _parser().parse_args(argv)
    # The event loop shares the interpreter with playback, renders and readers. Every call into Qt
    # lets go of it, and would wait the usual 5 ms each time to have it back.
    sys.setswitchinterval(0.0001)
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("Tonewright")
    app.setDesktopFileName("tonewright")
    accessible.install()
    settings = Settings()
    apply_theme(app, settings.theme)
    device = SoundDevice()
    registry = default_registry()
    render_queue = RenderQueue(Store(), registry)
    window = Window(Session(), Tasks(), settings, render_queue, device.open)
    device.changed.connect(window.playing.player.reopen)
    start(window, args.paths, demo=args.demo)
    window.show()
    settle()
    return app.exec()


def settle() -> None:
    """Leave what there is by now out of what is searched for garbage.

    A search of everything, which any thread may begin, holds the interpreter for 100 ms.
    """
    gc.collect()
    gc.freeze()


def start(window: Window, paths: Sequence[Path], *, demo: bool = False) -> None:
    """Open what the program was started with.

    Without anything, a project that was never saved and was left unsaved comes back.
    """
    if demo:
        window.storage.new(load(resources.path("demo")))
    elif paths:
        window.files.take([path.absolute() for path in paths])
    else:
        window.storage.recover_unnamed()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tonewright-desktop", description="Edit a project, or new ones made of files."
    )
    parser.add_argument(
        "paths",
        metavar="PROJECT or FILE",
        nargs="*",
        type=Path,
        help="a project's folder, or audio, video and MIDI files",
    )
    parser.add_argument("--demo", action="store_true", help="open the song that ships along")
    return parser


if __name__ == "__main__":
    sys.exit(main())
