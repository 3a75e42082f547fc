"""The mixer through its widgets."""

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from tonewright.desktop.adapters.turns import Turns
from tonewright.desktop.mixer.view import Mixer
from tonewright.desktop.session import Session
from tonewright.dsp.project.document import Channel, EffectSpec, Id, Project, Track, TrackKind
from tonewright.dsp.project.edits import add_track, delete_tracks, move_track, set_track

LEFT = Qt.MouseButton.LeftButton
BASS, KEYS, HALL = Id("bass"), Id("keys"), Id("hall")


@pytest.fixture
def session(qapp):
    effect = EffectSpec(Id("e"), "reverb")
    return Session(
        Project(
            Id("song"),
            "Song",
            tracks=(
                Track(BASS, "Bass", TrackKind.AUDIO, channel=Channel(gain_db=-6.0, pan=-0.5)),
                Track(KEYS, "Keys", TrackKind.MIDI, channel=Channel(effects=(effect,))),
                Track(HALL, "Hall", TrackKind.GROUP),
            ),
        )
    )


@pytest.fixture
def mixer(qtbot, session):
    mixer = Mixer(session, Turns(session))
    qtbot.addWidget(mixer)
    mixer.resize(600, 500)
    mixer.show()
    qtbot.waitUntil(lambda: len(mixer.strips) == 4)
    return mixer


def channel_of(session, track_id):
    return session.project.track(track_id).channel


def test_every_track_has_a_strip_and_the_master_too(mixer):
    assert list(mixer.strips) == [None, BASS, KEYS, HALL]
    assert mixer.strips[BASS].fader.number == -6.0
    assert mixer.strips[BASS].pan.accessibleDescription() == "50 % left"


def test_a_drag_of_a_fader_is_one_entry_of_the_history(qtbot, session, mixer):
    fader = mixer.strips[BASS].fader
    start = QPoint(15, round(fader.place_of(-6.0)))
    qtbot.mousePress(fader, LEFT, pos=start)
    for step in range(1, 8):
        qtbot.mouseMove(fader, start - QPoint(0, 3 * step))
    qtbot.mouseRelease(fader, LEFT, pos=start)
    assert channel_of(session, BASS).gain_db > -6.0
    assert session.undo_stack.count() == 1
    session.undo_stack.undo()
    assert fader.number == channel_of(session, BASS).gain_db == -6.0


def test_mute_solo_and_pan_reach_the_document(qtbot, session, mixer):
    strip = mixer.strips[KEYS]
    qtbot.mouseClick(strip.mute, LEFT)
    qtbot.mouseClick(strip.solo, LEFT)
    qtbot.keyClick(strip.pan, Qt.Key.Key_End)
    channel = channel_of(session, KEYS)
    assert (channel.muted, channel.soloed, channel.pan) == (True, True, 1.0)
    session.undo_stack.setIndex(0)
    assert not strip.mute.isChecked()
    assert not strip.solo.isChecked()


def test_the_master_has_a_fader_and_nothing_it_cannot_do(qtbot, session, mixer):
    strip = mixer.strips[None]
    qtbot.keyClick(strip.fader, Qt.Key.Key_Home)
    assert session.project.master.gain_db == -90.0
    assert not strip.mute.isVisible()
    assert not strip.output.isVisible()


def test_strips_follow_the_tracks(qtbot, session, mixer):
    drums = Track(Id("drums"), "Drums", TrackKind.AUDIO)
    session.apply("Add", lambda p: add_track(p, drums))
    session.apply("Move", lambda p: move_track(p, drums.id, 0))
    session.apply("Delete", lambda p: delete_tracks(p, [KEYS]))
    session.apply("Rename", lambda p: set_track(p, BASS, name="Low"))
    qtbot.waitUntil(lambda: mixer.strips.keys() == {None, drums.id, BASS, HALL})
    mixer.grab()  # lays out
    left = [mixer.strips[each].mapTo(mixer, QPoint()).x() for each in (drums.id, BASS, HALL)]
    assert left == sorted(left)
    assert mixer.strips[BASS].accessibleName() == "Strip of Low"


def test_a_send_is_added_turned_and_removed(qtbot, session, mixer):
    strip = mixer.strips[BASS]
    menu = strip.add_send_button.menu()
    assert [action.text() for action in menu.actions()] == ["Hall"]
    menu.actions()[0].trigger()
    (send,) = channel_of(session, BASS).sends
    assert send.target_id == HALL
    (row,) = strip.send_rows.values()
    qtbot.keyClick(row.gain, Qt.Key.Key_Home)
    assert channel_of(session, BASS).sends[0].gain_db == -90.0
    assert not send.pre_fader
    row.pre.click()
    assert channel_of(session, BASS).sends[0].pre_fader
    session.undo_stack.undo()
    assert not row.pre.isChecked()
    mixer.grab()  # lays out
    faders = {strip.fader.mapTo(mixer, QPoint()).y() for strip in mixer.strips.values()}
    assert max(faders) - min(faders) <= 12  # level, but for the margins of the master
    row.remove.click()
    assert channel_of(session, BASS).sends == ()
    assert not strip.send_rows


