import math

import pytest

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    EffectSpec,
    Id,
    ParameterRef,
    Send,
    TimeRange,
)
from tonewright.dsp.project.edits import (
    add_effect,
    add_send,
    move_effect,
    remove_effect,
    remove_send,
    set_automation,
    set_channel,
    set_effect,
    set_effect_param,
    set_send,
)

OWNERS = [None, Id("1"), Id("a")]


def effects_of(project, owner_id):
    if owner_id is None:
        return project.master.effects
    clips = {clip.id: clip for _, clip in project.clips()}
    if owner_id in clips:
        return clips[owner_id].effects
    return project.track(owner_id).channel.effects


@pytest.mark.parametrize("owner", [None, Id("1")])
def test_a_channel_is_set(song, owner):
    after = set_channel(song, owner, gain_db=-6.0, muted=True)
    channel = after.master if owner is None else after.track(owner).channel
    assert (channel.gain_db, channel.muted) == (-6.0, True)
    assert set_channel(song, owner, gain_db=0.0) is song
    with pytest.raises(ProjectError, match="pan must be"):
        set_channel(song, owner, pan=2.0)
    with pytest.raises(ValueError, match="does not set effects"):
        set_channel(song, owner, effects=())


@pytest.mark.parametrize("owner", OWNERS)
def test_effects_are_added_moved_set_and_removed_wherever_they_are(song, owner):
    for name in "abc":
        song = add_effect(song, owner, EffectSpec(Id(f"e{name}"), name))
    song = add_effect(song, owner, EffectSpec(Id("first"), "first"), index=0)
    assert [effect.type for effect in effects_of(song, owner)] == ["first", "a", "b", "c"]
    moved = move_effect(song, Id("ec"), -4)
    assert [effect.type for effect in effects_of(moved, owner)] == ["c", "first", "a", "b"]
    assert move_effect(song, Id("ec"), 99) is song
    half = set_effect(song, Id("ea"), mix=0.5, range=TimeRange(0.0, 1.0))
    assert effects_of(half, owner)[1].mix == 0.5
    assert set_effect(song, Id("ea"), mix=1.0) is song
    with pytest.raises(ProjectError, match="mix must be 0"):
        set_effect(song, Id("ea"), mix=1.5)
    removed = remove_effect(song, Id("ea"))
    assert [effect.type for effect in effects_of(removed, owner)] == ["first", "b", "c"]
    for edit in (remove_effect, lambda p, e: move_effect(p, e, 0), set_effect):
        with pytest.raises(ProjectError, match="no effect with the id ea"):
            edit(removed, Id("ea"))
    with pytest.raises(ProjectError, match="in the project already"):
        add_effect(song, owner, EffectSpec(Id("ea"), "a"))
    with pytest.raises(ProjectError, match="no clip with the id x"):
        add_effect(song, Id("x"), EffectSpec(Id("y"), "a"))


@pytest.mark.parametrize("owner", OWNERS)
def test_parameters_stay_sorted_and_none_is_the_default(song, owner):
    song = add_effect(song, owner, EffectSpec(Id("e"), "gain"))
    after = set_effect_param(song, Id("e"), "z", 1)
    after = set_effect_param(after, Id("e"), "a", "text")
    assert effects_of(after, owner)[0].params == (("a", "text"), ("z", 1))
    assert set_effect_param(after, Id("e"), "z", 1) is after
    assert effects_of(set_effect_param(after, Id("e"), "z", None), owner)[0].params == (
        ("a", "text"),
    )
    assert set_effect_param(song, Id("e"), "z", None) is song
    with pytest.raises(ProjectError, match="z must be a finite number"):
        set_effect_param(song, Id("e"), "z", math.inf)


def test_a_sidechain_must_exist_and_make_no_circle(song):
    song = add_effect(song, Id("2"), EffectSpec(Id("e"), "duck"))
    assert set_effect(song, Id("e"), sidechain_id=Id("1")).track("2").channel.effects[0]
    with pytest.raises(ProjectError, match="no track x"):
        set_effect(song, Id("e"), sidechain_id=Id("x"))
    with pytest.raises(ProjectError, match="in a circle"):
        set_effect(song, Id("e"), sidechain_id=Id("2"))
    with pytest.raises(ProjectError, match="in a circle"):
        add_effect(song, Id("a"), EffectSpec(Id("f"), "duck", sidechain_id=Id("g")))


def test_sends_go_to_groups(song):
    sent = add_send(song, Id("2"), Send(Id("s"), Id("g"), -6.0))
    assert sent.track("2").channel.sends[0].gain_db == -6.0
    assert set_send(sent, Id("s"), pre_fader=True).track("2").channel.sends[0].pre_fader
    assert set_send(sent, Id("s"), gain_db=-6.0) is sent
    assert remove_send(sent, Id("s")).track("2") == song.track("2")
    with pytest.raises(ProjectError, match="in the project already"):
        add_send(sent, Id("1"), Send(Id("s"), Id("g")))
    with pytest.raises(ProjectError, match="no group 1"):
        set_send(sent, Id("s"), target_id=Id("1"))
    with pytest.raises(ProjectError, match="in a circle"):
        add_send(song, Id("g"), Send(Id("t"), Id("g")))
    with pytest.raises(ProjectError, match="no send with the id x"):
        remove_send(song, Id("x"))


@pytest.mark.parametrize("owner", [None, Id("1")])
def test_a_parameter_has_one_lane(song, owner):
    def lanes(project):
        return project.master_automation if owner is None else project.track(owner).automation

    gain = ParameterRef(None, "gain_db")
    points = (AutomationPoint(960, 0.0), AutomationPoint(0, -6.0))
    after = set_automation(song, owner, AutomationLane(gain, points))
    assert lanes(after)[0].points == points[::-1]
    assert set_automation(after, owner, AutomationLane(gain, points)) is after
    again = set_automation(after, owner, AutomationLane(gain, points[:1]))
    assert [len(lane.points) for lane in lanes(again)] == [1]
    assert lanes(set_automation(again, owner, AutomationLane(gain, ()))) == ()
    assert set_automation(song, owner, AutomationLane(gain, ())) is song
    other = ParameterRef(Id("e"), "mix")
    with pytest.raises(ProjectError, match="has no effect e"):
        set_automation(song, owner, AutomationLane(other, points))
    song = add_effect(song, owner, EffectSpec(Id("e"), "gain"))
    song = set_automation(song, owner, AutomationLane(other, points))
    assert lanes(remove_effect(song, Id("e"))) == ()
