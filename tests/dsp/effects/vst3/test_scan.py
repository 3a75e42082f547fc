import shutil
from pathlib import Path

import pytest

from tonewright.dsp.effects.protocol import ParameterKind, RunsIn
from tonewright.dsp.effects.vst3.catalog import plugin_types
from tonewright.dsp.effects.vst3.process import Limits
from tonewright.dsp.effects.vst3.scan import log_path, read_catalog, scan, trusted, write_catalog
from tonewright.dsp.errors import EffectError

LIMITS = Limits(load_seconds=20.0)


def entry(catalog, name):
    return next(each for each in catalog.entries.values() if Path(each.path).stem == name)


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("TestStillborn", "crashed (SIGABRT)"),
        ("TestCrash", "crashed (SIGSEGV)"),
        ("TestSleeper", "hangs"),
        ("TestHang", "hangs"),
        ("TestFlood", "floods"),
    ],
)
def test_a_plugin_that_fails_is_on_the_skip_list_with_its_reason(catalog, name, failure):
    assert failure in entry(catalog, name).failure
    assert entry(catalog, name) not in catalog.usable()


def test_the_others_are_described_in_spite_of_it(catalog):
    (delay,) = entry(catalog, "TestDelay").plugins
    assert (delay["latency_samples"], delay["late_samples"]) == (480, 0)
    (instrument,) = entry(catalog, "TestInstrument").plugins
    assert instrument["instrument"]
    assert [each["name"] for each in instrument["parameters"]] == ["level_db"]


def test_a_lie_about_latency_is_found_and_can_be_trusted(catalog):
    liar = entry(catalog, "TestLiar")
    assert liar.untrue == (
        "Test Effect reports 0 samples of latency but its sound is 480 samples late"
    )
    types = {dict(each.given)["path"]: each for each in plugin_types(catalog)}
    assert "not used" in types[liar.path].description
    types = plugin_types(trusted(catalog, liar.path, True))
    assert all("not used" not in each.description for each in types)


def test_parameters_have_units_and_ranges(catalog):
    effect_type = next(each for each in plugin_types(catalog) if each.id.endswith("testgain"))
    gain = effect_type.parameter("gain_db")
    assert (gain.unit, gain.minimum, gain.maximum, gain.default) == ("dB", -60.0, 20.0, 0.0)
    assert gain.automatable
    assert effect_type.parameter("on_failure").kind is ParameterKind.CHOICE
    assert effect_type.runs_in is RunsIn.REALTIME


def test_what_has_not_changed_is_not_loaded_again(plugins, tmp_path):
    folder, path = tmp_path / "vst3", tmp_path / "plugins.json"
    for name in ("TestGain", "TestStillborn"):
        shutil.copytree(plugins / f"{name}.vst3", folder / f"{name}.vst3")
    first = scan([folder], limits=LIMITS, path=path)
    lines = log_path(path).read_text().splitlines()
    assert [each.split(": ", 1)[1][:10] for each in lines] == ["usable", "TestStillb"]
    nothing = Limits(load_seconds=0.0)  # loading anything would fail
    assert scan([folder], limits=nothing, path=path) == first
    assert (
        "hangs"
        in entry(scan([folder], limits=nothing, retry=True, path=path), "TestStillborn").failure
    )
    shutil.rmtree(folder / "TestGain.vst3")
    assert list(scan([folder], limits=nothing, path=path).entries) == [
        str(folder / "TestStillborn.vst3")
    ]
    assert len(log_path(path).read_text().splitlines()) == 3


def test_a_catalogue_survives_writing_and_a_damaged_one_is_refused(catalog, tmp_path):
    path = tmp_path / "plugins.json"
    write_catalog(catalog, path)
    assert read_catalog(path) == catalog
    path.write_text("{")
    with pytest.raises(EffectError, match="delete it and scan again"):
        read_catalog(path)
