"""The piano roll through its widgets: what mouse and keys do to the document."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QWheelEvent
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from tonewright.desktop.pianoroll.view import PianoRoll
from tonewright.dsp.project.document import Id, Note
from tonewright.dsp.project.edits import set_clip

RIFF = Id("riff")
A, B, C = Note(60, 100, 0, 480), Note(64, 90, 960, 480), Note(67, 80, 1920, 480)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ALT, CONTROL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.fixture
def roll(qtbot, session):
    roll = PianoRoll(session)
    qtbot.addWidget(roll)
    roll.resize(1000, 600)
    roll.show()
    roll.show_clip(RIFF)
    return roll


@pytest.fixture
def mouse(qtbot, roll):
    """Drag from a place to another, both (ticks, pitch)."""

    def drag(start, end, modifiers=NONE, release=True):
        viewport = roll.canvas.viewport()
        qtbot.mousePress(viewport, LEFT, modifiers, place(roll, *start))
        qtbot.mouseMove(viewport, place(roll, *end))
        if release:
            qtbot.mouseRelease(viewport, LEFT, modifiers, place(roll, *end))

    return drag


def place(roll, ticks, pitch):
    geometry = roll.canvas.geometry_of_notes
    content = QPointF(
        ticks * geometry.pixels_per_tick, geometry.y_of(pitch) + geometry.row_pixels / 2
    )
    return (content - roll.canvas.offset).toPoint()


def notes_of(session):
    return session.project.tracks[0].clips[0].notes


def press(qtbot, roll, key, modifiers=NONE):
    qtbot.keyClick(roll.canvas, key, modifiers)


def test_the_whole_clip_and_its_notes_are_in_view_at_once(roll):
    view = roll.canvas.viewport().rect()
    assert all(view.contains(place(roll, note.start_ticks, note.pitch)) for note in (A, B, C))


def test_a_clip_chosen_while_the_roll_is_hidden_is_in_view_when_it_shows(session, qtbot):
    roll = PianoRoll(session)
    qtbot.addWidget(roll)
    roll.show_clip(RIFF)
    roll.resize(900, 420)
    roll.show()
    view = roll.canvas.viewport().rect()
    assert all(view.contains(place(roll, note.start_ticks, note.pitch)) for note in (A, B, C))


def test_a_clip_chosen_again_stays_as_it_is_scrolled(roll):
    roll.canvas.verticalScrollBar().setValue(0)
    roll.show_clip(RIFF)
    assert roll.canvas.verticalScrollBar().value() == 0


def test_a_drag_moves_on_the_grid_as_one_entry_of_the_history(session, roll, mouse):
    mouse((200, 60), (200 + 250, 62))
    assert notes_of(session)[0] == replace(A, start_ticks=240, pitch=62)
    assert session.undo_stack.count() == 1
    session.undo_stack.undo()
    assert notes_of(session) == (A, B, C)


def test_a_drag_takes_the_whole_selection_along(session, roll, mouse):
    roll.notes.select([A, B])
    mouse((1100, 64), (1100 + 240, 64))
    assert [note.start_ticks for note in notes_of(session)] == [240, 1200, 1920]


def test_a_note_off_the_grid_keeps_its_place_when_only_its_pitch_is_dragged(session, roll, mouse):
    late = replace(A, start_ticks=17)
    roll.notes.replace("Late", (A,), (late,))
    mouse((200, 60), (200, 63))
    assert notes_of(session)[0] == replace(late, pitch=63)


def test_the_right_edge_resizes(session, roll, mouse):
    mouse((475, 60), (475 + 240, 60))
    assert notes_of(session)[0] == replace(A, length_ticks=720)


def test_escape_calls_a_drag_off(session, qtbot, roll, mouse):
    mouse((200, 60), (800, 70), release=False)
    press(qtbot, roll, Qt.Key.Key_Escape)
    qtbot.mouseRelease(roll.canvas.viewport(), LEFT, NONE, place(roll, 800, 70))
    assert notes_of(session) == (A, B, C)
    assert session.undo_stack.count() == 0


def test_drawing_starts_at_the_cell_under_the_pointer(session, roll, mouse):
    roll.canvas.drawing = True
    mouse((2900, 72), (3355, 72))
    assert notes_of(session)[-1] == Note(72, 100, 2880, 480)
    assert roll.notes.selected == (Note(72, 100, 2880, 480),)


def test_nothing_is_drawn_behind_the_end_of_the_clip(session, roll, mouse):
    roll.canvas.drawing = True
    mouse((3900, 72), (4000, 72))
    assert notes_of(session) == (A, B, C)


def test_a_double_click_draws_and_deletes(session, qtbot, roll):
    viewport = roll.canvas.viewport()
    qtbot.mouseDClick(viewport, LEFT, NONE, place(roll, 2900, 72))
    qtbot.mouseRelease(viewport, LEFT, NONE, place(roll, 2900, 72))
    assert notes_of(session)[-1] == Note(72, 100, 2880, 240)
    qtbot.mouseDClick(viewport, LEFT, NONE, place(roll, 200, 60))
    assert A not in notes_of(session)


def test_a_rubber_band_selects_what_it_touches(roll, mouse):
    mouse((100, 70), (1000, 58))
    assert roll.notes.selected == (A, B)
    mouse((1900, 70), (2000, 65), CONTROL)
    assert roll.notes.selected == (A, B, C)


def test_a_click_on_one_of_many_selects_it_alone(roll, mouse):
    roll.notes.select([A, B, C])
    mouse((200, 60), (200, 60))
    assert roll.notes.selected == (A,)


def test_the_whole_work_by_keyboard(session, qtbot, roll):
    roll.canvas.setFocus()
    press(qtbot, roll, Qt.Key.Key_Right, CONTROL)
    assert roll.notes.selected == (A,)
    press(qtbot, roll, Qt.Key.Key_Right)
    press(qtbot, roll, Qt.Key.Key_Up)
    press(qtbot, roll, Qt.Key.Key_Up, SHIFT)
    press(qtbot, roll, Qt.Key.Key_Right, SHIFT)
    press(qtbot, roll, Qt.Key.Key_Down, CONTROL)
    assert roll.notes.selected == (Note(73, 95, 240, 720),)
    press(qtbot, roll, Qt.Key.Key_Left, ALT)
    assert roll.notes.selected == (Note(73, 95, 239, 720),)
    press(qtbot, roll, Qt.Key.Key_Insert)
    assert roll.notes.selected == (Note(73, 95, 960, 240),)
    press(qtbot, roll, Qt.Key.Key_D, CONTROL)
    assert len(notes_of(session)) == 5
    press(qtbot, roll, Qt.Key.Key_A, CONTROL)
    press(qtbot, roll, Qt.Key.Key_Delete)
    assert notes_of(session) == ()
    while session.undo_stack.canUndo():
        session.undo_stack.undo()
    assert notes_of(session) == (A, B, C)


def test_its_keys_come_before_the_shortcuts_of_the_window(session, qtbot, roll):
    window = QWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(roll)
    taken = []
    for keys in ("Del", "Ctrl+A", "Ctrl+Right", "Ctrl+D", "J"):
        QShortcut(QKeySequence(keys), window, activated=lambda keys=keys: taken.append(keys))
    window.show()
    window.activateWindow()
    roll.canvas.setFocus()
    qtbot.waitUntil(roll.canvas.hasFocus)
    press(qtbot, roll, Qt.Key.Key_A, CONTROL)
    press(qtbot, roll, Qt.Key.Key_Delete)
    assert notes_of(session) == ()
    press(qtbot, roll, Qt.Key.Key_J)
    assert taken == ["J"]
    roll.setParent(None)  # the fixture closes it


def test_a_selected_note_is_announced_in_words(roll):
    roll.notes.select([B])
    text = "E4, bar 2 beat 2 tick 0, length 0.5 quarters, velocity 90"
    assert roll.canvas.accessibleDescription() == text
    roll.notes.select([A, B])
    assert roll.canvas.accessibleDescription() == "2 of 3 notes selected"


def test_every_control_has_a_name(roll):
    reached = [
        widget
        for widget in roll.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not widget.objectName().startswith("qt_")
    ]
    assert reached
    for widget in reached:
        assert widget.accessibleName() or getattr(widget, "text", str)(), widget


def test_pressing_a_key_or_a_note_is_heard(qtbot, roll, mouse):
    heard = QSignalSpy(roll.auditioned)
    mouse((200, 60), (200, 60))
    assert heard.at(0) == [60, 100]


def test_zoom_keeps_what_is_under_the_pointer(roll):
    at = QPointF(300, 200)
    before = roll.canvas.geometry_of_notes.ticks_at((at + roll.canvas.offset).x())
    wheel = QWheelEvent(
        at,
        at,
        QPoint(),
        QPoint(0, 480),
        Qt.MouseButton.NoButton,
        CONTROL,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(roll.canvas.viewport(), wheel)
    geometry = roll.canvas.geometry_of_notes
    assert geometry.ticks_at((at + roll.canvas.offset).x()) == pytest.approx(before, abs=5)
    assert geometry.pixels_per_tick > 0.2


def test_without_a_clip_keys_and_mouse_change_nothing(session, qtbot, roll, mouse):
    roll.show_clip(None)
    mouse((200, 60), (800, 60))
    press(qtbot, roll, Qt.Key.Key_Insert)
    roll.quantise()
    assert session.undo_stack.count() == 0


def test_a_drag_across_the_velocities_draws_them_as_one_entry(session, qtbot, roll):
    lane = roll.velocities
    x = [place(roll, note.start_ticks, 60).x() for note in (A, B, C)]
    qtbot.mousePress(lane, LEFT, NONE, QPoint(x[0] + 1, 8))
    qtbot.mouseMove(lane, QPoint(x[1], 8))
    qtbot.mouseMove(lane, QPoint(x[2] - 1, lane.height() - 1))
    qtbot.mouseRelease(lane, LEFT, NONE, QPoint(x[2] - 1, lane.height() - 1))
    velocities = [note.velocity for note in notes_of(session)]
    assert velocities[:2] == [127, 127]
    assert velocities[2] <= 3
    assert session.undo_stack.count() == 1


def test_the_velocities_of_a_selection_rise_together(session, qtbot, roll):
    roll.notes.select([A, B])
    lane = roll.velocities
    qtbot.mousePress(lane, LEFT, NONE, QPoint(place(roll, 960, 60).x(), 8))
    qtbot.mouseRelease(lane, LEFT, NONE, QPoint(place(roll, 960, 60).x(), 8))
    assert [note.velocity for note in notes_of(session)] == [127, 127, 80]
    assert len(roll.notes.selected) == 2


def test_it_paints_a_song_with_ten_thousand_notes(session, roll):
    many = tuple(Note(30 + i % 60, 1 + i % 127, i % 3840, 100) for i in range(10_000))
    roll.notes.replace("Many", (A,), many)
    roll.canvas.scale = "Dorian"
    assert not roll.grab().isNull()


def test_notes_have_names_and_places_for_a_screen_reader(roll):
    roll.notes.select([B])
    a, b, _ = roll.canvas.accessible_items()
    assert a.name == "C4, bar 2 beat 1 tick 0, length 0.5 quarters, velocity 100"
    assert (a.selected, b.selected, b.focused) == (False, True, True)
    assert b.rect.contains(place(roll, 1200, 64))


def tool(roll, name):
    return next(each for each in roll.findChildren(QWidget) if each.accessibleName() == name)


def test_quantising_is_as_strong_and_as_swung_as_the_tools_say(session, qtbot, roll):
    tool(roll, "Grid").setCurrentText("1/8")
    late = Note(72, 90, 600, 240)  # 120 ticks behind an eighth
    clip = session.project.tracks[0].clips[0].id
    session.apply("Late", lambda p: set_clip(p, clip, notes=(late,)))
    tool(roll, "Strength of quantising").setValue(50)
    qtbot.mouseClick(tool(roll, "Pull the selected notes, or all, to the grid"), LEFT)
    (note,) = notes_of(session)
    assert note.start_ticks == 540
    tool(roll, "Strength of quantising").setValue(100)
    tool(roll, "Swing").setValue(50)
    qtbot.mouseClick(tool(roll, "Pull the selected notes, or all, to the grid"), LEFT)
    (swung,) = notes_of(session)
    assert swung.start_ticks > 480  # every second eighth comes later


def test_the_buttons_transpose(session, qtbot, roll):
    before = [note.pitch for note in notes_of(session)]
    qtbot.mouseClick(tool(roll, "Transpose by 12 semitones"), LEFT)
    assert [note.pitch for note in notes_of(session)] == [pitch + 12 for pitch in before]
    qtbot.mouseClick(tool(roll, "Transpose by -1 semitones"), LEFT)
    assert [note.pitch for note in notes_of(session)] == [pitch + 11 for pitch in before]


def test_a_scale_is_highlighted_and_ghosts_are_hidden(session, qtbot, roll):
    ghost = Note(62, 90, 0, 960)
    session.apply("Into sight", lambda p: set_clip(p, Id("bass"), notes=(ghost,)))

    def picture():
        return roll.canvas.viewport().grab().toImage()

    plain = picture()
    tool(roll, "Root of the scale").setCurrentText("D")
    tool(roll, "Scale").setCurrentIndex(1)
    scaled = picture()
    assert scaled != plain
    qtbot.mouseClick(tool(roll, "Show the notes of other clips"), LEFT)
    assert not roll.canvas.ghosts_shown
    assert picture() != scaled
