from tonewright.dsp.midi.bars import bars_of
from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack
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


def test_silence_has_no_bars() -> None:
    assert bars_of(MidiSequence(TICKS)) == ()
