"""What a sound is made of over time, as levels for a picture.

Columns are equally long pieces of time, rows are frequencies in equal ratios from low to high. A
level is the strongest power of a row in a Hann-windowed frame, averaged over the channels, in dB;
a sine at full scale reads 0 dB.
"""

import math

import numpy as np
import numpy.typing as npt

from tonewright.dsp.audio.signal import Audio

Levels = npt.NDArray[np.float32]

FLOOR_DB = -160.0
"""What silence reads."""


def spectrogram(
    audio: Audio,
    sample_rate: int,
    *,
    columns: int,
    rows: int,
    low_hz: float = 60.0,
    high_hz: float = 12_000.0,
    frame_seconds: float = 0.06,
) -> Levels:
    """Return the levels of a sound in dB.

    Args:
        audio: Any number of channels.
        sample_rate: In Hz.
        columns: Moments, spread over the sound; the frame of each stands around its middle.
        rows: Frequencies.
        low_hz: Of the first row, above 0.
        high_hz: Of the last row, at most half the rate.
        frame_seconds: What one column hears.

    Raises:
        ValueError: If a number is out of range or there is no audio.

    Shape:
        ``(channels, samples)`` to ``(rows, columns)``, low frequencies first.
    """
    if not 0.0 < low_hz < high_hz <= sample_rate / 2:
        raise ValueError(f"frequencies {low_hz:g} to {high_hz:g} Hz do not fit {sample_rate} Hz")
    if min(columns, rows, audio.shape[1]) < 1:
        raise ValueError(f"no picture: {columns} columns, {rows} rows, {audio.shape[1]} samples")
    frame = max(2, round(frame_seconds * sample_rate))
    window = np.hanning(frame + 1)[:-1].astype(np.float32)
    padded = np.pad(audio, ((0, 0), (frame, frame)))
    middles = (np.arange(columns) + 0.5) * audio.shape[1] / columns
    starts = np.floor(middles).astype(int) + frame - frame // 2
    # Zeros behind the frame interpolate between its bins, so that low rows differ.
    size = 1 << (4 * frame - 1).bit_length()
    half_row = (high_hz / low_hz) ** (0.5 / max(rows - 1, 1))
    borders_hz = np.geomspace(low_hz / half_row, high_hz / half_row, rows)
    first_bins = np.floor(borders_hz * size / sample_rate + 0.5).astype(int)
    end_bin = min(math.ceil(high_hz * half_row * size / sample_rate), size // 2 + 1)
    levels = np.empty((rows, columns), np.float32)
    for column, start in enumerate(starts):
        spectrum = np.fft.rfft(padded[:, start : start + frame] * window, size)[:, :end_bin]
        power = np.mean(np.abs(spectrum) ** 2, axis=0)
        levels[:, column] = np.maximum.reduceat(power, first_bins)
    full_scale = (window.sum() / 2.0) ** 2
    return 10.0 * np.log10(levels / full_scale + 10.0 ** (FLOOR_DB / 10.0), dtype=np.float32)
