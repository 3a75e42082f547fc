"""What the keyboard and the menus do to the current track.

That is the track whose chain the chain editor shows, or one of whose clips it shows.
"""

from PySide6.QtCore import QObject, Signal

from tonewright.desktop.inspector.chain_editor import ChainEditor
from tonewright.desktop.session import Session
from tonewright.desktop.timeline.headers import Headers, TrackHeader
from tonewright.dsp.project.document import Id
from tonewright.dsp.project.edits import delete_tracks, move_track


class TrackCommands(QObject):
    """The commands.

    Args:
        session: What is edited.
        headers: Where names and colours are asked for.
        chain_editor: Says which track is the current one.

    Signals:
        problem (str): One line for the user, where there is no current track.
    """

    problem = Signal(str)

    def __init__(
        self, session: Session, headers: Headers, chain_editor: ChainEditor, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._headers = headers
        self._chain_editor = chain_editor

    def rename(self) -> None:
        """Let the user write the name of the track."""
        header = self._header()
        if header is not None:
            header.begin_rename()

    def choose_color(self) -> None:
        """Ask for the colour of the track."""
        header = self._header()
        if header is not None:
            header.choose_color()

    def move(self, rows: int) -> None:
        """Move the track by so many rows down."""
        track_id = self._track_id()
        if track_id is not None:
            ids = [track.id for track in self._session.project.tracks]
            index = min(max(ids.index(track_id) + rows, 0), len(ids) - 1)
            self._session.apply("Move track", lambda project: move_track(project, track_id, index))

    def delete(self) -> None:
        """Delete the track with its clips."""
        track_id = self._track_id()
        if track_id is not None:
            self._session.apply("Delete track", lambda project: delete_tracks(project, [track_id]))

    def _header(self) -> TrackHeader | None:
        track_id = self._track_id()
        return None if track_id is None else self._headers.header(track_id)

    def _track_id(self) -> Id | None:
        owner_id = self._chain_editor.owner_id
        for track in self._session.project.tracks:
            if owner_id in (track.id, *(clip.id for clip in track.clips)):
                return track.id
        self.problem.emit("choose a track first: click on its header, or on one of its clips")
        return None
