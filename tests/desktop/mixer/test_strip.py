"""One strip: what it shows of its channel, and what its controls change."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy

from tonewright.desktop.mixer.strip import ChannelStrip, gain_text, pan_text
from tonewright.desktop.session import Session
from tonewright.dsp.project.document import (
    Channel,
    EffectSpec,
    Id,
    Project,
    Send,
    Track,
    TrackKind,
)
from tonewright.dsp.project.edits import set_track

LEFT = Qt.MouseButton.LeftButton
BASS, HALL = Id("bass"), Id("hall")


@pytest.fixture
def session(qapp):
    channel = Channel(
        gain_db=-6.0,
        pan=-0.5,
        effects=(EffectSpec(Id("e"), "reverb"),),
        sends=(Send(Id("s"), HALL, gain_db=-12.0),),
    )
    tracks = (
        Track(BASS, "A bass with a very long name", TrackKind.AUDIO, channel=channel),
        Track(HALL, "Hall", TrackKind.GROUP),
    )
    return Session(Project(Id("song"), "Song", tracks=tracks))


@pytest.fixture
def strip(qtbot, session):
    strip = ChannelStrip(session, BASS)
    session.changed.connect(lambda _: strip.update_from(session.project))
    qtbot.addWidget(strip)
    strip.show()
    return strip


def channel(session):
    return session.project.track(BASS).channel


def test_it_shows_its_channel(strip):
    assert (strip.fader.number, strip.pan.number) == (-6.0, -0.5)
    assert strip.effects_button.text() == "FX 1"
    assert list(strip.send_rows) == ["s"]
    assert strip.send_rows["s"].gain.number == -12.0
    assert strip.output.currentText() == "Master"
    assert strip.fader.accessibleName() == "Gain of A bass with a very long name"


def test_what_is_turned_is_in_the_document(qtbot, session, strip):
    strip.fader.turn(-9.0)
    strip.pan.turn(0.25)
    strip.send_rows["s"].gain.turn(-20.0)
    qtbot.mouseClick(strip.mute, LEFT)
    qtbot.mouseClick(strip.solo, LEFT)
    qtbot.mouseClick(strip.send_rows["s"].pre, LEFT)
    now = channel(session)
    assert (now.gain_db, now.pan, now.muted, now.soloed) == (-9.0, 0.25, True, True)
    assert (now.sends[0].gain_db, now.sends[0].pre_fader) == (-20.0, True)
    assert session.undo_stack.count() == 6


def test_a_send_is_removed_and_added(qtbot, session, strip):
    qtbot.mouseClick(strip.send_rows["s"].remove, LEFT)
    assert channel(session).sends == ()
    assert strip.send_rows == {}
    (hall,) = strip.add_send_button.menu().actions()
    hall.trigger()
    (send,) = channel(session).sends
    assert (hall.text(), send.target_id, send.gain_db) == ("Hall", HALL, -6.0)
    assert list(strip.send_rows) == [send.id]


def test_the_output_is_a_group_and_follows_its_name(session, strip):
    strip.output.setCurrentIndex(1)
    strip.output.activated.emit(1)
    assert session.project.track(BASS).parent_id == HALL
    session.apply("Rename", lambda project: set_track(project, HALL, name="Church"))
    assert strip.output.currentText() == "Church"


def test_the_master_has_no_output_and_no_sends_but_effects(qtbot, session):
    master = ChannelStrip(session, None)
    qtbot.addWidget(master)
    master.show()
    asked = QSignalSpy(master.effects_requested)
    qtbot.mouseClick(master.effects_button, LEFT)
    assert asked.count() == 1
    hidden = (master.mute, master.solo, master.output, master.add_send_button)
    assert not any(each.isVisible() for each in hidden)
    master.fader.turn(-3.0)
    assert session.project.master.gain_db == -3.0


def test_levels_and_pans_are_written_for_people():
    assert [gain_text(each) for each in (-0.04, -6.0, 3.25)] == ["0.0 dB", "-6.0 dB", "+3.2 dB"]
    assert [pan_text(each) for each in (0.0, -0.5, 1.0)] == ["centre", "50 % left", "100 % right"]
