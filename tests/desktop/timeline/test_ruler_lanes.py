from PySide6.QtGui import QImage, QPainter

from tonewright.desktop.theme import DARK
from tonewright.desktop.timeline.ruler_lanes import HEIGHT, TIME_LANE, RulerLanes, bars, timecode
from tonewright.dsp.project.document import TimeRange
from tonewright.dsp.project.edits import set_channel, set_project, set_tempo


def test_bars_thin_out_but_keep_their_numbers(session, view):
    assert list(bars(session.project, view, 1000))[:3] == [(1, 0.0), (2, 2.0), (3, 4.0)]
    view.pixels_per_second = 5.0
    numbers = [bar for bar, _ in bars(session.project, view, 1000)]
    assert numbers[:3] == [1, 9, 17]


def test_timecode_counts_frames_from_the_start(session):
    project = set_project(session.project, start_timecode="01:00:00:00", frame_rate="25")
    assert timecode(project, 61.04) == "01:01:01:01"


def test_what_is_shown_is_other_only_where_it_looks_other(session, view):
    lanes = RulerLanes(view)
    project = session.project
    shown = lanes.shown(project)
    assert lanes.shown(set_channel(project, project.tracks[0].id, gain_db=-3.0)) == shown
    assert lanes.shown(set_tempo(project, 0, 90.0)) != shown
    lanes.shows_timecode = True
    assert lanes.shown(project) != shown


def test_the_loop_is_painted_in_the_lane_of_the_time(session, view):
    view.set_loop(TimeRange(1.0, 2.0))
    image = QImage(400, HEIGHT, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    RulerLanes(view).paint(painter, session.project, DARK, 400)
    painter.end()
    y = round(TIME_LANE.center().y())
    accent = [x for x in range(400) if image.pixelColor(x, y).name() == DARK.accent]
    assert min(accent) >= 100
    assert max(accent) < 200
