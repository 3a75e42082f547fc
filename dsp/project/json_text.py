"""JSON as text that people and ``diff`` can read, and the way back with places in the errors.

What holds only scalars stands on one line where it fits, so a note, a fade or a tempo is a line of
its own, and a change of one is a change of one line.
"""

import json
from pathlib import Path
from typing import Any

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import Json

_WIDTH = 100
_INDENT = " "
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def dumps(data: Json) -> bytes:
    """Return JSON values as UTF-8 text with a final line end.

    Raises:
        ValueError: If a number is not finite.
    """
    lines: list[str] = []
    _write(data, "", "", lines)
    # A file name that is not valid UTF-8 holds lone surrogates; as \\udcxx they are valid JSON.
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def loads(text: bytes, path: Path) -> Json:
    """Return the JSON values of a file's text.

    Args:
        text: What the file holds.
        path: The file, for messages.

    Raises:
        ProjectError: If it is no JSON, naming line and column.
    """
    try:
        return json.loads(text.decode("utf-8-sig"), parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise ProjectError(
            f"{path}: no JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise ProjectError(f"{path}: no UTF-8 text at line {line}") from error
    except RecursionError as error:
        raise ProjectError(f"{path}: it is nested too deeply") from error
    except ValueError as error:
        raise ProjectError(f"{path}: {error}") from error


def read(path: Path) -> Json:
    """Return the JSON values of a file.

    Raises:
        ProjectError: If it cannot be read or is no JSON.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ProjectError(f"{path}: cannot be read: {error.strerror}") from error
    return loads(text, path)


def _write(data: Json, indent: str, prefix: str, lines: list[str]) -> None:
    """Append the lines of a value; ``prefix`` stands before it on its first line."""
    if not isinstance(data, dict | list) or _is_flat(data):
        flat = _encode(data)
        if not isinstance(data, dict | list) or not data or len(indent + prefix + flat) < _WIDTH:
            lines.append(indent + prefix + flat)
            return
    inner = indent + _INDENT
    if isinstance(data, dict):
        lines.append(indent + prefix + "{")
        for name, value in data.items():
            _write(value, inner, _encode(name) + ": ", lines)
            lines[-1] += ","
        bracket = "}"
    else:
        lines.append(indent + prefix + "[")
        for value in data:
            if type(value) is list and {*map(type, value)} == {int}:
                lines.append(f"{inner}{value}")  # a note: Python writes it as JSON does, and faster
            else:
                _write(value, inner, "", lines)
            lines[-1] += ","
        bracket = "]"
    lines[-1] = lines[-1].removesuffix(",")
    lines.append(indent + bracket)


def _is_flat(data: dict[str, Any] | list[Any]) -> bool:
    values = data.values() if isinstance(data, dict) else data
    return not any(isinstance(value, dict | list) and value for value in values)


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON number")
