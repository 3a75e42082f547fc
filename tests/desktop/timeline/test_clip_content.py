"""What is in a clip, as a picture of one colour."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from tonewright.desktop.timeline.clip_content import Place, note_image, wave_image
from tonewright.dsp.audio import peaks
from tonewright.dsp.project.document import AudioClip, ClockTime, Id, MidiClip, MusicalTime, Note

RATE_HZ = 8_000
BLUE = QColor("#3366cc")
ALL = Place(0.0, 100.0, 100, 40, 1.0)


def opacity(image):
    """Return the opacity of each pixel, shape ``(rows, columns)``."""
    image = image.convertToFormat(QImage.Format.Format_ARGB32)
    pixels = np.array(image.constBits())  # a copy: the image goes with this call
    return pixels.reshape(image.height(), image.width(), 4)[..., 3]


@pytest.fixture(scope="module")
def two_channels():
    loud = np.sin(np.arange(RATE_HZ) * 0.3, dtype=np.float32)
    return peaks.build([np.stack([loud, 0.0 * loud])], 2)


def test_each_channel_has_its_lane_and_silence_is_a_line(two_channels):
    clip = AudioClip(Id("a"), "A", ClockTime(0.0), Id("m"), 0, RATE_HZ)
    seen = opacity(wave_image(clip, RATE_HZ / 100.0, two_channels, ALL, BLUE))
    assert (seen[2:18, 10:90] == 255).all()
    assert (seen[22:29, 10:90] == 0).all()
    assert (seen[30, 10:90] > 0).all()


def test_a_part_shows_what_the_whole_shows_there(two_channels):
    clip = AudioClip(Id("a"), "A", ClockTime(0.0), Id("m"), 0, 2 * RATE_HZ)
    part = Place(50.0, 50.0, 50, 40, 1.0)
    whole, half = (
        opacity(wave_image(clip, 2 * RATE_HZ / 100.0, two_channels, place, BLUE))
        for place in (ALL, part)
    )
    assert np.abs(whole[:, 52:98].astype(int) - half[:, 2:48]).max() < 40
    assert half[5, 25] == 0  # behind the end of the sound


def test_notes_are_at_their_place_and_as_opaque_as_they_are_loud():
    notes = Note(60, 40, 0, 960), Note(72, 127, 1_920, 960)
    clip = MidiClip(Id("c"), "C", MusicalTime(0), 3_840, notes)
    seen = opacity(note_image(clip, 100.0, ALL, BLUE))
    low, high = seen[:, 5], seen[:, 60]
    assert low.nonzero()[0].min() > high.nonzero()[0].max()
    assert 0 < low.max() < high.max() == 255
    assert not seen[:, 30:45].any()
    empty = MidiClip(Id("e"), "E", MusicalTime(0), 960)
    assert not opacity(note_image(empty, 50.0, ALL, BLUE)).any()
