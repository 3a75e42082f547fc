"""The shortcut sheet: every key and every gesture at a glance, as the user has set them."""

from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from tonewright.desktop.actions import Command
from tonewright.desktop.theme import theme_of

_COLUMNS = 3
_GESTURES = {
    "Mouse on the timeline": (
        ("Drag a clip", "Move; with Ctrl a copy"),
        ("Drag an edge", "Trim"),
        ("Drag a corner's handle", "Fade"),
        ("Drag the dashed line", "Clip gain"),
        ("Alt while dragging", "No snapping"),
        ("Drag with the range tool", "Part for the next effect; Esc: none"),
        ("Escape while dragging", "Call it off"),
        ("Double-click a clip", "Open notes or effects"),
        ("Click a layer", "Show its effect"),
        ("Ctrl + wheel", "Zoom at the pointer"),
        ("Ctrl + Shift + wheel", "Taller or lower tracks"),
        ("Drag the time ruler", "Loop range"),
        ("Double-click a lane above", "Write a marker or a tempo"),
    ),
    "Automation": (
        ("Double-click the lane", "Add a point, or remove one"),
        ("Drag a point", "Move it"),
        ("Drag the curve", "Bend it"),
        ("A, then arrows", "From point to point; value"),
        ("Ctrl + Left, Right", "Move the point"),
        ("Alt + Up, Down", "Bend the curve behind it"),
        ("Insert, Delete", "A point at the playhead; no point"),
        ("Return", "Write the exact value"),
        ("Shift", "Fine steps"),
    ),
    "Piano roll": (
        ("Arrows", "Move notes; with Shift length or octave"),
        ("Ctrl + arrows", "Next note; velocity"),
        ("Return", "Add a note behind"),
        ("B", "Draw with the mouse"),
        ("Q", "Quantise"),
    ),
}


class ShortcutSheet(QDialog):
    """The sheet; modeless.

    Args:
        commands: All of them, in the order of the menus.
        actions: Their actions, by id: they have the keys that count now.
        parent: The window.
    """

    def __init__(
        self, commands: Sequence[Command], actions: Mapping[str, QAction], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and gestures")
        self.text = QTextBrowser(self)
        self.text.setAccessibleName("Keys and gestures")
        self.text.setHtml(_page(_sections(commands, actions), theme_of(self).dim))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        self.resize(1120, 680)


def _sections(
    commands: Sequence[Command], actions: Mapping[str, QAction]
) -> dict[str, list[tuple[str, str]]]:
    """Return (keys, what they do) for each menu and each place of the mouse."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for command in commands:
        keys = actions[command.id].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        if keys:
            rows = sections.setdefault(command.menu.replace("&", ""), [])
            rows.append((keys, command.text.replace("&", "").rstrip(".")))
    return sections | {title: list(rows) for title, rows in _GESTURES.items()}


def _page(sections: Mapping[str, Sequence[tuple[str, str]]], dim: str) -> str:
    """Return the sections in columns of about one length."""
    columns: list[list[str]] = [[] for _ in range(_COLUMNS)]
    lengths = [0] * _COLUMNS
    for title, rows in sections.items():
        shortest = lengths.index(min(lengths))
        lengths[shortest] += len(rows) + 2
        lines = "".join(
            f"<tr><td style='white-space: nowrap'><b>{escape(keys)}</b>&nbsp;&nbsp;</td>"
            f"<td style='color: {dim}'>{escape(what)}</td></tr>"
            for keys, what in rows
        )
        columns[shortest].append(f"<h3>{escape(title)}</h3><table>{lines}</table>")
    share = f"width='{100 // _COLUMNS}%' style='padding: 8px 18px'"
    cells = "".join(f"<td {share}>{''.join(each)}</td>" for each in columns)
    return f"<table width='100%'><tr>{cells}</tr></table>"
