"""The paper shows the scale and where the clip ends."""

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QPalette

from tonewright.desktop.pianoroll.geometry import NoteGeometry
from tonewright.desktop.pianoroll.notes import ClipNotes
from tonewright.desktop.pianoroll.paper import paint_grid, paint_rows
from tonewright.dsp.project.document import Id

GEOMETRY = NoteGeometry(pixels_per_tick=0.02, row_pixels=10.0)
AREA = QRectF(0, 0, 100, 1280)


@pytest.fixture
def image(qapp):
    image = QImage(100, 1280, QImage.Format.Format_RGB32)
    image.fill(0)
    return image


def color(image, pitch):
    return image.pixelColor(50, round(GEOMETRY.y_of(pitch)) + 4)


@pytest.mark.parametrize(("scale", "outside"), [("Chromatic", 61), ("Minor", 61)])
def test_black_keys_or_what_is_outside_the_scale_is_darker(image, scale, outside):
    painter = QPainter(image)
    paint_rows(painter, AREA, GEOMETRY, QPalette(), root=9, scale=scale)
    painter.end()
    assert color(image, 60).lightness() > color(image, outside).lightness()
    assert color(image, 60) == color(image, 72)
    assert (color(image, 69) == color(image, 60)) is (scale == "Chromatic")  # the root stands out


def test_behind_the_end_of_the_clip_it_is_shaded(image, session):
    notes = ClipNotes(session)
    notes.show(Id("riff"))  # 3840 ticks, so 76.8 pixels
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    paint_grid(painter, AREA, GEOMETRY, QPalette(), notes)
    painter.end()
    assert image.pixelColor(72, 5).lightness() > image.pixelColor(90, 5).lightness()
