from tonewright.dsp.midi.pedal import held
from tonewright.dsp.project.document import MidiEvent, Note


def pedal(ticks: int, value: int, channel: int = 0) -> MidiEvent:
    return MidiEvent(ticks, bytes((0xB0 | channel, 64, value)))


def note(start_ticks: int, length_ticks: int, pitch: int = 60) -> Note:
    return Note(pitch, 90, start_ticks, length_ticks, 0)


def lengths(notes: list[Note], *events: MidiEvent, longest_ticks: int = 4000) -> list[int]:
    return [n.length_ticks for n in held(notes, events, 0, longest_ticks=longest_ticks)]


def test_a_note_let_go_under_the_pedal_sounds_until_it_comes_up() -> None:
    notes = [note(100, 50, 60), note(200, 50, 64), note(600, 50, 67)]
    assert lengths(notes, pedal(0, 127), pedal(500, 0)) == [400, 300, 50]


def test_a_note_that_is_held_longer_than_the_pedal_stays() -> None:
    assert lengths([note(0, 700)], pedal(100, 127), pedal(500, 0)) == [700]


def test_a_key_that_is_struck_again_ends_its_note() -> None:
    notes = [note(0, 50), note(200, 50)]
    assert lengths(notes, pedal(0, 127), pedal(500, 0)) == [200, 300]


def test_half_way_down_is_down_and_just_less_is_up() -> None:
    assert lengths([note(0, 50)], pedal(0, 64), pedal(200, 63)) == [200]


def test_a_pedal_that_never_comes_up_holds_for_a_while_only() -> None:
    assert lengths([note(0, 50)], pedal(0, 127), longest_ticks=300) == [350]


def test_other_channels_and_controllers_hold_nothing() -> None:
    volume = MidiEvent(0, bytes((0xB0, 7, 127)))
    assert lengths([note(0, 50)], pedal(0, 127, channel=1), volume) == [50]
