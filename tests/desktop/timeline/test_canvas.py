import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tonewright.desktop.timeline.automation_item import targets, value_y
from tonewright.desktop.timeline.clip_item import TITLE_HEIGHT, fade_handle, gain_y
from tonewright.desktop.timeline.snap import Grid
from tonewright.desktop.timeline.view_state import Tool
from tonewright.dsp.project.document import AutomationLane, AutomationPoint, ParameterRef
from tonewright.dsp.project.edits import set_automation, set_channel, set_tempo, set_track
from tonewright.dsp.project.tempo import range_of, to_ticks

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def canvas(timeline):
    return timeline.canvas


def clip(session, name):
    return next(clip for _, clip in session.project.clips() if clip.name == name)


def sounding(session, name):
    found = range_of(session.project, clip(session, name))
    return found.start_seconds, found.end_seconds


def rect(canvas, name):
    for index, track in enumerate(canvas.session.project.tracks):
        for each in track.clips:
            if each.name == name:
                return canvas.places.clip_rect(index, each)
    raise AssertionError(name)


def body(canvas, name):
    return rect(canvas, name).center() + QPointF(0, 12)


def drag(canvas, start, by, modifiers=NONE, *, release=True):
    points = [start + by * (step / 4) for step in range(5)]
    QTest.mousePress(canvas, LEFT, modifiers, start.toPoint())
    for point in points[1:]:
        move(canvas, point.toPoint(), modifiers)
    if release:
        QTest.mouseRelease(canvas, LEFT, modifiers, points[-1].toPoint())


def move(canvas, point, modifiers):
    """Move with the button down; QTest has no modifiers for a move."""
    place = QPointF(point)
    event = QMouseEvent(
        QEvent.Type.MouseMove, place, canvas.mapToGlobal(place), LEFT, LEFT, modifiers
    )
    QApplication.sendEvent(canvas, event)


def test_a_drag_moves_a_clip_and_is_one_entry(canvas, session):
    start = session.project
    drag(canvas, body(canvas, "A"), QPointF(50, 0))
    assert sounding(session, "A") == pytest.approx((1.5, 3.5))
    assert session.undo_stack.count() == 1
    session.undo_stack.undo()
    assert session.project is start


def test_a_drag_down_moves_a_clip_to_a_track_of_its_kind_only(canvas, session, view):
    drag(canvas, body(canvas, "A"), QPointF(0, view.row_height))
    assert [each.name for each in session.project.tracks[1].clips] == ["A"]
    drag(canvas, body(canvas, "A"), QPointF(0, view.row_height))
    assert [each.name for each in session.project.tracks[1].clips] == ["A"]


def test_escape_undoes_a_drag_without_a_trace(canvas, session):
    start = session.project
    drag(canvas, body(canvas, "A"), QPointF(70, 0), release=False)
    assert session.project is not start
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert session.project is start
    assert session.undo_stack.count() == 0
    QTest.mouseRelease(canvas, LEFT)


def test_a_selection_moves_together_and_stops_at_the_start(canvas, session, view):
    view.select([clip(session, "A").id, clip(session, "B").id])
    drag(canvas, body(canvas, "B"), QPointF(-300, 0))
    assert sounding(session, "A")[0] == 0.0
    assert sounding(session, "B")[0] == pytest.approx(3.0)


def test_clips_snap_and_alt_suspends_it(canvas, session, view):
    view.set_tool(grid=Grid.BEAT)
    drag(canvas, body(canvas, "A"), QPointF(40, 0))
    assert sounding(session, "A")[0] == pytest.approx(1.5)
    drag(canvas, body(canvas, "A"), QPointF(40, 0), ALT)
    assert sounding(session, "A")[0] == pytest.approx(1.9)


def test_ctrl_drags_a_copy(canvas, session, view):
    drag(canvas, body(canvas, "A"), QPointF(700, 0), CTRL)
    project = session.project
    starts = [range_of(project, each).start_seconds for each in project.tracks[0].clips]
    assert starts == pytest.approx([1.0, 4.0, 8.0])
    assert session.undo_stack.count() == 1
    assert view.selection == {session.project.tracks[0].clips[2].id}


def test_an_overlap_becomes_a_crossfade_in_the_same_entry(canvas, session):
    drag(canvas, body(canvas, "A"), QPointF(150, 0))
    assert clip(session, "A").fade_out.length_seconds == pytest.approx(0.5)
    assert clip(session, "B").fade_in.length_seconds == pytest.approx(0.5)
    assert session.undo_stack.count() == 1


