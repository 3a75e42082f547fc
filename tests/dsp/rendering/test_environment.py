"""What worker processes are started with."""

import os
import platform
import subprocess
import sys

import pytest

from tonewright.dsp.rendering.environment import worker_environment

PIECES = """
import re
from pathlib import Path
import numpy as np

for _ in range(3):
    pieces = [np.ones(3_000_000) for _ in range(8)]
    del pieces[:-1]
print(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the settings are those of glibc")
def test_what_a_job_has_freed_goes_back_to_the_system() -> None:
    def kilobytes(environment: dict[str, str]) -> int:
        done = subprocess.run(
            [sys.executable, "-c", PIECES],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return int(done.stdout)

    # Each round holds 192 MB; one piece of 24 MB is kept behind all that was freed.
    plain = {name: text for name, text in os.environ.items() if name != "GLIBC_TUNABLES"}
    assert kilobytes(worker_environment()) < kilobytes(plain) - 100_000


def test_threads_are_limited_only_where_they_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert worker_environment()["OMP_NUM_THREADS"] == "7"
    assert worker_environment(2)["OMP_NUM_THREADS"] == "2"
    assert worker_environment(2)["PATH"] == os.environ["PATH"]
