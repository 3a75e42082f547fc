from tonewright.dsp.bridge.takes import Take, Takes

RATE = 48_000


def take_at(start: int, length: int) -> Take:
    return Take(start, length, RATE, 2, 0.0, source=f"{start} {length}")


def test_newer_takes_cover_older_ones() -> None:
    takes = Takes(()).with_take(take_at(100, 50)).with_take(take_at(0, 10))
    covering = takes.with_take(take_at(90, 100))
    assert [each.start_frame for each in covering.takes] == [0, 90]
    overlapping = takes.with_take(take_at(120, 100))
    assert [each.start_frame for each in overlapping.takes] == [100, 0, 120]


def test_takes_are_one_line_and_nonsense_is_none() -> None:
    takes = Takes((take_at(3, 4),))
    assert Takes.parsed(takes.text()) == takes
    assert "\n" not in takes.text()
    for text in ("", "{", "[1]", '[{"start": 1}]'):
        assert Takes.parsed(text) == Takes(())
