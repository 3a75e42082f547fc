"""What was heard can be corrected, and what was corrected is said as an effect takes it."""

import pytest
from PySide6.QtTest import QSignalSpy

from tonewright.desktop.dialogs.heard_view import HeardView
from tonewright.dsp.midi.analysis import analysed
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack
from tonewright.dsp.project.document import PPQ, Id, Note

TRACKS = {Id("melody"): "Melody", Id("keys"): "Keys"}


@pytest.fixture(scope="module")
def heard():
    def track(name, *pitches):
        notes = [Note(pitch, 90, PPQ * 2 * n, 1_800) for n in range(16) for pitch in pitches]
        return MidiTrack(name, tuple(notes))

    return analysed(MidiSequence(tracks=(track("Melody", 79), track("Keys", 60, 64, 67))))


@pytest.fixture
def view(qtbot, heard):
    view = HeardView()
    qtbot.addWidget(view)
    view.show_analysis(heard, TRACKS)
    return view


def write(view, bar, text):
    view.bars.item(bar // view.bars.columnCount(), bar % view.bars.columnCount()).setText(text)


def test_every_track_has_its_role_and_every_bar_its_chord(view, heard):
    assert [view.tracks.item(row, 0).text() for row in range(2)] == ["Melody", "Keys"]
    assert view.choices["melody"].currentText() == "melody"
    cells = [view.bars.item(0, column).text() for column in range(8)]
    assert cells == ["C"] * 8
    assert view.form.text().startswith(f"{len(heard.bars)} bars")
    assert (view.roles_text(list(TRACKS)), view.chords_text()) == ("", "")


def test_a_role_that_is_chosen_stays_when_it_is_heard_again(view, heard):
    corrected = QSignalSpy(view.corrected)
    box = view.choices["keys"]
    box.activated.emit(box.findData(Role.BASS))
    assert corrected.count() == 1
    view.show_analysis(heard, TRACKS)
    assert view.choices["keys"].currentText() == "bass"
    assert view.choices["keys"].itemText(0) == "as heard"
    assert view.roles_text(list(TRACKS)) == "2=bass"
    box = view.choices["keys"]
    box.activated.emit(0)
    assert view.roles == {}


def test_a_chord_that_is_written_is_kept_and_one_that_is_none_is_told(view):
    problems = QSignalSpy(view.problem)
    write(view, 1, " Am7   D7 ")
    assert view.chords_text() == "2: Am7 D7"
    write(view, 1, "H9x")
    assert problems.at(problems.count() - 1)[0].startswith("Bar 2: ")
    assert view.bars.item(0, 1).text() == "Am7 D7"
    write(view, 1, "C")  # as it was heard
    assert view.chords == {}


def test_long_chords_are_read_in_one_line(view, heard):
    view.resize(400, 300)
    view.show()
    write(view, 1, "Am7/G F#m7b5/C")
    view.show_analysis(heard, TRACKS)
    cell = view.bars.visualItemRect(view.bars.item(0, 1))
    assert cell.width() > view.bars.fontMetrics().horizontalAdvance("Am7/G F#m7b5/C")
    assert not view.bars.wordWrap()
