"""What the program remembers between runs, apart from projects: in the user's settings.

Layout, theme, shortcuts, recent projects. A setting that is damaged counts as not set.
"""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from tonewright.desktop.theme import DARK, THEMES, Theme

_MOST_RECENT = 10


class Settings:
    """The settings of a user.

    Args:
        path: The file they are in; the system's place if None.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            self._store = QSettings("Tonewright", "Tonewright")
        else:
            self._store = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def theme(self) -> Theme:
        """The theme."""
        return THEMES.get(str(self._store.value("theme", DARK.name)), DARK)

    @theme.setter
    def theme(self, theme: Theme) -> None:
        self._store.setValue("theme", theme.name)

    @property
    def recent(self) -> list[Path]:
        """The folders of the projects opened last, newest first."""
        value = self._store.value("recent", [])
        paths = value if isinstance(value, list) else [value]
        return [Path(str(path)) for path in paths if path]

    def add_recent(self, folder: Path) -> None:
        """Put a project's folder first."""
        paths = [folder, *(path for path in self.recent if path != folder)]
        self._store.setValue("recent", [str(path) for path in paths[:_MOST_RECENT]])

    def shortcut(self, action_id: str) -> str | None:
        """Return the keys that the user gave an action; None if the program's own count."""
        value = self._store.value(f"shortcuts/{action_id}")
        return None if value is None else str(value)

    def set_shortcut(self, action_id: str, keys: str | None) -> None:
        """Give an action other keys, none with an empty text, or its own again with None."""
        if keys is None:
            self._store.remove(f"shortcuts/{action_id}")
        else:
            self._store.setValue(f"shortcuts/{action_id}", keys)

    def layout(self) -> tuple[QByteArray, QByteArray] | None:
        """Return geometry and state of the window; None if there are none yet."""
        geometry, state = self._store.value("geometry"), self._store.value("state")
        if isinstance(geometry, QByteArray) and isinstance(state, QByteArray):
            return geometry, state
        return None

    def set_layout(self, geometry: QByteArray, state: QByteArray) -> None:
        """Keep geometry and state of the window."""
        self._store.setValue("geometry", geometry)
        self._store.setValue("state", state)
