import numpy as np
import pytest
import torch

from tonewright.models.training.corpus import SAMPLE_RATE, Kind, Store
from tonewright.models.training.mixtures import draw_dry, draw_pairs
from tonewright.models.training.rooms import DIRECT_SAMPLES, RESPONSE_SAMPLES, Responses

LENGTH = SAMPLE_RATE


@pytest.fixture
def store() -> Store:
    samples = np.random.default_rng(1).integers(-3_000, 3_000, 2 * SAMPLE_RATE).astype(np.int16)
    clips = [(0, SAMPLE_RATE), (SAMPLE_RATE, SAMPLE_RATE)]
    return Store(samples, {kind: {"a": clips} for kind in Kind})


def responses(echo_samples: int) -> Responses:
    """Return one room: a click, and the same click at half its size later."""
    direct = np.zeros((1, DIRECT_SAMPLES), np.float32)
    direct[0, DIRECT_SAMPLES // 2] = 1.0
    full = np.zeros((1, RESPONSE_SAMPLES), np.float16)
    full[0, :DIRECT_SAMPLES] = direct
    full[0, DIRECT_SAMPLES // 2 + echo_samples] = 0.5
    return Responses(full, direct, np.array([0.5]), np.array([2.0]))


def test_what_the_room_adds_is_all_that_is_between_wet_and_dry(store: Store) -> None:
    rng = np.random.default_rng(2)
    wet, dry, rooms = draw_pairs(
        store, responses(480), rng, pairs=2, length_samples=LENGTH, augment=False
    )
    assert wet.shape == dry.shape == (2, LENGTH)
    assert rooms.tolist() == [0, 0]
    torch.testing.assert_close(
        wet[:, 480:], dry[:, 480:] + 0.5 * dry[:, :-480], atol=1e-5, rtol=0.0
    )


def test_it_may_begin_in_the_middle_of_an_echo(store: Store) -> None:
    wet, dry, _ = draw_pairs(
        store, responses(4_800), np.random.default_rng(3), pairs=8, length_samples=LENGTH,
        augment=False,
    )  # fmt: skip
    assert ((wet - dry)[:, :480].abs().amax(dim=1) > 1e-3).any()


def test_the_same_seed_draws_the_same_pairs(store: Store) -> None:
    first, second = (
        draw_pairs(store, responses(480), np.random.default_rng(4), pairs=3, length_samples=LENGTH)
        for _ in range(2)
    )
    torch.testing.assert_close(first[0], second[0])
    torch.testing.assert_close(first[1], second[1])


def test_some_augmented_phrases_are_two_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Kind] = []

    def ones(store: Store, kind: Kind, length: int, rng: np.random.Generator) -> np.ndarray:
        drawn.append(kind)
        return np.ones(length, np.float32)

    monkeypatch.setattr("tonewright.models.training.mixtures.draw_dry", ones)
    for kind, more in ((Kind.PHRASE, True), (Kind.SPEECH, False)):
        drawn.clear()
        draw_pairs(
            store, responses(480), np.random.default_rng(5), pairs=32, length_samples=4_800,
            kind=kind,
        )  # fmt: skip
        assert (32 < len(drawn) < 60) is more


def test_some_augmented_pairs_are_dry(store: Store) -> None:
    rng = np.random.default_rng(5)
    wet, dry, _ = draw_pairs(store, responses(480), rng, pairs=64, length_samples=9_600)
    apart = (wet - dry).square().mean(-1) / dry.square().mean(-1)
    assert 1 <= int((apart < 0.01).sum()) <= 15


def test_no_clip_is_heard_before_its_gap_is_over(store: Store) -> None:
    dry = draw_dry(store, Kind.SPEECH, 5 * SAMPLE_RATE, np.random.default_rng(6))
    assert dry.shape == (5 * SAMPLE_RATE,)
    assert np.abs(dry).max() < 0.3
    assert np.mean(dry == 0.0) < 0.5
