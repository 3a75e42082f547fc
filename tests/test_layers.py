"""The direction of dependencies: dsp and resources below, models and desktop side by side above."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = {
    "resources": {"resources"},
    "dsp": {"dsp", "resources"},
    "models": {"dsp", "models", "resources"},
    "desktop": {"desktop", "dsp", "resources"},
}
QT = {"PySide6", "PyQt5", "PyQt6", "pyqtgraph", "qtpy", "shiboken6"}
OWNERS = dict.fromkeys(QT, "desktop") | {"torch": "models", "safetensors": "models"}


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the full name of everything a module imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{a.name}" for a in node.names)


def faults(root: Path) -> list[str]:
    """Return what breaks the layers, one line each."""
    found = []
    for layer, allowed in LAYERS.items():
        for path in sorted((root / layer).rglob("*.py")):
            for name in imported(ast.parse(path.read_text("utf-8"))):
                first, _, rest = name.partition(".")
                place = f"{path.relative_to(root)}: {name}"
                if not first or first in LAYERS:
                    found.append(f"{place} (import tonewright... in full)")
                elif first == "tonewright" and rest.split(".")[0] not in allowed:
                    found.append(f"{place} (not for {layer})")
                elif OWNERS.get(first, layer) != layer:
                    found.append(f"{place} (only for {OWNERS[first]})")
    return found


def test_no_layer_imports_what_is_above_or_beside_it() -> None:
    assert faults(ROOT) == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("dsp/audio/file.py", "from tonewright.desktop.app import main"),
        ("dsp/cli/doctor.py", "def run():\n    import torch"),
        ("dsp/cli/doctor.py", "from PySide6 import QtCore"),
        ("dsp/audio/file.py", "from dsp.audio.signal import Audio"),
        ("dsp/audio/file.py", "from . import signal"),
        ("dsp/audio/file.py", "from tonewright import models"),
        ("models/net.py", "import tonewright.desktop"),
        ("models/net.py", "import PySide6.QtCore"),
        ("desktop/app.py", "from tonewright.models import net"),
        ("desktop/app.py", "import torch.nn"),
        ("resources/__init__.py", "from tonewright.dsp import units"),
    ],
)
def test_a_fault_is_found(tmp_path: Path, place: str, line: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n")
    assert len(faults(tmp_path)) == 1


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("desktop/app.py", "import pyqtgraph\nfrom tonewright.dsp.audio import signal"),
        ("models/net.py", "import torch\nfrom tonewright import resources"),
    ],
)
def test_what_is_allowed_is_no_fault(tmp_path: Path, place: str, line: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n")
    assert faults(tmp_path) == []


def test_the_flat_folders_are_not_imported_twice() -> None:
    """``import dsp`` works from the root, and would make a second copy of every class."""
    for module in ("tonewright.dsp.cli", "tonewright.dsp.project.document"):
        __import__(module)
    assert LAYERS.keys() & sys.modules.keys() == set()


@pytest.mark.parametrize("argument", ["--help", "effects"])
def test_the_command_line_starts_without_qt_and_torch(argument: str) -> None:
    code = (
        "import sys, tonewright.dsp.cli\n"
        f"code = tonewright.dsp.cli.main([{argument!r}])\n"
        "print(code, *sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    code, *loaded = ran.stdout.splitlines()[-1].split()
    assert code == "0"
    assert (OWNERS.keys() | {"nara_wpe"} | LAYERS.keys()) & set(loaded) == set()
    if argument == "--help":
        assert {"numpy", "scipy", "pedalboard", "av", "soundfile"} & set(loaded) == set()
