import numpy as np
import pytest

from tonewright.models.dereverb.balance import (
    COLOUR_BANDS,
    COVERING,
    MORE_DB,
    band_weights,
    gains,
    over_bands,
    powers,
    removed_room,
)

WEIGHTS = band_weights(769, COLOUR_BANDS)
SHARES = over_bands({100: 0.2, 700: 0.9, 2_000: 0.5, 20_000: 0.5})


def spectrum(seed: int, channels: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    parts = rng.standard_normal((2, channels, 769, 60))
    return (parts[0] + 1j * parts[1]).astype(np.complex64)


def found(wet: np.ndarray, dry: np.ndarray) -> np.ndarray:
    return gains(powers(wet, dry, WEIGHTS).mean(axis=1), WEIGHTS, SHARES)


@pytest.mark.parametrize("bins", [129, 706, 769, 1537])
def test_every_bin_belongs_to_bands_that_add_up_to_one(bins: int) -> None:
    weights = band_weights(bins, COLOUR_BANDS)
    assert weights.shape == (COLOUR_BANDS, bins)
    np.testing.assert_allclose(weights.sum(axis=0), np.ones(bins), rtol=1e-5)


def test_a_direct_sound_that_is_too_soft_gets_its_level() -> None:
    wet = spectrum(1)
    np.testing.assert_allclose(found(wet, wet / 2.0), np.full(769, 2.0), rtol=1e-4)


def test_some_bands_are_made_up_for_whatever_was_heard() -> None:
    wet = spectrum(8)
    means = powers(wet, wet, WEIGHTS).mean(axis=1)
    gain = gains(means, WEIGHTS, SHARES, over_bands({200: 3.0, 600: 0.0}))
    apart_db = 20.0 * np.log10(gain[2] / gain[40:])
    np.testing.assert_allclose(apart_db, 3.0, atol=0.01)
    # The level is as it was.
    assert np.square(gain[:, None] * np.abs(wet)).mean() == pytest.approx(
        np.square(np.abs(wet)).mean(), rel=1e-3
    )


def test_echoes_do_not_make_it_louder_than_it_was() -> None:
    direct, echo = spectrum(2), spectrum(3)
    direct[..., 20:], echo[..., :20] = 0.0, 0.0
    gain = found(direct + echo, 0.7 * direct + 0.01 * echo)
    assert np.median(gain) == pytest.approx(1.0 / 0.7, rel=0.02)
    # The lowest bands are a bin wide, and 20 frames of noise have a colour there.
    np.testing.assert_allclose(gain, 1.0 / 0.7, rtol=0.1)


def test_it_is_not_made_softer_nor_much_louder() -> None:
    wet = spectrum(4)
    np.testing.assert_allclose(found(wet, 1.2 * wet), np.ones(769), rtol=1e-4)
    np.testing.assert_allclose(found(wet, wet / 1e3), np.ones(769), rtol=1e-4)  # none is direct


def colour_db(lost_db: float, bins: slice) -> float:
    """Return how much louder the middle of these bins becomes if they alone were lowered."""
    wet = spectrum(5)
    dry = wet.copy()
    dry[:, bins] *= 10.0 ** (-lost_db / 20.0)
    gain_db = 20.0 * np.log10(found(wet, dry))
    middle, other = (bins.start + bins.stop) // 2, 150 if bins.start > 50 else 500
    return float(gain_db[middle] - gain_db[other])


@pytest.mark.parametrize(("hz", "share"), [(700.0, 0.9), (2_000.0, 0.5), (10_000.0, 0.5)])
def test_a_colour_goes_part_of_the_way_to_what_was_heard(hz: float, share: float) -> None:
    middle = round(hz / 31.25)
    bins = slice(round(0.7 * middle), round(1.3 * middle))
    assert colour_db(4.0, bins) == pytest.approx(4.0 * share, abs=0.3)


def test_no_band_is_moved_by_more_than_12_db_from_the_others_level() -> None:
    assert colour_db(120.0, slice(300, 769)) <= 2.0 * MORE_DB + 0.1


def test_shares_lie_between_those_that_are_given() -> None:
    shares = over_bands({500: 0.2, 5_000: 1.0})
    assert shares.shape == (COLOUR_BANDS,)
    assert shares[[0, -1]] == pytest.approx([0.2, 1.0])
    assert (np.diff(shares) >= 0.0).all()
    assert ((shares > 0.2) & (shares < 1.0)).sum() > 10


def test_silence_has_no_gain() -> None:
    nothing = np.zeros((1, 769, 4), np.complex64)
    np.testing.assert_array_equal(found(nothing, nothing), np.ones(769))


def test_frames_have_gains_of_their_own() -> None:
    wet, dry = spectrum(6), 0.5 * spectrum(6)
    averages = powers(wet, dry, WEIGHTS)
    each = gains(averages, WEIGHTS, SHARES)
    assert each.shape == (769, 60)
    np.testing.assert_allclose(each[:, 7], gains(averages[:, 7], WEIGHTS, SHARES), rtol=1e-6)


@pytest.mark.parametrize(("direct", "stays"), [(1.0, 0.2), (0.0, 0.0), (0.5 * COVERING, 0.1)])
def test_room_stays_in_frames_with_direct_sound(direct: float, stays: float) -> None:
    wet = spectrum(7)
    dry = np.complex64(1j * np.sqrt(direct)) * wet
    room = removed_room(wet, dry, 0.0, 0.2)
    np.testing.assert_allclose(room, np.float32(1.0 - stays) * (wet - dry), rtol=1e-5)


def test_no_point_ends_up_below_the_floor() -> None:
    wet = spectrum(8)
    dry = np.zeros_like(wet)
    dry[:, 0], dry[:, 1] = 0.5j * wet[:, 0], 0.01j * wet[:, 1]
    kept = wet - removed_room(wet, dry, 0.1, 0.0)
    np.testing.assert_allclose(kept[:, 0], dry[:, 0], rtol=1e-5)
    np.testing.assert_allclose(kept[:, 1], 10.0 * dry[:, 1], rtol=1e-4)
    assert not removed_room(0.0 * wet, 0.0 * dry, 0.1, 0.2).any()
