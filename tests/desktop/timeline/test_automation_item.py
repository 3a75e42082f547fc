"""Automation over a row: what can be automated, where its points are, what is painted."""

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from tonewright.desktop.theme import DARK
from tonewright.desktop.timeline.automation_item import (
    MARGIN,
    DrawnLane,
    lane_of,
    paint_lane,
    point_at,
    target_of,
    targets,
    value_at_y,
    value_y,
    with_point,
)
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    Channel,
    EffectSpec,
    Id,
    ParameterRef,
    TempoMap,
    Track,
    TrackKind,
)

ROW = QRectF(0, 100, 400, 80)
GAIN = ParameterRef(None, "gain_db")
FILTER = EffectSpec(Id("filter"), "lowpass_filter", params=(("cutoff_frequency_hz", 800.0),))


def test_the_fader_the_pan_and_what_effects_allow_can_be_automated():
    channel = Channel(gain_db=-3.0, effects=(FILTER, EffectSpec(Id("gone"), "not_installed")))
    found = {target.label: target.value for target in targets(channel)}
    assert found == {"Gain": -3.0, "Pan": 0.0, "Lowpass filter: Cutoff frequency": 800.0}
    assert target_of(channel, ParameterRef(Id("gone"), "amount")) is None


def test_a_height_is_a_value_and_back_and_ends_at_the_range():
    gain = target_of(Channel(), GAIN)
    for value in (-60.0, -12.5, 24.0):
        assert value_at_y(gain, value_y(gain, value, ROW), ROW) == pytest.approx(value)
    assert value_y(gain, 99.0, ROW) == ROW.top() + MARGIN
    assert value_at_y(gain, 9_999.0, ROW) == gain.minimum


def test_one_point_at_a_tick_stays():
    lane = AutomationLane(GAIN, (AutomationPoint(0, 0.0), AutomationPoint(960, -6.0)))
    moved = with_point(lane, 0, AutomationPoint(960, -20.0))
    assert moved.points == (AutomationPoint(960, -20.0),)
    added = with_point(lane, None, AutomationPoint(480, 1.0))
    assert [point.ticks for point in added.points] == [0, 480, 960]


def test_a_track_without_a_lane_has_an_empty_one():
    track = Track(Id("t"), "T", TrackKind.AUDIO)
    assert lane_of(track, GAIN) == AutomationLane(GAIN, ())


def test_points_are_found_and_painted_where_they_are(view):
    lane = AutomationLane(GAIN, (AutomationPoint(960, 0.0), AutomationPoint(3_840, -30.0)))
    drawn = DrawnLane(lane, target_of(Channel(), GAIN), TempoMap(), view, ROW)
    places = [drawn.place_of(point) for point in lane.points]
    assert [place.x() for place in places] == pytest.approx([50.0, 200.0])
    assert [point_at(drawn, place + QPointF(3, -3)) for place in places] == [0, 1]
    assert point_at(drawn, QPointF(125, 105)) is None
    image = QImage(400, 200, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_lane(painter, drawn, DARK, focused=1)
    painter.end()
    seen = [image.pixelColor(place.toPoint()).name() for place in places]
    assert seen == [DARK.window, DARK.playhead]  # the one that the keyboard is on is full
    y = round(places[0].y())  # the value stands before the first point
    assert DARK.playhead in {image.pixelColor(10, y + each).name() for each in (-1, 0, 1)}
