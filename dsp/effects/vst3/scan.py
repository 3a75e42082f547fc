"""Looking for plugins, out of process, and remembering what was found.

The catalogue is a JSON file with an entry for each ``.vst3``: its plugins described as data, or why
it cannot be used. An entry counts as long as the plugin's files have not changed; one that failed
is on the skip list, and is not tried again before they do or the user asks (``retry``). Each scan
appends what happened to a log beside the catalogue. One process describes plugin after plugin, and
a new one takes over where a plugin has brought it down.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tonewright.dsp.effects.vst3.folders import binary_files, catalog_path, plugins_in
from tonewright.dsp.effects.vst3.process import Limits, PluginError, PluginProcess
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.atomic import replacing

FORMAT = 1
LATE_TOLERANCE_SAMPLES = 2


@dataclass(frozen=True, slots=True)
class Scanned:
    """What is known of one ``.vst3``.

    Attributes:
        path: Where it is.
        stamp: Changes when its files do.
        sha256: Checksum of its files.
        plugins: Each plugin in it, as ``host`` describes it.
        failure: Why it cannot be used; empty if it can.
        trusted: The user says that its latency is as it should be.
    """

    path: str
    stamp: str
    sha256: str = ""
    plugins: tuple[dict[str, Any], ...] = ()
    failure: str = ""
    trusted: bool = False

    @property
    def untrue(self) -> str:
        """How the latency that it reports differs from what was measured; empty if it does not."""
        for plugin in self.plugins:
            late = int(plugin.get("late_samples", 0))
            if abs(late) > LATE_TOLERANCE_SAMPLES:
                said = int(plugin["latency_samples"])
                return (
                    f"{plugin['name']} reports {said} samples of latency but its sound is "
                    f"{said + late} samples late"
                )
        return ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """All that was scanned, by path."""

    entries: dict[str, Scanned] = field(default_factory=dict)

    def usable(self) -> list[Scanned]:
        """Return the entries that can be used, in order of path."""
        return [each for _, each in sorted(self.entries.items()) if not each.failure]


def read_catalog(path: Path | None = None) -> Catalog:
    """Return the catalogue; an empty one if nothing was scanned yet.

    Raises:
        EffectError: If the file is damaged.
    """
    path = path or catalog_path()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Catalog()
    except (OSError, ValueError) as error:
        raise EffectError(
            f"{path}: the list of plugins cannot be read ({error}); delete it and scan again"
        ) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return Catalog()
    try:
        found = [
            Scanned(**{**each, "plugins": tuple(each["plugins"])}) for each in document["found"]
        ]
    except (KeyError, TypeError) as error:
        raise EffectError(
            f"{path}: the list of plugins is damaged ({error}); delete it and scan again"
        ) from error
    return Catalog({each.path: each for each in found})


def write_catalog(catalog: Catalog, path: Path | None = None) -> None:
    """Write the catalogue, or leave the old one as it was."""
    path = path or catalog_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    found = [asdict(each) for _, each in sorted(catalog.entries.items())]
    text = json.dumps({"format": FORMAT, "found": found}, indent=1)
    with replacing(path) as file:
        file.write(text.encode())


def scan(
    folders: Sequence[Path],
    *,
    limits: Limits,
    retry: bool = False,
    report: Callable[[int, int, str], None] = lambda done, total, name: None,
    path: Path | None = None,
) -> Catalog:
    """Describe what is new or changed in some folders, and return the catalogue.

    Args:
        folders: Where to look; entries from elsewhere stay.
        limits: What each plugin may take.
        retry: Try again what failed before.
        report: Called with (done, total, path).
        path: The catalogue; the user's own if None.

    Raises:
        EffectError: If the catalogue is damaged.
    """
    path = path or catalog_path()
    before = read_catalog(path).entries
    roots = [str(each.absolute()) for each in folders]
    entries = {
        key: each
        for key, each in before.items()
        if not any(key.startswith(root + os.sep) for root in roots)
    }
    found = list(plugins_in(folders))
    lines: list[str] = []
    scanner = _Scanner(limits)
    try:
        for index, plugin in enumerate(found):
            report(index, len(found), str(plugin))
            known = before.get(str(plugin))
            stamp = _stamp(plugin)
            fresh = known is None or known.stamp != stamp or (retry and bool(known.failure))
            entry = scanner.described(plugin, stamp) if fresh or known is None else known
            entries[entry.path] = entry
            if fresh:
                lines.append(f"{plugin}: {entry.failure or entry.untrue or 'usable'}")
                write_catalog(Catalog(entries), path)  # what is scanned stays scanned
    finally:
        scanner.close()
    catalog = Catalog(entries)
    write_catalog(catalog, path)
    _log(path, lines)
    return catalog


def trusted(catalog: Catalog, path: str, trust: bool) -> Catalog:
    """Return a catalogue in which a plugin's latency is trusted, or no more."""
    return Catalog({**catalog.entries, path: replace(catalog.entries[path], trusted=trust)})


def log_path(path: Path | None = None) -> Path:
    """Return the log of the scans of a catalogue."""
    return (path or catalog_path()).with_suffix(".log")


def _log(path: Path, lines: Iterable[str]) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with log_path(path).open("a", encoding="utf-8") as file:
        file.writelines(f"{now} {line}\n" for line in lines)


def _stamp(path: Path) -> str:
    states = ((each, each.stat()) for each in binary_files(path))
    return hashlib.sha256(
        "".join(f"{each}{state.st_size};{state.st_mtime_ns};" for each, state in states).encode()
    ).hexdigest()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    for each in binary_files(path):
        digest.update(each.read_bytes())
    return digest.hexdigest()


class _Scanner:
    """Describes plugins in a process that is replaced when one of them ends it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: PluginProcess | None = None

    def described(self, path: Path, stamp: str) -> Scanned:
        try:
            names = self._ask("names", path)["names"]
            plugins = tuple(
                {"plugin_name": name, **self._ask("describe", path, name=name)} for name in names
            )
        except PluginError as error:
            return Scanned(str(path), stamp, failure=str(error))
        return Scanned(str(path), stamp, _sha256(path), plugins)

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def _ask(self, verb: str, path: Path, **content: Any) -> dict[str, Any]:
        if self._process is None or not self._process.alive:
            self.close()
            self._process = PluginProcess(path.stem, self._limits)
        self._process.label = path.stem
        limit = self._limits.load_seconds
        return self._process.ask(verb, seconds=limit, path=str(path), **content)
