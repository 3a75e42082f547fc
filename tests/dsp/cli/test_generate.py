"""Clips from prompts, by networks that have learnt nothing, and their edits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tonewright.dsp.project.folder import load
from tonewright.dsp.rendering.exploration import origin_of

PROMPT = "solo flute playing a slow major melody"


@pytest.fixture
def options(networks: Path) -> tuple[str, ...]:
    return ("--seconds", "0.5", "--steps", "3", "--model", str(networks))


def edit(networks: Path, recipe: Path, switch: str) -> tuple[str, ...]:
    settings = (
        f"origin=@{recipe}",
        "target=cello",
        "guidance=2",
        f"switch={switch}",
        f"model={networks}",
    )
    return tuple(word for each in settings for word in ("-p", each))


@pytest.mark.usefixtures("in_place")
def test_the_same_seed_makes_the_same_clip_and_another_makes_another(
    shell: Any, tmp_path: Path, options: tuple[str, ...]
) -> None:
    first, again, other = (tmp_path / name for name in ("a.wav", "b.wav", "c.wav"))
    shell.done("generate", PROMPT, first, "--seed", "7", *options)
    shell.done("generate", PROMPT, again, "--seed", "7", *options)
    shell.done("generate", PROMPT, other, "--seed", "8", *options)
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes() != other.read_bytes()
    info = soundfile.info(first)
    assert (info.frames, info.samplerate, info.channels) == (22_050, 44_100, 1)


@pytest.mark.usefixtures("in_place")
def test_an_edit_begins_from_the_clips_own_noise(
    shell: Any, tmp_path: Path, networks: Path, options: tuple[str, ...]
) -> None:
    clip, recipe = tmp_path / "a.wav", tmp_path / "a.recipe.json"
    shell.done("generate", PROMPT, clip, "--seed", "7", *options)
    sound = soundfile.read(clip)[0]

    def edited(source: Path, switch: str, name: str) -> Any:
        out = tmp_path / name
        shell.done("apply", "diff_tone", source, out, *edit(networks, recipe, switch))
        return soundfile.read(out)[0]

    # Behind the last step nothing is left to change: it is the clip, but for its faded ends.
    np.testing.assert_allclose(
        edited(clip, "100", "same.wav")[300:-300], sound[300:-300], atol=1e-4
    )
    changed = edited(clip, "0", "cello.wav")
    assert np.abs(changed - sound).max() > 0.1 * np.abs(sound).max()
    np.testing.assert_array_equal(edited(clip, "0", "again.wav"), changed)
    # A part of the clip is edited as it is edited inside the whole.
    part = tmp_path / "part.wav"
    soundfile.write(part, sound[4_000:14_000], 44_100, subtype="PCM_24")
    inside = edited(part, "100", "part-same.wav")
    np.testing.assert_allclose(inside[300:-300], sound[4_300:13_700], atol=1e-3)
    # Another recording is no part of it.
    soundfile.write(part, np.random.default_rng(0).normal(0.0, 0.1, 9_000), 44_100)
    line = shell.refused(
        "apply", "diff_tone", part, tmp_path / "no.wav", *edit(networks, recipe, "0")
    )
    assert "is not the clip that this recipe makes; take origin away" in line


@pytest.mark.usefixtures("in_place")
def test_into_a_project_it_comes_with_its_recipe(
    shell: Any, tmp_path: Path, mono: Path, options: tuple[str, ...]
) -> None:
    song = tmp_path / "song"
    shell.done("new", song, mono)
    shell.done("generate", PROMPT, song, "--seed", "5", *options)
    project = load(song)
    assert len(project.tracks) == 2
    medium = project.media[-1]
    assert Path(medium.path).is_relative_to(song)
    assert '"seed": 5' in origin_of(medium)
    assert origin_of(project.media[0]) == ""


def test_what_cannot_be_made_is_one_line(shell: Any, tmp_path: Path, mono: Path) -> None:
    out = tmp_path / "a.wav"
    assert "name a .wav or .flac" in shell.refused("generate", PROMPT, tmp_path / "a.mp3")
    assert "is there already" in shell.refused("generate", PROMPT, mono)
    assert "there is no such folder" in shell.refused("generate", PROMPT, tmp_path / "no" / "a.wav")
    assert "--steps are 2 to 200" in shell.refused("generate", PROMPT, out, "--steps", "1", code=2)


@pytest.mark.usefixtures("in_place")
@pytest.mark.parametrize(
    ("prompt", "seconds", "reason"),
    [
        ("something nice", "1", "names no instrument that is known; there are: piano"),
        (PROMPT, "61", "a clip lasts 0.1 to 60 s, not 61"),
    ],
)
def test_prompts_and_lengths_that_make_no_clip(
    shell: Any, networks: Path, prompt: str, seconds: str, reason: str
) -> None:
    out = networks / "a.wav"
    line = shell.refused("generate", prompt, out, "--seconds", seconds, "--model", networks)
    assert reason in line
    assert not out.exists()
