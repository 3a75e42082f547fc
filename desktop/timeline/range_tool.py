"""A range of a clip or a track, which new effects are put on: chosen by drag or from the loop."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt

from tonewright.desktop.timeline.tools import Gesture
from tonewright.desktop.timeline.view_state import RangeSelection, ViewState
from tonewright.dsp.project.document import AudioClip, Id, Project, TimeRange, Track
from tonewright.dsp.project.tempo import range_of

SHORTEST_SECONDS = 0.01
"""An effect needs this long to come and to go."""


@dataclass(frozen=True, slots=True)
class _Home:
    """What a range lies on, and where that starts and may end."""

    owner_id: Id
    start_seconds: float
    end_seconds: float | None


def _home_of(project: Project, track: Track, clip: object) -> _Home:
    """Return the clip, or for notes and empty places the track."""
    if isinstance(clip, AudioClip):
        sounding = range_of(project, clip)
        return _Home(clip.id, sounding.start_seconds, sounding.end_seconds)
    return _Home(track.id, 0.0, None)


def _ranged(home: _Home, start_seconds: float, end_seconds: float) -> RangeSelection | None:
    """Return a part of the timeline as it lies on an owner; None if nothing of it does."""
    low, high = min(start_seconds, end_seconds), max(start_seconds, end_seconds)
    low = max(low, home.start_seconds)
    high = high if home.end_seconds is None else min(high, home.end_seconds)
    if high - low < SHORTEST_SECONDS:
        return None
    return RangeSelection(
        home.owner_id, TimeRange(low - home.start_seconds, high - home.start_seconds)
    )


class SelectRange(Gesture):
    """Stretches the range from where the button went down to the mouse."""

    def step(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Show the range up to the mouse, snapped at both ends."""
        assert self.hit.track is not None
        view = self.surface.view
        home = _home_of(self.start, self.hit.track, self.hit.clip)
        ends = [
            self.snapped(view.seconds_at(each.x()), modifiers) for each in (self.start_place, place)
        ]
        view.set_range(_ranged(home, *ends))

    def cancel(self) -> None:
        """Take the range away."""
        self.surface.view.set_range(None)


def range_from_loop(project: Project, view: ViewState) -> bool:
    """Put the range on what of the focused clip is in the loop, without a loop on all of it.

    Returns:
        Whether there is something of it.
    """
    found = [(track, clip) for track, clip in project.clips() if clip.id == view.focus]
    if not found:
        return False
    track, clip = found[0]
    around = view.loop or range_of(project, clip)
    chosen = _ranged(_home_of(project, track, clip), around.start_seconds, around.end_seconds)
    view.set_range(chosen)
    return chosen is not None
