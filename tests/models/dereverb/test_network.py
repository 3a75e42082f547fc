import numpy as np
import pytest
import torch

from tonewright.models.dereverb.bands import LOW_BINS, SLOTS, Shape, frame_samples, slot_weights
from tonewright.models.dereverb.network import (
    DereverbNetwork,
    audio_of,
    begin_causal,
    begin_with,
    level_of,
    spectrum_of,
    without_room,
)

SMALL = {"width": 8, "hidden": 4, "layers": 1, "past": 4, "ahead": 1}
RATES = (8_000, 16_000, 44_100, 48_000, 96_000)


def network(**shape: object) -> DereverbNetwork:
    torch.manual_seed(1)
    return DereverbNetwork(Shape(**(SMALL | shape))).eval().requires_grad_(requires_grad=False)


def noise(samples: int, batch: int = 1) -> torch.Tensor:
    return 0.1 * torch.randn(batch, samples, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("rate", RATES)
def test_frames_give_the_audio_back(rate: int) -> None:
    played = noise(rate // 2)
    back = audio_of(spectrum_of(played, rate), rate, played.shape[1])
    torch.testing.assert_close(back, played, atol=1e-6, rtol=0.0)


@pytest.mark.parametrize("rate", RATES)
def test_bins_are_as_far_apart_at_any_rate(rate: int) -> None:
    assert rate / frame_samples(rate) == pytest.approx(31.25, rel=2e-3)


@pytest.mark.parametrize("rate", RATES)
def test_one_network_takes_every_rate(rate: int) -> None:
    wet = spectrum_of(noise(rate // 4, batch=2), rate)
    assert without_room(network(), wet).shape == wet.shape


@pytest.mark.parametrize("bins", [513, 769, 1537])
def test_every_high_bin_belongs_to_slots_that_add_up_to_one(bins: int) -> None:
    weights = slot_weights(bins)
    assert weights.shape == (SLOTS, bins - LOW_BINS)
    assert weights.sum(axis=0) == pytest.approx(np.ones(bins - LOW_BINS), rel=1e-5)


def test_it_starts_out_nearly_as_the_identity() -> None:
    wet = spectrum_of(noise(24_000), 48_000)
    apart = (without_room(network(), wet) - wet).abs().square().sum()
    assert apart < 0.05 * wet.abs().square().sum()


def test_masks_keep_the_phase_and_add_nothing() -> None:
    wet = spectrum_of(noise(24_000), 48_000)
    masked = network(masks=True)
    masked.filters.normal_()
    done = without_room(masked, wet)
    share = done / wet
    assert share.imag.abs().max() < 1e-5
    assert 0.0 <= share.real.min() < 0.9
    assert share.real.max() <= 1.0 + 1e-5
    low = done[:, :LOW_BINS].abs().square().sum()
    assert low < 0.98 * wet[:, :LOW_BINS].abs().square().sum()


def test_silence_stays_silence() -> None:
    assert not without_room(network(), spectrum_of(torch.zeros(1, 8_000), 48_000)).abs().any()


def test_a_causal_network_does_not_hear_the_future() -> None:
    causal = network(ahead=0, both_ways=False)
    wet = spectrum_of(noise(48_000), 48_000)
    changed = wet.clone()
    changed[..., 30:] *= 3.0
    before, after = (without_room(causal, each)[..., :30] for each in (wet, changed))
    torch.testing.assert_close(before, after)


def test_one_with_look_ahead_does() -> None:
    wet = spectrum_of(noise(48_000), 48_000)
    changed = wet.clone()
    changed[..., 30:] *= 3.0
    before, after = (network()(each, torch.ones(1, 1))[0][..., 29] for each in (wet, changed))
    assert not torch.allclose(before, after)


def test_a_loud_and_a_faint_signal_are_treated_alike() -> None:
    wet = spectrum_of(noise(24_000), 48_000)
    loud, faint = without_room(network(), wet), without_room(network(), wet / 4.0)
    torch.testing.assert_close(loud / 4.0, faint, atol=1e-3, rtol=1e-3)


def test_filters_use_the_frames_they_name() -> None:
    """With weights only on tap k, a bin's output is its frame k behind the earliest."""
    net = network(past=2, ahead=1)
    low = torch.randn(1, 6, LOW_BINS, dtype=torch.complex64)
    for tap, lag in enumerate((2, 1, 0, -1)):
        weights = torch.zeros(1, 6, LOW_BINS, 4, 2)
        weights[..., tap, 1] = 1.0  # times i
        shifted = torch.zeros_like(low)
        first, last = max(lag, 0), min(6 + lag, 6)
        shifted[:, first:last] = low[:, first - lag : last - lag]
        torch.testing.assert_close(net._filtered(low, weights.flatten(2)), low + 1j * shifted)


def test_every_parameter_learns() -> None:
    net = DereverbNetwork(Shape(**SMALL))
    wet = spectrum_of(noise(24_000), 48_000)
    without_room(net, wet).abs().square().sum().backward()
    assert [name for name, each in net.named_parameters() if not each.grad.any()] == []


def test_a_causal_network_begins_with_what_the_other_has_learnt() -> None:
    """Where the backward GRUs and the tap ahead say nothing, both do the same."""
    offline = network(layers=2)
    causal = network(hidden=8, layers=2, past=5, ahead=0, both_ways=False)
    for layer in offline.layers:
        layer.time_out.weight[:, 4:] = 0.0
    offline.filters.unflatten(2, (4, 6, 2))[:, :, :, 5] = 0.0
    begin_causal(causal, offline)
    wet = spectrum_of(noise(24_000), 48_000)
    level = torch.ones(1, 1)
    torch.testing.assert_close(causal(wet, level)[0], offline(wet, level)[0])


def test_only_a_network_of_the_same_size_can_be_begun_with() -> None:
    for shape in ({"layers": 2}, {"hidden": 4}, {"past": 3}, {"both_ways": True}):
        causal = network(**{"hidden": 8, "ahead": 0, "past": 5, "both_ways": False} | shape)
        with pytest.raises(ValueError, match="cannot begin with"):
            begin_causal(causal, network())


@pytest.mark.parametrize("both_ways", [True, False])
def test_a_larger_network_begins_as_the_smaller_one(both_ways: bool) -> None:
    ahead = 2 if both_ways else 0
    smaller = network(ahead=ahead // 2, both_ways=both_ways)
    larger = network(hidden=6, layers=3, past=7, ahead=ahead, both_ways=both_ways)
    begin_with(larger, smaller)
    wet = spectrum_of(noise(24_000), 48_000)
    torch.testing.assert_close(without_room(larger, wet), without_room(smaller, wet))


def test_what_is_new_in_a_larger_network_learns() -> None:
    larger = DereverbNetwork(Shape(**SMALL | {"hidden": 6, "layers": 2, "past": 7}))
    begin_with(larger, network())
    optimizer = torch.optim.Adam(larger.parameters(), 0.01)
    before = {name: value.detach().clone() for name, value in larger.named_parameters()}
    wet = spectrum_of(noise(24_000), 48_000)
    for _ in range(3):
        optimizer.zero_grad()
        without_room(larger, wet).abs().square().sum().backward()
        optimizer.step()
    after = dict(larger.named_parameters())
    assert [name for name in after if torch.equal(after[name], before[name])] == []


def test_a_shallower_network_begins_with_the_first_layers() -> None:
    deeper = network(layers=3)
    shallower = network(layers=2)
    begin_with(shallower, deeper)
    deeper.layers = deeper.layers[:2]
    wet = spectrum_of(noise(24_000), 48_000)
    torch.testing.assert_close(without_room(shallower, wet), without_room(deeper, wet))


@pytest.mark.parametrize("both_ways", [True, False])
def test_a_network_that_remembers_less_begins_with_what_is_heard(both_ways: bool) -> None:
    ahead = 1 if both_ways else 0
    known = network(ahead=ahead, both_ways=both_ways)
    smaller = network(hidden=2, ahead=ahead, both_ways=both_ways)
    unheard = {"": [0, 3], "_reverse": [1, 2]}
    for layer in known.layers:
        for way, suffix in enumerate(["", "_reverse"][: 1 + both_ways]):
            layer.time_out.weight.unflatten(1, (-1, 4))[:, way, unheard[suffix]] = 0.0
            getattr(layer.time, f"weight_hh_l0{suffix}")[:, unheard[suffix]] = 0.0
    begin_with(smaller, known)
    wet = spectrum_of(noise(24_000), 48_000)
    torch.testing.assert_close(without_room(smaller, wet), without_room(known, wet))


@pytest.mark.parametrize("shape", [{"past": 3}, {"width": 16}, {"masks": True}])
def test_a_network_cannot_begin_with_a_larger_one(shape: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cannot begin with"):
        begin_with(network(**shape), network())


def test_a_causal_level_forgets() -> None:
    power = torch.zeros(1, LOW_BINS, 1_000, dtype=torch.complex64)
    power[..., :200] = 1.0
    level = level_of(power, causal=True)[0]
    torch.testing.assert_close(level[:200], torch.ones(200))
    assert level[999] < 0.15
    assert level_of(power, causal=False)[0, 0] == pytest.approx(0.2**0.5, rel=1e-4)
