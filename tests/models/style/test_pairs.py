import numpy as np
import torch

from tonewright.models.style.corpus import Rendition
from tonewright.models.style.pairs import (
    TARGET_STEPS,
    Pairs,
    draw_example,
    example_of,
    places,
)
from tonewright.models.style.weights import KINDS


def test_the_same_numbers_draw_the_same_pairs(rendition: Rendition) -> None:
    pairs = Pairs([rendition], KINDS["pitched"])
    first, second = (pairs.draw(np.random.default_rng(4), 5) for _ in range(2))
    assert torch.equal(first.velocities, second.velocities)
    assert torch.equal(first.steps.aligned, second.steps.aligned)


def test_a_repeated_pattern_is_answered_by_its_example(rendition: Rendition) -> None:
    batch = Pairs([rendition], KINDS["pitched"]).draw(np.random.default_rng(4), 8)
    begun, told = batch.velocities.any(-1), batch.steps.aligned.any(-1)
    assert torch.equal(begun, told)
    assert batch.valid.all()


def test_exchanged_drums_are_exchanged_on_both_sides(rendition: Rendition) -> None:
    pairs = Pairs([rendition], KINDS["drums"])
    plain = pairs.draw(np.random.default_rng(4), 16)
    other = pairs.draw(np.random.default_rng(4), 16, exchange=True)
    assert not torch.equal(plain.velocities, other.velocities)
    assert torch.equal(plain.velocities.sum(-1), other.velocities.sum(-1))
    # Where all bars are alike the example's drums are the target's, exchanged or not.
    assert torch.equal(other.velocities > 0, other.steps.aligned > 0)


def test_a_bass_that_is_changed_is_changed_on_both_sides(rendition: Rendition) -> None:
    pairs = Pairs([rendition], KINDS["basses"])
    plain = pairs.draw(np.random.default_rng(4), 32)
    other = pairs.draw(np.random.default_rng(4), 32, exchange=True)
    changed = (plain.velocities != other.velocities).any(-1).any(-1)
    assert 0 < changed.sum() < len(changed)
    # Not a note is lost, and where all bars are alike the example is still what is answered.
    assert torch.equal(plain.velocities.sum(-1), other.velocities.sum(-1))
    assert torch.equal(other.velocities > 0, other.steps.aligned > 0)
    np.testing.assert_allclose(
        plain.steps.profile.sum(-1).numpy(), other.steps.profile.sum(-1).numpy(), rtol=1e-5
    )


def test_places_count_bars_in_sections() -> None:
    beat_steps, phases, ends = places(np.arange(7, 9), 3)
    assert beat_steps.tolist() == [*range(18)] * 2
    assert phases.tolist() == [7] * 18 + [0] * 18
    assert ends.tolist() == [1] * 18 + [0] * 18


def test_an_example_has_whole_bars_from_a_section_start(rendition: Rendition) -> None:
    part = Pairs([rendition], KINDS["pitched"]).grooves[rendition.groove.key][0][0]
    lengths = {draw_example(np.random.default_rng(seed), part).bars for seed in range(40)}
    assert lengths == {1, 2, 4, 8}
    example = example_of(part, 8, 4)
    assert len(example.line) == 4 * 24 < TARGET_STEPS + 1
    assert not example.fill
