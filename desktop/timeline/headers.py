"""The headers to the left of the tracks: name, colour, mute, solo, gain, pan, meter, automation."""

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSlider,
    QToolButton,
    QWidget,
)

from tonewright.desktop.adapters.turns import Turns
from tonewright.desktop.mixer.meter import Meter
from tonewright.desktop.session import Session
from tonewright.desktop.theme import theme_of
from tonewright.desktop.timeline.automation_item import targets
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.project.diff import ProjectDiff
from tonewright.dsp.project.document import Id, ParameterRef, Track, new_id
from tonewright.dsp.project.edits import delete_tracks, move_track, set_channel, set_track

WIDTH = 216
_GAIN_STEPS = 10  # of the slider in a dB
_MIN_GAIN_DB, _MAX_GAIN_DB = -60.0, 24.0
_PAN_STEPS = 100


class TrackHeader(QWidget):
    """The header of one track.

    Signals:
        chosen (Id): It was clicked: its chain is wanted.
    """

    chosen = Signal(str)

    def __init__(
        self, session: Session, view: ViewState, track_id: Id, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._view = view
        self.track_id = track_id
        self._key = ""
        self._dragged_from: QPointF | None = None
        self._lanes: list[tuple[str, ParameterRef | None]] = []
        self.name = QLineEdit(self)
        self.name.setFrame(False)
        self.name.editingFinished.connect(self._rename)
        self.mute = self._button("M", "Mute", "muted")
        self.solo = self._button("S", "Solo", "soloed")
        self.gain = self._slider(int(_MIN_GAIN_DB * 10), int(_MAX_GAIN_DB * 10), "Gain")
        self.gain.valueChanged.connect(
            lambda value: self._set("Gain", gain_db=max(value / _GAIN_STEPS, _MIN_GAIN_DB))
        )
        self.pan = self._slider(-_PAN_STEPS, _PAN_STEPS, "Pan")
        self.pan.setFixedWidth(52)
        self.pan.valueChanged.connect(lambda value: self._set("Pan", pan=value / _PAN_STEPS))
        self.lane = QComboBox(self)
        self.lane.setFixedHeight(20)
        self.lane.activated.connect(self._show_lane)
        layout = QGridLayout(self)
        layout.setContentsMargins(14, 6, 8, 6)
        layout.setHorizontalSpacing(6)
        layout.setVerticalSpacing(3)
        layout.addWidget(self.name, 0, 0)
        layout.addWidget(self.mute, 0, 1)
        layout.addWidget(self.solo, 0, 2)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.gain)
        row.addWidget(self.pan)
        layout.addLayout(row, 1, 0, 1, 3)
        layout.addWidget(self.lane, 2, 0, 1, 3)
        self.meter = Meter("track", self)
        self.meter.setFixedWidth(9)
        layout.addWidget(self.meter, 0, 3, 4, 1)
        layout.setRowStretch(3, 1)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.refresh()

    @property
    def track(self) -> Track:
        """The track as it is now."""
        return self._session.project.track(self.track_id)

    def refresh(self) -> None:
        """Show the track as it is now."""
        track = self.track
        channel = track.channel
        for widget in (self.name, self.mute, self.solo, self.gain, self.pan, self.lane):
            widget.blockSignals(True)
        if not self.name.hasFocus():
            self.name.setText(track.name)
        self.mute.setChecked(channel.muted)
        self.solo.setChecked(channel.soloed)
        self.gain.setValue(round(channel.gain_db * _GAIN_STEPS))
        self.pan.setValue(round(channel.pan * _PAN_STEPS))
        self.gain.setToolTip(f"Gain {channel.gain_db:+.1f} dB; double-click for 0 dB")
        side = "centre" if channel.pan == 0 else ("left" if channel.pan < 0 else "right")
        self.pan.setToolTip(f"Pan {abs(channel.pan) * 100:.0f} % {side}")
        self._list_lanes(track)
        for widget in (self.name, self.mute, self.solo, self.gain, self.pan, self.lane):
            widget.blockSignals(False)
        for spoken, widget in (
            ("Name", self.name),
            ("Mute", self.mute),
            ("Solo", self.solo),
            ("Gain", self.gain),
            ("Pan", self.pan),
            ("Automation shown over", self.lane),
        ):
            widget.setAccessibleName(f"{spoken} of track {track.name}")
        self.meter.setAccessibleName(f"Level of track {track.name}")
        self.setAccessibleName(f"Track {track.name}, {track.kind.value}")
        self.update()

    def _list_lanes(self, track: Track) -> None:
        """List what can be automated; a fader's steps change nothing of that."""
        automated = {lane.target for lane in track.automation}
        lanes = [
            (f"{target.label} *" if target.ref in automated else target.label, target.ref)
            for target in targets(track.channel)
        ]
        listed = [("Automation", None), *lanes]
        if listed != self._lanes:
            self._lanes = listed
            self.lane.clear()
            for label, ref in listed:
                self.lane.addItem(label, ref)
        shown = self._view.automation.get(self.track_id)
        refs = [ref for _, ref in listed]
        self.lane.setCurrentIndex(refs.index(shown) if shown in refs else 0)

    def fit(self, height: int) -> None:
        """Show as many controls as there is room for."""
        self.gain.setVisible(height >= 52)
        self.pan.setVisible(height >= 52)
        self.lane.setVisible(height >= 76)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the ground, the colour of the track and the line below."""
        painter = QPainter(self)
        theme, track = theme_of(self), self.track
        painter.fillRect(self.rect(), QColor(theme.panel))
        indent = 0 if track.parent_id is None else 6
        painter.fillRect(indent, 0, 6, self.height() - 1, QColor(track.color))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(theme.line))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose the track and get ready to move it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged_from = event.globalPosition()
            self._key = f"drag:{new_id()}"
            self.chosen.emit(self.track_id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move the track by as many rows as the mouse has gone."""
        if self._dragged_from is None:
            return
        rows = round((event.globalPosition().y() - self._dragged_from.y()) / self._view.row_height)
        if rows:
            index = [each.id for each in self._session.project.tracks].index(self.track_id) + rows
            self._session.apply(
                "Move track",
                lambda project: move_track(project, self.track_id, index),
                merge_key=self._key,
            )
            self._dragged_from = event.globalPosition()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go of the track."""
        self._dragged_from = None

    def _button(self, text: str, tip: str, field: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.setFixedSize(QSize(22, 20))
        button.toggled.connect(lambda on: self._set(tip, **{field: on}))
        return button

    def _slider(self, minimum: int, maximum: int, label: str) -> QSlider:
        slider = _ResettingSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(minimum, maximum)
        slider.setFixedHeight(16)
        slider.sliderPressed.connect(self._new_key)
        slider.sliderReleased.connect(self._new_key)
        return slider

    def _new_key(self) -> None:
        self._key = f"drag:{new_id()}"

    def _set(self, label: str, **fields: object) -> None:
        dragged = self.gain.isSliderDown() or self.pan.isSliderDown()
        self._session.apply(
            label,
            lambda project: set_channel(project, self.track_id, **fields),
            merge_key=self._key if dragged else None,
        )

    def begin_rename(self) -> None:
        """Let the user write another name."""
        self.name.setFocus()
        self.name.selectAll()

    def _rename(self) -> None:
        name = self.name.text().strip() or self.track.name
        self.name.clearFocus()
        self._session.apply(
            "Rename track", lambda project: set_track(project, self.track_id, name=name)
        )

    def _show_lane(self, index: int) -> None:
        self._view.show_automation(self.track_id, self.lane.itemData(index))

    def _menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Rename", self.begin_rename)
        menu.addAction("Colour...", self.choose_color)
        menu.addSeparator()
        menu.addAction("Delete track", self._delete)
        menu.popup(self.mapToGlobal(place))

    def _delete(self) -> None:
        self._session.apply("Delete track", lambda project: delete_tracks(project, [self.track_id]))

    def choose_color(self) -> None:
        """Ask for another colour."""
        dialog = QColorDialog(QColor(self.track.color), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(
            lambda color: self._session.apply(
                "Track colour",
                lambda project: set_track(project, self.track_id, color=color.name()),
            )
        )
        dialog.open()


class Headers(QWidget):
    """The headers of all tracks, scrolled with the rows.

    Args:
        session: Whose tracks they are.
        view: How high the rows are.
        turns: In which the headers of a project that is opened are made.
        parent: The parent widget.

    Signals:
        chosen (Id): A track was clicked.
    """

    chosen = Signal(str)

    def __init__(
        self, session: Session, view: ViewState, turns: Turns, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._view = view
        self._scroll_y = 0
        self._headers: dict[Id, TrackHeader] = {}
        self._turns = turns
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Tracks")
        session.changed.connect(self._on_changed)
        view.view_changed.connect(self.arrange)
        self._rebuild()

    def header(self, track_id: Id) -> TrackHeader:
        """Return the header of a track; KeyError if there is none."""
        if track_id not in self._headers:
            self._turns.finish(self)
        return self._headers[track_id]

    def set_levels(self, peaks_dbfs: Mapping[Id, Sequence[float]]) -> None:
        """Show how loud tracks are."""
        for track_id, peaks in peaks_dbfs.items():
            header = self._headers.get(track_id)
            if header is not None and header.isVisible():
                header.meter.set_levels(peaks)

    def scroll_to(self, y: int) -> None:
        """Scroll to as many pixels as the rows are scrolled."""
        self._scroll_y = y
        self.arrange()

    def arrange(self) -> None:
        """Put every header beside its row."""
        for index, track in enumerate(self._session.project.tracks):
            if track.id in self._headers:
                self._place(self._headers[track.id], index)

    def _place(self, header: TrackHeader, index: int) -> None:
        height = self._view.row_height
        top = index * height - self._scroll_y
        header.setGeometry(0, top, WIDTH, height)
        header.fit(height)
        header.setVisible(top + height > 0 and top < self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Show the headers that there is room for."""
        self.arrange()

    def _on_changed(self, changes: ProjectDiff) -> None:
        if changes.tracks_added or changes.tracks_removed or changes.tracks_moved:
            self._rebuild()
        for track_id in changes.tracks_changed:
            if track_id in self._headers:
                self._headers[track_id].refresh()

    def _rebuild(self) -> None:
        """Drop the headers of tracks that are gone, and make those that are missing, in turns."""
        alive = [track.id for track in self._session.project.tracks]
        for gone in self._headers.keys() - set(alive):
            header = self._headers.pop(gone)
            header.hide()
            header.deleteLater()
        self.arrange()
        self._turns.run(
            self,
            (partial(self._make, each) for each in alive if each not in self._headers),
        )

    def _make(self, track_id: Id) -> None:
        ids = [track.id for track in self._session.project.tracks]
        header = TrackHeader(self._session, self._view, track_id, self)
        header.chosen.connect(self.chosen)
        self._headers[track_id] = header
        self._place(header, ids.index(track_id))


class _ResettingSlider(QSlider):
    """A slider that a double click sets to zero."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go to zero."""
        self.setValue(0)
