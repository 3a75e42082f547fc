"""What the mouse does on the canvas, one class a gesture.

A gesture begins where the button goes down and takes a step whenever the mouse moves. Each step
edits the project as it was at the beginning, and all steps are one entry of the history; Escape
goes back. If something else changes the project meanwhile, the gesture ends there.
"""

from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt

from tonewright.desktop.session import Edit, Session
from tonewright.desktop.timeline.arrange import crossfaded, duplicated, moved, start_of
from tonewright.desktop.timeline.automation_item import (
    Target,
    lane_of,
    value_at_y,
    with_point,
)
from tonewright.desktop.timeline.clip_item import gain_db_at
from tonewright.desktop.timeline.snap import snapped
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.project.document import (
    AudioClip,
    AutomationLane,
    AutomationPoint,
    Clip,
    ClockTime,
    Fade,
    FadeCurve,
    Id,
    Project,
    Track,
    new_id,
)
from tonewright.dsp.project.edits import set_automation, set_clip, slip_clip, trim_clip
from tonewright.dsp.project.edits.access import find_track
from tonewright.dsp.project.tempo import range_of, to_ticks

SNAP_REACH_PIXELS = 8
_BEND_PIXELS = 120.0  # so far up or down bends a curve fully


class Zone(Enum):
    """What of a row is under the mouse."""

    EMPTY = auto()
    BODY = auto()
    START = auto()
    END = auto()
    FADE_IN = auto()
    FADE_OUT = auto()
    GAIN = auto()
    POINT = auto()
    CURVE = auto()


@dataclass(frozen=True, slots=True)
class Hit:
    """What is under the mouse.

    Attributes:
        track: The track; None below the last.
        row: Its row on the canvas, in pixels.
        clip: The clip, if there is one.
        rect: The clip's rectangle.
        zone: The part of it.
        target: The parameter whose automation is shown over the track.
        point: The automation point, for POINT.
    """

    track: Track | None
    row: QRectF
    clip: Clip | None = None
    rect: QRectF = field(default_factory=QRectF)
    zone: Zone = Zone.EMPTY
    target: Target | None = None
    point: int | None = None


class Rows(Protocol):
    """What a gesture needs to know of places."""

    def row_at(self, y: float) -> int:
        """Return the index of the track at a height; may be beyond the last."""
        ...

    def clips_in(self, rect: QRectF) -> list[Id]:
        """Return the ids of the clips that a rectangle touches."""
        ...


class Surface(Protocol):
    """What a gesture needs of the canvas."""

    session: Session
    view: ViewState

    @property
    def places(self) -> Rows:
        """Where things are."""
        ...

    def show_band(self, rect: QRectF | None) -> None:
        """Draw the rubber band."""
        ...


