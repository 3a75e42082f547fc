"""The project that is open, and its history.

The project is an immutable value; ``Session.apply`` is the one way to change it. An edit that is
applied becomes one entry of the undo stack, which keeps the projects before and after it, so undo
is exact by construction. Views listen to ``changed`` and look up in ``session.project`` what the
diff names. A session touches no disk and starts no thread; ``desktop.storage`` does.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.project.diff import diff
from tonewright.dsp.project.document import Media, Project, new_id

Edit = Callable[[Project], Project]

_MERGES = 1  # Qt asks a command to merge only with one of the same id; any number but -1


class Session(QObject):
    """The open project.

    Attributes:
        project: The project as it is now; a value, safe to hand to any thread.
        folder: Where it is saved; None if it never was.
        undo_stack: Its history; clean where it was saved.

    Signals:
        changed (ProjectDiff): After every change, undo and redo, and when another project opens.
        opened (): After ``open`` or a change of ``folder``, behind ``changed``.
        problem (str): One line for the user, when an edit cannot be made.
    """

    changed = Signal(object)
    opened = Signal()
    problem = Signal(str)

    def __init__(self, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project or empty_project()
        self.folder: Path | None = None
        self.undo_stack = QUndoStack(self)
        self._collected: dict[Media, Media] = {}

    def apply(self, label: str, edit: Edit, *, merge_key: str | None = None) -> bool:
        """Change the project by an edit, as one entry of the history.

        Args:
            label: What the user did, as the menu says it behind "Undo", e.g. ``"Move clips"``.
            edit: Takes the project and returns another; the same object changes nothing.
            merge_key: Edits in a row with the same key fold into one entry: give each drag a
                fresh one, e.g. ``f"drag:{new_id()}"``.

        Returns:
            Whether the project changed. An edit that the engine refuses changes nothing and is
            told by ``problem``.
        """
        before = self.project
        try:
            after = edit(before)
        except TonewrightError as error:
            self.problem.emit(str(error))
            return False
        if after is before:
            return False
        self.undo_stack.push(SetProject(self, label, before, after, merge_key))
        return True

    def open(self, project: Project, folder: Path | None = None) -> None:
        """Show another project, with an empty history."""
        self.undo_stack.clear()
        self._collected = {}
        self.folder = folder
        self.show_project(project)
        self.opened.emit()

    def mark_saved(self, saved: Project, written: Project, folder: Path) -> None:
        """Note that a project lies on the disk.

        Args:
            saved: The project that was handed to ``dsp.project.folder.save``.
            written: What that returned: media that were collected have new places in it.
            folder: Where.
        """
        is_current = saved is self.project
        for old, new in zip(saved.media, written.media, strict=True):
            if old != new:
                self._collected[old] = new
        self.folder = folder
        if is_current:
            self.undo_stack.setClean()
        self.show_project(self.project)
        self.opened.emit()

    def show_project(self, project: Project) -> None:
        """Make a project the current one and tell the views; for commands of the history."""
        before = self.project
        self.project = self._located(project)
        if changes := diff(before, self.project):
            self.changed.emit(changes)

    def _located(self, project: Project) -> Project:
        """Return the project with media where saving has put them since.

        The history holds projects from before; their media may be gone from the old places.
        """
        if not any(medium in self._collected for medium in project.media):
            return project
        media = tuple(self._collected.get(medium, medium) for medium in project.media)
        return replace(project, media=media)


class SetProject(QUndoCommand):
    """The one command: it swaps two projects."""

    def __init__(
        self,
        session: Session,
        label: str,
        before: Project,
        after: Project,
        merge_key: str | None,
    ) -> None:
        super().__init__(label)
        self._session = session
        self._before = before
        self._after = after
        self._merge_key = merge_key

    def id(self) -> int:
        """Return a number that allows merging only for commands with a merge key."""
        return -1 if self._merge_key is None else _MERGES

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        """Take in the next step of the same gesture."""
        if not isinstance(other, SetProject) or other._merge_key != self._merge_key:
            return False
        self._after = other._after
        self.setObsolete(self._after is self._before)  # a drag that came back
        return True

    def redo(self) -> None:
        """Show the project after the edit."""
        self._session.show_project(self._after)

    def undo(self) -> None:
        """Show the project before the edit."""
        self._session.show_project(self._before)


def empty_project() -> Project:
    """Return a new project without tracks."""
    return Project(new_id(), "Untitled")
