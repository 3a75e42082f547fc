import pytest

from tonewright.dsp.cli.names import choose, effect_at, suggestion, track_named
from tonewright.dsp.errors import EffectError, ProjectError
from tonewright.dsp.project.document import EffectSpec, Id, Project, Track, TrackKind


def _project(*names: str) -> Project:
    tracks = tuple(Track(Id(str(index)), name, TrackKind.AUDIO) for index, name in enumerate(names))
    return Project(Id("p"), "song", tracks=tracks)


def test_case_makes_no_difference_but_goes_first() -> None:
    assert choose("REVERB", ["reverb", "gain"], "effect") == "reverb"
    assert choose("lead", ["Lead", "lead"], "track") == "lead"


def test_a_near_miss_is_suggested() -> None:
    with pytest.raises(EffectError, match="no effect 'revreb'; did you mean 'reverb'"):
        choose("revreb", ["reverb", "gain"], "effect", EffectError)
    assert suggestion("LAED", ["Lead"]) == "; did you mean 'Lead'?"
    assert suggestion("x", ["reverb"]) == ""


def test_few_names_are_all_told() -> None:
    with pytest.raises(EffectError, match="there is 'gain', 'reverb'"):
        choose("zzz", ["gain", "reverb"], "effect", EffectError)
    with pytest.raises(EffectError, match=r"'39' and 2 more$"):
        choose("zzz", map(str, range(42)), "effect", EffectError)


def test_a_track_by_name_number_or_as_master() -> None:
    project = _project("Lead", "Bass", "3")
    assert track_named(project, "lead") is project.tracks[0]
    assert track_named(project, "2") is project.tracks[1]
    assert track_named(project, "Master") is None


def test_a_track_whose_name_is_a_number_goes_first() -> None:
    project = _project("2", "Bass")
    assert track_named(project, "2") is project.tracks[0]


def test_two_tracks_of_one_name_are_told_by_number() -> None:
    project = _project("Lead", "Bass", "lead")
    assert track_named(project, "lead") is project.tracks[2]
    with pytest.raises(ProjectError, match="say 1 or 3"):
        track_named(project, "LEAD")


@pytest.mark.parametrize("name", ["0", "3", "-1", "Led", "²"])
def test_an_unknown_track(name: str) -> None:
    with pytest.raises(ProjectError, match="there is no track"):
        track_named(_project("Lead", "Bass"), name)


def test_an_effect_by_number_or_name() -> None:
    chain = [EffectSpec(Id(str(i)), name) for i, name in enumerate(("gain", "reverb", "gain"))]
    assert effect_at(chain, "3", "Lead") is chain[2]
    assert effect_at(chain, "Reverb", "Lead") is chain[1]
    with pytest.raises(EffectError, match="say 1 or 3"):
        effect_at(chain, "gain", "Lead")
    with pytest.raises(EffectError, match="3 effects, and no effect 4"):
        effect_at(chain, "4", "Lead")
    with pytest.raises(EffectError, match="0 effects"):
        effect_at([], "gain", "Lead")
