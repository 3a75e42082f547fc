import io

import numpy as np
from matplotlib.image import imread

from tonewright.dsp.audio.picture import palette, panels


def brightness(colors: np.ndarray) -> np.ndarray:
    return np.asarray(colors, float) @ (0.2126, 0.7152, 0.0722)


def test_colors_get_brighter_with_the_level():
    assert np.all(np.diff(brightness(palette())) > 0.0)


def test_another_reader_sees_levels_as_brightness_with_low_frequencies_below():
    levels = np.linspace(-90.0, -10.0, 30)[:, np.newaxis] + np.zeros((30, 20))
    image = imread(io.BytesIO(panels([levels, levels], quiet_db=-90.0, loud_db=-10.0)))
    assert image.shape[:2] == (66, 20)
    upper, gap, lower = np.split(brightness(image[..., :3]), [30, 36])
    assert np.all(np.diff(upper[:, 0]) < 0.0)
    assert np.all(gap > 0.999)
    assert np.array_equal(upper, lower)


def test_what_is_beyond_the_range_is_drawn_at_its_ends():
    levels = np.array([[-200.0, -90.0, -10.0, 20.0]])
    image = imread(io.BytesIO(panels([levels], quiet_db=-90.0, loud_db=-10.0)))
    assert np.array_equal(image[0, 0], image[0, 1])
    assert np.array_equal(image[0, 2], image[0, 3])
