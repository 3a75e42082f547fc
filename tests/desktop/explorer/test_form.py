"""The form: what its fields say becomes an effect."""

import pytest

from tonewright.desktop.explorer.form import Form
from tonewright.dsp.effects.registry import default_registry


@pytest.fixture
def form(qtbot):
    form = Form(default_registry().get("diff_tone"))
    qtbot.addWidget(form)
    return form


def test_it_begins_with_what_the_effect_has(form):
    effect_type = default_registry().get("diff_tone")
    for name, value in form.spec().params:
        assert value == effect_type.parameter(name).default
    assert form.target.count() == len(effect_type.parameter("target").choices)


def test_what_is_typed_is_what_is_asked(form):
    form.target.setCurrentText("  solo harp playing softly ")
    form.inversion.setCurrentText("ddim")
    form.take.setValue(7)
    spec = form.spec()
    assert dict(spec.params)["target"] == "solo harp playing softly"
    assert dict(spec.params)["inversion"] == "ddim"
    assert spec.seed == 7
    assert form.spec().id != spec.id


def test_positions_are_as_many_as_are_wished(form):
    form.positions.setValue(4)
    switches = form.switches()
    assert (switches[0], switches[-1], len(switches)) == (0.0, 100.0, 4)


def test_without_the_effect_it_cannot_be_used(qtbot):
    form = Form(None)
    qtbot.addWidget(form)
    assert not form.usable
    assert form.target.count() == 0
