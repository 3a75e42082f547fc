"""Ctrl-C and SIGTERM in the middle of work, in a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

RATE = 44_100
TONE = 0.25 * np.sin(np.arange(44_100) / 16)


SLOW_EFFECT = """
import threading
from tonewright.dsp.effects import effect

@effect("slow")
class Slow:
    processed_samples = 0
    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        self.processed_samples += audio.shape[1]
        if self.processed_samples > 20 * sample_rate:  # not yet while it is tried out
            threading.Event().wait(0.1)
        return audio
    def reset(self):
        self.processed_samples = 0
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["apply", "render"])
def test_a_signal_cancels_and_leaves_nothing(
    shell: Any, tmp_path: Path, command: str, number: signal.Signals
) -> None:
    code, source = tmp_path / "slow.py", tmp_path / "long.wav"
    code.write_text(SLOW_EFFECT)
    soundfile.write(source, np.tile(TONE, 120), RATE)
    shell.done("new", tmp_path / "p", source, "--link")
    shell.done("fx", tmp_path / "p", "1", "add", "slow", "--effects-from", code)
    before = shell.tree(tmp_path)
    arguments = {
        "apply": ["apply", "slow", source, tmp_path / "out.wav"],
        "render": ["render", tmp_path / "p", "--mix", tmp_path / "out.wav"],
    }[command]
    store = Path(os.environ["TONEWRIGHT_CACHE"])
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "tonewright.dsp", *arguments),
            *("--effects-from", code),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert " %" in process.stderr.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1].startswith("tonewright: cancelled")
    assert "Traceback" not in err
    assert shell.tree(tmp_path) == before
    assert not [name for name in shell.tree(store) if "part" in name]


def test_a_project_that_is_stopped_while_it_is_made_is_not_there(
    shell: Any, tmp_path: Path, mono: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(project: object, folder: Path, **_: object) -> None:
        (folder / "media").mkdir(parents=True)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("tonewright.dsp.cli.new.save", stopped)
    assert shell.refused("new", tmp_path / "p", mono, code=130) == "tonewright: cancelled"
    assert not (tmp_path / "p").exists()
