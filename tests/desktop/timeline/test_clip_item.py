"""The picture of a clip: its body, what is in it, and what is said of it."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from tonewright.desktop.theme import DARK
from tonewright.desktop.timeline import clip_item
from tonewright.desktop.timeline.clip_item import (
    MAX_GAIN_DB,
    MIN_GAIN_DB,
    ClipPainter,
    Look,
    body_of,
    fade_handle,
    gain_db_at,
    gain_y,
    paint_title,
)
from tonewright.dsp.audio import peaks
from tonewright.dsp.project.document import (
    AudioClip,
    ClockTime,
    Fade,
    Id,
    MidiClip,
    MusicalTime,
    Note,
)

RATE_HZ = 8_000
RECT = QRectF(10, 5, 200, 80)
CLIP = AudioClip(Id("a"), "Take", ClockTime(0.0), Id("m"), 0, 2 * RATE_HZ)
LOOK = Look(RECT, RECT, "#4a88c7", RATE_HZ, 100.0, selected=False, focused=False, missing=False)


@pytest.fixture(scope="module")
def loud_then_soft():
    sound = np.sin(np.arange(2 * RATE_HZ) * 0.3, dtype=np.float32)[np.newaxis]
    sound[:, RATE_HZ:] *= 0.1
    return peaks.build([sound], 1)


@pytest.fixture
def painted(qapp):
    painter = ClipPainter()

    def paint(clip, look=LOOK, found=None, by=painter):
        image = QImage(220, 90, QImage.Format.Format_RGB32)
        image.fill(0)
        on_image = QPainter(image)
        by.begin()
        by.paint(on_image, clip, look, DARK, found)
        on_image.end()
        return image

    return paint


def filled_rows(image, bare, x):
    """Return how many pixels of a column differ from the clip without what is in it."""
    return sum(image.pixelColor(x, y) != bare.pixelColor(x, y) for y in range(24, 82))


def test_the_waveform_is_as_high_as_it_is_loud(painted, loud_then_soft):
    image, bare = painted(CLIP, found=loud_then_soft), painted(CLIP)
    assert filled_rows(image, bare, 60) > 40
    assert 1 <= filled_rows(image, bare, 160) < 12
    quiet = replace(CLIP, gain_db=-12.0)
    softer = filled_rows(painted(quiet, found=loud_then_soft), painted(quiet), 60)
    assert softer < filled_rows(image, bare, 60) / 2


def test_notes_are_where_they_sound(painted):
    clip = MidiClip(Id("c"), "Notes", MusicalTime(0), 1_920, (Note(60, 100, 960, 480),))
    look = replace(LOOK, source_rate_hz=0.0)
    image, bare = painted(clip, look), painted(replace(clip, notes=()), look)
    columns = [x for x in range(15, 205) if filled_rows(image, bare, x)]
    assert 105 <= min(columns) <= 115
    assert 150 <= max(columns) <= 165


def test_each_state_of_a_clip_can_be_seen(painted, loud_then_soft):
    looks = [
        LOOK,
        replace(LOOK, selected=True),
        replace(LOOK, selected=True, focused=True),
        replace(LOOK, missing=True),
        replace(LOOK, status="rendering 40 %"),
        replace(LOOK, color="#8e5bd0"),
    ]
    images = [painted(CLIP, look, loud_then_soft) for look in looks]
    images.append(painted(replace(CLIP, muted=True), LOOK, loud_then_soft))
    images.append(painted(replace(CLIP, fade_in=Fade(0.5)), LOOK, loud_then_soft))
    assert all(one != other for i, one in enumerate(images) for other in images[:i])


def test_a_kept_picture_is_the_same_and_follows_its_clip(painted, loud_then_soft):
    first = painted(CLIP, found=loud_then_soft)
    assert painted(CLIP, found=loud_then_soft) == first
    renamed = painted(replace(CLIP, name="Other"), found=loud_then_soft)
    assert renamed != first
    assert renamed == painted(replace(CLIP, name="Other"), found=loud_then_soft, by=ClipPainter())


def test_what_there_is_no_time_for_is_painted_the_next_time(painted, loud_then_soft, monkeypatch):
    monkeypatch.setattr(clip_item, "_DRAWING_SECONDS", 0.0)
    painter = ClipPainter()
    ground = painted(CLIP, found=loud_then_soft, by=painter)
    assert painter.skipped == 1
    monkeypatch.undo()
    whole = painted(CLIP, found=loud_then_soft, by=painter)
    assert painter.skipped == 0
    assert filled_rows(whole, ground, 60) > 40


def test_the_title_of_a_clip_that_begins_out_of_sight_is_written_in_sight(painted, loud_then_soft):
    far = replace(LOOK, rect=QRectF(-900, 5, 1_110, 80), visible=QRectF(0, 5, 210, 80))
    image = painted(CLIP, far, loud_then_soft)
    for named in (False, True):
        if named:
            painter = QPainter(image)
            paint_title(painter, CLIP, far, DARK)
            painter.end()
        title = [image.pixelColor(x, y).lightness() for x in range(6, 40) for y in range(8, 20)]
        assert (max(title) > 200) == named


def test_the_gain_line_is_where_its_gain_is_read_again():
    body = body_of(RECT)
    for gain_db in (MIN_GAIN_DB, -6.0, 0.0, MAX_GAIN_DB):
        y = gain_y(RECT, gain_db)
        assert body.top() <= y <= body.bottom()
        assert gain_db_at(RECT, y) == pytest.approx(gain_db)
    assert gain_db_at(RECT, -100.0) == MAX_GAIN_DB


def test_the_handle_of_a_fade_stays_on_the_clip():
    assert fade_handle(RECT, 50.0, left=True).x() == 60
    assert fade_handle(RECT, 50.0, left=False).x() == 160
    for width in (0.0, 9_999.0):
        for left in (True, False):
            assert RECT.contains(fade_handle(RECT, width, left) + QPointF(0, 0))
