"""The notes of the clip that a piano roll shows, and which of them are selected.

Canvas, keyboard and velocity lane share one ``ClipNotes``. It changes the document through the
session only. Positions count in ticks from the clip's start.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from tonewright.desktop.pianoroll.scales import pitch_name
from tonewright.desktop.session import Edit, Session
from tonewright.dsp.midi.quantize import Grid
from tonewright.dsp.project.diff import ProjectDiff
from tonewright.dsp.project.document import PPQ, Id, MidiClip, Note, Project
from tonewright.dsp.project.edits import notes as edits
from tonewright.dsp.project.edits.access import find_clip
from tonewright.dsp.project.tempo import bar_beat_tick, to_ticks

Notes = tuple[Note, ...]
Shape = Callable[[Sequence[Note]], Notes]


class ClipNotes(QObject):
    """The notes of one clip.

    Attributes:
        clip: The clip; None if none is shown or it was deleted.
        color: The color of its track.
        start_ticks: Where it starts, from the project's start.
        selected: The selected notes, in the order of the clip.
        ghosts: Notes of other MIDI clips that sound with it, from this clip's start.
        grid: The name of the grid that positions snap to.

    Signals:
        changed (): After every change of what is shown.
        selection_changed (): After every change of ``selected``.
    """

    changed = Signal()
    selection_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.clip: MidiClip | None = None
        self.color = ""
        self.start_ticks = 0
        self.selected: Notes = ()
        self.ghosts: Notes = ()
        self.grid = "1/16"
        self._clip_id: Id | None = None
        session.changed.connect(self._follow)

    @property
    def notes(self) -> Notes:
        """The notes of the clip."""
        return () if self.clip is None else self.clip.notes

    @property
    def subjects(self) -> Notes:
        """What a command applies to: the selected notes, or all if none is."""
        return self.selected or self.notes

    def show(self, clip_id: Id | None) -> None:
        """Show a clip; none if it is no MIDI clip of the project."""
        self._clip_id = clip_id
        self.selected = ()
        self._update()
        self.selection_changed.emit()

    def select(self, notes: Iterable[Note]) -> None:
        """Select these notes and no others."""
        wanted = Counter(notes)
        selected = []
        for note in self.notes:
            if wanted[note]:
                wanted[note] -= 1
                selected.append(note)
        if tuple(selected) != self.selected:
            self.selected = tuple(selected)
            self.selection_changed.emit()

    def snapped(self, ticks: float) -> int:
        """Return the line of the grid nearest to a position, not before the clip's start."""
        lines = Grid(self.grid, self.session.project.tempo_map, PPQ)
        return max(0, lines.nearest(round(self.start_ticks + ticks)) - self.start_ticks)

    @property
    def spacing_ticks(self) -> int:
        """The distance of two lines of the grid."""
        return round(Grid(self.grid, self.session.project.tempo_map, PPQ).spacing_ticks)

    def spoken(self, note: Note) -> str:
        """Return pitch, place, length and velocity of a note, in words."""
        place = bar_beat_tick(self.session.project.tempo_map, self.start_ticks + note.start_ticks)
        return (
            f"{pitch_name(note.pitch)}, bar {place.bar} beat {place.beat} tick {place.tick}, "
            f"length {note.length_ticks / PPQ:g} quarters, velocity {note.velocity}"
        )

    # --- edits ---------------------------------------------------------------------------------

    def add(self, note: Note) -> None:
        """Add a note and select it."""
        self._apply("Add note", lambda p: edits.add_notes(p, self._id, (note,)), (note,))

    def delete(self) -> None:
        """Delete the selected notes."""
        gone = self.selected
        if gone:
            self._apply("Delete notes", lambda p: edits.delete_notes(p, self._id, gone), ())

    def reshape(self, label: str, shape: Shape, *, merge_key: str | None = None) -> None:
        """Replace the selected notes by what a function makes of them; they stay selected."""
        self.replace(label, self.selected, shape(self.selected), merge_key=merge_key)

    def replace(self, label: str, old: Notes, new: Notes, *, merge_key: str | None = None) -> None:
        """Replace notes by others, and select those."""
        if old:
            self._apply(label, lambda p: edits.replace_notes(p, self._id, old, new), new, merge_key)

    def quantise(self, *, strength: float, swing: float) -> None:
        """Pull the selected notes, or all, to the grid."""
        if self.clip is None:
            return
        old = self.subjects
        new = edits.quantised(
            self.session.project, self._id, old, grid=self.grid, strength=strength, swing=swing
        )
        selected = new if self.selected else ()
        self._apply("Quantise", lambda p: edits.replace_notes(p, self._id, old, new), selected)

    def transpose(self, semitones: int) -> None:
        """Move the selected notes, or all, in pitch."""
        old = self.subjects
        new = edits.moved(old, semitones=semitones)
        selected = new if self.selected else ()
        if old:
            self._apply("Transpose", lambda p: edits.replace_notes(p, self._id, old, new), selected)

    def duplicate(self) -> None:
        """Copy the selected notes behind themselves, a whole number of grid lines on."""
        if not self.selected:
            return
        first = min(note.start_ticks for note in self.selected)
        end = max(note.start_ticks + note.length_ticks for note in self.selected)
        steps = max(1, -(-(end - first) // self.spacing_ticks))
        copies = edits.moved(self.selected, ticks=steps * self.spacing_ticks)
        self._apply("Duplicate notes", lambda p: edits.add_notes(p, self._id, copies), copies)

    @property
    def _id(self) -> Id:
        assert self._clip_id is not None
        return self._clip_id

    def _apply(self, label: str, edit: Edit, selected: Notes, merge_key: str | None = None) -> None:
        if self.clip is not None and self.session.apply(label, edit, merge_key=merge_key):
            self.select(selected)

    # --- following the document ----------------------------------------------------------------

    def _follow(self, diff: ProjectDiff) -> None:
        if diff.clips_added or diff.clips_removed or diff.clips_changed or diff.tempo:
            self._update()
        elif self.clip is not None and diff.tracks_changed:
            track, _ = find_clip(self.session.project, self.clip.id)
            if track.color != self.color:
                self.color = track.color
                self.changed.emit()

    def _update(self) -> None:
        project = self.session.project
        self.clip, self.ghosts = None, ()
        for track, clip in project.clips():
            if clip.id == self._clip_id and isinstance(clip, MidiClip):
                self.clip, self.color = clip, track.color
                self.start_ticks = round(to_ticks(project.tempo_map, clip.start))
                self.ghosts = tuple(_sounding_with(project, clip, self.start_ticks))
        self.changed.emit()
        self.select(self.selected)


def _sounding_with(project: Project, shown: MidiClip, start_ticks: int) -> Iterable[Note]:
    for _, clip in project.clips():
        if not isinstance(clip, MidiClip) or clip.muted or clip.id == shown.id:
            continue
        offset_ticks = round(to_ticks(project.tempo_map, clip.start)) - start_ticks
        if offset_ticks >= shown.length_ticks or offset_ticks + clip.length_ticks <= 0:
            continue
        for note in clip.notes:
            if note.start_ticks < clip.length_ticks:
                yield replace(note, start_ticks=note.start_ticks + offset_ticks)
