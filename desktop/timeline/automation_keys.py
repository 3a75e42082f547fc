"""What the keyboard does to the automation of a track.

``enter`` puts the keyboard on the automation of a track; Escape puts it back on the clips. There,
Left and Right go from point to point, with Ctrl they move it by a line of the grid; Up and Down
change its value, with Alt they bend the curve behind it, and Shift makes the step fine. Insert adds
a point at the playhead, Delete removes one, Return asks for the exact value.
"""

import re
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Qt

from tonewright.desktop.session import Session
from tonewright.desktop.timeline.automation_item import (
    Target,
    lane_of,
    target_of,
    targets,
    with_point,
)
from tonewright.desktop.timeline.commands import step_on_grid
from tonewright.desktop.timeline.spoken import spoken_point
from tonewright.desktop.timeline.tools import without_point
from tonewright.desktop.timeline.view_state import PointFocus, ViewState
from tonewright.dsp.project.automation import value_at
from tonewright.dsp.project.document import AutomationLane, AutomationPoint, Id, Track, new_id
from tonewright.dsp.project.edits import set_automation
from tonewright.dsp.project.tempo import to_seconds, to_ticks

KEYS = frozenset(
    (
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Insert,
        Qt.Key.Key_Delete,
        Qt.Key.Key_Backspace,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Escape,
    )
)
"""What is meant for the point while the keyboard is on one."""

_STEPS = 100  # from one end of a parameter to the other
_DECIBEL_STEP = 1.0
_BEND_STEP = 0.1
_FINE = 0.1
_NUMBER = re.compile(r"\s*([-+−]?\d*[.,]?\d+)\s*[^\d]*")


@dataclass(frozen=True, slots=True)
class Focused:
    """The automation that the keyboard is on.

    Attributes:
        index: Of the point in the lane; None where it has none.
    """

    track: Track
    target: Target
    lane: AutomationLane
    index: int | None

    @property
    def point(self) -> AutomationPoint | None:
        """The point."""
        return None if self.index is None else self.lane.points[self.index]


