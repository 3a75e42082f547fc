"""The mixer: the strips of all tracks side by side, the master at the right."""

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from tonewright.desktop.adapters.turns import Turns
from tonewright.desktop.mixer.strip import ChannelStrip
from tonewright.desktop.session import Session
from tonewright.dsp.project.diff import ProjectDiff
from tonewright.dsp.project.document import Id, TrackKind

_MARGIN_PIXELS = 4  # around the strips


class Mixer(QWidget):
    """The mixer.

    Args:
        session: Whose channels it shows.
        turns: In which the strips of a project that is opened are made.
        parent: The parent widget.

    Attributes:
        strips: The strip of each track, by its id, and of the master, by None. Those of a project
            that has just been opened come one after another.

    Signals:
        effects_requested (Id | None): The user wants to see the chain of a track, or of the
            master.
    """

    effects_requested = Signal(object)

    def __init__(self, session: Session, turns: Turns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.strips: dict[Id | None, ChannelStrip] = {}
        self.setAccessibleName("Mixer")
        self._tracks = QWidget(self)
        self._row = QHBoxLayout(self._tracks)
        self._row.setContentsMargins(*4 * (_MARGIN_PIXELS,))
        self._row.setSpacing(2)
        self._row.addStretch(1)
        self._turns = turns
        area = QScrollArea(self)
        area.setAccessibleName("Strips of the tracks")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self._tracks)
        area.setWidgetResizable(True)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)  # strips shrink first
        layout.addWidget(area, 1)
        master = QVBoxLayout()
        master.addWidget(self._strip(None))
        self._across = area.horizontalScrollBar()
        self._across.rangeChanged.connect(self._fit)
        self._master = master
        layout.addLayout(master)
        self._rebuild()
        session.changed.connect(self._update)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the size of the lowest strips, with the bar that scrolls them."""
        least = self.strips[None].least_pixels + 2 * _MARGIN_PIXELS
        return QSize(super().minimumSizeHint().width(), least + self._across.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Show as much of the strips as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def set_levels(self, levels: Mapping[Id | None, Sequence[float]]) -> None:
        """Show the peaks, in dBFS, of the channels of tracks (by id) and of the master (None)."""
        for owner_id, peaks_dbfs in levels.items():
            if owner_id in self.strips:
                self.strips[owner_id].meter.set_levels(peaks_dbfs)

    def _strip(self, track_id: Id | None) -> ChannelStrip:
        parent = self if track_id is None else self._tracks
        strip = ChannelStrip(self._session, track_id, parent)
        strip.effects_requested.connect(lambda: self.effects_requested.emit(track_id))
        self.strips[track_id] = strip
        return strip

    def _rebuild(self) -> None:
        """Drop the strips of tracks that are gone, and make those that are missing, in turns."""
        tracks = [track.id for track in self._session.project.tracks]
        for gone in self.strips.keys() - {None, *tracks}:
            strip = self.strips.pop(gone)
            self._row.removeWidget(strip)
            strip.hide()
            strip.deleteLater()
        there = [track_id for track_id in tracks if track_id in self.strips]
        for index, track_id in enumerate(there):
            self._row.insertWidget(index, self.strips[track_id])
        for strip in self.strips.values():
            strip.update_from(self._session.project)
        self._align()
        self._turns.run(
            self,
            (partial(self._make, each) for each in tracks if each not in self.strips),
        )

    def _make(self, track_id: Id) -> None:
        tracks = [track.id for track in self._session.project.tracks]
        before = [each for each in tracks[: tracks.index(track_id)] if each in self.strips]
        self._row.insertWidget(len(before), self._strip(track_id))
        self._align()

    def _fit(self) -> None:
        """Give the master the margins of the others, and all strips the rows they have room for."""
        bar_pixels = self._across.sizeHint().height() if self._across.maximum() > 0 else 0
        margin = _MARGIN_PIXELS
        self._master.setContentsMargins(margin, margin, margin, margin + bar_pixels)
        for strip in self.strips.values():
            strip.fit(self.height() - 2 * margin - bar_pixels)

    def _align(self) -> None:
        tracks = self._session.project.tracks
        rows = max((len(track.channel.sends) for track in tracks), default=0)
        for strip in self.strips.values():
            strip.set_send_rows(rows)
        self._fit()

    def _update(self, diff: ProjectDiff) -> None:
        project = self._session.project
        group_changed = any(
            project.track(each).kind is TrackKind.GROUP for each in diff.tracks_changed
        )
        if diff.tracks_added or diff.tracks_removed or diff.tracks_moved or group_changed:
            self._rebuild()
            return
        for track_id in diff.tracks_changed:
            if track_id in self.strips:
                self.strips[track_id].update_from(project)
        self._align()
        if diff.master:
            self.strips[None].update_from(project)
