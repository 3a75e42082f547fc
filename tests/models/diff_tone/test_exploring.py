from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import CancelledError, EffectError
from tonewright.dsp.project.document import EffectSpec, new_id
from tonewright.dsp.rendering.exploration import EFFECT, explore_file
from tonewright.dsp.rendering.job import CancelToken
from tonewright.dsp.rendering.store import Store
from tonewright.models.diff_tone.exploring import explore, with_switch


def asked(path: Path, networks: Path, audio: Any) -> dict[str, Any]:
    """Return what the tool is asked about a recording."""
    soundfile.write(path / "a.wav", audio, 44_100)
    params = (("guidance", 2.0), ("model", str(networks)), ("steps", 4), ("target", "cello"))
    spec = EffectSpec(new_id(), EFFECT, params=params)
    task = explore_file(path / "a.wav", spec, (0.0, 100.0), default_registry())
    return {
        **task.arguments,
        "store": Store(path / "store"),
        "registry": default_registry(),
        "report": lambda _: None,
        "cancel": CancelToken(),
    }


def test_a_position_is_the_edit_that_a_project_would_render(tmp_path: Path, networks: Path) -> None:
    arguments = asked(tmp_path, networks, 0.1 * np.sin(np.arange(20_000) / 20.0))
    found = explore(**arguments)
    node = arguments["node"]
    keys = {each["switch"]: each["key"] for each in found["points"]}
    assert keys == {each: with_switch(node, each).key for each in ("0", "100", "auto")}
    # What auto chose is told, and lies among the others by its place.
    percents = [each["switch_percent"] for each in found["points"]]
    assert percents == sorted(percents)
    assert found["automatic_percent"] in percents
    # A key that is there is not rendered again.
    before = {each: arguments["store"].get(each) for each in keys.values()}
    again = explore(**arguments)
    assert again["points"] == found["points"]
    assert {each: arguments["store"].get(each) for each in keys.values()} == before


def test_silence_and_other_effects_are_refused(tmp_path: Path, networks: Path) -> None:
    arguments = asked(tmp_path, networks, np.zeros(4_000))
    with pytest.raises(EffectError, match="there is nothing to hear there"):
        explore(**arguments)
    with pytest.raises(EffectError, match="is no single change of instrument"):
        bare = arguments["node"].source.source
        explore(**arguments | {"node": type(arguments["node"])(bare, 44_100)})


def test_it_may_be_cancelled(tmp_path: Path, networks: Path) -> None:
    arguments = asked(tmp_path, networks, 0.1 * np.sin(np.arange(9_000) / 20.0))
    arguments["cancel"].cancel()
    with pytest.raises(CancelledError):
        explore(**arguments)
