"""Where VST3 plugins live, and where Tonewright keeps what it knows of them."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import platformdirs

FOLDERS_VARIABLE = "VST3_PATH"
CATALOG_VARIABLE = "TONEWRIGHT_PLUGINS"


def standard_folders() -> tuple[Path, ...]:
    """Return ``$VST3_PATH`` if it is set, else the folders that the VST3 standard names."""
    chosen = os.environ.get(FOLDERS_VARIABLE)
    if chosen:
        return tuple(Path(each) for each in chosen.split(os.pathsep) if each)
    home = Path.home()
    match sys.platform:
        case "darwin":
            audio = "Library/Audio/Plug-Ins/VST3"
            return home / audio, Path("/") / audio
        case "win32":
            local = os.environ.get("LOCALAPPDATA", str(home / "AppData/Local"))
            common = os.environ.get("COMMONPROGRAMFILES", "C:/Program Files/Common Files")
            return Path(local) / "Programs/Common/VST3", Path(common) / "VST3"
    return home / ".vst3", Path("/usr/lib/vst3"), Path("/usr/local/lib/vst3")


def plugins_in(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield every ``.vst3`` below some folders once, in order of name."""
    seen: set[Path] = set()
    for folder in folders:
        for path in sorted(folder.rglob("*.vst3")):
            inside = any(parent.suffix == ".vst3" for parent in path.parents)
            real = path.resolve()
            if not inside and real not in seen:
                seen.add(real)
                yield path.absolute()


def binary_files(path: Path) -> list[Path]:
    """Return the files of a plugin: all of its bundle, or itself where it is one file."""
    return sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]


def catalog_path() -> Path:
    """Return the file of scanned plugins: ``$TONEWRIGHT_PLUGINS``, else in the user's data."""
    chosen = os.environ.get(CATALOG_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_data_path("tonewright") / "plugins.json"
