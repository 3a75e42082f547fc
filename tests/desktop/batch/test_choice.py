from dataclasses import replace

import pytest

from tonewright.desktop.batch.choice import (
    Chain,
    chains_of,
    formats_of,
    loudnesses,
    manifest_of,
)
from tonewright.dsp.batch.jobs import Kind, jobs_of
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import BatchError
from tonewright.dsp.exporting.settings import Depth, ExportSettings
from tonewright.dsp.presets import effect_presets, export_presets
from tonewright.dsp.project.document import Channel, EffectSpec, Id, Project, Track, TrackKind

REGISTRY = default_registry()
GAIN = EffectSpec(Id("1"), "gain", params=(("gain_db", -3.0),))
OFF = EffectSpec(Id("2"), "reverb", enabled=False)


def chain(name, project, presets):
    return next(each for each in chains_of(project, REGISTRY, presets) if each.name == name)


@pytest.fixture
def project():
    track = Track(Id("t"), "Lead", TrackKind.AUDIO, channel=Channel(effects=(OFF, GAIN)))
    return replace(
        Project(Id("p"), "Song", sample_rate=48_000),
        tracks=(track, replace(track, id=Id("u"), channel=Channel())),
    )


def test_the_chains_of_tracks_come_first_then_every_effect_and_its_presets(project, tmp_path):
    effect_presets("reverb", tmp_path).save("Hall", {"room_size": 0.9})
    names = [each.name for each in chains_of(project, REGISTRY, tmp_path)]
    assert names[:2] == ["No effects", "Lead: Gain"]
    assert chain("Lead: Gain", project, tmp_path).effects == (GAIN,)
    assert names[names.index("Reverb") + 1] == "Reverb: Hall"
    assert chain("Reverb: Hall", project, tmp_path).effects[0].params == (("room_size", 0.9),)


def test_every_choice_gives_jobs_that_can_be_done(project, tmp_path):
    export_presets(tmp_path).save("Film", ExportSettings(depth=Depth.INT16, tail=3.0).to_json())
    (tmp_path / "a.wav").touch()
    formats = formats_of(tmp_path)
    assert formats[-1].name == "Preset: Film"
    lead = chain("Lead: Gain", project, tmp_path)
    for format_ in formats:
        for loudness in loudnesses():
            export = {**format_.export, **loudness.export}
            made = manifest_of([tmp_path / "a.wav"], tmp_path / "out", lead, export, REGISTRY)
            (job,) = jobs_of(made, REGISTRY)
            assert job.recipe.effects[0].params == (("gain_db", -3.0),)


def test_outputs_lie_as_the_inputs_do_and_are_no_inputs(tmp_path):
    names = ("a.wav", "x/a.wav", "x/{y}/[a].wav", "out/a.wav")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    paths = [tmp_path / name for name in names]
    made = manifest_of(paths, tmp_path / "out", Chain("No effects"), {}, REGISTRY)
    assert [each.output for each in jobs_of(made, REGISTRY)] == [
        "a.wav",
        "x/a.wav",
        "x/(y)/[a].wav",
    ]


def test_what_does_not_go_together_is_told(project, tmp_path):
    with pytest.raises(BatchError, match="drop files"):
        manifest_of([], tmp_path, Chain("No effects"), {}, REGISTRY)
    for name, effect in (("a.mid", "gain"), ("a.wav", "quantize")):
        alone = Chain("x", (EffectSpec(Id("1"), effect),))
        with pytest.raises(BatchError, match=f"{name}: 'x' plays no"):
            manifest_of([tmp_path / name], tmp_path / "out", alone, {}, REGISTRY)


def test_projects_are_mixed_beside_files_and_keep_their_own_effects(tmp_path):
    (tmp_path / "song").mkdir()
    for name in ("song/project.json", "a.wav"):
        (tmp_path / name).touch()
    paths = [tmp_path / "song", tmp_path / "a.wav"]
    export = {"container": "flac"}
    made = manifest_of(paths, tmp_path / "out", Chain("No effects"), export, REGISTRY)
    found = [(each.output, each.recipe.kind) for each in jobs_of(made, REGISTRY)]
    assert found == [("song", Kind.PROJECT), ("a.flac", Kind.AUDIO)]
    with pytest.raises(BatchError, match="song: a project has effects of its own"):
        manifest_of(paths, tmp_path / "out", Chain("x", (GAIN,)), {}, REGISTRY)
