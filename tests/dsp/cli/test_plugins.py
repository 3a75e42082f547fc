import pytest

from tonewright.dsp.effects.vst3.scan import Catalog, Scanned, write_catalog

GAIN = {
    "plugin_name": "",
    "name": "Sweet Gain",
    "maker": "Someone",
    "instrument": False,
    "stereo": True,
    "latency_samples": 0,
    "late_samples": 90,
    "speed": 100.0,
    "parameters": [
        {
            "name": "gain_db",
            "title": "Gain",
            "unit": "dB",
            "kind": "float",
            "default": 0.0,
            "minimum": -60.0,
            "maximum": 20.0,
        }
    ],
}


@pytest.fixture
def scanned(tmp_path, monkeypatch) -> Catalog:
    monkeypatch.setenv("TONEWRIGHT_PLUGINS", str(tmp_path / "plugins.json"))
    found = (
        Scanned("/vst3/Bad.vst3", "a", failure="Bad crashed (SIGSEGV)"),
        Scanned("/vst3/Gain.vst3", "b", "0" * 64, (GAIN,)),
    )
    catalog = Catalog({each.path: each for each in found})
    write_catalog(catalog)
    return catalog


def test_what_was_found_and_what_was_skipped_are_listed(shell, scanned):
    out = shell.done("plugins").out
    assert "vst3_sweet_gain" in out
    assert "Bad crashed (SIGSEGV)" in out


def test_a_plugin_is_an_effect_with_its_units(shell, scanned):
    out = shell.done("effects", "vst3_sweet_gain").out
    assert "-60 to 20 dB" in out
    assert "Sweet Gain reports 0 samples of latency but its sound is 90 samples late" in out


def test_trust_is_kept(shell, scanned):
    (gain,) = [
        each
        for each in shell.done("plugins", "trust", "/vst3/Gain.vst3", "--json").json
        if each["ids"]
    ]
    assert gain["trusted"]
    assert "not used" not in shell.done("effects", "vst3_sweet_gain").out
    shell.done("plugins", "distrust", "/vst3/Gain.vst3")
    assert "not used" in shell.done("effects", "vst3_sweet_gain").out


def test_an_empty_folder_holds_nothing(shell, tmp_path, monkeypatch):
    monkeypatch.setenv("TONEWRIGHT_PLUGINS", str(tmp_path / "plugins.json"))
    (tmp_path / "empty").mkdir()
    assert "no plugins were found yet" in shell.done("plugins", "scan", tmp_path / "empty").out
    assert "is no folder" in shell.refused("plugins", "scan", tmp_path / "missing")
    assert "was not scanned" in shell.refused("plugins", "trust", tmp_path / "missing")


def test_a_midi_track_gets_an_instrument_and_gives_it_back(shell, midi, tmp_path, monkeypatch):
    monkeypatch.setenv("TONEWRIGHT_PLUGINS", str(tmp_path / "plugins.json"))
    organ = {**GAIN, "name": "Organ", "instrument": True}
    found = (
        Scanned("/vst3/Organ.vst3", "a", "0" * 64, (organ,)),
        Scanned("/vst3/Gain.vst3", "b", "0" * 64, (GAIN,)),
    )
    write_catalog(Catalog({each.path: each for each in found}))
    project = tmp_path / "song"
    shell.done("new", project, midi)
    chosen = shell.done("instrument", project, "Keys", "vst3_organ", "-p", "gain_db=-3", "--json")
    assert chosen.json == {
        "track": "Keys",
        "instrument": "vst3_organ",
        "params": {"gain_db": -3.0},
    }
    assert "no instrument" in shell.refused("instrument", project, "Keys", "vst3_sweet_gain")
    assert shell.done("instrument", project, "Keys", "soundfont").out == "Keys: soundfont\n"
