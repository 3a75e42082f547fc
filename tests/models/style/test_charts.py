from random import Random

import pytest

from tonewright.dsp.midi.bars import SECTION_BARS
from tonewright.models.style.charts import sample_chart


@pytest.mark.parametrize("beats", [3, 4])
def test_a_chart_has_whole_sections(beats: int) -> None:
    for seed in range(20):
        chart = sample_chart(Random(seed), beats, sections=3)
        assert chart.bars == 3 * SECTION_BARS
        assert all(len(chart.bar(number)) == beats for number in range(chart.bars))


def test_the_same_seed_gives_the_same_chart() -> None:
    assert sample_chart(Random("a"), 4) == sample_chart(Random("a"), 4)


def test_charts_reach_all_keys_and_many_qualities() -> None:
    chords = [c for seed in range(60) for c in sample_chart(Random(seed), 4).chords]
    assert {chord.root for chord in chords} == set(range(12))
    assert len({chord.quality for chord in chords}) > 15
    assert any(chord.bass != chord.root for chord in chords)


def test_some_bars_have_several_chords() -> None:
    counts = {
        len(set(chart.bar(number)))
        for chart in (sample_chart(Random(seed), 4) for seed in range(40))
        for number in range(chart.bars)
    }
    assert counts >= {1, 2, 3}
