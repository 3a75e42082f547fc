"""What the recording below an effect tells of its room: how long it rings, and how near the source.

It is heard in a task (``dsp.audio.room``), once for each passage, and told when it is known. Shown
below effects that take a room away or add one.
"""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QLabel, QWidget

from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.audio.room import FILE_SECONDS, Room, room_of_file
from tonewright.dsp.project.document import AudioClip, Clip, EffectSpec, Id, Project
from tonewright.dsp.project.edits.access import find_medium

HEARS_ROOMS = frozenset(("dereverb", "dereverb_streaming", "wpe_dereverb", "match_room"))
"""Effects below which a room is told."""

DRY_DB = 15.0
"""Above this ratio there is hardly any room, and no time of it."""

_QUIET_MS = 300  # without edits; a clip's edge may be being dragged


@dataclass(frozen=True, slots=True)
class Recording:
    """A passage of a file.

    Attributes:
        path: Of the file.
        stamp: Of what is in it; another where that has changed.
        start_samples: In the file's rate.
        length_samples: None for all of it.
    """

    path: str
    stamp: str
    start_samples: int = 0
    length_samples: int | None = None


class Rooms(QObject):
    """The rooms that were heard so far.

    Signals:
        told (): One more is known.
    """

    told = Signal()

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._known: dict[Recording, Room | str | None] = {}

    def of(self, recording: Recording) -> Room | str | None:
        """Return the room, or why it cannot be told, or None as long as it is listened to."""
        if recording not in self._known:
            self._known[recording] = None
            self._tasks.run(
                lambda: room_of_file(
                    Path(recording.path), recording.start_samples, recording.length_samples
                ),
                lambda room: self._keep(recording, room),
                failed=lambda error: self._keep(recording, str(error)),
            )
        return self._known[recording]

    def _keep(self, recording: Recording, room: Room | str) -> None:
        self._known[recording] = room
        self.told.emit()


class RoomReadout(QLabel):
    """One line, or two where an effect has a second recording: where a sound is, and where it goes.

    Args:
        session: The open project.
        rooms: Hears them.
        effect: The effect as it is now; later it is told by ``show_effect``.
    """

    def __init__(
        self, session: Session, rooms: Rooms, effect: EffectSpec, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._rooms = rooms
        self._effect = effect
        self.setWordWrap(True)
        self.setProperty("role", "second")
        self.setAccessibleName("Room of the recording")
        self.setToolTip(
            "Estimated from the recording: RT60 is the time in which the room's sound falls by "
            "60 dB, DRR the direct sound against the room; it falls with the distance"
        )
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(_QUIET_MS)
        self._quiet.timeout.connect(self._show_rooms)
        session.changed.connect(self._wait)
        rooms.told.connect(self._show_rooms)
        self._show_rooms()

    def show_effect(self, effect: EffectSpec) -> None:
        """Show the rooms of an effect as it is now."""
        if effect.params != self._effect.params:
            self._effect = effect
            self._show_rooms()

    def _wait(self) -> None:
        self._quiet.start()

    def _show_rooms(self) -> None:
        lines = []
        here = recording_of(self._session.project, self._effect.id)
        if here is not None:
            lines.append(f"Room: {_told(self._rooms.of(here))}")
        reference = dict(self._effect.params).get("reference")
        if isinstance(reference, str) and reference:
            there = Recording(reference, _changed(Path(reference)))
            lines.append(f"Room of the reference: {_told(self._rooms.of(there))}")
        self.setText("\n".join(lines))
        self.setVisible(bool(lines))


def recording_of(project: Project, effect_id: Id) -> Recording | None:
    """Return what the longest audio clip that an effect works on plays; None without one."""
    clips = [
        clip
        for clip in _clips_of(project, effect_id)
        if isinstance(clip, AudioClip) and clip.source_length_samples
    ]
    if not clips:
        return None
    clip = max(clips, key=lambda each: each.source_length_samples)
    medium = find_medium(project, clip.media_id)
    length = min(clip.source_length_samples, round(FILE_SECONDS * medium.sample_rate))
    return Recording(medium.path, medium.sha256, clip.source_start_samples, length)


def _clips_of(project: Project, effect_id: Id) -> list[Clip]:
    """Return the clip whose chain an effect is in, or all of the track, or of the mix."""

    def holds(effects: tuple[EffectSpec, ...]) -> bool:
        return any(effect.id == effect_id for effect in effects)

    everything = holds(project.master.effects)
    return [
        clip
        for track, clip in project.clips()
        if everything or holds(track.channel.effects) or holds(clip.effects)
    ]


def _told(room: Room | str | None) -> str:
    if room is None:
        return "listening"
    if isinstance(room, str):
        return room
    if room.drr_db > DRY_DB:
        return "hardly any"
    return f"RT60 {room.rt60_seconds:.2f} s, DRR {room.drr_db:+.0f} dB"


def _changed(path: Path) -> str:
    """Return when a file was changed; nothing where there is none, which listening to it tells."""
    return str(path.stat().st_mtime_ns) if path.is_file() else ""