class AutomationKeys(QObject):
    """The keyboard on the automation of a session's tracks.

    Args:
        session: What is edited.
        view: Where the focus is kept.
    """

    def __init__(self, session: Session, view: ViewState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._view = view
        self._gesture = new_id()
        session.changed.connect(self._follow)

    # --- where it is ------------------------------------------------------------------------

    def focused(self) -> Focused | None:
        """Return what the keyboard is on; None if that is not automation."""
        focus = self._view.point
        if focus is None:
            return None
        for track in self._session.project.tracks:
            if track.id == focus.track_id:
                target = target_of(track.channel, focus.target)
                if target is None:
                    return None
                lane = lane_of(track, focus.target)
                return Focused(track, target, lane, _nearest(lane, focus.ticks))
        return None

    def enter(self) -> None:
        """Put the keyboard on automation: on what is shown over a track, or on its gain.

        The track is that of the focused clip; without one, the first that shows automation.
        """
        tracks = self._session.project.tracks
        if not tracks:
            return
        shown = [track for track in tracks if track.id in self._view.automation]
        of_clip = [
            track for track in tracks if any(clip.id == self._view.focus for clip in track.clips)
        ]
        track = [*of_clip, *shown, *tracks][0]
        ref = self._view.automation.get(track.id)
        if ref is None or target_of(track.channel, ref) is None:
            ref = targets(track.channel)[0].ref
            self._view.show_automation(track.id, ref)
        lane = lane_of(track, ref)
        ticks = round(to_ticks(self._session.project.tempo_map, self._view.playhead_seconds))
        index = _nearest(lane, ticks)
        self._go(track.id, lane, index)

    def spoken(self) -> str:
        """Return what the keyboard is on, in words; an empty text if that is not automation."""
        on = self.focused()
        if on is None:
            return ""
        if on.point is None:
            return (
                f"{on.target.label} of {on.track.name}, no automation yet: "
                "Insert adds a point at the playhead"
            )
        said = spoken_point(self._session.project, on.track, on.target, on.point)
        return f"{said}, {(on.index or 0) + 1} of {len(on.lane.points)}"

    # --- keys -------------------------------------------------------------------------------

    def press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Do what a key means; return False for Return, and for keys that mean nothing here."""
        on = self.focused()
        if on is None:
            return False
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        share = _FINE if modifiers & Qt.KeyboardModifier.ShiftModifier else 1.0
        keys = Qt.Key
        sign = 1 if key in (keys.Key_Right, keys.Key_Up) else -1
        if key == keys.Key_Escape:
            self._view.set_point(None)
        elif key == keys.Key_Insert:
            self._insert(on)
        elif key in (keys.Key_Delete, keys.Key_Backspace):
            self._delete(on)
        elif key in (keys.Key_Left, keys.Key_Right):
            if control:
                self._move(on, sign)
            else:
                self._walk(on, sign)
        elif key in (keys.Key_Up, keys.Key_Down):
            if alt:
                self._bend(on, sign * share * _BEND_STEP)
            else:
                self._turn(on, sign * share * _step(on.target))
        else:
            return False
        return True

    def set_value(self, text: str) -> None:
        """Give the point the value that somebody wrote, with or without its unit."""
        on = self.focused()
        if on is None or on.point is None:
            return
        match = _NUMBER.fullmatch(text)
        low, high = on.target.minimum, on.target.maximum
        value = None if match is None else float(match[1].replace(",", ".").replace("−", "-"))
        if value is None or not low <= value <= high:
            unit = f" {on.target.unit}" if on.target.unit else ""
            self._session.problem.emit(
                f"{text!r} is no value for {on.target.label}: write {low:g} to {high:g}{unit}"
            )
            return
        self._set("Set automation point", on, replace(on.point, value=value))

    # --- edits ------------------------------------------------------------------------------

    def _walk(self, on: Focused, sign: int) -> None:
        if on.index is not None:
            index = min(max(on.index + sign, 0), len(on.lane.points) - 1)
            self._go(on.track.id, on.lane, index)

    def _move(self, on: Focused, sign: int) -> None:
        """Move the point to the next line of the grid, but not beyond its neighbours."""
        if on.point is None or on.index is None:
            return
        tempo_map = self._session.project.tempo_map
        seconds = to_seconds(tempo_map, float(on.point.ticks))
        there = step_on_grid(self._session.project, self._view, seconds, sign)
        ticks = round(to_ticks(tempo_map, there))
        points = on.lane.points
        low = points[on.index - 1].ticks + 1 if on.index else 0
        if on.index + 1 < len(points):
            ticks = min(ticks, points[on.index + 1].ticks - 1)
        moved = replace(on.point, ticks=max(ticks, low))
        self._set("Move automation point", on, moved, f"move:{self._gesture}")

    def _turn(self, on: Focused, by: float) -> None:
        if on.point is not None:
            value = min(max(on.point.value + by, on.target.minimum), on.target.maximum)
            changed = replace(on.point, value=round(value, 6))
            self._set("Automation value", on, changed, f"turn:{self._gesture}")

    def _bend(self, on: Focused, by: float) -> None:
        if on.point is not None and on.index is not None and on.index + 1 < len(on.lane.points):
            bend = min(max(on.point.bend + by, -1.0), 1.0)
            changed = replace(on.point, bend=round(bend, 6))
            self._set("Bend automation", on, changed, f"bend:{self._gesture}")

    def _insert(self, on: Focused) -> None:
        """Add a point at the playhead, on the curve."""
        tempo_map = self._session.project.tempo_map
        ticks = round(to_ticks(tempo_map, self._view.playhead_seconds))
        value = value_at(on.lane, ticks) if on.lane.points else on.target.value
        lane = with_point(on.lane, None, AutomationPoint(ticks, value))
        self._apply("Add automation point", on, lane)
        self._go_to_ticks(on, ticks)

    def _delete(self, on: Focused) -> None:
        if on.index is None:
            return
        track_id, lane, index = on.track.id, on.lane, on.index
        self._session.apply(
            "Delete automation point",
            lambda project: without_point(project, track_id, lane, index),
        )
        self._gesture = new_id()

    def _set(self, label: str, on: Focused, point: AutomationPoint, key: str | None = None) -> None:
        self._apply(label, on, with_point(on.lane, on.index, point), key)
        self._view.set_point(PointFocus(on.track.id, on.target.ref, point.ticks))

    def _apply(
        self, label: str, on: Focused, lane: AutomationLane, merge_key: str | None = None
    ) -> None:
        track_id = on.track.id
        self._session.apply(
            label, lambda project: set_automation(project, track_id, lane), merge_key=merge_key
        )

    # --- moving the focus -------------------------------------------------------------------

    def _go(self, track_id: Id, lane: AutomationLane, index: int | None) -> None:
        self._gesture = new_id()  # what is done to another point is another entry of the history
        ticks = None if index is None else lane.points[index].ticks
        self._view.set_point(PointFocus(track_id, lane.target, ticks))

    def _go_to_ticks(self, on: Focused, ticks: int) -> None:
        self._gesture = new_id()
        self._view.set_point(PointFocus(on.track.id, on.target.ref, ticks))

    def _follow(self) -> None:
        """Keep to a point that is there, after edits and undo."""
        focus = self._view.point
        if focus is None:
            return
        on = self.focused()
        if on is None:
            self._view.set_point(None)
        else:
            ticks = None if on.point is None else on.point.ticks
            self._view.set_point(PointFocus(focus.track_id, focus.target, ticks))


def _nearest(lane: AutomationLane, ticks: int | None) -> int | None:
    """Return the index of the point nearest to a place; None if there is none."""
    places = [abs(point.ticks - (ticks or 0)) for point in lane.points]
    return places.index(min(places)) if places else None


def _step(target: Target) -> float:
    if target.unit == "dB":
        return _DECIBEL_STEP
    return (target.maximum - target.minimum) / _STEPS
