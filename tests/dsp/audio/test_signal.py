import numpy as np
import pytest

from tonewright.dsp.audio.signal import as_audio, first_not_finite, require_finite, silence


def test_mono_gets_its_channel() -> None:
    audio = as_audio(np.array([0.25, -0.5]))
    assert audio.dtype == np.float32 and audio.tolist() == [[0.25, -0.5]]


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        (np.array([1, 2]), "int64"),
        (np.zeros((1, 2, 3)), r"\(1, 2, 3\)"),
        (np.zeros((100, 2)), "transposed"),
        (np.array([[0.0, np.nan]]), "sample 1 of channel 0"),
    ],
)
def test_what_is_no_audio_is_refused(signal: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        as_audio(signal)


def test_the_first_bad_sample_in_time_is_named() -> None:
    audio = silence(3, 100)
    assert first_not_finite(audio) is None
    audio[0, 70] = np.inf
    audio[2, 40] = np.nan
    assert first_not_finite(audio) == (2, 40)
    # Infinities that cancel would hide in a sum that stayed finite.
    audio[1, 30] = -np.inf
    assert first_not_finite(audio) == (1, 30)
    with pytest.raises(ValueError, match="mix holds -inf at sample 30 of channel 1"):
        require_finite(audio, name="mix")


def test_loud_samples_are_finite() -> None:
    assert first_not_finite(np.full((2, 10_000), 3e38, np.float32)) is None
