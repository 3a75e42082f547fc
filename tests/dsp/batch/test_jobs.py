from dataclasses import replace
from pathlib import Path

import pytest

from tonewright.dsp.batch.jobs import Job, Kind, jobs_of
from tonewright.dsp.batch.manifest import read_manifest
from tonewright.dsp.effects.registry import Registry, default_registry
from tonewright.dsp.errors import BatchError
from tonewright.dsp.exporting.settings import Depth, ExportSettings
from tonewright.dsp.presets import effect_presets, export_presets


def jobs(folder: Path, text: str) -> list[Job]:
    path = folder / "batch.toml"
    path.write_text(text, "utf-8")
    return list(jobs_of(read_manifest(path, default_registry()), default_registry()))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name in ("a.wav", "b.flac", "c.mp3", "sub/a.wav", "sub/deep/d.wav", "out/old.wav"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "song").mkdir()
    (tmp_path / "song/project.json").touch()
    return tmp_path


def test_patterns_find_files_below_and_keep_their_folders(files: Path) -> None:
    found = jobs(files, 'out = "in/out"\ninputs = ["in/**/*.*"]\nexclude = ["in/sub/deep/*"]')
    # What was made before is no input; a format that is not written becomes WAV.
    assert [each.output for each in found] == ["a.wav", "b.flac", "c.wav", "sub/a.wav"]
    assert {each.recipe.kind for each in found} == {Kind.AUDIO}


def test_a_grid_with_seeds_is_every_combination_once(files: Path) -> None:
    found = jobs(
        files,
        'inputs = ["in/a.wav"]\nseeds = [1, 2]\n'
        'name = "{stem} {gain_db} {reverb.room_size} {seed}"\n'
        'effects = [{type="gain", params={gain_db=[-3, 3]}},'
        ' {type="reverb", params={room_size=[0.1, 0.2, 0.3]}}]',
    )
    assert len({each.output for each in found}) == len({each.recipe.key for each in found}) == 12
    assert found[0].output == "a -3.0 0.1 1.wav"
    assert dict(found[0].recipe.effects[1].params) == {"room_size": 0.1}


def test_a_table_gives_inputs_and_values(files: Path) -> None:
    (files / "takes.csv").write_text("input,level,take\nin/a.wav,-3,one\nin/b.flac,2.5,two\n")
    text = (
        'table = "takes.csv"\nname = "{take}"\n'
        'effects = [{type="gain", params={gain_db="$level"}}]\n'
    )
    found = jobs(files, text)
    assert [(each.output, each.recipe.effects[0].params) for each in found] == [
        ("one.wav", (("gain_db", -3.0),)),
        ("two.flac", (("gain_db", 2.5),)),
    ]
    (files / "takes.csv").write_text("input,level,take\nin/a.wav,-3,one\nin/b.flac,loud,two\n")
    with pytest.raises(BatchError, match=r"takes\.csv:3: column level: gain: gain_db"):
        jobs(files, text)


def test_projects_have_effects_of_their_own(files: Path) -> None:
    (found,) = jobs(files, 'inputs = ["song"]\nexport = { stems = true }')
    assert (found.output, found.recipe.kind) == ("song", Kind.PROJECT)
    with pytest.raises(BatchError, match="leave effects out"):
        jobs(files, 'inputs = ["song"]\neffects = [{type = "gain"}]')


@pytest.mark.parametrize(
    "changed",
    [
        'effects = [{type="gain", params={gain_db=2}}]',
        'effects = [{type="gain", params={gain_db=1}, mix=0.5}]',
        'effects = [{type="gain", params={gain_db=1}, range=[0, 1]}]',
        'effects = [{type="gain", params={gain_db=1}}]\nexport = {depth = "16"}',
        'effects = [{type="gain", params={gain_db=1}}, {type="gain"}]',
    ],
)
def test_a_recipe_has_another_key_when_the_sound_may_be_another(files: Path, changed: str) -> None:
    head = 'inputs = ["in/a.wav"]\n'
    same = head + 'effects = [{type="gain", params={gain_db=1}}]\npriority = 9\n'
    (first,), (again,), (other,) = (
        jobs(files, head + 'effects = [{type="gain", params={gain_db=1.0}}]'),
        jobs(files, same),
        jobs(files, head + changed),
    )
    assert first.recipe.key == again.recipe.key != other.recipe.key


