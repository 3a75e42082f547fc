import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def ruler(timeline):
    return timeline.ruler


def write(ruler, text):
    entry = ruler.findChild(QLineEdit)
    entry.setText(text)
    QTest.keyClick(entry, Qt.Key.Key_Return)
    entry.setParent(None)


def test_a_click_moves_the_playhead_and_a_drag_loops(ruler, view):
    QTest.mouseClick(ruler, LEFT, NONE, QPoint(300, 44))
    assert view.playhead_seconds == pytest.approx(3.0)
    QTest.mousePress(ruler, LEFT, NONE, QPoint(500, 62))
    QTest.mouseMove(ruler, QPoint(200, 62))
    QTest.mouseRelease(ruler, LEFT, NONE, QPoint(200, 62))
    assert (view.loop.start_seconds, view.loop.end_seconds) == pytest.approx((2.0, 5.0))
    QTest.mouseClick(ruler, LEFT, NONE, QPoint(700, 62))
    assert view.loop is None


def test_markers_are_written_dragged_and_removed(ruler, session):
    QTest.mouseDClick(ruler, LEFT, NONE, QPoint(200, 8))
    write(ruler, "Verse")
    assert session.project.markers[0].name == "Verse"
    QTest.mousePress(ruler, LEFT, NONE, QPoint(202, 8))
    QTest.mouseMove(ruler, QPoint(352, 8))
    QTest.mouseRelease(ruler, LEFT, NONE, QPoint(352, 8))
    assert session.project.markers[0].start.ticks == pytest.approx(3.52 * 1920, abs=1)
    QTest.mouseDClick(ruler, LEFT, NONE, QPoint(354, 8))
    write(ruler, "")
    assert session.project.markers == ()


def test_tempo_and_signature_are_written_at_the_bar(ruler, session):
    QTest.mouseDClick(ruler, LEFT, NONE, QPoint(450, 26))
    write(ruler, "90 3/4")
    tempo_map = session.project.tempo_map
    assert [(each.start_ticks, each.bpm) for each in tempo_map.tempos] == [(0, 120), (7680, 90)]
    assert tempo_map.time_signatures[1].numerator == 3
    QTest.mouseDClick(ruler, LEFT, NONE, QPoint(405, 26))
    write(ruler, "")
    assert len(session.project.tempo_map.tempos) == 1


@pytest.mark.parametrize("text", ["fast", "0.2", "120 4/3"])
def test_a_bad_tempo_is_told(ruler, session, qtbot, text):
    before = session.project
    QTest.mouseDClick(ruler, LEFT, NONE, QPoint(2, 26))
    with qtbot.waitSignal(session.problem):
        write(ruler, text)
    assert session.project is before


def test_a_field_that_is_left_changes_nothing(ruler, session):
    QTest.mouseDClick(ruler, LEFT, NONE, QPoint(200, 8))
    entry = ruler.findChild(QLineEdit)
    entry.setText("Verse")
    entry.clearFocus()
    assert not entry.isVisible()
    assert session.project.markers == ()


def test_the_marker_before_the_playhead_is_edited_by_the_keyboard(ruler, session, view):
    view.set_playhead(2.0)
    ruler.edit_marker_before()
    write(ruler, "Verse")
    view.set_playhead(3.0)
    ruler.edit_marker_before()
    write(ruler, "Chorus")
    assert [marker.name for marker in session.project.markers] == ["Chorus"]
