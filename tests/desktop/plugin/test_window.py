"""The plugin's window on an X server without a screen."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")


@pytest.mark.parametrize(
    ("place", "change"), [((300, 137), "Capture=1"), ((100, 175), "Latency=3")]
)
def test_it_is_drawn_and_a_click_sets_what_is_there(
    built: Path, desk: Any, display: str, place: tuple[int, int], change: str
) -> None:
    ran = subprocess.run(
        [built / "window", built / "tonewright.clap", *map(str, place)],
        env=desk.environment | {"DISPLAY": display},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    *changes, colours = ran.stdout.split()
    assert changes == [change]
    assert int(colours) > 50  # letters with soft edges
