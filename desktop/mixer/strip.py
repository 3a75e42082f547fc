"""The strip of one channel: effects, sends, pan, fader, meter, mute, solo and output.

A strip that is low shows its fader first, then the effects, then where the sound goes.
"""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.controls.fader import Fader
from tonewright.desktop.controls.knob import Knob
from tonewright.desktop.controls.travel import Decibels, Linear
from tonewright.desktop.mixer.meter import Meter
from tonewright.desktop.session import Session
from tonewright.dsp.project.document import Channel, Id, Project, Send, Track, TrackKind, new_id
from tonewright.dsp.project.edits import add_send, remove_send, set_channel, set_send, set_track

_MARKS_DB = (18.0, 12.0, 6.0, 0.0, -6.0, -12.0, -24.0, -48.0)
_WIDTH_PIXELS = 98
_SEND_PIXELS = 44
_FADER_PIXELS = 60  # at least
_SPACING_PIXELS = 4


class ChannelStrip(QFrame):
    """A strip; it follows the document.

    Attributes:
        track_id: Whose it is; None is the master.

    Signals:
        effects_requested (): The user wants to see the chain of this channel.
    """

    effects_requested = Signal()

    def __init__(
        self, session: Session, track_id: Id | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.track_id = track_id
        name = "Master" if track_id is None else session.project.track(track_id).name
        self.setFixedWidth(_WIDTH_PIXELS)
        self.setAccessibleName(f"Strip of {name}")
        self._color = QFrame(self)
        self._color.setFixedHeight(4)
        self._name = QLabel(self)
        self._name.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.effects_button = QToolButton(self)
        self.effects_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.effects_button.setToolTip("Show the effects of this channel")
        self.effects_button.clicked.connect(lambda _: self.effects_requested.emit())
        self.pan = Knob("Pan", Linear(-1.0, 1.0), 0.0, pan_text, self)
        self.pan.setFixedSize(36, 36)
        self.pan.turned.connect(lambda value, key: self._set("Pan", key, pan=value))
        self.fader = Fader("Gain", Decibels(), 0.0, gain_text, self)
        self.fader.marks = _MARKS_DB
        self.fader.setMinimumHeight(_FADER_PIXELS)
        self.fader.turned.connect(lambda value, key: self._set("Gain", key, gain_db=value))
        self.meter = Meter(name, self)
        self._gain = QLabel(self)
        self._gain.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # A fixed size: the window need not be laid out anew at every step of a fader.
        self._gain.ensurePolished()
        self._gain.setFixedSize(_WIDTH_PIXELS - 14, self._gain.fontMetrics().height())
        self.mute = self._toggle("M", "Mute", "muted")
        self.solo = self._toggle("S", "Solo", "soloed")

        self._send_area = QWidget(self)
        self._sends = QVBoxLayout(self._send_area)
        self._sends.setContentsMargins(0, 0, 0, 0)
        self._sends.setSpacing(2)
        self._sends.addStretch(1)
        self.send_rows: dict[Id, _SendRow] = {}
        self.add_send_button = QToolButton(self)
        self.output = QComboBox(self)
        self._groups: list[tuple[str, Id]] | None = None
        self._prepare_routing()
        # What the master has not keeps its room, so that what is beside it stays level.
        self._lacks = (
            frozenset((self.mute, self.solo, self.add_send_button, self.output))
            if track_id is None
            else frozenset[QWidget]()
        )
        self._show(self._lacks, True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(_SPACING_PIXELS)
        layout.addWidget(self._color)
        layout.addWidget(self._name)
        layout.addLayout(_row(self.effects_button, self.add_send_button))
        layout.addLayout(_row(self.mute, self.pan, self.solo))
        levels = _row(self.fader, self.meter)
        levels.insertStretch(0, 1)
        levels.addStretch(1)
        layout.addLayout(levels, 1)
        layout.addWidget(self._gain)
        layout.addWidget(self.output)
        layout.addWidget(self._send_area)
        self.update_from(session.project)

    def update_from(self, project: Project) -> None:
        """Show what the project says."""
        track = None if self.track_id is None else project.track(self.track_id)
        channel = project.master if track is None else track.channel
        name = "Master" if track is None else track.name
        self._name.setText(
            self._name.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideRight, _WIDTH_PIXELS - 14
            )
        )
        self._name.setToolTip(name)
        self.setAccessibleName(f"Strip of {name}")
        for control, what in ((self.fader, "Gain"), (self.pan, "Pan")):
            control.setAccessibleName(f"{what} of {name}")
        for button, what in ((self.mute, "Mute"), (self.solo, "Solo")):
            button.setAccessibleName(f"{what} {name}")
        color = "transparent" if track is None else track.color
        style = f"background: {color}; border-radius: 2px;"
        if style != self._color.styleSheet():  # a style is worked out anew even if it is the same
            self._color.setStyleSheet(style)
        count = len(channel.effects)
        self.effects_button.setText(f"FX {count}" if count else "FX")
        self.effects_button.setAccessibleName(f"{count} effects of {name}")
        self.pan.set_number(channel.pan)
        self.fader.set_number(channel.gain_db)
        self._gain.setText(gain_text(channel.gain_db))
        self.mute.setChecked(channel.muted)
        self.solo.setChecked(channel.soloed)
        if track is not None:
            self._update_routing(project, track, channel)

    def set_send_rows(self, rows: int) -> None:
        """Make room for so many sends, so that the faders of all strips are level."""
        self._send_area.setFixedHeight(rows * _SEND_PIXELS)

    @property
    def least_pixels(self) -> int:
        """How high it is with the fader at its lowest and nothing that can be left out."""
        margins = self.contentsMargins()
        rows = (
            *(self._color.height(), self._name.sizeHint().height(), self.pan.height()),
            *(_FADER_PIXELS, self._gain.height()),
        )
        inside = 4 + 6 + _SPACING_PIXELS * (len(rows) - 1)  # around the rows and between them
        return margins.top() + margins.bottom() + inside + sum(rows)

    def fit(self, height: int) -> None:
        """Show as many rows as there is room for, beside a fader that can be moved."""
        room = height - self.least_pixels
        buttons = (self.effects_button, self.add_send_button)
        room -= max(each.sizeHint().height() for each in buttons) + _SPACING_PIXELS
        self._show(buttons, room >= 0)
        room -= self.output.sizeHint().height() + self._send_area.height() + 2 * _SPACING_PIXELS
        self._show((self.output, self._send_area), room >= 0)

    def _show(self, widgets: Iterable[QWidget], shown: bool) -> None:
        """Show or hide widgets; what the master has not is room that is kept, or is not."""
        for widget in widgets:
            if widget in self._lacks:
                policy = widget.sizePolicy()
                policy.setRetainSizeWhenHidden(shown)
                widget.setSizePolicy(policy)
                widget.hide()
            else:
                widget.setVisible(shown)

    # --- changes -------------------------------------------------------------------------------

    def _set(self, label: str, merge_key: str | None = None, **fields: Any) -> None:
        track_id = self.track_id
        self._session.apply(
            label, lambda p: set_channel(p, track_id, **fields), merge_key=merge_key
        )

    def _toggle(self, text: str, label: str, field: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        button.setToolTip(label)
        button.setObjectName(label.lower())
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda on: self._set(label, **{field: on}))
        return button

    # --- routing -------------------------------------------------------------------------------

    def _prepare_routing(self) -> None:
        self.add_send_button.setText("Send")
        self.add_send_button.setObjectName("send")
        self.add_send_button.setToolTip("Send a copy of the sound to a group")
        self.add_send_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.add_send_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_send_button.setMenu(QMenu(self.add_send_button))
        self.output.setToolTip("Where the sound goes")
        self.output.setMinimumContentsLength(4)
        self.output.activated.connect(self._route)

    def _update_routing(self, project: Project, track: Track, channel: Channel) -> None:
        groups = [each for each in project.tracks if _can_hold(each, track)]
        names = {each.id: each.name for each in project.tracks}
        self.output.setAccessibleName(f"Output of {track.name}")
        self.add_send_button.setAccessibleName(f"Add a send to {track.name}")
        self._list_groups([(each.name, each.id) for each in groups])
        self.output.setCurrentIndex(max(0, self.output.findData(track.parent_id)))
        sends = {send.id: send for send in channel.sends}
        for gone in self.send_rows.keys() - sends.keys():
            row = self.send_rows.pop(gone)
            self._sends.removeWidget(row)
            row.hide()
            row.deleteLater()
        for send in channel.sends:
            if send.id not in self.send_rows:
                self.send_rows[send.id] = _SendRow(self._session, send, self)
                self._sends.insertWidget(self._sends.count() - 1, self.send_rows[send.id])
            self.send_rows[send.id].show_send(send, names[send.target_id])

    def _list_groups(self, groups: list[tuple[str, Id]]) -> None:
        """List where the sound can go; most changes of a project leave that as it is."""
        if groups == self._groups:
            return
        self._groups = groups
        self.output.clear()
        self.output.addItem("Master", None)
        self.add_send_button.setEnabled(bool(groups))
        menu = self.add_send_button.menu()
        menu.clear()
        for name, group_id in groups:
            self.output.addItem(name, group_id)
            action = QAction(name, menu)
            action.triggered.connect(lambda _, target=group_id: self._send_to(target))
            menu.addAction(action)

    def _route(self, index: int) -> None:
        parent_id, track_id = self.output.itemData(index), self.track_id
        assert track_id is not None
        self._session.apply("Output", lambda p: set_track(p, track_id, parent_id=parent_id))
        # What the engine refuses, a circle, is not shown as done.
        self.update_from(self._session.project)

    def _send_to(self, target_id: Id) -> None:
        track_id = self.track_id
        assert track_id is not None
        send = Send(new_id(), target_id, gain_db=-6.0)
        self._session.apply("Add send", lambda p: add_send(p, track_id, send))


class _SendRow(QWidget):
    """One send: its target and level, before or behind the fader, and a button to remove it."""

    def __init__(self, session: Session, send: Send, parent: QWidget) -> None:
        super().__init__(parent)
        self._label = QLabel(self)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.gain = Fader("Send", Decibels(), 0.0, gain_text, self)
        self.gain.setOrientation(Qt.Orientation.Horizontal)
        send_id = send.id
        self.gain.turned.connect(
            lambda value, key: session.apply(
                "Send", lambda p: set_send(p, send_id, gain_db=value), merge_key=key
            )
        )
        self.pre = QToolButton(self)
        self.pre.setText("pre")
        self.pre.setCheckable(True)
        self.pre.setStyleSheet("padding: 2px;")
        self.pre.setFixedWidth(26)
        self.pre.setToolTip("Send what is before the fader")
        self.pre.clicked.connect(
            lambda on: session.apply(
                "Send before the fader" if on else "Send behind the fader",
                lambda p: set_send(p, send_id, pre_fader=on),
            )
        )
        self.remove = QToolButton(self)
        self.remove.setText("×")
        self.remove.setStyleSheet("padding: 2px;")
        self.remove.setFixedWidth(16)
        self.remove.clicked.connect(
            lambda _: session.apply("Remove send", lambda p: remove_send(p, send_id))
        )
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self._label, 1)
        head.addWidget(self.pre)
        head.addWidget(self.remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.gain)

    def show_send(self, send: Send, target: str) -> None:
        """Show a send."""
        self.setAccessibleName(f"Send to {target}")
        self._label.setText(target)
        self._label.setToolTip(f"Send to {target}")
        self.gain.setAccessibleName(f"Level of the send to {target}")
        self.gain.set_number(send.gain_db)
        self.pre.setChecked(send.pre_fader)
        self.pre.setAccessibleName(f"Send to {target} before the fader")
        self.remove.setAccessibleName(f"Remove the send to {target}")


def gain_text(gain_db: float) -> str:
    """Return a gain for people."""
    return f"{gain_db:+.1f} dB" if round(gain_db, 1) else "0.0 dB"


def pan_text(pan: float) -> str:
    """Return a pan, -1 to 1, for people."""
    percent = round(abs(pan) * 100)
    return "centre" if not percent else f"{percent} % {'left' if pan < 0 else 'right'}"


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(3)
    for widget in widgets:
        row.addWidget(widget)
    return row


def _can_hold(group: Track, track: Track) -> bool:
    return group.kind is TrackKind.GROUP and group.id != track.id
