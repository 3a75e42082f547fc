"""What an exploration has found: a flute that is to become a cello, at three positions."""

import pytest

from tonewright.dsp.rendering.exploration import Exploration, Point


@pytest.fixture
def found():
    points = tuple(
        Point(
            "auto" if percent == 4.0 else f"{percent:g}",
            percent,
            "key",
            kept,
            heard,
            (("cello", heard),),
        )
        for percent, kept, heard in ((0.0, 0.75, 0.98), (4.0, 0.85, 0.9), (25.0, 0.95, 0.2))
    )
    return Exploration(
        source="solo flute",
        target="solo cello",
        exact=False,
        inversion="edit-friendly",
        reconstruction_percent=0.0,
        steps=4,
        automatic_percent=4.0,
        names=("flute", "cello"),
        trace=((0.4, 0.6), (0.7, 0.3), (0.9, 0.1), (0.9, 0.1)),
        trace_percent=(0.0, 25.0, 50.0, 75.0),
        sample_rate=48_000,
        points=points,
    )
