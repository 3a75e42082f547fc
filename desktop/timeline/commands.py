"""What the keyboard and the menus do on the timeline, to the selection or at the playhead."""

from collections.abc import Callable, Collection
from dataclasses import replace

from PySide6.QtCore import QObject

from tonewright.desktop.imports import next_color
from tonewright.desktop.session import Edit, Session
from tonewright.desktop.timeline.arrange import Copied, copied, crossfaded, moved, pasted, split
from tonewright.desktop.timeline.snap import Grid, grid_after, grid_before
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.project.diff import diff
from tonewright.dsp.project.document import (
    AudioClip,
    ClockTime,
    Id,
    Marker,
    MidiClip,
    MusicalTime,
    Project,
    TimeRange,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits import (
    add_clip,
    add_marker,
    add_track,
    delete_clips,
    duplicate_clips,
    group_tracks,
    ripple_delete_clips,
    set_clip,
    slip_clip,
    trim_clip,
)
from tonewright.dsp.project.edits.access import find_clips
from tonewright.dsp.project.tempo import (
    bar_beat_tick,
    end_of,
    range_of,
    ticks_of,
    to_seconds,
    to_ticks,
)

_NUDGE_SECONDS = 0.01  # without a grid
_SAME_SECONDS = 1e-3  # nearer than this is the same place


class TimelineCommands(QObject):
    """The commands of one timeline.

    Attributes:
        clipboard: What was copied last; None before.
    """

    def __init__(self, session: Session, view: ViewState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._view = view
        self.clipboard: Copied | None = None

    def select_all(self) -> None:
        """Select every clip."""
        self._view.select(clip.id for _, clip in self._session.project.clips())

    def copy(self) -> None:
        """Put the selected clips on the clipboard."""
        if self._view.selection:
            self.clipboard = copied(self._session.project, self._view.selection)

    def cut(self) -> None:
        """Put the selected clips on the clipboard and delete them."""
        self.copy()
        self._on_selection("Cut clips", delete_clips)

    def paste(self) -> None:
        """Add the clips of the clipboard at the playhead and select them."""
        clipboard = self.clipboard
        if clipboard is None:
            return
        seconds, track_id = self._view.playhead_seconds, self._track_of_focus()
        self._then_select("Paste", lambda project: pasted(project, clipboard, seconds, track_id)[0])

    def duplicate(self) -> None:
        """Add copies of the selected clips behind them and select the copies."""
        ids = self._view.selection
        if ids:
            self._then_select("Duplicate", lambda project: duplicate_clips(project, ids))

    def delete(self) -> None:
        """Delete the selected clips."""
        self._on_selection("Delete clips", delete_clips)

    def ripple_delete(self) -> None:
        """Delete the selected clips and close the gaps."""
        self._on_selection("Ripple delete", ripple_delete_clips)

    def split_at_playhead(self) -> None:
        """Cut the selected clips, or all if none is selected, at the playhead."""
        seconds = self._view.playhead_seconds
        ids = self._view.selection or {clip.id for _, clip in self._session.project.clips()}
        self._session.apply("Split clips", lambda project: split(project, ids, seconds))

    def crossfade(self) -> None:
        """Crossfade the selected clips with what they overlap."""
        self._on_selection("Crossfade", crossfaded)

    def mute(self) -> None:
        """Mute the selected clips, or sound them again if all are muted."""
        found = find_clips(self._session.project, self._view.selection)
        muted = not all(clip.muted for _, clip in found)

        def edit(project: Project, ids: Collection[Id]) -> Project:
            for clip_id in ids:
                project = set_clip(project, clip_id, muted=muted)
            return project

        self._on_selection("Mute clips" if muted else "Unmute clips", edit)

    def nudge(self, direction: int) -> None:
        """Move the selected clips by a step of the grid, forwards (1) or back (-1)."""
        project, ids = self._session.project, self._view.selection
        if not ids:
            return
        found = find_clips(project, ids)
        first = min(range_of(project, clip).start_seconds for _, clip in found)
        delta_seconds = step_on_grid(project, self._view, first, direction) - first
        self._on_selection("Nudge", lambda project, ids: moved(project, ids, delta_seconds))

    def trim_to_playhead(self, *, start: bool) -> None:
        """Let the selected clips start, or end, at the playhead; what it cannot be is left."""
        now = self._view.playhead_seconds
        at = ClockTime(now)

        def edit(project: Project, ids: Collection[Id]) -> Project:
            for _, clip in find_clips(project, ids):
                sounding = range_of(project, clip)
                if start and now < sounding.end_seconds:
                    project = trim_clip(project, clip.id, start=at)
                elif not start and now > sounding.start_seconds:
                    project = trim_clip(project, clip.id, end=at)
            return project

        self._on_selection("Trim clips", edit)

    def fade_to_playhead(self, *, fade_in: bool) -> None:
        """Let the selected audio clips fade in up to the playhead, or out from there."""
        now = self._view.playhead_seconds

        def edit(project: Project, ids: Collection[Id]) -> Project:
            for _, clip in find_clips(project, ids):
                sounding = range_of(project, clip)
                if not isinstance(clip, AudioClip):
                    continue
                if not sounding.start_seconds < now < sounding.end_seconds:
                    continue
                if fade_in:
                    faded = replace(clip.fade_in, length_seconds=now - sounding.start_seconds)
                    project = set_clip(project, clip.id, fade_in=faded)
                else:
                    faded = replace(clip.fade_out, length_seconds=sounding.end_seconds - now)
                    project = set_clip(project, clip.id, fade_out=faded)
            return project

        self._on_selection("Fade in" if fade_in else "Fade out", edit)

    def louder(self, by_db: float) -> None:
        """Change the gain of the selected audio clips."""

        def edit(project: Project, ids: Collection[Id]) -> Project:
            for _, clip in find_clips(project, ids):
                if isinstance(clip, AudioClip):
                    project = set_clip(project, clip.id, gain_db=clip.gain_db + by_db)
            return project

        self._on_selection("Clip gain", edit)

    def slip(self, direction: int) -> None:
        """Slip the sources of the selected audio clips by 10 ms, later (1) or earlier (-1)."""

        def edit(project: Project, ids: Collection[Id]) -> Project:
            for _, clip in find_clips(project, ids):
                if isinstance(clip, AudioClip):
                    rate_hz = project.medium(clip.media_id).sample_rate * clip.speed_ratio
                    by = -direction * round(_NUDGE_SECONDS * rate_hz)
                    project = slip_clip(project, clip.id, by)
            return project

        self._on_selection("Slip clips", edit)

    def change_track(self, rows: int) -> None:
        """Move the selected clips by so many tracks down."""
        self._on_selection("Move clips", lambda project, ids: moved(project, ids, 0.0, rows))

    def move_playhead(self, direction: int) -> None:
        """Move the playhead to the next line of the grid."""
        seconds = self._view.playhead_seconds
        self._view.seek(step_on_grid(self._session.project, self._view, seconds, direction))

    def move_to_marker(self, direction: int) -> None:
        """Move the playhead to the next marker, or to the one before."""
        project, now = self._session.project, self._view.playhead_seconds
        places = [to_seconds(project.tempo_map, marker.start) for marker in project.markers]
        ahead = [each for each in places if (each - now) * direction > _SAME_SECONDS]
        if ahead:
            self._view.seek(min(ahead, key=lambda each: abs(each - now)))

    def loop_from_playhead(self, *, start: bool) -> None:
        """Let the loop range start, or end, at the playhead."""
        now, loop = self._view.playhead_seconds, self._view.loop
        if start:
            end = loop.end_seconds if loop and loop.end_seconds > now else self._bar_behind(now)
            self._view.set_loop(TimeRange(now, end))
        else:
            begin = loop.start_seconds if loop and loop.start_seconds < now else 0.0
            self._view.set_loop(TimeRange(begin, now))

    def loop_selection(self) -> None:
        """Make the selected clips the loop range; without a selection, take it away."""
        self._view.set_loop(self.selected_range())

    def selected_range(self) -> TimeRange | None:
        """Return where the selected clips sound; None if none is selected."""
        project = self._session.project
        ranges = [range_of(project, clip) for _, clip in find_clips(project, self._view.selection)]
        if not ranges:
            return None
        return TimeRange(
            min(each.start_seconds for each in ranges), max(each.end_seconds for each in ranges)
        )

    def zoom_to_selection(self, width: int) -> None:
        """Fill so many pixels with the selected clips, or with all of them."""
        shown = self.selected_range() or TimeRange(0.0, end_of(self._session.project) or 30.0)
        self._view.show_range(shown, width)

    def add_track(self, kind: TrackKind) -> None:
        """Add a track at the end."""

        def edit(project: Project) -> Project:
            name = f"{kind.value.title() if kind is not TrackKind.MIDI else 'MIDI'} "
            name += str(sum(track.kind is kind for track in project.tracks) + 1)
            return add_track(project, Track(new_id(), name, kind, color=next_color(project)))

        self._session.apply("Add track", edit)

    def group(self) -> None:
        """Put the tracks of the selected clips into a group."""
        project = self._session.project
        ids = {track.id for track, _ in find_clips(project, self._view.selection)}
        if ids:
            self._session.apply("Group tracks", lambda project: group_tracks(project, ids, "Group"))

    def add_midi_clip(self) -> None:
        """Add an empty bar at the playhead to a MIDI track, that of the focus or the first."""
        project, tempo_map = self._session.project, self._session.project.tempo_map
        focused = self._track_of_focus()
        tracks = [track for track in project.tracks if track.kind is TrackKind.MIDI]
        chosen = next((track for track in tracks if track.id == focused), None)
        if not tracks:
            self._session.problem.emit("there is no MIDI track: add one first")
            return
        track_id = (chosen or tracks[0]).id
        ticks = int(to_ticks(tempo_map, self._view.playhead_seconds))
        bar = bar_beat_tick(tempo_map, ticks).bar
        start_ticks, end_ticks = ticks_of(tempo_map, bar), ticks_of(tempo_map, bar + 1)
        clip = MidiClip(new_id(), "Clip", MusicalTime(start_ticks), end_ticks - start_ticks)
        self._then_select("Add MIDI clip", lambda project: add_clip(project, track_id, clip))

    def add_marker(self) -> None:
        """Add a marker at the playhead."""
        ticks = round(to_ticks(self._session.project.tempo_map, self._view.playhead_seconds))

        def edit(project: Project) -> Project:
            name = f"Marker {len(project.markers) + 1}"
            return add_marker(project, Marker(new_id(), name, MusicalTime(ticks)))

        self._session.apply("Add marker", edit)

    def _bar_behind(self, seconds: float) -> float:
        return grid_after(self._session.project, seconds, Grid.BAR)

    def _on_selection(self, label: str, edit: Callable[[Project, Collection[Id]], Project]) -> None:
        ids = self._view.selection
        if ids:
            self._session.apply(label, lambda project: edit(project, ids))

    def _then_select(self, label: str, edit: Edit) -> None:
        before = self._session.project
        if self._session.apply(label, edit):
            added = diff(before, self._session.project).clips_added
            ids = [clip_id for _, clip_id in added]
            self._view.select(ids, focus=ids[0] if ids else None)

    def _track_of_focus(self) -> Id | None:
        for track, clip in self._session.project.clips():
            if clip.id == self._view.focus:
                return track.id
        return None


def step_on_grid(project: Project, view: ViewState, seconds: float, direction: int) -> float:
    """Return the next line of the grid forwards (1) or back (-1); 10 ms on without a grid."""
    grid = view.grid
    if grid is Grid.NONE or not view.snap_on:
        return max(seconds + direction * _NUDGE_SECONDS, 0.0)
    if direction > 0:
        return grid_after(project, seconds, grid)
    return grid_before(project, max(seconds - 1e-4, 0.0), grid)
