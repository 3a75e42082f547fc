"""Dry and wet side by side, computed beside the main thread."""

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from tonewright.desktop.session import Session
from tonewright.desktop.spectrograms import ROWS, Spectrograms
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.project.document import EffectSpec, Id, Project, TimeRange, new_id
from tonewright.dsp.project.edits import add_effect
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.store import Store


@pytest.fixture
def session(qapp, tmp_path):
    path = tmp_path / "noise.wav"
    soundfile.write(path, 0.1 * np.random.default_rng(1).standard_normal(32_000), 16_000)
    project = add_files(Project(new_id(), "Song", 16_000), [path]).project
    dark = EffectSpec(Id("dark"), "lowpass_filter", params=(("cutoff_frequency_hz", 200.0),))
    return Session(add_effect(project, project.tracks[0].id, dark))


@pytest.fixture
def view(session):
    return ViewState(session)


@pytest.fixture
def spectrograms(qtbot, session, view, tmp_path):
    tasks = Tasks()
    queue = SimpleNamespace(store=Store(tmp_path / "store"), registry=default_registry())
    widget = Spectrograms(session, view, tasks, queue)
    qtbot.addWidget(widget)
    widget.resize(640, 260)
    yield widget
    tasks.close()


def test_nothing_is_computed_while_it_is_hidden(spectrograms, session):
    spectrograms.show_owner(session.project.tracks[0].id)
    assert spectrograms.pair is None


def test_the_effect_is_seen_on_one_side_only(qtbot, spectrograms, session, view):
    view.set_loop(TimeRange(0.5, 1.5))
    spectrograms.show_owner(session.project.tracks[0].id)
    spectrograms.show()
    qtbot.waitUntil(lambda: spectrograms.pair is not None, timeout=30_000)
    pair = spectrograms.pair
    assert pair.where == TimeRange(0.5, 1.5)
    high = slice(ROWS * 3 // 4, ROWS)
    assert pair.dry[high].mean() - pair.wet[high].mean() > 15.0
    image = spectrograms.grab().toImage()
    y = 30  # high frequencies are above
    assert image.pixelColor(200, y).lightness() > image.pixelColor(520, y).lightness()


def test_the_newest_passage_wins(qtbot, spectrograms, session, view):
    spectrograms.show()
    spectrograms.show_owner(session.project.tracks[0].id)
    view.set_loop(TimeRange(0.2, 0.4))
    view.set_loop(TimeRange(1.0, 1.5))
    qtbot.waitUntil(
        lambda: spectrograms.pair is not None and spectrograms.pair.where.start_seconds == 1.0,
        timeout=30_000,
    )
    where = TimeRange(5.0, 1000.0)
    view.set_loop(where)
    qtbot.waitUntil(lambda: spectrograms.pair.where.start_seconds == 5.0, timeout=30_000)
    assert spectrograms.pair.where.end_seconds == 13.0