def test_edges_trim_as_far_as_the_medium_reaches(canvas, session):
    area = rect(canvas, "B")
    drag(canvas, QPointF(area.right() - 2, area.center().y()), QPointF(-50, 0))
    assert sounding(session, "B") == pytest.approx((4.0, 5.5))
    area = rect(canvas, "B")
    drag(canvas, QPointF(area.left() + 2, area.center().y()), QPointF(-400, 0))
    assert sounding(session, "B") == pytest.approx((2.0, 5.5))


def test_the_slip_tool_moves_the_source_and_leaves_the_edges(canvas, session, view):
    view.set_tool(tool=Tool.SLIP)
    drag(canvas, body(canvas, "A"), QPointF(-100, 0))
    assert clip(session, "A").source_start_samples == 3 * 8_000
    assert sounding(session, "A") == (1.0, 3.0)


def test_the_split_tool_cuts_where_it_is_clicked(canvas, session, view):
    view.set_tool(tool=Tool.SPLIT)
    QTest.mouseClick(canvas, LEFT, NONE, body(canvas, "A").toPoint())
    assert len(session.project.tracks[0].clips) == 3
    assert sounding(session, "A")[1] == pytest.approx(2.0)


def test_handles_set_fades_and_gain(canvas, session, view):
    view.select([clip(session, "A").id])
    area = rect(canvas, "A")
    drag(canvas, fade_handle(area, 0, True), QPointF(50, 0))
    assert clip(session, "A").fade_in.length_seconds == pytest.approx(0.5, abs=0.02)
    line = QPointF(area.center().x(), gain_y(area, 0.0))
    drag(canvas, line, QPointF(0, gain_y(area, -12.0) - gain_y(area, 0.0)))
    assert clip(session, "A").gain_db == pytest.approx(-12.0, abs=1.0)


def test_the_rubber_band_selects_across_tracks(canvas, session, view):
    drag(canvas, QPointF(310, 10), QPointF(-280, 2 * view.row_height))
    assert view.selection == {clip(session, "A").id, clip(session, "C").id}
    QTest.mouseClick(canvas, LEFT, NONE, QPoint(900, 30))
    assert view.selection == set()
    assert view.playhead_seconds == pytest.approx(9.0)


def test_shift_adds_to_the_selection_and_takes_away(canvas, session, view):
    for name in ("A", "B"):
        QTest.mouseClick(canvas, LEFT, SHIFT, body(canvas, name).toPoint())
    assert view.selection == {clip(session, "A").id, clip(session, "B").id}
    QTest.mouseClick(canvas, LEFT, SHIFT, body(canvas, "A").toPoint())
    assert view.selection == {clip(session, "B").id}


