"""The files of a batch as a table: each with what has become of it, and why."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tonewright.dsp.batch.draft import AUDIO_SUFFIXES, MIDI_SUFFIXES
from tonewright.dsp.batch.runner import Told
from tonewright.dsp.project.folder import PROJECT_FILE

_COLUMNS = ("File", "State", "Reason")
_STATES = {"done": "done", "unchanged": "unchanged", "failed": "failed", "again": "tried again"}
_SUFFIXES = frozenset((*AUDIO_SUFFIXES, *MIDI_SUFFIXES))
_ROOT = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


def media_in(paths: Iterable[Path]) -> list[Path]:
    """Return the audio and MIDI files and the projects among paths and in folders among them.

    A project is its folder; the media in it are not listed.
    """
    found: list[Path] = []
    for path in map(Path.absolute, paths):
        if _is_media(path):
            found.append(path)
        elif path.name == PROJECT_FILE:
            found.append(path.parent)
        elif path.is_dir():
            found += _media_inside(path)
    return found


def _media_inside(folder: Path) -> Iterator[Path]:
    """Yield the projects in a folder, then the media that are in none of them."""
    inside = sorted(Path(at, name) for at, _, names in os.walk(folder) for name in names)
    projects = dict.fromkeys(each.parent for each in inside if each.name == PROJECT_FILE)
    yield from projects
    for each in inside:
        if (not projects or projects.keys().isdisjoint(each.parents)) and _is_media(each):
            yield each


def _is_media(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES and path.is_file()


class BatchFiles(QAbstractTableModel):
    """The model; every file is in it once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths: list[Path] = []
        self._rows: dict[str, int] = {}
        self._told: dict[int, tuple[str, str]] = {}

    @property
    def paths(self) -> Sequence[Path]:
        """All files, in the order they came."""
        return tuple(self._paths)

    def add(self, paths: Iterable[Path]) -> None:
        """Add files that are not here yet."""
        fresh = [path for path in dict.fromkeys(paths) if str(path) not in self._rows]
        if fresh:
            first = len(self._paths)
            self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
            for path in fresh:
                self._rows[str(path)] = len(self._paths)
                self._paths.append(path)
            self.endInsertRows()

    def remove(self, rows: Collection[int]) -> None:
        """Forget the files of some rows."""
        kept = [row for row in range(len(self._paths)) if row not in rows]
        self.beginResetModel()
        self._told = {new: self._told[old] for new, old in enumerate(kept) if old in self._told}
        self._paths = [self._paths[row] for row in kept]
        self._rows = {str(path): row for row, path in enumerate(self._paths)}
        self.endResetModel()

    def clear(self) -> None:
        """Forget all files."""
        self.beginResetModel()
        self._paths, self._rows, self._told = [], {}, {}
        self.endResetModel()

    def forget_states(self) -> None:
        """Show every file as one that waits."""
        self._told = {}
        if self._paths:
            self.dataChanged.emit(self.index(0, 1), self.index(len(self._paths) - 1, 2))

    def hear(self, told: Iterable[Told]) -> None:
        """Show what has become of files."""
        rows = []
        for each in told:
            row = self._rows.get(each.source)
            if row is not None:
                self._told[row] = (_STATES[each.event], each.reason)
                rows.append(row)
        if rows:
            self.dataChanged.emit(self.index(min(rows), 1), self.index(max(rows), 2))

    # --- what Qt asks ---------------------------------------------------------------------------

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802
        """Return how many files there are."""
        return 0 if parent.isValid() else len(self._paths)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the name of a column."""
        shown = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return _COLUMNS[section] if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows, or the whole of it for its tip."""
        path = self._paths[index.row()]
        state, reason = self._told.get(index.row(), ("", ""))
        if role == Qt.ItemDataRole.DisplayRole:
            return (path.name, state, reason)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (str(path), state, reason)[index.column()]
        return None