@pytest.mark.parametrize("change", ["version", "weights_sha256", "source_sha256"])
def test_another_version_of_an_effect_is_another_recipe(files: Path, change: str) -> None:
    text = 'inputs = ["in/a.wav"]\neffects = [{type="gain"}]'
    (job,) = jobs(files, text)
    gain = default_registry().get("gain")
    other = Registry([replace(gain, **{change: 2 if change == "version" else "other"})])
    (changed,) = jobs_of(read_manifest(files / "batch.toml", other), other)
    assert changed.recipe.key != job.recipe.key


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('inputs = ["in/*.ogg"]', "matches no file"),
        ('inputs = ["in/**/a.wav"]\nname = "{stem}"', "written twice"),
        ('inputs = ["in/a.wav"]\nname = "{steam}"', "there are: {stem}"),
        ('inputs = ["in/a.wav"]\nname = "../.."', "gives no name"),
        ('inputs = ["in/a.wav"]\nout = "in"', "input and output"),
        ('inputs = ["in/a.wav"]\nexport = {stems = true}', "for projects"),
        ('inputs = ["in/a.wav"]\neffects = [{type="gain", params={gain_db="$x"}}]', "table"),
        ('inputs = ["in/a.wav"]\neffects = [{type="gain"}, {type="quantize"}]', "in one chain"),
        ('table = "none.csv"', "cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(files: Path, text: str, said: str) -> None:
    with pytest.raises(BatchError) as caught:
        jobs(files, text)
    assert said in str(caught.value)


def test_no_name_leaves_the_folder(files: Path) -> None:
    (found,) = jobs(files, 'inputs = ["in/a.wav"]\nname = "../../x/../{stem}"')
    assert found.output == "x/a.wav"


def test_presets_of_effects_and_exports_are_taken_over_and_may_be_overruled(files: Path) -> None:
    kept = files / "presets"
    effect_presets("reverb", kept).save("Hall", {"room_size": 0.9, "wet_level": 0.4})
    export_presets(kept).save("Film", ExportSettings(depth=Depth.INT16, stems=True).to_json())
    path = files / "batch.toml"
    path.write_text(
        'inputs = ["in/a.wav", "song"]\n[[render]]\ninputs = ["in/a.wav"]\n'
        'effects = [{type="reverb", preset="Hall", params={wet_level=[0.1, 0.2]}}]\n'
        'name = "{wet_level}"\nexport = {preset = "Film", container = "flac"}\n'
        '[[render]]\ninputs = ["song"]\nexport = {preset = "Film"}\n'
    )
    manifest = read_manifest(path, default_registry(), presets=kept)
    first, second, song = jobs_of(manifest, default_registry())
    assert dict(first.recipe.effects[0].params) == {"room_size": 0.9, "wet_level": 0.1}
    assert (second.output, second.recipe.settings.depth) == ("0.2.flac", Depth.INT16)
    assert not second.recipe.settings.stems
    assert not second.recipe.keeps_depth
    assert song.recipe.settings.stems
    for text, line in (
        ('inputs = ["in/a.wav"]\neffects = [\n{type="reverb", preset="Hell"}]', 3),
        ('inputs = ["in/a.wav"]\n[export]\npreset = "Flim"', 3),
    ):
        path.write_text(text)
        with pytest.raises(BatchError, match=rf"toml:{line}: .*there is no preset"):
            read_manifest(path, default_registry(), presets=kept)
