from itertools import pairwise

import numpy as np
import pytest

from tonewright.dsp.audio.signal import Audio
from tonewright.models.diff_tone import sections
from tonewright.models.diff_tone.sections import in_sections, sections_of, spans_of

RATE = 1_000


def sounding(*pieces: tuple[int, float]) -> Audio:
    """Return pieces of so many samples of a constant, in stereo, the left channel silent."""
    right = np.concatenate([np.full(length, value) for length, value in pieces])
    return np.stack([np.zeros_like(right), right]).astype(np.float32)


def test_what_sounds_ends_where_there_are_zeros_for_a_second() -> None:
    audio = sounding((100, 0.0), (300, 0.5), (900, 0.0), (200, 0.5), (1_100, 0.0), (50, 0.1))
    assert spans_of(audio, RATE) == [(100, 1_500), (2_600, 2_650)]
    assert spans_of(sounding((10, 0.0)), RATE) == []


def test_sections_cover_a_span_and_overlap() -> None:
    length = round(2.5 * sections.SECTION_SECONDS * RATE)
    found = sections_of(length, RATE)
    assert found[0][0] == 0
    assert found[-1][1] == length
    for (_, end), (start, _) in pairwise(found):
        assert end - start == sections.OVERLAP_SECONDS * RATE
    assert sections_of(10, RATE) == [(0, 10)]


def test_sections_are_those_that_are_edited_and_are_joined_without_a_seam() -> None:
    length = round(2.5 * sections.SECTION_SECONDS * RATE)
    audio = sounding((length, 0.5))
    lengths = []

    def halved(section: Audio) -> Audio:
        lengths.append(section.shape[1])
        return section * np.float32(0.5)

    made = in_sections(audio, RATE, halved)
    assert lengths == [end - start for start, end in sections_of(length, RATE)]
    edge = round(sections.EDGE_SECONDS * RATE)
    np.testing.assert_allclose(made[:, edge:-edge], 0.5 * audio[:, edge:-edge], atol=1e-6)
    # It begins and ends without a click.
    assert 0.0 < made[1, 0] < made[1, edge - 1] < 0.25
    assert made[1, -1] == made[1, 0]


def test_the_loudness_of_the_source_is_kept_moment_by_moment() -> None:
    made = np.full((2, 44_100), 0.1, np.float32)
    source = made * np.where(np.arange(44_100) < 22_050, 2.0, 0.5).astype(np.float32)
    shaped = sections.enveloped(made, source, 1.0, 44_100)
    assert shaped[0, 10_000] == pytest.approx(0.2, rel=0.01)
    assert shaped[0, 34_000] == pytest.approx(0.05, rel=0.01)
    half = sections.enveloped(made, source, 0.5, 44_100)
    assert half[0, 10_000] == pytest.approx(0.1 * 2.0**0.5, rel=0.01)
    assert sections.enveloped(made, source, 0.0, 44_100) is made


def test_a_model_that_keeps_no_level_is_brought_to_the_sources() -> None:
    rng = np.random.default_rng(0)
    made, source = (rng.normal(0.0, 0.1, (2, 1_000)).astype(np.float32) for _ in range(2))
    level = np.square(sections.levelled(0.2 * made, source)).mean()
    assert level == pytest.approx(np.square(source).mean(), rel=1e-4)
    # What is next to nothing is not made into something.
    faint = sections.levelled(1e-6 * made, source)
    assert np.abs(faint).max() < 1e-3


def test_a_pluck_as_loud_as_a_tone_does_not_go_over_full_scale() -> None:
    tone = 0.5 * np.sin(np.arange(4_000) / 5.0)[None].astype(np.float32)
    pluck = np.zeros_like(tone)
    pluck[0, :20] = 0.2
    assert np.abs(sections.levelled(pluck, tone)).max() == pytest.approx(1.0)
    # What was louder already may stay so.
    assert np.abs(sections.levelled(pluck, 3.0 * tone)).max() == pytest.approx(1.5, rel=1e-3)
    silent = np.zeros_like(tone)
    assert sections.levelled(silent, tone) is silent
