"""The whole program in a real X server, driven by mouse and keyboard: see ``journey.py``."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack
from tonewright.dsp.midi.smf import write_smf
from tonewright.dsp.project.document import PPQ, Note, TempoMap

JOURNEY = Path(__file__).with_name("journey.py")
RATE = 44_100
PATIENCE_SECONDS = 240  # a bound for what hangs
TOOLS = ("Xvfb", "xdotool")

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS),
    reason=f"needs {' and '.join(TOOLS)}: see .ci/packages/test.txt",
)


@pytest.fixture
def travel(display, tmp_path):
    """Return a function that goes a part of the journey and returns what it told."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        **os.environ,
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "HOME": str(home),
        "TONEWRIGHT_CACHE": str(home / "cache"),
        **{f"XDG_{kind}_HOME": str(home / kind) for kind in ("CONFIG", "DATA", "CACHE", "STATE")},
        "OMP_NUM_THREADS": "1",
    }

    def go(part):
        ended = subprocess.run(
            [sys.executable, str(JOURNEY), part, str(tmp_path)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        assert ended.returncode == 0, ended.stdout
        assert ended.stdout.endswith("arrived\n"), ended.stdout

    return go


def test_from_the_demo_to_stems_on_disk_and_an_edit_that_was_not_saved_comes_back(travel, tmp_path):
    time = np.arange(2 * RATE) / RATE
    sound = 0.4 * np.sin(2 * np.pi * 196.0 * time) * np.exp(-time)
    soundfile.write(tmp_path / "riff.wav", sound, RATE)
    soundfile.write(tmp_path / "hum.mp3", sound, RATE)
    notes = tuple(Note(60 + step, 90, 480 * step, 400) for step in range(4))
    tune = MidiSequence(PPQ, TempoMap(), (MidiTrack("tune", notes),))
    write_smf(tune, tmp_path / "tune.mid")
    travel("first")
    for name in ("riff", "hum", "tune"):
        (stem,) = (tmp_path / "stems").glob(f"*{name}*.wav")
        assert np.abs(soundfile.read(stem)[0]).max() > 0.02, f"{stem} is silent"
    travel("again")
