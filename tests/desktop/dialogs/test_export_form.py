"""What goes into the form comes out again."""

from dataclasses import replace

import pytest
from PySide6.QtTest import QSignalSpy

from tonewright.desktop.dialogs.export_form import ExportForm
from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.settings import (
    Container,
    Depth,
    ExportSettings,
    Midi,
    Normalise,
    Scope,
)
from tonewright.dsp.project.document import Id, TimeRange
from tonewright.dsp.project.edits import set_track


@pytest.fixture
def form(qtbot, session):
    form = ExportForm(session.project)
    qtbot.addWidget(form)
    form.show()
    return form


@pytest.mark.parametrize(
    "settings",
    [
        ExportSettings(),
        ExportSettings(mix=False, stems=True, tracks=(Id("keys"),), through_master=False, dry=True),
        ExportSettings(regions=True, tail=2.5, pattern="{region}/{track}"),
        ExportSettings(range=TimeRange(0.25, 0.5), tail="auto", midi=Midi.ONE),
        ExportSettings(loop=True, container=Container.OGG, quality=0.3, sample_rate=44_100),
        ExportSettings(container=Container.FLAC, depth=Depth.INT16, dither_seed=7),
        ExportSettings(normalise=Normalise.PEAK, level=-3.0, scope=Scope.EACH, broadcast=False),
        ExportSettings(
            normalise=Normalise.LUFS, target="spotify", ceiling_dbtp=-2.0, skip_missing=True
        ),
    ],
)
def test_settings_come_back_as_they_went_in(form, settings):
    form.set_settings(settings)
    assert form.settings() == settings


def test_tracks_that_are_gone_are_left_out(form):
    form.set_settings(ExportSettings(stems=True, tracks=(Id("gone"),)))
    assert form.settings().tracks is None


def test_what_contradicts_is_refused_with_the_engines_words(form):
    form.set_settings(ExportSettings())
    form.mix.setChecked(False)
    with pytest.raises(ExportError, match="nothing to export"):
        form.settings()


def test_only_what_counts_is_shown(form):
    form.set_settings(replace(ExportSettings(), container=Container.OGG))
    assert form.quality.isVisible()
    assert not form.bits.isVisible()
    assert not form.start.isVisible()
    assert not form.level.isEnabled()


def test_every_change_is_told_and_showing_settings_once(form):
    told = QSignalSpy(form.changed)
    form.set_settings(ExportSettings(stems=True, midi=Midi.ONE))
    assert told.count() == 1
    form.stems.setChecked(False)
    assert told.count() == 2


def test_the_tracks_keep_their_checks_when_the_project_changes(session, form):
    form.set_settings(ExportSettings(stems=True, tracks=(Id("keys"),)))
    session.apply("Rename", lambda p: set_track(p, Id("keys"), name="Piano"))
    form.show_project(session.project)
    assert form.settings().tracks == (Id("keys"),)
    assert form.tracks.item(1).text() == "Piano"
