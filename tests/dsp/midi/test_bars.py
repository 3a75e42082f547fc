import pytest

from tonewright.dsp.midi.bars import bars_of
from tonewright.dsp.midi.sequence import DRUM_CHANNEL, MidiSequence, MidiTrack
from tonewright.dsp.project.document import Note, TempoMap, TimeSignatureEvent

TICKS = 480


def sequence(quarters: int, *signatures: tuple[int, int, int]) -> MidiSequence:
    events = tuple(TimeSignatureEvent(at * TICKS, n, d) for at, n, d in signatures)
    tempo_map = TempoMap(time_signatures=events) if events else TempoMap()
    note = Note(60, 90, 0, quarters * TICKS, 0)
    return MidiSequence(TICKS, tempo_map, (MidiTrack("", (note,)),))


def test_bars_cover_the_song_to_its_last_note() -> None:
    bars = bars_of(sequence(10))
    assert [(bar.start, bar.quarters) for bar in bars] == [(0.0, 4.0), (4.0, 4.0), (8.0, 4.0)]


def test_a_short_first_bar_is_a_pick_up_before_the_first_section() -> None:
    bars = bars_of(sequence(13, (0, 1, 4), (1, 4, 4)))
    assert [bar.phase for bar in bars] == [-1, 0, 1, 2]


def test_a_change_of_signature_changes_the_bars() -> None:
    bars = bars_of(sequence(14, (0, 4, 4), (8, 3, 4)))
    assert [bar.quarters for bar in bars] == [4.0, 4.0, 3.0, 3.0]
    assert [bar.beats for bar in bars] == [4, 4, 3, 3]


def test_sections_end_every_eight_bars() -> None:
    bars = bars_of(sequence(64))
    assert [index for index, bar in enumerate(bars) if bar.last] == [7, 15]
    assert [bar.phase for bar in bars[:9]] == [*range(8), 0]


def test_a_bar_of_seven_eighths_has_four_beats() -> None:
    bars = bars_of(sequence(7, (0, 7, 8)))
    assert [(bar.quarters, bar.beats) for bar in bars] == [(3.5, 4), (3.5, 4)]


@pytest.mark.parametrize(
    ("numerator", "denominator", "beats", "beat_quarters"),
    [(6, 8, 2, 1.5), (9, 8, 3, 1.5), (12, 8, 4, 1.5), (6, 16, 2, 0.75), (3, 8, 3, 0.5)],
)
def test_compound_time_is_counted_in_dotted_beats(
    numerator: int, denominator: int, beats: int, beat_quarters: float
) -> None:
    bar = bars_of(sequence(12, (0, numerator, denominator)))[0]
    assert (bar.beats, bar.beat_quarters) == (beats, beat_quarters)
    assert bar.quarters == beats * beat_quarters


def begun(*starts: tuple[float, int]) -> MidiSequence:
    notes = tuple(Note(60, 90, round(at * TICKS), TICKS, channel) for at, channel in starts)
    return MidiSequence(TICKS, tracks=(MidiTrack("", notes),))


def test_a_pick_up_in_a_whole_bar_of_rests_is_before_the_form() -> None:
    bars = bars_of(begun((3.0, 0), (4.0, 0), (20.0, 0)))
    assert [bar.phase for bar in bars[:3]] == [-1, 0, 1]


def test_silence_at_the_start_is_before_the_form() -> None:
    assert [bar.phase for bar in bars_of(begun((8.0, 0), (12.0, 0)))] == [-2, -1, 0, 1]


def test_drums_that_count_in_are_before_the_form_and_an_introduction_is_not() -> None:
    count_in = [(beat, DRUM_CHANNEL) for beat in range(4)]
    assert [bar.phase for bar in bars_of(begun(*count_in, (4.0, 0)))] == [-1, 0]
    solo = [(beat, DRUM_CHANNEL) for beat in range(16)]
    assert bars_of(begun(*solo, (16.0, 0)))[0].phase == 0


def test_a_first_note_that_is_a_little_early_is_in_its_bar() -> None:
    assert [bar.phase for bar in bars_of(begun((3.97, 0), (8.0, 0)))] == [-1, 0, 1]


def test_silence_has_no_bars() -> None:
    assert bars_of(MidiSequence(TICKS)) == ()
