"""The headers through their widgets."""

from math import inf

import pytest

from tonewright.dsp.project.edits import set_channel


@pytest.fixture
def header(timeline, session):
    return timeline.headers.header(session.project.tracks[0].id)


def test_its_controls_change_the_track_and_follow_it(header, session):
    track_id = header.track_id
    header.mute.click()
    header.gain.setValue(-60)
    header.pan.setValue(50)
    channel = session.project.track(track_id).channel
    assert (channel.muted, channel.gain_db, channel.pan) == (True, -6.0, 0.5)
    session.apply("Gain", lambda project: set_channel(project, track_id, gain_db=3.0))
    assert header.gain.value() == 30


def test_its_meter_shows_its_track(header, timeline, session):
    dark = header.meter.grab().toImage()
    other = session.project.tracks[1].id
    timeline.headers.set_levels({header.track_id: (-3.0, -3.0), other: (-inf, -inf)})
    assert header.meter.grab().toImage() != dark
    assert header.meter.accessibleName() == "Level of track One"
    timeline.headers.set_levels({header.track_id: (1.0, 1.0)})
    assert header.meter.clipped
