"""A song of two audio tracks and a MIDI track, shown at 100 pixels a second."""

import numpy as np
import pytest
import soundfile
from PySide6.QtGui import QImage

from tonewright.desktop.adapters.turns import Turns
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.timeline.canvas import Canvas
from tonewright.desktop.timeline.snap import Grid
from tonewright.desktop.timeline.view import TimelineView
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.desktop.timeline.waveforms import Waveforms
from tonewright.dsp.project.document import (
    AudioClip,
    ClockTime,
    MidiClip,
    MusicalTime,
    Note,
    Project,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits import add_clip, add_media, add_track
from tonewright.dsp.project.media import import_media

RATE_HZ = 8_000


@pytest.fixture
def take(tmp_path):
    path = tmp_path / "take.wav"
    sound = 0.5 * np.sin(np.arange(10 * RATE_HZ) * 0.3)
    soundfile.write(path, sound, RATE_HZ)
    return path


@pytest.fixture
def song(take):
    """Return a project: audio clips A (1 to 3 s) and B (4 to 6 s), notes C (0 to 2 s)."""
    medium = import_media(take)
    project = add_media(Project(new_id(), "Song"), medium)
    for name, kind in (("One", "audio"), ("Two", "audio"), ("Keys", "midi")):
        project = add_track(project, Track(new_id(), name, TrackKind(kind)))
    for name, start in (("A", 1.0), ("B", 4.0)):
        clip = AudioClip(new_id(), name, ClockTime(start), medium.id, 2 * RATE_HZ, 2 * RATE_HZ)
        project = add_clip(project, project.tracks[0].id, clip)
    notes = (Note(60, 100, 0, 480), Note(64, 90, 960, 480))
    clip = MidiClip(new_id(), "C", MusicalTime(0), 3840, notes)
    return add_clip(project, project.tracks[2].id, clip)


@pytest.fixture
def tasks(qapp):
    tasks = Tasks()
    yield tasks
    tasks.close()


@pytest.fixture
def session(song, qapp):
    return Session(song)


@pytest.fixture
def view(session):
    view = ViewState(session)
    view.pixels_per_second = 100.0
    view.set_tool(grid=Grid.NONE)
    return view


@pytest.fixture
def waveforms(session, tasks, tmp_path):
    return Waveforms(session, tasks, session, cache_folder=tmp_path / "cache")


@pytest.fixture
def timeline(session, view, waveforms, qtbot):
    widget = TimelineView(session, view, waveforms, Turns(view))
    qtbot.addWidget(widget)
    widget.resize(1100, 500)
    widget.show()
    return widget


@pytest.fixture
def whole():
    """Return a function that paints a canvas until nothing is left to be painted."""

    def painted(canvas):
        for _ in range(50):
            image = canvas.grab().toImage()
            if canvas.painted_whole:
                return image
        raise AssertionError("it is never whole")

    return painted


@pytest.fixture
def drawn(timeline, waveforms, session, whole, qtbot):
    """Return a canvas with all waveforms drawn, without the keyboard."""
    canvas = timeline.canvas
    canvas.clearFocus()
    medium = session.project.media[0]
    qtbot.waitUntil(lambda: waveforms.peaks(medium) is not None)
    whole(canvas)
    return canvas


@pytest.fixture
def apart(session, view, waveforms, whole, qtbot):
    """Return a function: how much a canvas differs at most from one that is painted anew."""

    def pixels(image):
        image = image.convertToFormat(QImage.Format.Format_RGB32)
        return np.frombuffer(image.constBits(), np.uint8).astype(np.int16)

    def compared(canvas):
        fresh = Canvas(session, view, waveforms)
        qtbot.addWidget(fresh)
        fresh.resize(canvas.size())
        return np.abs(pixels(whole(canvas)) - pixels(whole(fresh))).max()

    return compared
