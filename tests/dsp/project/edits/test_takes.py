"""A take is a seed that is kept."""

import pytest

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import Channel, EffectSpec, Id, Project
from tonewright.dsp.project.edits.takes import add_take, choose_take, delete_take, takes_of
from tonewright.dsp.project.schema import from_json, to_json

EFFECT = EffectSpec(Id("e"), "humanize", seed=7, extra={"mine": 1})


def song(effect=EFFECT):
    return Project(Id("song"), "Song", master=Channel(effects=(effect,)))


def effect_of(project):
    return project.master.effects[0]


def test_an_effect_has_its_own_seed_as_its_first_take():
    assert takes_of(EFFECT) == (7,)


def test_a_new_take_sounds_and_the_others_are_kept():
    project = add_take(add_take(song(), Id("e")), Id("e"))
    assert takes_of(effect_of(project)) == (7, 8, 9)
    assert effect_of(project).seed == 9
    back = choose_take(project, Id("e"), 7)
    assert effect_of(back).seed == 7
    assert takes_of(effect_of(back)) == (7, 8, 9)


def test_deleting_the_take_that_sounds_leaves_the_last_of_the_others():
    project = add_take(song(), Id("e"))
    left = delete_take(project, Id("e"), 8)
    assert effect_of(left).seed == 7
    assert takes_of(effect_of(left)) == (7,)
    other = delete_take(project, Id("e"), 7)
    assert effect_of(other).seed == 8


def test_choosing_what_sounds_changes_nothing():
    project = song()
    assert choose_take(project, Id("e"), 7) is project


def test_what_is_not_there_cannot_be_chosen_and_the_only_take_stays():
    with pytest.raises(ProjectError, match="no take"):
        choose_take(song(), Id("e"), 99)
    with pytest.raises(ProjectError, match="only take"):
        delete_take(song(), Id("e"), 7)


def test_takes_survive_the_file_and_leave_what_else_is_there():
    project = add_take(song(), Id("e"))
    again = from_json(to_json(project))
    assert takes_of(effect_of(again)) == (7, 8)
    assert effect_of(again).extra["mine"] == 1


def test_what_another_program_wrote_there_is_no_take():
    for takes, seeds in ((["a", True, 4], (4, 1)), (5, (1,)), (None, (1,))):
        assert takes_of(EffectSpec(Id("e"), "x", seed=1, extra={"takes": takes})) == seeds
