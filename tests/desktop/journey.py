"""What a musician does on a first day, with a real mouse and real keys, in a real X server.

``test_end_to_end.py`` runs this file as a program of its own, once for each part:

    python journey.py first FOLDER    # the demo: hear, drop, arrange, effect, save, stems, leave
    python journey.py again FOLDER    # open what was saved: what was not comes back

FOLDER holds the files that are dropped; exports and the project go there too. Events come from
``xdotool``, through the X server. Between them the journey waits for what must have happened, never
for a time, and the last line that it prints ends with ``arrived``.
"""

import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLabel,
    QMessageBox,
    QWidget,
)

from tonewright.desktop.app import main
from tonewright.desktop.dialogs.export import ExportDialog
from tonewright.desktop.window import Window
from tonewright.dsp.project.document import AudioClip
from tonewright.dsp.project.tempo import range_of

POLL_MS = 15
_BEGIN = time.monotonic()

Until = Callable[[], object]
Journey = Iterator[tuple[str, Until]]


def send(*words: object) -> None:
    """Have the X server make events."""
    subprocess.run(["xdotool", *map(str, words)], check=True)


def click(widget: QWidget, place: QPoint | None = None, *, button: int = 1, times: int = 1) -> None:
    """Click on a widget, in its middle if no place is given."""
    at = widget.mapToGlobal(place or widget.rect().center())
    send("mousemove", at.x(), at.y(), *(["click", button] * times))


def drag(widget: QWidget, start: QPointF, end: QPointF) -> None:
    """Press, move and let go."""
    first, last = widget.mapToGlobal(start.toPoint()), widget.mapToGlobal(end.toPoint())
    steps = [first + (last - first) * (step / 5) for step in range(1, 6)]
    moves = [word for at in steps for word in ("mousemove", at.x(), at.y())]
    send("mousemove", first.x(), first.y(), "mousedown", 1, *moves, "mouseup", 1)


def press(*keys: str) -> None:
    """Press keys, e.g. ``ctrl+z``."""
    send("key", *keys)


def write(text: str) -> None:
    """Write over what a field holds."""
    send("key", "ctrl+a", "type", "--delay", 1, text)


def focus(window: QWidget) -> bool:
    """Give a window the keyboard, as a window manager does; whether it has it."""
    if QApplication.activeWindow() is not window and window.isVisible():
        send("windowfocus", int(window.winId()))
    return QApplication.activeWindow() is window


def shown(kind: type[QWidget]) -> QWidget | None:
    """Return the visible window of a class."""
    windows = QApplication.topLevelWidgets()
    return next((each for each in windows if isinstance(each, kind) and each.isVisible()), None)


class Shelf(QLabel):
    """Stands for a file manager: what is dragged from it are files."""

    def __init__(self, paths: list[Path]) -> None:
        super().__init__("files", None, Qt.WindowType.FramelessWindowHint)
        self.drags = False
        self._urls = [QUrl.fromLocalFile(str(path)) for path in paths]
        self.setGeometry(QRect(1320, 860, 80, 30))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        mime = QMimeData()
        mime.setUrls(self._urls)
        drag = QDrag(self)
        drag.setMimeData(mime)
        self.drags = True
        drag.exec(Qt.DropAction.CopyAction)


