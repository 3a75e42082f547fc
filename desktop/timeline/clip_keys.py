"""The way of the keyboard from clip to clip."""

from tonewright.desktop.timeline.places import Places
from tonewright.dsp.project.document import Clip


class ClipKeys:
    """Moves the focus of a view among the clips of its session."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._view = places.view

    def walk(self, step: int) -> None:
        """Go to the next clip of the track, or to the first clip."""
        tracks = self._places.session.project.tracks
        at = self._focused()
        if at is None:
            clips = [clip for track in tracks for clip in track.clips]
            if clips:
                self._go_to(clips[0])
            return
        row, column = at
        if 0 <= column + step < len(tracks[row].clips):
            self._go_to(tracks[row].clips[column + step])

    def climb(self, step: int) -> None:
        """Go to the clip of the next track that starts closest."""
        at = self._focused()
        if at is None:
            self.walk(step)
            return
        tracks = self._places.session.project.tracks
        row, column = at
        start_seconds = self._places.sounding(tracks[row].clips[column]).start_seconds
        row += step
        while 0 <= row < len(tracks) and not tracks[row].clips:
            row += step
        if 0 <= row < len(tracks):
            self._go_to(
                min(
                    tracks[row].clips,
                    key=lambda clip: abs(self._places.sounding(clip).start_seconds - start_seconds),
                )
            )

    def _focused(self) -> tuple[int, int] | None:
        """Return the indices of the track and of the clip that the keyboard is on."""
        for row, track in enumerate(self._places.session.project.tracks):
            for column, clip in enumerate(track.clips):
                if clip.id == self._view.focus:
                    return row, column
        return None

    def _go_to(self, clip: Clip) -> None:
        self._view.select([clip.id], focus=clip.id)
        self._places.reveal(self._places.sounding(clip))
