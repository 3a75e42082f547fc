"""Builds the test plugins from their C++ sources, once for each state of these."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parent
FRAMEWORK = Path("/usr/share/dpf")
EFFECTS = (
    "TestGain",
    "TestDelay",
    "TestLiar",
    "TestCrash",
    "TestStillborn",
    "TestHang",
    "TestSleeper",
    "TestFlood",
)


def built() -> Path:
    """Return a folder with the binaries ``effect.so`` and ``instrument.so``."""
    digest = hashlib.sha256()
    for source in [*sorted(SOURCES.glob("*.cpp")), SOURCES / "DistrhoPluginInfo.h"]:
        digest.update(source.read_bytes())
    folder = Path(tempfile.gettempdir()) / f"tonewright-test-plugins-{digest.hexdigest()[:16]}"
    if not folder.is_dir():
        part = Path(tempfile.mkdtemp(prefix="tonewright-test-plugins-"))
        for name, options in (("effect", []), ("instrument", ["-DINSTRUMENT"])):
            _compile(SOURCES / f"{name}.cpp", part / f"{name}.so", options)
        try:
            part.rename(folder)
        except OSError:  # another process was faster
            shutil.rmtree(part)
    return folder


def bundle(folder: Path, name: str) -> Path:
    """Put a plugin into a folder and return its ``.vst3``; ``name`` decides how it behaves."""
    binary = "instrument.so" if name == "TestInstrument" else "effect.so"
    path = folder / f"{name}.vst3"
    inside = path / "Contents" / f"{os.uname().machine}-linux"
    inside.mkdir(parents=True)
    shutil.copy2(built() / binary, inside / f"{name}.so")
    return path


def _compile(source: Path, target: Path, options: list[str]) -> None:
    subprocess.run(
        [
            *("g++", "-std=gnu++11", "-O1", "-w", "-fPIC", "-shared", "-fvisibility=hidden"),
            *("-DDISTRHO_PLUGIN_TARGET_VST3", *options),
            *(f"-I{SOURCES}", f"-I{FRAMEWORK / 'distrho'}"),
            f"-Wl,--version-script={FRAMEWORK / 'utils/symbols/vst3.version'}",
            *(str(source), str(FRAMEWORK / "distrho/DistrhoPluginMain.cpp")),
            *("-o", str(target), "-ldl"),
        ],
        check=True,
        timeout=300,
    )