def first(folder: Path) -> Journey:
    """From the demo to stems on the disk; then leave without saving."""
    yield "the window", lambda: shown(Window)
    window = shown(Window)
    assert isinstance(window, Window)
    session, view, canvas = window.session, window.view, window.timeline.canvas

    def clips() -> list[AudioClip]:
        return [clip for _, clip in session.project.clips()]

    def clip(name: str) -> AudioClip:
        return next(each for each in clips() if each.name == name)

    def start_seconds(name: str) -> float:
        return range_of(session.project, clip(name)).start_seconds

    def middle(name: str) -> QPointF:
        for row, track in enumerate(session.project.tracks):
            for each in track.clips:
                if each.name == name:
                    return canvas.places.clip_rect(row, each).center()
        raise AssertionError(name)

    yield "the demo", lambda: len(session.project.tracks) > 5
    yield "the keyboard", lambda: focus(window)

    # Hear it, or see why not.
    press("space")
    yield "the playhead moves", lambda: view.playhead_seconds > 0.2
    press("space")
    yield "it stops", lambda: not window.playing.player.playing
    press("Home")
    yield "back at the start", lambda: view.playhead_seconds == 0.0

    # Drag a recording, an MP3 and notes in: below the tracks, at the start.
    tracks = len(session.project.tracks)
    shelf = Shelf([folder / name for name in ("riff.wav", "hum.mp3", "tune.mid")])
    shelf.show()
    press("g")  # no snapping
    yield "no snapping", lambda: not view.snap_on
    yield "the shelf", lambda: shelf.isVisible() and shelf.windowHandle().isExposed()
    at, to = shelf.mapToGlobal(QPoint(20, 10)), canvas.mapToGlobal(QPoint(40, 20))
    send("mousemove", at.x(), at.y(), "mousedown", 1, "mousemove", at.x() + 15, at.y())
    yield "a drag", lambda: shelf.drags
    send("mousemove", to.x() + 9, to.y() + 9, "mousemove", to.x(), to.y())
    send("mousemove", to.x() + 1, to.y(), "mouseup", 1)
    yield "three tracks more", lambda: len(session.project.tracks) == tracks + 3
    shelf.close()
    yield "the keyboard again", lambda: focus(window)
    window.timeline.down.setValue(window.timeline.down.maximum())

    # Keep what is ours: select all but that, and delete it.
    press("ctrl+a")
    yield "all selected", lambda: len(view.selection) == len(clips())
    send("keydown", "shift")
    ours = ("riff", "hum", "tune")
    for name in ours:
        click(canvas, middle(name).toPoint())
    send("keyup", "shift")
    yield "but ours", lambda: len(view.selection) == len(clips()) - len(ours)
    press("Delete")
    yield "ours", lambda: sorted(each.name for each in clips()) == sorted(ours)

    # Arrange: move it, split it, take both back, and do them again.
    before = start_seconds("riff")
    drag(canvas, middle("riff"), middle("riff") + QPointF(70, 0))
    yield "moved", lambda: start_seconds("riff") > before + 1.0
    moved = start_seconds("riff")
    view.seek(moved + 0.5)
    press("s")
    yield "split", lambda: sum(each.name == "riff" for each in clips()) == 2
    press("ctrl+z", "ctrl+z")
    yield "undone", lambda: start_seconds("riff") == before and len(clips()) == 3
    press("ctrl+shift+z", "ctrl+shift+z")
    yield "done again", lambda: sum(each.name == "riff" for each in clips()) == 2

    # An effect on the first half, from the menu.
    click(canvas, middle("riff").toPoint())
    yield "selected", lambda: view.focus == clip("riff").id
    click(window.chain_editor.add_button)
    yield "the menu", QApplication.activePopupWidget
    menu = QApplication.activePopupWidget()
    wanted = window.chain_editor.add_button.menu().actions()[0]
    press("Down", "Return" if wanted.menu() is None else "Right")
    if wanted.menu() is not None:
        yield "a menu in it", lambda: QApplication.activePopupWidget() is not menu
        press("Return")
    yield "an effect", lambda: clip("riff").effects
    press("ctrl+z")
    yield "no effect", lambda: not clip("riff").effects
    press("ctrl+shift+z")
    yield "an effect again", lambda: clip("riff").effects

    # Keep it.
    press("ctrl+shift+s")
    yield "a place to save", lambda: shown(QFileDialog)
    dialog = shown(QFileDialog)
    yield "its keyboard", lambda: focus(dialog)
    write(str(folder / "song"))
    press("Return")
    yield "saved", lambda: session.folder == folder / "song" and not window.storage.unsaved

    # Stems that sum to the mix.
    yield "the keyboard is back", lambda: focus(window)
    press("ctrl+shift+e")
    yield "the export dialog", lambda: shown(ExportDialog)
    export = shown(ExportDialog)
    assert isinstance(export, ExportDialog)
    yield "the keyboard of it", lambda: focus(export)
    for box, on in ((export.form.mix, False), (export.form.stems, True)):
        if box.isChecked() is not on:
            click(box, QPoint(9, box.height() // 2))
            yield f"{box.text()}: {on}", lambda box=box, on=on: box.isChecked() is on
    click(export.folder)
    write(str(folder / "stems"))
    yield (
        "the plan",
        lambda: (
            export.plan and all(file.path.parent == folder / "stems" for file in export.plan.files)
        ),
    )
    click(export.export_button)
    yield "stems", lambda: export.report
    report = export.report
    assert report is not None and report.null is not None and report.null.passed
    assert all(file.path.is_file() for file in report.plan.files)
    press("Escape")
    yield "the dialog is gone", lambda: shown(ExportDialog) is None

    # An edit that is not saved; close, and say so.
    yield "the keyboard once more", lambda: focus(window)
    click(canvas, middle("hum").toPoint())
    yield "hum is selected", lambda: view.focus == clip("hum").id
    press("Delete")
    yield "hum is gone", lambda: all(each.name != "hum" for each in clips())
    press("ctrl+q")
    yield "the question", lambda: shown(QMessageBox)
    box = shown(QMessageBox)
    assert isinstance(box, QMessageBox)
    yield "its buttons", lambda: focus(box)
    click(box.button(QMessageBox.StandardButton.Discard))


def again(folder: Path) -> Journey:
    """Open what was saved: the last edit comes back, undo takes it back, and nothing is lost."""
    yield "the window", lambda: shown(Window)
    window = shown(Window)
    assert isinstance(window, Window)

    def names() -> set[str]:
        return {clip.name for _, clip in window.session.project.clips()}

    yield "what was not saved", lambda: "riff" in names() and "hum" not in names()
    yield "the keyboard", lambda: focus(window)
    press("ctrl+z")
    yield "the last save", lambda: {"riff", "hum"} <= names()
    assert not window.storage.unsaved
    press("ctrl+q")


def tell(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{time.monotonic() - _BEGIN:6.2f} s  {text}\n")
    sys.stdout.flush()


def travel(journey: Journey) -> QTimer:
    """Go on whenever what is waited for has happened; an error ends the program."""
    waiting = ["the start", lambda: True]
    timer = QTimer(interval=POLL_MS)

    def step() -> None:
        try:
            while waiting[1]():
                waiting[:] = next(journey)
                tell(waiting[0])
        except StopIteration:
            timer.stop()
            tell("arrived")
        except BaseException:  # noqa: BLE001 - whatever fails must end the program, not hang it
            traceback.print_exc()
            os._exit(1)

    timer.timeout.connect(step)
    timer.start()
    return timer


if __name__ == "__main__":
    part, place = sys.argv[1], Path(sys.argv[2])
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(True)
    timer = travel({"first": first, "again": again}[part](place))
    sys.exit(main(["--demo"] if part == "first" else [str(place / "song")]))
