"""A short song of two tracks, a medium that is there, and a renderer with a store of its own."""

import numpy as np
import pytest
import soundfile

from tonewright.desktop.session import Session
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.project.document import ClockTime, Id, Marker, Project, Track, TrackKind
from tonewright.dsp.project.edits import add_marker, add_track
from tonewright.dsp.project.media import add_audio_file
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.store import Store

RATE = 8000


@pytest.fixture
def voice(tmp_path):
    path = tmp_path / "voice.wav"
    noise = np.random.default_rng(3).normal(0, 0.1, RATE // 2).astype(np.float32)
    soundfile.write(path, noise, RATE)
    return path


@pytest.fixture
def session(qapp, voice):
    project = Project(Id("song"), "Song", sample_rate=RATE)
    project = add_audio_file(project, voice)
    project = add_track(project, Track(Id("keys"), "Keys", TrackKind.MIDI))
    chorus = Marker(Id("m"), "Chorus", ClockTime(0.1), ClockTime(0.2))
    return Session(add_marker(project, chorus))


@pytest.fixture
def renderer(tmp_path):
    """Make a renderer."""
    return lambda: Renderer(executor=InlineQueue(Store(tmp_path / "store"), default_registry()))
