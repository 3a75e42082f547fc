"""Plugins to host, and a catalogue of them."""

import importlib.util
from pathlib import Path

import pytest

from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.effects.vst3 import hosted
from tonewright.dsp.effects.vst3.catalog import plugin_types
from tonewright.dsp.effects.vst3.process import Limits
from tonewright.dsp.effects.vst3.scan import Catalog, scan

_spec = importlib.util.spec_from_file_location(
    "build_test_plugins", Path(__file__).parents[3] / "plugins" / "build.py"
)
build = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(build)

RATE = 48_000
LIMITS = Limits(load_seconds=20.0, answer_seconds=2.0)


@pytest.fixture(scope="session")
def plugins(tmp_path_factory) -> Path:
    """A folder with every test plugin."""
    folder = tmp_path_factory.mktemp("vst3")
    for name in (*build.EFFECTS, "TestInstrument"):
        build.bundle(folder, name)
    return folder


@pytest.fixture(scope="session")
def catalog_path(plugins, tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("catalog") / "plugins.json"


@pytest.fixture(scope="session")
def catalog(plugins, catalog_path) -> Catalog:
    """All test plugins, scanned; those that hang get little time."""
    return scan([plugins], limits=Limits(load_seconds=6.0), path=catalog_path)


@pytest.fixture
def registry(catalog, monkeypatch) -> Registry:
    """The plugins as effects; no process of them outlives the test."""
    monkeypatch.setattr(hosted, "LIMITS", LIMITS)
    yield Registry(plugin_types(catalog))
    hosted.close_idle()
