"""From a file or a clip to the task of an exploration, and from its answer to a value."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import EffectSpec, Project, Recipe, TimeRange, new_id
from tonewright.dsp.project.edits import set_medium
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.exploration import (
    EFFECT,
    exploration_of,
    explore_clip,
    explore_file,
    origin_of,
    positions_of,
    spec_for,
)

ANSWER = {
    "source": "solo flute",
    "target": "solo electric piano",
    "exact": False,
    "inversion": "ddim",
    "reconstruction_percent": 1.234,
    "steps": 2,
    "automatic_percent": 50.0,
    "instruments": ["flute", "piano", "electric piano", "harp"],
    "trace": [[0.5, 0.3, 0.1, 0.1], [0.8, 0.1, 0.1, 0.0]],
    "trace_percent": [0.0, 50.0],
    "sample_rate": 48_000,
    "points": [
        {
            "switch": switch,
            "switch_percent": 50.0,
            "key": "k",
            "content_kept": 0.9,
            "target_probability": None,
            "instruments": [["flute", 0.8]],
        }
        for switch in ("50", "auto")
    ],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "line.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(44_100) / 20.0), 44_100)
    return path


@pytest.fixture
def project(path: Path) -> Project:
    return add_files(Project(new_id(), "Song", 48_000), [path]).project


def spec(where: TimeRange | None = None) -> EffectSpec:
    return EffectSpec(new_id(), EFFECT, params=(("target", "cello"),), range=where)


def test_positions_go_from_end_to_end_and_are_dense_where_most_is_decided() -> None:
    found = positions_of(6)
    assert (found[0], found[-1], len(found)) == (0.0, 100.0, 6)
    apart = np.diff(found)
    assert (np.diff(apart) > 0.0).all()
    with pytest.raises(ValueError, match="at least 2 positions, not 1"):
        positions_of(1)


def test_the_answer_becomes_a_value_that_speaks_of_itself() -> None:
    found = exploration_of(ANSWER)
    assert [each.automatic for each in found.points] == [False, True]
    assert found.points[0].instruments == (("flute", 0.8),)
    assert found.case() == "a recording: inverted (ddim), given back within 1.2 %"
    exactly = replace(found, reconstruction_percent=0.001)
    assert exactly.case() == "a recording: inverted (ddim), given back exactly"
    assert replace(found, exact=True).case().startswith("made here")


def test_the_trace_is_told_of_the_likeliest_and_of_the_target() -> None:
    # "electric piano" is meant, though "piano" is in the prompt too.
    names = [name for name, _ in exploration_of(ANSWER).likeliest(2)]
    assert names == ["flute", "electric piano"]
    unknown = exploration_of(ANSWER | {"target": "a kazoo"})
    assert [name for name, _ in unknown.likeliest(2)] == ["flute", "piano"]


def test_a_file_is_explored_as_an_edit_of_it(path: Path) -> None:
    task = explore_file(path, spec(), (0.0, 50.0), default_registry())
    assert (task.effect, task.tool) == (EFFECT, "explore")
    assert task.arguments["positions"] == (0.0, 50.0)
    assert task.arguments["node"].sample_rate == 44_100
    with pytest.raises(EffectError, match=r"line\.wav: ends before 2 s"):
        explore_file(path, spec(TimeRange(2.0, 3.0)), (0.0,), default_registry())


def test_a_clip_is_explored_behind_its_own_effects_as_the_project_would_play_it(
    project: Project,
) -> None:
    clip = project.tracks[0].clips[0]
    task = explore_clip(project, clip.id, spec(), (0.0,), default_registry())
    assert task.arguments["node"].sample_rate == 48_000
    muted = replace(clip, muted=True)
    silent = replace(project, tracks=(replace(project.tracks[0], clips=(muted,)),))
    with pytest.raises(EffectError, match="unmute it"):
        explore_clip(silent, clip.id, spec(), (0.0,), default_registry())


def test_what_works_on_notes_is_not_explored(path: Path) -> None:
    quantize = EffectSpec(new_id(), "quantize")
    with pytest.raises(EffectError):
        explore_file(path, quantize, (0.0,), default_registry())


def test_a_clip_that_was_made_here_brings_its_origin(project: Project) -> None:
    clip = project.tracks[0].clips[0]
    assert origin_of(project.medium(clip.media_id)) == ""
    made = Recipe((EffectSpec(new_id(), "generate", params=(("origin", "{}"),)),))
    project = set_medium(project, clip.media_id, recipe=made)
    assert origin_of(project.medium(clip.media_id)) == "{}"
    where = TimeRange(0.0, 0.5)
    wanted = spec_for(project, clip, spec(), where)
    assert dict(wanted.params) == {"origin": "{}", "target": "cello"}
    assert wanted.range == where
