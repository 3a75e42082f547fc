"""Where each value of a TOML text stands, so that an error can name its line.

``tomllib`` reads values and forgets their places. This walks a text that ``tomllib`` has read
without complaint, so it need not judge, only follow tables, keys, brackets and strings.
"""

import re
import tomllib
from collections.abc import Mapping

Place = tuple[str | int, ...]
"""Keys, and indices in arrays, from the outside in: ``("render", 0, "effects", 1, "type")``."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


def lines_of(text: str) -> Mapping[Place, int]:
    """Return the line, from 1, of every table, key and array item of a valid TOML text."""
    walk = _Walk(text)
    walk.document()
    return walk.lines


def line_of(lines: Mapping[Place, int], path: Place) -> int:
    """Return the line of a path, or of the innermost table around it that has one; else 1."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Walk:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counts: dict[Place, int] = {}
        self.lines: dict[Place, int] = {}

    def document(self) -> None:
        table: Place = ()
        while self._skip():
            if self._take("[["):
                place = self._resolved(self._key())
                index = self._counts.get(place, -1) + 1
                self._counts[place] = index
                table = (*place, index)
                self._note(table)
                self._skip_to("]]")
            elif self._take("["):
                table = self._resolved(self._key(), through_last=True)
                self._note(table)
                self._skip_to("]")
            else:
                self._pair(table)

    def _resolved(self, key: Place, *, through_last: bool = False) -> Place:
        """Return a table's path with the index of the last item of each array of tables."""
        path: Place = ()
        for number, name in enumerate(key, 1):
            path = (*path, name)
            if path in self._counts and (number < len(key) or through_last):
                path = (*path, self._counts[path])
        return path

    def _pair(self, table: Place) -> None:
        self._skip()
        key = (*table, *self._key())
        self._note(key)
        self._skip_to("=")
        self._value(key)

    def _value(self, place: Place) -> None:
        self._skip()
        if self._take("["):
            index = 0
            while self._skip() and not self._take("]"):
                self._note((*place, index))
                self._value((*place, index))
                index += 1
                self._skip()
                self._take(",")
        elif self._take("{"):
            while self._skip() and not self._take("}"):
                self._pair(place)
                self._skip()
                self._take(",")
        else:
            self._match(_STRING) or self._match(_SCALAR)

    def _key(self) -> Place:
        parts: list[str] = []
        while True:
            self._skip()
            quoted = self._match(_STRING)
            parts.append(tomllib.loads(f"v={quoted}")["v"] if quoted else self._match(_BARE))
            self._skip()
            if not self._take("."):
                return tuple(parts)

    def _note(self, path: Place) -> None:
        for length in range(1, len(path) + 1):
            # A dotted key names the tables on its way as well.
            self.lines.setdefault(path[:length], 1 + self._text.count("\n", 0, self._at))

    def _skip(self) -> bool:
        """Go to what is no blank and no comment; False at the end."""
        self._match(_BLANK)
        return self._at < len(self._text)

    def _skip_to(self, mark: str) -> None:
        self._skip()
        assert self._take(mark)

    def _take(self, mark: str) -> bool:
        found = self._text.startswith(mark, self._at)
        self._at += len(mark) * found
        return found

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found[0] if found else ""