def wheel(canvas, x, steps, modifiers):
    place = QPointF(x, 50)
    QApplication.sendEvent(
        canvas,
        QWheelEvent(
            place,
            canvas.mapToGlobal(place),
            QPoint(),
            QPoint(0, 120 * steps),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )


def test_the_wheel_zooms_at_the_pointer(canvas, view):
    before = view.seconds_at(400)
    wheel(canvas, 400, 2, CTRL)
    assert view.pixels_per_second > 100
    assert view.seconds_at(400) == pytest.approx(before)
    height = view.row_height
    wheel(canvas, 400, 1, CTRL | SHIFT)
    assert view.row_height > height


GAIN = ParameterRef(None, "gain_db")


def lane(session):
    return next(iter(session.project.tracks[0].automation), None)


def test_automation_points_are_added_moved_and_deleted(canvas, session, view):
    track = session.project.tracks[0]
    view.show_automation(track.id, GAIN)
    target = targets(track.channel)[0]
    row = canvas.places.row_rect(0)
    place = QPointF(800, value_y(target, -12.0, row))
    QTest.mouseDClick(canvas, LEFT, NONE, place.toPoint())
    point = lane(session).points[0]
    assert point.value == pytest.approx(-12.0, abs=1.0)
    assert point.ticks == round(to_ticks(session.project.tempo_map, 8.0))
    drag(canvas, place, QPointF(100, 0))
    assert lane(session).points[0].ticks == round(to_ticks(session.project.tempo_map, 9.0))
    QTest.mouseDClick(canvas, LEFT, NONE, (place + QPointF(100, 0)).toPoint())
    assert lane(session) is None


def test_dragging_the_curve_bends_it(canvas, session, view):
    track = session.project.tracks[0]
    points = (AutomationPoint(0, -40.0), AutomationPoint(19_200, 0.0))
    session.apply(
        "Automate",
        lambda project: set_automation(project, track.id, AutomationLane(GAIN, points)),
    )
    view.show_automation(track.id, GAIN)
    target = targets(track.channel)[0]
    middle = QPointF(500, value_y(target, -20.0, canvas.places.row_rect(0)))
    drag(canvas, middle, QPointF(0, 40))
    assert lane(session).points[0].bend > 0.1
    assert [each.value for each in lane(session).points] == [-40.0, 0.0]


def test_the_arrows_go_from_clip_to_clip_and_say_where(canvas, session, view):
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert view.focus == clip(session, "B").id
    words = canvas.accessibleDescription()
    assert "B, Audio clip on One" in words
    assert "bar 3, beat 1" in words
    assert "2.00 seconds long" in words
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert view.focus == clip(session, "C").id


def test_a_change_from_elsewhere_ends_a_drag_instead_of_being_lost(canvas, session, view):
    drag(canvas, body(canvas, "A"), QPointF(50, 0), release=False)
    session.apply(
        "Rename",
        lambda project: set_automation(
            project, project.tracks[0].id, AutomationLane(GAIN, (AutomationPoint(0, -3.0),))
        ),
    )
    changed = session.project
    move(canvas, body(canvas, "A").toPoint() + QPoint(80, 0), NONE)
    assert session.project is changed
    QTest.mouseRelease(canvas, LEFT)


def test_what_is_painted_differs_where_the_clip_is(canvas, session, qtbot):
    image = canvas.grab().toImage()
    title = rect(canvas, "A").topLeft() + QPointF(60, TITLE_HEIGHT / 2)
    empty = QPointF(350, 40)
    assert image.pixelColor(title.toPoint()) != image.pixelColor(empty.toPoint())


def test_clips_and_points_have_names_and_places_for_a_screen_reader(canvas, session, view):
    track = session.project.tracks[0]
    ref = ParameterRef(None, "gain_db")
    lane = AutomationLane(ref, (AutomationPoint(960, -6.0),))
    session.apply("Automation", lambda project: set_automation(project, track.id, lane))
    view.show_automation(track.id, ref)
    view.select([clip(session, "B").id], focus=clip(session, "B").id)
    a, b, point, c = canvas.accessible_items()
    assert "A, Audio clip on One" in a.name
    assert "2.00 seconds long" in a.name
    assert a.rect == rect(canvas, "A").toRect()
    assert (a.focused, b.focused, b.selected) == (False, True, True)
    assert "Gain -6.00 dB" in point.name
    assert "at bar 1, beat 2" in point.name
    assert point.rect.center().x() == round(view.x_of(0.5))
    assert "MIDI clip of 2 notes" in c.name


class Paintings(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget):
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, widget, event):  # noqa: N802
        self.count += event.type() is QEvent.Type.Paint
        return False


@pytest.fixture
def drawn(canvas, session, waveforms, qtbot):
    """The canvas, when nothing is missing on it."""
    qtbot.waitUntil(lambda: waveforms.peaks(session.project.media[0]) is not None)
    return canvas


@pytest.mark.parametrize("lane_shown", [False, True])
def test_the_drag_of_a_fader_paints_no_clips_but_a_lane_that_follows_it(
    drawn, session, view, lane_shown
):
    track_id = session.project.tracks[0].id
    if lane_shown:
        view.show_automation(track_id, ParameterRef(None, "gain_db"))
    QApplication.processEvents()
    paintings = Paintings(drawn)
    session.apply("Gain", lambda project: set_channel(project, track_id, gain_db=-5.0))
    QApplication.processEvents()
    assert bool(paintings.count) is lane_shown
    session.apply("Colour", lambda project: set_track(project, track_id, color="#336699"))
    QApplication.processEvents()
    assert paintings.count > lane_shown


def test_the_grid_follows_scrolling_zoom_and_tempo(canvas, view, session):
    # Below the tracks, where nothing lies over it.
    def columns():
        image = canvas.grab().toImage()
        row = [image.pixel(x, image.height() - 5) for x in range(image.width())]
        ground = max(set(row), key=row.count)
        return [x for x, pixel in enumerate(row) if pixel != ground]

    still = columns()
    assert len(still) > 3
    view.scroll_to(0.25)
    scrolled = columns()
    assert scrolled[0] == still[1] - 25
    view.scroll_to(0.0)
    session.apply("Tempo", lambda project: set_tempo(project, 0, bpm=60.0))
    slower = columns()
    assert slower[1] - slower[0] == 2 * (still[1] - still[0])
