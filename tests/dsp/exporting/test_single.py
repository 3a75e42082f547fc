import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.audio.file import Encoding
from tonewright.dsp.exporting.settings import ExportSettings, Normalise
from tonewright.dsp.exporting.single import encoding_like, normalise_audio

RATE = 8_000


@pytest.mark.parametrize(
    ("subtype", "container", "depth"),
    [
        ("PCM_U8", "wav", "16"),
        ("PCM_16", "flac", "16"),
        ("PCM_24", "aiff", "24"),
        ("PCM_32", "wav", "32f"),
        ("FLOAT", "wav", "32f"),
        ("FLOAT", "flac", "24"),  # FLAC holds no more
    ],
)
def test_the_depth_is_that_of_the_source_as_far_as_there_is_one(
    tmp_path: Path, subtype: str, container: str, depth: str
) -> None:
    source = tmp_path / "a.wav"
    soundfile.write(source, np.full(100, 0.1), RATE, subtype=subtype)
    assert encoding_like(source, container).depth == depth


def test_what_only_levels_need_is_not_imported_before() -> None:
    code = "import sys, tonewright.dsp.exporting.single; print('scipy.signal' in sys.modules)"
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    assert ran.stdout.split() == [b"False"]


def test_a_peak_above_full_scale_is_brought_down_without_clipping(tmp_path: Path) -> None:
    source, target = tmp_path / "a.wav", tmp_path / "b.flac"
    signal = 3.0 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    soundfile.write(source, signal, RATE, subtype="FLOAT")
    settings = ExportSettings(normalise=Normalise.PEAK, level=-6.0)
    written, gain = normalise_audio(source, target, settings, Encoding("flac", "24"))
    assert written.clipped_samples == 0
    assert gain.gain_db == pytest.approx(-6.0 - 20 * np.log10(3.0), abs=0.01)
    expected = signal * 10 ** (gain.gain_db / 20)
    np.testing.assert_allclose(soundfile.read(target)[0], expected, atol=2**-21)
