"""What is in a clip, as a picture of one colour: its waveform, or its notes."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from tonewright.desktop.theme import faded
from tonewright.dsp.audio.peaks import PeakPyramid
from tonewright.dsp.project.document import AudioClip, MidiClip


@dataclass(frozen=True, slots=True)
class Place:
    """The part of a clip that an image shows: from so many pixels on, in device pixels."""

    left_x: float
    width: float
    columns: int
    rows: int
    ratio: float


def wave_image(
    clip: AudioClip, samples_per_pixel: float, peaks: PeakPyramid, place: Place, color: QColor
) -> QImage:
    """Return the waveform of a part of a clip, in one colour on nothing."""
    columns, rows = place.columns, place.rows
    start = clip.source_start_samples + int(place.left_x * samples_per_pixel)
    end = start + max(int(place.width * samples_per_pixel), 1)
    extremes = peaks.window(start, end, columns) * 10.0 ** (clip.gain_db / 20.0)
    lane = rows / peaks.channels
    alpha = np.zeros((rows, columns), np.float32)
    y = np.arange(rows, dtype=np.float32)[:, None]
    for channel, (low, high) in enumerate(np.moveaxis(extremes, 2, 1)):
        middle = (channel + 0.5) * lane
        top = middle - np.clip(high, -1.0, 1.0) * (lane / 2 - 1)
        bottom = middle - np.clip(low, -1.0, 1.0) * (lane / 2 - 1)
        # At least a line; its edges are as opaque as the pixel is covered.
        top, bottom = np.minimum(top, middle - 0.5), np.maximum(bottom, middle + 0.5)
        alpha += np.clip(np.minimum(y + 1, bottom) - np.maximum(y, top), 0.0, 1.0)
    return _tinted(np.minimum(alpha, 1.0), color)


def _tinted(alpha: np.ndarray, color: QColor) -> QImage:
    """Return an image of one colour with an opacity for each pixel."""
    rows, columns = alpha.shape
    pixels = np.empty((rows, columns, 4), np.uint8)
    for channel, value in enumerate((color.blue(), color.green(), color.red(), 255)):
        pixels[..., channel] = alpha * value
    # The copy owns its memory; the array goes with this call.
    return QImage(
        pixels.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32_Premultiplied
    ).copy()


def note_image(clip: MidiClip, clip_width: float, place: Place, color: QColor) -> QImage:
    """Return the notes of a part of a clip that is so many pixels wide, on nothing."""
    columns, rows = place.columns, place.rows
    image = QImage(columns, rows, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    if not clip.notes:
        return image
    low = min(note.pitch for note in clip.notes) - 1
    high = max(note.pitch for note in clip.notes) + 1
    span = max(high - low + 1, 12)
    low -= (span - (high - low + 1)) // 2
    height = rows / span
    scale = clip_width * place.ratio / clip.length_ticks
    painter = QPainter(image)
    painter.setPen(Qt.PenStyle.NoPen)
    for note in clip.notes:
        if note.start_ticks >= clip.length_ticks:
            break
        x = note.start_ticks * scale - place.left_x * place.ratio
        width = max(note.length_ticks * scale - 1, 1.5)
        if x + width < 0 or x > columns:
            continue
        painter.setBrush(faded(color, 90 + note.velocity * 165 // 127))
        top = (low + span - 1 - note.pitch) * height
        painter.drawRect(QRectF(x, top, width, max(height - 0.5, 1.5)))
    painter.end()
    return image
