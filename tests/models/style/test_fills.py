import numpy as np
import pytest

from tonewright.dsp.midi.roles import Role
from tonewright.models.style.corpus import Part
from tonewright.models.style.fills import with_fill
from tonewright.models.style.library import named_style
from tonewright.models.style.styles import STYLES

BASS = Part(Role.BASS, 33, np.array([(beat, 0.9, 36, 90) for beat in range(32)], np.float32))


def drums(*kit: int, offbeat: float = 0.5) -> Part:
    """Return eight bars: the first drum on the beat, the others off it."""
    rows = [
        (beat + (offbeat if index else 0.0), 0.2, drum, 80)
        for beat in range(32)
        for index, drum in enumerate(kit)
    ]
    return Part(Role.DRUMS, 0, np.array(rows, np.float32))


def struck(part: Part, start: float, end: float) -> dict[float, list[int]]:
    inside = part.notes[(part.notes[:, 0] >= start) & (part.notes[:, 0] < end)]
    return {
        round(float(at), 2): inside[inside[:, 0] == at, 2].astype(int).tolist()
        for at in np.unique(inside[:, 0])
    }


def test_the_last_half_bar_is_a_run_that_grows_louder() -> None:
    (bass, filled), fill = with_fill((BASS, drums(36, 38, 42)), 4, 8)
    assert fill
    assert bass is BASS
    run = struck(filled, 30, 32)
    assert [at - 30 for at in run if run[at] != [36]] == [0.0, 0.5, 1.0, 1.25, 1.5, 1.75]
    assert 36 in run[30.0]  # the foot plays on
    assert not any(42 in each for each in run.values())
    loud = [row[3] for row in filled.notes.tolist() if row[0] >= 30 and row[2] != 36]
    assert loud == sorted(loud)
    assert max(loud) == 80


def test_the_bars_before_are_as_they_were() -> None:
    plain = drums(36, 38, 42)
    (filled,), _ = with_fill((plain,), 4, 8)
    assert struck(filled, 0, 30) == struck(plain, 0, 30)


def test_a_swung_style_is_filled_with_triplets() -> None:
    (filled,), _ = with_fill((drums(36, 38, 51, offbeat=2 / 3),), 4, 8)
    run = struck(filled, 31, 32)
    assert [round(at - 31, 2) for at in run] == [0.0, 0.33, 0.67]


def test_a_waltz_is_filled_for_a_beat() -> None:
    rows = drums(36, 38)
    rows = Part(rows.role, 0, rows.notes[rows.notes[:, 0] < 24])
    (filled,), _ = with_fill((rows,), 3, 8)
    assert struck(filled, 0, 23) == struck(rows, 0, 23)
    assert len(struck(filled, 23, 24)) == 4


def test_hand_drums_are_filled_on_hand_drums() -> None:
    (filled,), fill = with_fill((drums(70, 60, 61),), 4, 8)
    assert fill
    assert {drum for each in struck(filled, 30, 32).values() for drum in each} == {60, 61, 70}


@pytest.mark.parametrize("parts", [(BASS,), (BASS, drums(36, 42))])
def test_without_a_snare_or_hand_drums_there_is_no_fill(parts: tuple[Part, ...]) -> None:
    same, fill = with_fill(parts, 4, 8)
    assert not fill
    assert same == parts


def test_nearly_every_named_style_with_drums_has_a_fill() -> None:
    styles = [named_style(name) for name in STYLES]
    drummed = [each for each in styles if any(part.role is Role.DRUMS for part in each.parts)]
    assert sum(each.fill for each in drummed) >= 90