def test_output_routes_to_a_group_and_a_circle_is_refused(qtbot, session, mixer):
    hall = Track(Id("room"), "Room", TrackKind.GROUP, parent_id=HALL)
    session.apply("Add", lambda p: add_track(p, hall))
    qtbot.waitUntil(lambda: hall.id in mixer.strips)
    problems = QSignalSpy(session.problem)
    mixer.strips[BASS].output.activated.emit(mixer.strips[BASS].output.findText("Hall"))
    assert session.project.track(BASS).parent_id == HALL
    output = mixer.strips[HALL].output
    output.setCurrentIndex(output.findText("Room"))
    output.activated.emit(output.currentIndex())
    assert problems.count() == 1
    assert "circle" in problems.at(0)[0]
    assert output.currentText() == "Master"


class LayoutRequests(QObject):
    """Notes what asks to be laid out anew."""

    def __init__(self, *watched):
        super().__init__()
        self.of = []
        for each in watched:
            each.installEventFilter(self)

    def eventFilter(self, widget, event):  # noqa: N802
        if event.type() is QEvent.Type.LayoutRequest:
            self.of.append(widget)
        return False


def test_a_step_of_a_fader_lays_nothing_out_anew(session, mixer):
    strip = mixer.strips[BASS]
    mixer.grab()
    for _ in range(3):
        QApplication.processEvents()  # what was asked for before
    requests = LayoutRequests(mixer, strip)
    strip.fader.turn(-12.5)
    QApplication.processEvents()
    assert channel_of(session, BASS).gain_db == -12.5
    assert requests.of == []


def test_in_a_low_window_the_faders_can_still_be_moved(mixer):
    mixer.resize(600, mixer.minimumSizeHint().height())
    mixer.grab()  # lays out
    for strip in mixer.strips.values():
        assert strip.fader.height() >= 60
        assert strip.rect().contains(strip.childrenRect())


def test_the_lower_the_window_the_fewer_rows_of_a_strip(qtbot, mixer):
    strip = mixer.strips[BASS]

    def levels():
        faders = (each.fader for each in mixer.strips.values())
        return {(each.mapTo(mixer, QPoint()).y(), each.height()) for each in faders}

    def rows(height):
        mixer.resize(600, height)
        qtbot.waitUntil(lambda: len(levels()) == 1)  # the master's too
        return [each.isVisible() for each in (strip.effects_button, strip.output)]

    least = mixer.minimumSizeHint().height()
    assert rows(least) == [False, False]
    assert rows(least + 20) == [True, False]
    assert rows(500) == [True, True]


def test_levels_go_to_their_strips_and_unknown_ones_nowhere(mixer):
    mixer.set_levels({BASS: (1.0, 1.0), Id("gone"): (0.0, 0.0)})
    assert mixer.strips[BASS].meter.clipped
    assert not mixer.strips[KEYS].meter.clipped


def test_a_click_on_the_effects_asks_for_the_chain(qtbot, mixer):
    asked = QSignalSpy(mixer.effects_requested)
    qtbot.mouseClick(mixer.strips[KEYS].effects_button, LEFT)
    qtbot.mouseClick(mixer.strips[None].effects_button, LEFT)
    assert [asked.at(i)[0] for i in range(2)] == [KEYS, None]
    assert mixer.strips[KEYS].effects_button.text() == "FX 1"


def test_every_control_has_a_name(mixer):
    reached = [
        widget
        for widget in mixer.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not widget.objectName().startswith("qt_")
    ]
    assert reached
    for widget in reached:
        assert widget.accessibleName() or getattr(widget, "text", str)(), widget


def test_many_strips_are_scrolled_across_only_and_stay_level_with_the_master(qtbot, session, mixer):
    for number in range(12):
        track = Track(Id(f"t{number}"), f"Track {number}", TrackKind.AUDIO)
        session.apply("Add", lambda project, track=track: add_track(project, track))
    qtbot.waitUntil(lambda: len(mixer.strips) == 16)
    mixer.resize(600, mixer.minimumSizeHint().height())
    area = mixer.findChild(QScrollArea)
    qtbot.waitUntil(lambda: area.horizontalScrollBar().isVisible())
    mixer.resize(600, mixer.minimumSizeHint().height())
    qtbot.waitUntil(lambda: not area.verticalScrollBar().isVisible())

    def feet():
        return {
            strip.mapTo(mixer, strip.rect().bottomLeft()).y() for strip in mixer.strips.values()
        }

    qtbot.waitUntil(lambda: len(feet()) == 1)
