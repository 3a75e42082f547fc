import numpy as np
import pytest
import torch

from tonewright.dsp.midi.chords import parse_chord
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.charts import Chart
from tonewright.models.style.corpus import Part, Rendition
from tonewright.models.style.grooves import Groove
from tonewright.models.style.library import Style
from tonewright.models.style.network import Shape
from tonewright.models.style.weights import StyleNetworks


def rows(*notes: tuple[float, float, int, int]) -> np.ndarray:
    return np.array(sorted(notes), np.float32).reshape(-1, 4)


@pytest.fixture
def style() -> Style:
    """Two bars of C and F: bass on one and three, chords on two and four, a kick and a hat."""
    bass = rows(
        (0, 1, 36, 100), (2, 1, 43, 90), (4, 1, 41, 100), (6, 1, 48, 90)
    )  # fmt: skip
    chords = rows(
        *((beat, 0.5, pitch, 80) for beat in (1, 3) for pitch in (60, 64, 67)),
        *((beat, 0.5, pitch, 80) for beat in (5, 7) for pitch in (65, 69, 72)),
    )
    drums = rows(
        *((beat, 0.1, 36, 100) for beat in (0, 2, 4, 6)),
        *((half / 2, 0.1, 42, 70) for half in range(16)),
    )
    parts = (
        Part(Role.BASS, 33, bass),
        Part(Role.CHORDS, 0, chords),
        Part(Role.DRUMS, 0, drums),
    )
    quarters = tuple(parse_chord(name) for name in ("C",) * 4 + ("F",) * 4)
    return Style("plain", 4, False, quarters, parts)


@pytest.fixture
def rendition(style: Style) -> Rendition:
    """The style over thirty-two bars of C and F."""
    parts = tuple(
        Part(
            part.role,
            part.program,
            np.concatenate([part.notes + np.array([8 * n, 0, 0, 0]) for n in range(16)]),
        )
        for part in style.parts
    )
    groove = Groove("stdlib/plain", "Plain", 4)
    return Rendition(groove, Chart(4, style.chords * 16, 100), parts)


@pytest.fixture
def networks() -> StyleNetworks:
    """Small networks that have learnt nothing: they play what the example plays."""
    torch.manual_seed(1)
    return StyleNetworks(Shape(16, 4, 16)).eval().requires_grad_(requires_grad=False)