class Gesture:
    """A drag; this one does nothing but keep what all of them need."""

    def __init__(self, surface: Surface, hit: Hit, place: QPointF) -> None:
        self.surface = surface
        self.hit = hit
        self.start_place = place
        self.start: Project = surface.session.project
        self._shown = self.start
        self._key = f"drag:{new_id()}"

    def step(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the mouse."""

    def finish(self) -> None:
        """End where the mouse is."""

    def cancel(self) -> None:
        """Go back to the beginning."""
        self.apply("", lambda _: self.start)

    def apply(self, label: str, edit: Edit) -> None:
        """Apply an edit of the project as it was at the beginning."""
        session = self.surface.session
        if session.project is self._shown:
            session.apply(label, lambda _: edit(self.start), merge_key=self._key)
            self._shown = session.project

    def delta_seconds(self, place: QPointF) -> float:
        """Return how far the mouse has gone, in seconds."""
        return (place.x() - self.start_place.x()) / self.surface.view.pixels_per_second

    def snapped(
        self, seconds: float, modifiers: Qt.KeyboardModifier, ignored: tuple[Id, ...] = ()
    ) -> float:
        """Return a position as it snaps; Alt lets go of the grid."""
        return snapped_in(self.start, self.surface.view, seconds, modifiers, ignored)


class MoveClips(Gesture):
    """Moves the selected clips in time and between tracks; with ``copy``, copies of them."""

    def __init__(self, surface: Surface, hit: Hit, place: QPointF, *, copy: bool) -> None:
        super().__init__(surface, hit, place)
        assert hit.clip is not None
        self._label = "Copy clips" if copy else "Move clips"
        self._ids: tuple[Id, ...] = tuple(surface.view.selection)
        self._base = self.start
        if copy:
            self._base, self._ids = duplicated(self.start, self._ids)
        self._grabbed_seconds = start_of(self.start, hit.clip)
        self._row = surface.places.row_at(place.y())

    def step(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Move them to where the mouse is."""
        wanted_seconds = self._grabbed_seconds + self.delta_seconds(place)
        landed_seconds = self.snapped(wanted_seconds, modifiers, self._ids)
        delta_seconds = landed_seconds - self._grabbed_seconds
        rows = self.surface.places.row_at(place.y()) - self._row
        self.apply(self._label, lambda _: moved(self._base, self._ids, delta_seconds, rows))
        self.surface.view.select(self._ids)

    def finish(self) -> None:
        """Crossfade what overlaps now."""
        shown = self.surface.session.project
        if shown is not self.start:
            self.apply(self._label, lambda _: crossfaded(shown, self._ids))


class TrimEdge(Gesture):
    """Moves the start or the end of a clip."""

    def step(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Move the edge to where the mouse is."""
        clip = self.hit.clip
        assert clip is not None
        sounding = range_of(self.start, clip)
        if self.hit.zone is Zone.START:
            edge_seconds = sounding.start_seconds + self.delta_seconds(place)
            at = ClockTime(self.snapped(edge_seconds, modifiers, (clip.id,)))
            self.apply("Trim clip", lambda project: trim_clip(project, clip.id, start=at))
        else:
            edge_seconds = sounding.end_seconds + self.delta_seconds(place)
            at = ClockTime(self.snapped(edge_seconds, modifiers, (clip.id,)))
            self.apply("Trim clip", lambda project: trim_clip(project, clip.id, end=at))


class DragFade(Gesture):
    """Sets the length of a fade."""

    def step(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Make the fade end where the mouse is."""
        clip = self.hit.clip
        assert isinstance(clip, AudioClip)
        left = self.hit.zone is Zone.FADE_IN
        old = clip.fade_in if left else clip.fade_out
        delta_seconds = self.delta_seconds(place) * (1 if left else -1)
        length_seconds = max(old.length_seconds + delta_seconds, 0.0)
        curve = old.curve if old.length_seconds else FadeCurve.SMOOTH
        fade = Fade(length_seconds, curve)
        if left:
            self.apply("Fade in", lambda project: set_clip(project, clip.id, fade_in=fade))
        else:
            self.apply("Fade out", lambda project: set_clip(project, clip.id, fade_out=fade))


class DragGain(Gesture):
    """Moves the gain line of a clip."""

    def step(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Set the gain that the line at the mouse stands for; it rests at 0 dB."""
        clip = self.hit.clip
        assert isinstance(clip, AudioClip)
        gain_db = gain_db_at(self.hit.rect, place.y())
        if abs(gain_db) < 1.0 and not modifiers & Qt.KeyboardModifier.AltModifier:
            gain_db = 0.0
        self.apply("Clip gain", lambda project: set_clip(project, clip.id, gain_db=gain_db))


class SlipSource(Gesture):
    """Moves the source under a clip whose edges stay."""

    def step(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Pull the source along with the mouse."""
        clip = self.hit.clip
        assert isinstance(clip, AudioClip)
        rate_hz = self.start.medium(clip.media_id).sample_rate * clip.speed_ratio
        delta_samples = -round(self.delta_seconds(place) * rate_hz)
        self.apply("Slip clip", lambda project: slip_clip(project, clip.id, delta_samples))


class RubberBand(Gesture):
    """Selects the clips that a rectangle touches, besides those selected before."""

    def __init__(self, surface: Surface, hit: Hit, place: QPointF, before: frozenset[Id]) -> None:
        super().__init__(surface, hit, place)
        self._before = before

    def step(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Stretch the band to the mouse."""
        rect = QRectF(self.start_place, place).normalized()
        self.surface.show_band(rect)
        self.surface.view.select(self._before | set(self.surface.places.clips_in(rect)))

    def finish(self) -> None:
        """Take the band away."""
        self.surface.show_band(None)

    def cancel(self) -> None:
        """Take the band away and select what was."""
        self.surface.show_band(None)
        self.surface.view.select(self._before)


class DragPoint(Gesture):
    """Moves an automation point, or a new one."""

    def step(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Put the point to where the mouse is."""
        hit = self.hit
        assert hit.track is not None and hit.target is not None
        lane = lane_of(hit.track, hit.target.ref)
        bend = 0.0 if hit.point is None else lane.points[hit.point].bend
        seconds = self.snapped(self.surface.view.seconds_at(place.x()), modifiers)
        point = AutomationPoint(
            round(to_ticks(self.start.tempo_map, seconds)),
            value_at_y(hit.target, place.y(), hit.row),
            bend,
        )
        label = "Add automation point" if hit.point is None else "Move automation point"
        self.set_lane(label, with_point(lane, hit.point, point))

    def set_lane(self, label: str, lane: AutomationLane) -> None:
        """Apply a lane."""
        assert self.hit.track is not None
        track_id = self.hit.track.id
        self.apply(label, lambda project: set_automation(project, track_id, lane))


class BendCurve(DragPoint):
    """Bends the curve from one automation point to the next."""

    def step(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Bend it towards the mouse."""
        hit = self.hit
        assert hit.track is not None and hit.target is not None and hit.point is not None
        lane = lane_of(hit.track, hit.target.ref)
        point = lane.points[hit.point]
        following = lane.points[hit.point + 1]
        downwards = (place.y() - self.start_place.y()) / _BEND_PIXELS
        # A curve that rises hangs lower the slower it starts; one that falls, higher.
        direction = 1.0 if following.value >= point.value else -1.0
        bend = min(max(point.bend + downwards * direction, -1.0), 1.0)
        self.set_lane("Bend automation", with_point(lane, hit.point, replace(point, bend=bend)))


def snapped_in(
    project: Project,
    view: ViewState,
    seconds: float,
    modifiers: Qt.KeyboardModifier,
    ignored: tuple[Id, ...] = (),
) -> float:
    """Return where a position snaps to in a view; Alt suspends the snapping."""
    if not view.snap_on or modifiers & Qt.KeyboardModifier.AltModifier:
        return max(seconds, 0.0)
    return snapped(
        project,
        seconds,
        view.grid,
        reach_seconds=SNAP_REACH_PIXELS / view.pixels_per_second,
        ignored=ignored,
    )


def without_point(project: Project, track_id: Id, lane: AutomationLane, index: int) -> Project:
    """Return the project without one point of a lane."""
    find_track(project, track_id)
    points = (*lane.points[:index], *lane.points[index + 1 :])
    return set_automation(project, track_id, replace(lane, points=points))
