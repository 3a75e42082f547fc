"""Tracks are heard, corrected and arranged in the worker process, as one entry of the history."""

import os

import pytest
from PySide6.QtCore import Qt

from tonewright.desktop.dialogs.arrange import ArrangeDialog
from tonewright.desktop.session import Session
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.effects.registry import default_registry, load_registry
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.sequence import META
from tonewright.dsp.project.document import (
    Id,
    Instrument,
    MidiClip,
    MusicalTime,
    Note,
    Project,
    Track,
    TrackKind,
)
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.store import Store

LONGEST_MS = 300_000
"""How long the worker may take on a busy machine: it has to read torch."""

ARRANGER = """
import os
from dataclasses import replace
from tonewright.dsp.effects import Parameter, RunsIn, effect
from tonewright.dsp.effects.protocol import Family
from tonewright.dsp.errors import EffectError
from tonewright.dsp.midi.sequence import MidiTrack
from tonewright.dsp.project.document import MidiEvent, Note

@effect(
    "arranger",
    Parameter("style", "bossa", kind="choice", choices=("bossa", "swing", "none")),
    Parameter("roles", "", kind="text"),
    Parameter("chords", "", kind="text"),
    Parameter("density", 0.0, -1.0, 1.0),
    Parameter("variation", 0, 0, 999, kind="int"),
    family=Family.MIDI, runs_in=RunsIn.RENDERED, seeded=True,
)
class Arranger:
    def __init__(self, seed=0, **params):
        self.said = " ".join(f"{name}={value}" for name, value in params.items())
        self.style = params["style"]

    def process_midi(self, sequence):
        assert os.environ["TEST_PID"] != str(os.getpid())  # not in the editor's process
        if self.style == "none":
            raise EffectError("there is no style 'none'")
        first, *rest = sequence.tracks
        text = MidiEvent(0, bytes((0xFF, 0x01)) + self.said.encode())
        bass = MidiTrack("bass (style)", (Note(36, 90, 0, 960, 5),), (text,))
        silent = [replace(track, notes=()) for track in rest]
        return replace(sequence, tracks=(first, *silent, bass))
"""


def track(name: str, *pitches: int) -> Track:
    notes = tuple(Note(pitch, 90, 960 * (2 * n), 1800) for n in range(16) for pitch in pitches)
    clip = MidiClip(Id(f"{name}-clip"), name, MusicalTime(0), 960 * 32, notes)
    return Track(Id(name), name, TrackKind.MIDI, clips=(clip,), instrument=Instrument(program=0))


@pytest.fixture
def arranging(qapp):
    return Session(
        Project(Id("song"), "Song", tracks=(track("Melody", 79), track("Keys", 60, 64, 67)))
    )


