"""What is shipped is what is there: packages, modules and dependencies."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("dsp", "models", "desktop", "resources")
DISTRIBUTIONS = {
    "fluidsynth": "pyfluidsynth",
    "pedalboard_native": "pedalboard",
    "shiboken6": "PySide6",
}
"""Names of modules that differ from the name of what brings them."""


def settings(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


def modules(root: Path) -> Iterable[Path]:
    for folder in FOLDERS:
        yield from (root / folder).rglob("*.py")


def packages_on_disk(root: Path) -> set[str]:
    """Return every folder with ``__init__.py``, as the name of a package."""
    inits = (path.parent.relative_to(root) for path in modules(root) if path.stem == "__init__")
    return {".".join(("tonewright", *folder.parts)) for folder in inits}


def strays(root: Path) -> set[str]:
    """Return the modules that are in no package."""
    return {
        str(path.relative_to(root))
        for path in modules(root)
        if not (path.parent / "__init__.py").is_file()
    }


def undeclared(root: Path, folder: str, extras: Iterable[str] = ()) -> set[str]:
    """Return what the modules of a folder import from others and pyproject does not name."""
    project = settings(root)["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    declared = {_normal(re.split(r"[^\w.-]", each)[0]) for each in wanted}
    found = set()
    for path in (root / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            else:
                continue
            found |= {name.split(".")[0] for name in names}
    others = found - sys.stdlib_module_names - {"tonewright"}
    return {name for name in others if _normal(DISTRIBUTIONS.get(name, name)) not in declared}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_is_shipped() -> None:
    assert set(settings(ROOT)["tool"]["setuptools"]["packages"]) == packages_on_disk(ROOT)


def test_no_module_is_outside_a_package() -> None:
    assert strays(ROOT) == set()


@pytest.mark.parametrize(
    ("folder", "extras"),
    [
        ("dsp", ("cluster", "exchange")),
        ("models", ("models", "training", "diffusion")),
        ("desktop", ("desktop",)),
    ],
)
def test_every_dependency_is_declared(folder: str, extras: tuple[str, ...]) -> None:
    assert undeclared(ROOT, folder, extras) == set()


def test_torch_stays_below_the_release_without_a_cpu_build() -> None:
    models = settings(ROOT)["project"]["optional-dependencies"]["models"]
    assert any(re.fullmatch(r"torch\b.*<2\.14", each) for each in models)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "dsp" / "audio").mkdir(parents=True)
    (tmp_path / "dsp" / "__init__.py").touch()
    (tmp_path / "dsp" / "audio" / "__init__.py").write_text("import json, numpy as np\n")
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["numpy>=1.26"]\n')
    return tmp_path


def test_a_forgotten_package_is_found(small: Path) -> None:
    assert packages_on_disk(small) == {"tonewright.dsp", "tonewright.dsp.audio"}


def test_a_stray_module_is_found(small: Path) -> None:
    assert strays(small) == set()
    (small / "dsp" / "tools").mkdir()
    (small / "dsp" / "tools" / "mix.py").touch()
    assert strays(small) == {"dsp/tools/mix.py"}


@pytest.mark.parametrize("line", ["import librosa.util", "def f():\n    from librosa import load"])
def test_an_undeclared_dependency_is_found(small: Path, line: str) -> None:
    assert undeclared(small, "dsp") == set()
    (small / "dsp" / "new.py").write_text(line + "\n")
    assert undeclared(small, "dsp") == {"librosa"}
