import os
import resource
import signal
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.spool import Spool

FEW = settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def noise(length_samples, seed=1):
    return np.random.default_rng(seed).standard_normal((2, length_samples)).astype(np.float32)


def filled(path, audio, pieces, **options):
    spool = Spool(path, 2, **options)
    position = 0
    while position < audio.shape[1]:
        for piece in pieces:
            spool.add(audio[:, position : position + piece])
            position += piece
    return spool


@given(pieces=st.lists(st.integers(1, 300), min_size=1, max_size=4), block=st.integers(1, 500))
@FEW
def test_what_goes_in_comes_out(tmp_path, pieces, block):
    audio = noise(777)
    spool = filled(tmp_path / "spool", audio, pieces)
    assert spool.length_samples == 777
    np.testing.assert_array_equal(np.concatenate(list(spool.blocks(block)), axis=1), audio)
    spool.close()
    assert not (tmp_path / "spool").exists()


@given(
    pieces=st.lists(st.integers(1, 300), min_size=1, max_size=4),
    loop_samples=st.integers(1, 900),
    around=st.integers(0, 50),
)
@FEW
def test_a_loop_folds_what_is_behind_it_onto_its_start(tmp_path, pieces, loop_samples, around):
    audio = noise(777)
    spool = filled(tmp_path / "spool", audio, pieces, loop_samples=loop_samples)
    length = min(loop_samples, 777)
    folded = np.zeros((2, length), np.float64)
    for start in range(0, 777, length):
        piece = audio[:, start : start + length]
        folded[:, : piece.shape[1]] += piece
    blocks = list(spool.blocks(100, around_samples=around))
    turned = np.take(folded, np.arange(-around, length + around) % length, axis=1)
    np.testing.assert_allclose(np.concatenate(blocks, axis=1), turned, atol=1e-5)
    spool.close()


def test_a_full_disk_is_one_line(tmp_path):
    program = """
import sys
from pathlib import Path
from tonewright.dsp.audio.signal import silence
from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.spool import Spool
spool = Spool(Path(sys.argv[1]), 2)
try:
    spool.add(silence(2, 100_000))
except ExportError as error:
    sys.exit(f"refused: {error}")
"""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    done = subprocess.run(
        [sys.executable, "-c", program, os.fspath(tmp_path / "spool")],
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.startswith(f"refused: {tmp_path / 'spool'}")
    assert done.stderr.count("\n") == 1


def test_it_cannot_begin_in_a_folder_that_has_vanished(tmp_path):
    with pytest.raises(ExportError, match="vanished"):
        Spool(tmp_path / "gone" / "spool", 2)
