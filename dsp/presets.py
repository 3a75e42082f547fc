"""Named sets of values that a user keeps, each collection in one JSON file of the user's folder.

A collection belongs to an effect type (``effect_presets``) or to exports (``export_presets``). The
file is replaced whole at every change.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.atomic import replacing

_FORMAT = 1


class Presets:
    """One collection; it is read again whenever it is asked, as another window may write it.

    Args:
        file: Where it is kept; made when the first preset is saved.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def names(self) -> tuple[str, ...]:
        """Return the names of all presets, sorted.

        Raises:
            ProjectError: If the file cannot be read.
        """
        return tuple(sorted(self._read(), key=str.casefold))

    def get(self, name: str) -> dict[str, Any]:
        """Return the values of a preset.

        Raises:
            ProjectError: If there is none of that name, or the file cannot be read.
        """
        presets = self._read()
        if name not in presets:
            raise ProjectError(f"{self.file}: there is no preset {name!r}; has it been deleted?")
        return presets[name]

    def save(self, name: str, values: Mapping[str, Any]) -> None:
        """Keep values under a name, in place of what had it.

        Raises:
            ProjectError: If the name is empty, or the file cannot be read or written.
        """
        if not name.strip():
            raise ProjectError("a preset needs a name: type one")
        self._write(self._read() | {name: dict(values)})

    def delete(self, name: str) -> None:
        """Forget a preset; one that is not there is forgotten already.

        Raises:
            ProjectError: If the file cannot be read or written.
        """
        presets = self._read()
        if presets.pop(name, None) is not None:
            self._write(presets)

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            document = json.loads(self.file.read_text("utf-8"))
            presets = document["presets"]
            valid = document["format"] == _FORMAT and all(
                isinstance(values, dict) for values in presets.values()
            )
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ProjectError(
                f"{self.file}: cannot be read: {error.strerror}; check its permissions"
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProjectError(f"{self.file}: no presets; move it away to start anew") from error
        if not valid:
            raise ProjectError(f"{self.file}: of another version; move it away to start anew")
        return dict(presets)

    def _write(self, presets: Mapping[str, Any]) -> None:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProjectError(
                f"{self.file.parent}: cannot be made: {error.strerror}; check its permissions"
            ) from error
        text = json.dumps({"format": _FORMAT, "presets": presets}, indent=1, ensure_ascii=False)
        with replacing(self.file) as file:
            file.write(text.encode("utf-8"))


def presets_folder() -> Path:
    """Return where a user's presets are kept."""
    return platformdirs.user_data_path("tonewright", appauthor=False) / "presets"


def effect_presets(effect_id: str, folder: Path) -> Presets:
    """Return the presets of an effect type."""
    return Presets(folder / "effects" / f"{effect_id}.json")


def export_presets(folder: Path) -> Presets:
    """Return the presets of exports."""
    return Presets(folder / "exports.json")
