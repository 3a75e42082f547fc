from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.audio.peaks import BASE_SAMPLES, PeakPyramid, build, load
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import ExportError, MediaError


def sound(length: int, channels: int = 2) -> Audio:
    generator = np.random.default_rng(4)
    loudness = 10.0 ** generator.uniform(-6, 0.5, (channels, length))
    return (generator.uniform(-1, 1, (channels, length)) * loudness).astype(np.float32)


def pyramid(audio: Audio, block: int = 1_000) -> PeakPyramid:
    starts = range(0, audio.shape[1], block)
    return build((audio[:, start : start + block] for start in starts), audio.shape[0])


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    length=st.integers(1, 60_000),
    start=st.integers(-5_000, 60_000),
    span=st.integers(1, 70_000),
    columns=st.integers(1, 900),
)
def test_no_extreme_is_missed_and_none_is_invented(
    length: int, start: int, span: int, columns: int
) -> None:
    audio = sound(length)
    shown = pyramid(audio).window(start, start + span, columns)
    assert shown.shape == (2, columns, 2)
    reach = max(BASE_SAMPLES, span // columns // 4 + 1)
    for column in range(0, columns, max(1, columns // 40)):
        first = start + span * column // columns
        last = max(first + 1, start + span * (column + 1) // columns)
        covered = audio[:, max(0, first) : max(0, last)]
        if not covered.shape[1]:
            assert not shown[:, column].any()
            continue
        near = audio[:, max(0, first - reach) : last + reach]
        assert (shown[:, column, 0] <= covered.min(axis=1)).all()
        assert (shown[:, column, 1] >= covered.max(axis=1)).all()
        slack = 1e-3 * np.abs(near).max() + 1e-7
        assert (shown[:, column, 0] >= near.min(axis=1) - slack).all()
        assert (shown[:, column, 1] <= near.max(axis=1) + slack).all()


@settings(max_examples=20, derandomize=True, deadline=None)
@given(block=st.integers(1, 3_000))
def test_blocks_of_any_size_give_the_same(block: int) -> None:
    audio = sound(5_000)
    one = pyramid(audio, block).window(0, 5_000, 10)
    assert np.array_equal(one, pyramid(audio, 5_000).window(0, 5_000, 10))


def test_an_hour_of_stereo_takes_less_than_20_mb(tmp_path: Path) -> None:
    minute = sound(44_100 * 60)
    peaks = pyramid(minute, 44_100)
    peaks.save(tmp_path / "peaks")
    assert peaks.size_bytes * 60 < 20e6
    assert (tmp_path / "peaks").stat().st_size * 60 < 20e6


def test_over_full_scale_is_shown() -> None:
    audio = np.zeros((1, 3_000), np.float32)
    audio[0, 1_234] = 7.5
    assert pyramid(audio).window(0, 3_000, 3).max() == pytest.approx(7.5, rel=1e-3)


@pytest.mark.parametrize("length", [0, 1, 256, 100_001])
def test_saved_peaks_come_back(tmp_path: Path, length: int) -> None:
    peaks = pyramid(sound(length))
    path = tmp_path / "peaks"
    peaks.save(path)
    again = load(path)
    assert (again.channels, again.length_samples) == (2, length)
    assert np.array_equal(again.window(0, 100_000, 77), peaks.window(0, 100_000, 77))
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_or_older_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "peaks"
    pyramid(sound(5_000)).save(path)
    content = path.read_bytes()
    damaged = [b"", content[:20], content[:-1], content + b"\0", b"X" + content[1:]]
    for position in (8, 10, 12, 20, len(content) - 3):
        other = bytearray(content)
        other[position] ^= 0xFF
        damaged.append(bytes(other))
    for each in damaged:
        path.write_bytes(each)
        with pytest.raises(MediaError, match="build them again"):
            load(path)
    path.unlink()
    with pytest.raises(MediaError, match="build them again"):
        load(path)


def test_peaks_that_cannot_be_written_leave_nothing(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(ExportError, match="folder"):
        pyramid(sound(1_000)).save(target)
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(("start", "end", "columns"), [(5, 5, 1), (5, 4, 1), (0, 5, 0)])
def test_an_empty_window_is_refused(start: int, end: int, columns: int) -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        pyramid(sound(1_000)).window(start, end, columns)
