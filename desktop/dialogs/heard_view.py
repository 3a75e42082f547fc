"""What was heard in MIDI tracks, for the user to correct: roles, chords by the bar, form."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.tables import listing
from tonewright.desktop.theme import theme_of
from tonewright.dsp.midi.analysis import Analysis
from tonewright.dsp.midi.bars import SECTION_BARS
from tonewright.dsp.midi.chords import parse_chord
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.project.document import Id

_ROW_PIXELS = 30


class HeardView(QWidget):
    """Shows an analysis; what the user says otherwise is kept when another one is shown.

    Attributes:
        roles: What the user chose, by the track.
        chords: What the user wrote, by the index of the bar.
        choices: The list of roles of each track, by the track.

    Signals:
        corrected (): Roles or chords are others now.
        problem (str): A chord that is none was written; empty when all are right.
    """

    corrected = Signal()
    problem = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.roles: dict[Id, Role] = {}
        self.chords: dict[int, str] = {}
        self.choices: dict[Id, QComboBox] = {}
        self._heard: list[str] = []
        self.setAccessibleName("What is heard")
        self.form = QLabel(self)
        self.tracks = listing("Roles of the tracks", ("Track", "Plays the"), self)
        self.tracks.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self.tracks.setColumnWidth(1, 170)
        self.bars = QTableWidget(0, SECTION_BARS, self)
        self.bars.setAccessibleName("Chords of the bars")
        self.bars.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.bars.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bars.horizontalHeader().hide()
        self.bars.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.bars.setWordWrap(False)  # it would break a chord over another bass
        self.bars.itemChanged.connect(self._written)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tracks, 2)
        layout.addWidget(self.form)
        layout.addWidget(self.bars, 3)

    def show_analysis(self, heard: Analysis, tracks: Mapping[Id, str]) -> None:
        """Show what was heard in tracks, by their names, in the order in which they were heard."""
        self._show_tracks(heard, tracks)
        self._heard = [" ".join(chord.name for chord in bar) for bar in heard.bar_chords()]
        with QSignalBlocker(self.bars):
            rows = -(-len(self._heard) // SECTION_BARS)
            self.bars.setRowCount(rows)
            first = [str(row * SECTION_BARS + 1) for row in range(rows)]
            self.bars.setVerticalHeaderLabels(first)
            for place in range(rows * SECTION_BARS):
                self.bars.setItem(
                    place // SECTION_BARS, place % SECTION_BARS, self._cell(place, heard)
                )
            for row in range(rows):
                self.bars.setRowHeight(row, _ROW_PIXELS)
        widest = max(self.bars.sizeHintForColumn(column) for column in range(SECTION_BARS))
        self.bars.horizontalHeader().setMinimumSectionSize(widest)
        count = len(heard.bars)
        self.form.setText(
            f"{count} bars, form {heard.form() or '–'}. Chords are read by ear: write over what is "
            "wrong, two or more a bar with spaces between."
        )
        self.form.setWordWrap(True)

    def roles_text(self, track_ids: Sequence[Id]) -> str:
        """Return the chosen roles as an effect's parameter says them, tracks counted from 1."""
        return ",".join(
            f"{number}={self.roles[track_id]}"
            for number, track_id in enumerate(track_ids, 1)
            if track_id in self.roles
        )

    def chords_text(self) -> str:
        """Return the written chords as an effect's parameter says them, bars counted from 1."""
        return " | ".join(f"{bar + 1}: {text}" for bar, text in sorted(self.chords.items()))

    # --- building ------------------------------------------------------------------------------

    def _show_tracks(self, heard: Analysis, tracks: Mapping[Id, str]) -> None:
        self.choices = {}
        self.tracks.setRowCount(len(tracks))
        for row, (track_id, name) in enumerate(tracks.items()):
            found = dict.fromkeys(v.role.value for v in heard.voices if v.track == row)
            box = QComboBox()
            box.setAccessibleName(f"Role of {name}")
            chosen = self.roles.get(track_id)
            told = "as heard" if chosen else " and ".join(found) or "nothing"
            box.addItem(told, None)
            for role in Role:
                box.addItem(role.value, role)
            box.setCurrentIndex(max(0, box.findData(chosen) if chosen else 0))
            box.activated.connect(
                lambda index, box=box, track_id=track_id: self._choose(
                    track_id, box.itemData(index)
                )
            )
            self.tracks.setItem(row, 0, QTableWidgetItem(name))
            self.tracks.setCellWidget(row, 1, box)
            self.tracks.setRowHeight(row, _ROW_PIXELS)
            self.choices[track_id] = box

    def _cell(self, bar: int, heard: Analysis) -> QTableWidgetItem:
        if bar >= len(self._heard):
            item = QTableWidgetItem()
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            return item
        item = QTableWidgetItem(self.chords.get(bar, self._heard[bar]))
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        item.setToolTip(
            f"Bar {bar + 1}" + (", before the form" if heard.bars[bar].phase < 0 else "")
        )
        if bar in self.chords:
            item.setForeground(QColor(theme_of(self).accent))
        return item

    # --- what the user says --------------------------------------------------------------------

    def _choose(self, track_id: Id, role: str | None) -> None:
        if role is None:
            self.roles.pop(track_id, None)
        else:
            self.roles[track_id] = Role(role)
        self.corrected.emit()

    def _written(self, item: QTableWidgetItem) -> None:
        bar = item.row() * SECTION_BARS + item.column()
        text = " ".join(item.text().split())
        try:
            for name in text.split():
                parse_chord(name)
        except ValueError as error:
            self.problem.emit(f"Bar {bar + 1}: {error}")
            with QSignalBlocker(self.bars):
                item.setText(self.chords.get(bar, self._heard[bar]))
            return
        self.problem.emit("")
        if not text or text == self._heard[bar]:
            self.chords.pop(bar, None)
        else:
            self.chords[bar] = text
        self.corrected.emit()
