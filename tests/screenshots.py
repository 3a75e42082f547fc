"""Makes the pictures of the README: the program with the song that ships along, as users see it.

    python tests/screenshots.py [FOLDER]

writes ``editor.png``, ``piano-roll.png``, ``effect.png``, ``instrument.png``, ``export.png`` and
``light.png`` to a folder, to the pictures of the README if none is given. No display and no sound
device are needed.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget

from tonewright.desktop.app import start
from tonewright.desktop.dialogs.export import ExportDialog
from tonewright.desktop.docks import size_docks
from tonewright.desktop.session import Session
from tonewright.desktop.settings import Settings
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.theme import DARK, apply_theme
from tonewright.desktop.timeline.view_state import RangeSelection
from tonewright.desktop.window import Window
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.playback.sink import NullSink
from tonewright.dsp.presets import Presets
from tonewright.dsp.project.document import ParameterRef, TimeRange
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.store import Store

PICTURES = Path(__file__).resolve().parents[1] / "resources" / "demo"
SIZE = QSize(1500, 940)
PATIENCE_SECONDS = 300.0


def until(condition: Callable[[], object]) -> None:
    """Turn the event loop until something is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("what the picture shows did not come")
        QApplication.processEvents()
        time.sleep(0.002)


def shoot(widget: QWidget, path: Path) -> None:
    """Write a picture of a widget."""
    for _ in range(5):  # what is laid out now is painted then
        QApplication.processEvents()
    if not widget.grab().save(str(path)):
        raise OSError(f"{path}: cannot be written")
    sys.stdout.write(f"{path}\n")


def track_named(window: Window, name: str) -> str:
    """Return the id of a track."""
    return next(track.id for track in window.session.project.tracks if track.name == name)


def editor(window: Window, folder: Path) -> None:
    """The whole window while it plays: clips, automation, the effects of the guitar, the mixer."""
    guitar = track_named(window, "Guitar")
    window.view.set_row_height(58)
    window.view.show_range(TimeRange(7.0, 41.0), window.timeline.canvas.width())
    window.view.show_automation(track_named(window, "Sea"), ParameterRef(None, "gain_db"))
    window.chain_editor.show_owner(guitar)
    clip = next(clip for track, clip in window.session.project.clips() if track.id == guitar)
    window.view.select([clip.id], focus=clip.id)
    window.chain_editor.show_owner(guitar)
    waveforms = window._waveforms
    media = window.session.project.media
    until(lambda: all(waveforms.peaks(each) is not None for each in media))
    window.timeline.down.setValue(window.timeline.down.maximum())
    window.view.seek(24.0)
    window.playing.toggle()
    until(lambda: window.view.playhead_seconds > 27.5)
    shoot(window, folder / "editor.png")
    window.playing.toggle()
    until(lambda: not window.playing.player.playing)


def piano_roll(window: Window, folder: Path) -> None:
    """The notes of the vibraphone."""
    track_id = track_named(window, "Vibraphone")
    clips = [clip for track, clip in window.session.project.clips() if track.id == track_id]
    clip = max(clips, key=lambda each: len(each.notes))
    window.open_clip(clip.id)
    roll = window.piano_roll
    roll.canvas.fit()
    notes = roll.notes.notes
    roll.notes.select(notes[4:9])
    until(roll.isVisible)
    shoot(roll, folder / "piano-roll.png")


def effect_panel(window: Window, folder: Path) -> None:
    """The chain of the guitar, with the panel of its compressor."""
    editor = window.chain_editor
    editor.show_owner(track_named(window, "Guitar"))
    editor.list.setCurrentRow(2)
    shoot(window.docks["effects"], folder / "effect.png")


def instrument(window: Window, folder: Path) -> None:
    """What becomes of 3 s of the guitar as a harp, at several positions of the switch."""
    guitar = track_named(window, "Guitar")
    clip = next(clip for track, clip in window.session.project.clips() if track.id == guitar)
    window.view.select([clip.id], focus=clip.id)
    window.view.set_range(RangeSelection(clip.id, TimeRange(0.0, 3.0)))
    window.show_explorer()
    panel = window.explorer
    panel.form.target.setCurrentText("harp")
    panel.form.source.setCurrentText("acoustic guitar")
    panel.form.positions.setValue(4)
    panel.explore()
    until(lambda: panel.curve.found is not None)
    found = panel.curve.found
    assert found is not None
    panel.choose(next(n for n, each in enumerate(found.points) if each.automatic))
    shoot(window.docks["explorer"], folder / "instrument.png")
    panel.silence_button.click()
    window.view.set_range(None)
    window.docks["explorer"].hide()


def export(window: Window, folder: Path, presets: Path) -> None:
    """The export dialog, with stems and a loudness target."""
    dialog = ExportDialog(
        window.session, window, presets=Presets(presets), folder=Path("/music/Slack Water")
    )
    dialog.form.stems.setChecked(True)
    dialog.show()
    until(lambda: dialog.plan is not None and len(dialog.plan.files) > 1)
    shoot(dialog, folder / "export.png")
    dialog.close()


def main() -> None:
    """Make all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=PICTURES)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    apply_theme(app, DARK)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        os.environ["TONEWRIGHT_CACHE"] = str(home / "renders")
        window = Window(
            Session(),
            Tasks(),
            Settings(home / "settings.ini"),
            RenderQueue(Store(home / "store"), default_registry()),
            NullSink,
            data_folder=home / "data",
            cache_folder=home / "cache",
        )
        window.resize(SIZE)
        size_docks(window, window.docks)
        window.show()
        start(window, [], demo=True)
        until(lambda: window.playing.bridge.ready)
        editor(window, folder)
        piano_roll(window, folder)
        effect_panel(window, folder)
        instrument(window, folder)
        export(window, folder, home / "presets.json")
        window.actions_by_id["light"].setChecked(True)
        window.docks["mixer"].raise_()
        window.timeline.canvas.repaint()
        until(lambda: window.timeline.canvas.painted_whole)
        shoot(window, folder / "light.png")
        window.close_now()


if __name__ == "__main__":
    main()
