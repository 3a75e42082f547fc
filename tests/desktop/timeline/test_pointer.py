"""What a press of the mouse takes hold of."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPointF, Qt

from tonewright.desktop.timeline.layer_bars import LayerBars
from tonewright.desktop.timeline.places import Places
from tonewright.desktop.timeline.pointer import Pointer
from tonewright.desktop.timeline.view_state import Tool
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.project.document import EffectSpec, Id, TimeRange
from tonewright.dsp.project.edits import add_effect

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def told():
    return []


@pytest.fixture
def places(session, view):
    places = Places(session, view)
    places.width = 800
    return places


@pytest.fixture
def pointer(session, view, places, told):
    surface = SimpleNamespace(
        session=session,
        view=view,
        places=places,
        bars=LayerBars(places, default_registry()),
        show_band=lambda rect: None,
    )
    return Pointer(surface, lambda *ids: told.append(ids), told.append)


def clip(session, name):
    return next(clip for _, clip in session.project.clips() if clip.name == name)


def click(pointer, place, modifiers=NONE):
    pointer.press(place, modifiers)
    pointer.release(place, modifiers)


A, B, NOTHING = QPointF(200, 50), QPointF(500, 50), QPointF(350, 50)


def test_a_click_selects_shift_adds_and_nothing_lets_go(pointer, session, view):
    a, b = clip(session, "A").id, clip(session, "B").id
    click(pointer, A)
    assert (view.selection, view.focus) == ({a}, a)
    click(pointer, B, SHIFT)
    assert view.selection == {a, b}
    click(pointer, A, SHIFT)
    assert view.selection == {b}
    click(pointer, NOTHING)
    assert view.selection == frozenset()
    assert view.playhead_seconds == pytest.approx(3.5)


def test_a_hand_that_shakes_drags_nothing(pointer, session):
    before = session.project
    pointer.press(A, NONE)
    pointer.move(A + QPointF(1, 1), NONE)
    pointer.release(A + QPointF(1, 1), NONE)
    assert session.project is before
    assert not pointer.cancel()


def test_the_cursor_says_what_the_mouse_would_do(pointer, view):
    shapes = Qt.CursorShape
    assert pointer.cursor_at(QPointF(101, 50)) is shapes.SizeHorCursor
    assert pointer.cursor_at(A) is shapes.ArrowCursor
    view.set_tool(tool=Tool.SPLIT)
    assert pointer.cursor_at(A) is shapes.SplitHCursor
    view.set_tool(tool=Tool.RANGE)
    assert pointer.cursor_at(A) is shapes.IBeamCursor
    pointer.press(A, NONE)
    assert pointer.cursor_at(A) is None


@pytest.mark.parametrize(("tool", "label"), [(Tool.SELECT, "Move clips"), (Tool.SLIP, "Slip clip")])
def test_the_tool_says_what_a_drag_becomes(pointer, session, view, tool, label):
    view.set_tool(tool=tool)
    pointer.press(A, NONE)
    pointer.move(A + QPointF(30, 0), NONE)
    pointer.release(A + QPointF(30, 0), NONE)
    assert session.undo_stack.undoText() == label


def test_the_range_tool_marks_and_a_click_takes_the_mark_away(pointer, session, view):
    view.set_tool(tool=Tool.RANGE)
    pointer.press(A, NONE)
    pointer.move(A + QPointF(50, 0), NONE)
    pointer.release(A + QPointF(50, 0), NONE)
    assert view.range.owner_id == clip(session, "A").id
    assert view.range.where.start_seconds == pytest.approx(1.0)
    click(pointer, A)
    assert view.range is None


def test_a_double_click_opens_and_a_bar_chooses_its_effect(pointer, session, places, told):
    a = clip(session, "A")
    pointer.double_click(A, NONE)
    assert told == [a.id]
    effect = EffectSpec(Id("far"), "reverb", range=TimeRange(0.5, 1.5))
    session.apply("Add", lambda project: add_effect(project, a.id, effect))
    bar = LayerBars(places, default_registry()).of_row(0)[0]
    pointer.press(bar.rect.center(), NONE)
    pointer.double_click(bar.rect.center(), NONE)
    assert told[1:] == [(a.id, effect.id)]
