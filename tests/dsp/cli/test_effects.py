from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

RATE = 44_100


def test_the_effects_by_family(
    shell: Any,
) -> None:
    text = shell.done("effects").out
    assert text.index("audio effects") < text.index("reverb") < text.index("midi effects")
    assert text.index("midi effects") < text.index("transpose")


def test_one_effect_with_its_parameters(
    shell: Any,
) -> None:
    found = shell.done("effects", "REVERB", "--json").json
    names = [each["name"] for each in found["parameters"]]
    assert found["id"] == "reverb"
    text = shell.done("effects", "reverb").out
    assert names
    assert all(name in text for name in names)
    assert text in shell.done("apply", "reverb", "--help").out


def test_every_effect_can_be_described(
    shell: Any,
) -> None:
    for each in shell.done("effects", "--json").json:
        assert f"{each['id']}: {each['name']}" in shell.done("effects", each["id"]).out


def test_an_unknown_effect_is_suggested(
    shell: Any,
) -> None:
    assert "did you mean 'reverb'" in shell.refused("effects", "revreb")


USER_EFFECT = """
from tonewright.dsp.effects import Parameter, effect

@effect("flip", Parameter("gain", 1.0, 0.0, 4.0))
class Flip:
    def __init__(self, gain=1.0):
        self.gain = gain
    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        return -self.gain * audio
    def reset(self):
        pass
"""


def test_an_effect_from_a_file(shell: Any, tmp_path: Path, stereo: Path) -> None:
    code, out = tmp_path / "mine.py", tmp_path / "out.wav"
    code.write_text(USER_EFFECT)
    assert "flip" in shell.done("effects", "--effects-from", code).out
    assert "gain" in shell.done("--effects-from", code, "apply", "flip", "--help").out
    shell.done(
        *("apply", "flip", stereo, out, "-p", "gain=2", "--depth", "32f"),
        *("--effects-from", code),
    )
    before, after = soundfile.read(stereo)[0], soundfile.read(out)[0]
    np.testing.assert_allclose(after, -2.0 * before, atol=1e-6)
    assert "flip" in shell.refused("apply", "flip", stereo, tmp_path / "b.wav")


@pytest.mark.parametrize("content", ["", "import nowhere", "def ("])
def test_a_file_without_effects_is_one_line(shell: Any, tmp_path: Path, content: str) -> None:
    code = tmp_path / "mine.py"
    code.write_text(content)
    assert "mine.py" in shell.refused("effects", "--effects-from", code)
    assert "absent.py" in shell.refused("effects", "--effects-from", tmp_path / "absent.py")
