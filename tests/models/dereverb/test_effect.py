import numpy as np
import pytest
import torch

from tonewright.dsp.audio.signal import Audio
from tonewright.models.dereverb import effect
from tonewright.models.dereverb.bands import Shape
from tonewright.models.dereverb.effect import Dereverb, early_part, wetness
from tonewright.models.dereverb.network import DereverbNetwork

RATE = 16_000


@pytest.fixture(scope="module")
def network() -> DereverbNetwork:
    torch.manual_seed(3)
    made = DereverbNetwork(Shape(width=8, layers=1)).eval()
    # Far enough from the identity that something is removed.
    with torch.no_grad():
        made.filters.mul_(5.0)
    return made.requires_grad_(requires_grad=False)


def noise(seconds: float, channels: int = 2) -> Audio:
    """Return noise of whole steps of 24 bits."""
    steps = np.random.default_rng(4).integers(-(2**21), 2**21, (channels, round(seconds * RATE)))
    return (steps / 2.0**23).astype(np.float32)


@pytest.mark.parametrize("amount", [100.0, 37.0])
def test_result_and_removed_part_are_the_input(network: DereverbNetwork, amount: float) -> None:
    played = noise(12.0)
    result, removed = (
        Dereverb(network, amount=amount, listen=listen).process(played, RATE)
        for listen in ("result", "removed")
    )
    assert removed.any()
    np.testing.assert_array_equal(result + removed, played)


@pytest.mark.parametrize("block", [1_000, 50_001])
def test_blocks_of_any_size_give_the_same(network: DereverbNetwork, block: int) -> None:
    played = noise(21.0, channels=1)
    streaming = Dereverb(network)
    blocks = [
        streaming.process(played[:, start : start + block], RATE, reset=False)
        for start in range(0, played.shape[1], block)
    ]
    streamed = np.concatenate([*blocks, streaming.finish()], axis=1)
    np.testing.assert_array_equal(streamed, streaming.process(played, RATE))


def test_no_amount_leaves_everything(network: DereverbNetwork) -> None:
    played = noise(1.0)
    np.testing.assert_array_equal(Dereverb(network, amount=0.0).process(played, RATE), played)


def test_the_amount_is_the_share_that_is_removed(network: DereverbNetwork) -> None:
    played = noise(1.0)
    whole, half = (
        Dereverb(network, amount=amount, listen="removed").process(played, RATE)
        for amount in (100.0, 50.0)
    )
    np.testing.assert_allclose(half, whole / 2.0, atol=2.0**-23)


def test_a_part_of_the_room_stays_under_direct_sound(
    network: DereverbNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed = Dereverb(network, listen="removed").process(noise(1.0), RATE)
    stays = effect.STAYS
    monkeypatch.setattr(effect, "STAYS", 0.0)
    whole = Dereverb(network, listen="removed").process(noise(1.0), RATE)
    np.testing.assert_allclose(removed, (1.0 - stays) * whole, atol=2.0**-22)


def test_a_floor_of_0_db_lets_nothing_be_lowered(network: DereverbNetwork) -> None:
    played = noise(1.0)
    free, held = (
        np.square(Dereverb(network, floor_db=floor_db).process(played, RATE)).sum()
        for floor_db in (-80.0, 0.0)
    )
    assert held > free


def test_channels_share_nothing_but_the_gains_of_bands(
    network: DereverbNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    ones = np.ones(257, np.float32)
    monkeypatch.setattr(effect, "gains", lambda averages, weights, shares, always_db: ones)
    played = noise(1.0)
    alone = Dereverb(network).process(played[:1], RATE)
    both = Dereverb(network).process(played, RATE)
    np.testing.assert_allclose(both[:1], alone, atol=1e-5)


@pytest.mark.parametrize("samples", [0, 1, 300])
def test_signals_shorter_than_a_frame_keep_their_length(
    network: DereverbNetwork, samples: int
) -> None:
    assert Dereverb(network).process(noise(1.0)[:, :samples], RATE).shape == (2, samples)


def test_silence_stays_silence(network: DereverbNetwork) -> None:
    assert not Dereverb(network).process(np.zeros((1, RATE), np.float32), RATE).any()


def test_nothing_sounds_behind_the_end(network: DereverbNetwork) -> None:
    played = noise(1.0)
    longer = np.pad(played, ((0, 0), (0, RATE)))
    heard = Dereverb(network).process(longer, RATE)
    assert not heard[:, RATE:].any()
    np.testing.assert_array_equal(heard[:, :RATE], Dereverb(network).process(played, RATE))


def test_a_source_stays_where_it_is_between_the_channels(network: DereverbNetwork) -> None:
    left = noise(2.0, channels=1)
    heard = Dereverb(network).process(np.concatenate([left, 0.25 * left]), RATE)
    np.testing.assert_allclose(heard[1], 0.25 * heard[0], atol=2e-4)


def test_what_differs_by_a_gain_only_is_dry() -> None:
    generator = torch.Generator().manual_seed(6)
    wet = torch.randn(2, 20, 30, dtype=torch.complex64, generator=generator)
    other = torch.randn(2, 20, 30, dtype=torch.complex64, generator=generator)
    assert wetness(wet, 0.8 * wet) == 0.0
    assert wetness(wet, wet + 0.02 * other) == 0.0
    assert 0.0 < wetness(wet, wet + 0.12 * other) < 1.0
    assert wetness(wet, wet + 0.5 * other) == 1.0
    assert wetness(torch.zeros_like(wet), torch.zeros_like(wet)) == 0.0


def test_early_reflections_are_found_and_late_ones_are_not() -> None:
    generator = torch.Generator().manual_seed(5)
    dry = torch.randn(1, 3, 400, dtype=torch.complex64, generator=generator)
    early, late = torch.zeros_like(dry), torch.zeros_like(dry)
    early[..., 2:] = (0.5 - 0.3j) * dry[..., :-2]
    late[..., 12:] = 0.5 * dry[..., :-12]
    torch.testing.assert_close(early_part(dry + early, dry), early, atol=0.02, rtol=0.0)
    found = early_part(dry + late, dry).abs().square().mean()
    assert found < 0.05 * late.abs().square().mean()
