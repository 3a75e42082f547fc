import subprocess
import sys

from tonewright.dsp.effects.registry import default_registry
from tonewright.models.catalog import EFFECT_TYPES


def test_the_effects_with_networks_are_registered() -> None:
    registry = default_registry()
    assert [registry.get(each.id) for each in EFFECT_TYPES] == list(EFFECT_TYPES)


def test_reading_the_catalogue_loads_no_network() -> None:
    code = "import sys, tonewright.models.catalog; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"torch", "safetensors", "onnxruntime"} & set(ran.stdout.split())