@pytest.fixture
def make(qtbot, arranging, tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_PID", str(os.getpid()))
    path = tmp_path / "arranger.py"
    path.write_text(ARRANGER, "utf-8")
    with RenderQueue(Store(tmp_path / "store"), load_registry([path]), threads=1) as queue:
        dialogs = []

        def made(*selected):
            view = ViewState()
            view.select(selected)
            dialog = ArrangeDialog(arranging, view, queue, arranger="arranger")
            qtbot.addWidget(dialog)
            dialog.show()
            qtbot.waitUntil(lambda: bool(dialog.heard.choices))
            dialogs.append(dialog)
            return dialog

        yield made
        for dialog in dialogs:
            dialog.close()


def names(session):
    return [each.name for each in session.project.tracks]


def done(dialog):
    return lambda: not dialog.running


def said(session, name):
    """Return the text that the arranger left in a track."""
    (found,) = [each for each in session.project.tracks if each.name == name]
    (event,) = [each for each in found.clips[0].events if each.data[0] == META]
    return event.data[2:].decode()


def test_what_is_heard_is_shown_before_anything_is_made(make, arranging):
    dialog = make()
    boxes = dialog.heard.choices
    assert {each: box.currentText() for each, box in boxes.items()} == {
        "Melody": "melody",
        "Keys": "chords",
    }
    assert [dialog.heard.bars.item(0, bar).text() for bar in range(2)] == ["C", "C"]
    assert "8 bars, form A" in dialog.heard.form.text()
    assert arranging.undo_stack.count() == 0


def test_new_tracks_come_beside_the_old_ones_in_one_entry(make, arranging, qtbot):
    dialog = make()
    before = arranging.project
    with qtbot.waitSignal(dialog.arranged):
        dialog.run()
    assert names(arranging) == ["Melody", "Keys", "bass (style)"]
    assert [each.channel.muted for each in arranging.project.tracks] == [False, True, False]
    assert arranging.project.tracks[0] is before.tracks[0]
    assert arranging.undo_stack.count() == 1
    arranging.undo_stack.undo()
    assert arranging.project is before


def test_corrections_and_choices_reach_the_effect(make, arranging, qtbot):
    dialog = make()
    box = dialog.heard.choices["Keys"]
    box.activated.emit(box.findData(Role.PAD))
    qtbot.waitUntil(lambda: dialog.heard.choices["Keys"].currentText() == "pad")
    dialog.heard.bars.item(0, 1).setText("Am7  D7")
    qtbot.waitUntil(lambda: dialog.heard.bars.item(0, 1).text() == "Am7 D7")
    dialog.editors["style"].box.textActivated.emit("swing")
    with qtbot.waitSignal(dialog.arranged):
        dialog.run()
    text = said(arranging, "bass (style)")
    assert "style=swing" in text
    assert "roles=2=pad" in text
    assert "chords=2: Am7 D7" in text


def test_a_chord_that_is_none_is_told_and_taken_back(make):
    dialog = make()
    dialog.heard.bars.item(0, 1).setText("Hmoll")
    assert "Bar 2" in dialog.note.text()
    assert dialog.heard.bars.item(0, 1).text() == "C"
    assert dialog.heard.chords_text() == ""


def test_several_takes_come_at_once_and_the_first_is_heard(make, arranging, qtbot):
    dialog = make()
    dialog.takes.setValue(2)
    with qtbot.waitSignal(dialog.arranged):
        dialog.run()
    assert names(arranging)[2:] == ["bass (style) take 1", "bass (style) take 2"]
    assert [each.channel.muted for each in arranging.project.tracks[2:]] == [False, True]
    assert "variation=1" in said(arranging, "bass (style) take 2")
    assert arranging.undo_stack.count() == 1


def test_only_the_tracks_of_selected_clips_are_heard(make, qtbot):
    dialog = make("Keys-clip")
    assert list(dialog.heard.choices) == ["Keys"]
    dialog.only_selected.setChecked(False)
    qtbot.waitUntil(lambda: list(dialog.heard.choices) == ["Melody", "Keys"])


def test_what_fails_is_one_line_and_changes_nothing(make, arranging, qtbot):
    dialog = make()
    dialog.editors["style"].box.textActivated.emit("none")
    dialog.run()
    qtbot.waitUntil(done(dialog))
    assert "there is no style 'none'" in dialog.note.text()
    assert arranging.undo_stack.count() == 0
    assert dialog.run_button.isEnabled()


def test_closing_while_it_runs_stops_it(make, arranging, qtbot):
    dialog = make()
    dialog.run()
    dialog.close()
    assert not dialog.isVisible()
    qtbot.waitUntil(done(dialog))
    assert arranging.undo_stack.count() == 0


def test_a_project_without_notes_is_told(make, arranging, qtbot):
    dialog = make()
    arranging.open(Project(Id("empty"), "Empty"))
    assert "no MIDI track sounds" in dialog.note.text()
    assert not dialog.run_button.isEnabled()


def test_the_network_that_ships_arranges_the_song(qtbot, arranging, tmp_path):
    before = arranging.project
    with RenderQueue(Store(tmp_path / "store"), default_registry(), threads=1) as queue:
        dialog = ArrangeDialog(arranging, ViewState(), queue)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: bool(dialog.heard.choices))
        box = dialog.editors["style"].box
        box.setFocus()
        qtbot.keyClicks(box, "samba")
        assert box.currentText() == "samba"
        with qtbot.waitSignal(dialog.arranged, timeout=LONGEST_MS):
            qtbot.mouseClick(dialog.run_button, Qt.MouseButton.LeftButton)
        dialog.close()
    new = arranging.project.tracks[2:]
    assert {each.name for each in new} == {"bass (style)", "chords (style)", "drums (style)"}
    assert arranging.project.tracks[0] is before.tracks[0]
    assert said(arranging, "bass (style)").startswith("style_translate style=samba")
    starts = {note.start_ticks for track in new for clip in track.clips for note in clip.notes}
    assert max(starts) > 7 * 4 * 960  # to the last of eight bars
    assert arranging.undo_stack.count() == 1
    arranging.undo_stack.undo()
    assert arranging.project is before
