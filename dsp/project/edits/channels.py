"""Edits of channels: fader, effects, sends and automation, ``Project -> Project``.

A channel belongs to a track, named by its id, or to the master, named by None; a chain of effects
may belong to a clip as well. An effect is found by its own id wherever it is.
"""

from typing import Any

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    AutomationLane,
    Channel,
    EffectSpec,
    Id,
    Project,
    Send,
    Value,
)
from tonewright.dsp.project.edits.access import (
    change_effects,
    changed,
    find,
    find_clip,
    find_track,
    inserted,
    require_new_effects,
    swapped,
    with_clip,
    with_track,
    without,
)
from tonewright.dsp.project.validate import check_channel, check_lanes, check_routing


def set_channel(project: Project, track_id: Id | None, **fields: Any) -> Project:
    """Return the project with fields of a channel set: gain_db, pan, muted, soloed.

    ( 0 dB )      ->      ( -6 dB )

    Effects and sends have edits of their own.

    Raises:
        ProjectError: If the track is missing or a value is out of range.
    """
    own = {"effects", "sends"} & set(fields)
    if own:
        raise ValueError(f"set_channel does not set {', '.join(sorted(own))}")
    return _with_channel(project, track_id, changed(_channel(project, track_id), **fields))


def add_effect(
    project: Project, owner_id: Id | None, effect: EffectSpec, *, index: int | None = None
) -> Project:
    """Return the project with an effect in the chain of a track, a clip or the master (None).

    > A >      ->      > A > B >

    It is the last unless ``index`` says where.

    Raises:
        ProjectError: If the owner is missing, the id is taken, a value is out of range, or the
            sidechain is missing or would make a circle.
    """
    require_new_effects(project, [effect])
    if owner_id is None or any(track.id == owner_id for track in project.tracks):
        channel = _channel(project, owner_id)
        effects = inserted(channel.effects, effect, index)
        project = _with_channel(project, owner_id, changed(channel, effects=effects))
    else:
        track, clip = find_clip(project, owner_id)
        effects = inserted(clip.effects, effect, index)
        project = with_clip(project, track, changed(clip, effects=effects))
    check_routing(project)
    return project


def set_effect(project: Project, effect_id: Id, **fields: Any) -> Project:
    """Return the project with fields of an effect set: enabled, mix, seed, range, params, ...

    > A >      ->      > A' >

    Raises:
        ProjectError: If the effect is missing, a value is out of range, or the sidechain is
            missing or would make a circle.
    """
    if "id" in fields:
        raise ValueError("an effect keeps its id")

    def change(effects: tuple[EffectSpec, ...]) -> tuple[EffectSpec, ...]:
        return swapped(effects, changed(find(effects, effect_id, "effect"), **fields))

    project = change_effects(project, effect_id, change)
    if fields.get("sidechain_id") is not None:
        check_routing(project)
    return project


def set_effect_param(project: Project, effect_id: Id, name: str, value: Value | None) -> Project:
    """Return the project with one parameter of an effect set; None sets its default again.

    > A(x=1) >      ->      > A(x=2) >

    Raises:
        ProjectError: If the effect is missing or the value is not finite.
    """

    def change(effects: tuple[EffectSpec, ...]) -> tuple[EffectSpec, ...]:
        effect = find(effects, effect_id, "effect")
        params: dict[str, Value] = dict(effect.params)
        if value is None:
            params.pop(name, None)
        else:
            params[name] = value
        return swapped(effects, changed(effect, params=tuple(sorted(params.items()))))

    return change_effects(project, effect_id, change)


def move_effect(project: Project, effect_id: Id, index: int) -> Project:
    """Return the project with an effect at another place of its chain, clamped to it.

    > A > B > C >      ->      > B > A > C >      index = 1

    Raises:
        ProjectError: If the effect is missing.
    """

    def change(effects: tuple[EffectSpec, ...]) -> tuple[EffectSpec, ...]:
        others = without(effects, [effect_id])
        place = min(max(index, 0), len(others))
        return inserted(others, find(effects, effect_id, "effect"), place)

    return change_effects(project, effect_id, change)


def remove_effect(project: Project, effect_id: Id) -> Project:
    """Return the project without an effect and without the automation of its parameters.

    > A > B >      ->      > A >

    Raises:
        ProjectError: If the effect is missing.
    """
    project = change_effects(project, effect_id, lambda effects: without(effects, [effect_id]))

    def kept(lanes: tuple[AutomationLane, ...]) -> tuple[AutomationLane, ...]:
        return tuple(lane for lane in lanes if lane.target.effect_id != effect_id)

    tracks = tuple(
        changed(track, automation=kept(track.automation)) if track.automation else track
        for track in project.tracks
    )
    return changed(project, tracks=tracks, master_automation=kept(project.master_automation))


def add_send(project: Project, track_id: Id, send: Send) -> Project:
    """Return the project with a send from a track to a group.

    A      ->      A --> G

    Raises:
        ProjectError: If the track or the group is missing, the id is taken, or sound would go in
            a circle.
    """
    channel = _channel(project, track_id)
    if any(other.id == send.id for track in project.tracks for other in track.channel.sends):
        raise ProjectError("the send is in the project already: give it a new id")
    channel = changed(channel, sends=(*channel.sends, send))
    project = _with_channel(project, track_id, channel)
    check_routing(project)
    return project


def set_send(project: Project, send_id: Id, **fields: Any) -> Project:
    """Return the project with fields of a send set: gain_db, pre_fader, target_id.

    A --> G      ->      A --> H

    Raises:
        ProjectError: If the send or the group is missing, a value is out of range, or sound would
            go in a circle.
    """
    if "id" in fields:
        raise ValueError("a send keeps its id")
    track_id, channel = _sender(project, send_id)
    send = changed(find(channel.sends, send_id, "send"), **fields)
    project = _with_channel(project, track_id, changed(channel, sends=swapped(channel.sends, send)))
    check_routing(project)
    return project


def remove_send(project: Project, send_id: Id) -> Project:
    """Return the project without a send.

    A --> G      ->      A

    Raises:
        ProjectError: If the send is missing.
    """
    track_id, channel = _sender(project, send_id)
    channel = changed(channel, sends=without(channel.sends, [send_id]))
    return _with_channel(project, track_id, channel)


def set_automation(project: Project, track_id: Id | None, lane: AutomationLane) -> Project:
    """Return the project with a lane of a channel set, in place of one of the same parameter.

    ------      ->      --//--

    Points are sorted; a lane without points removes the parameter's automation.

    Raises:
        ProjectError: If the track or the effect is missing or a value is out of range.
    """
    lanes = (
        project.master_automation if track_id is None else find_track(project, track_id).automation
    )
    points = tuple(sorted(lane.points, key=lambda point: point.ticks))
    lane = changed(lane, points=points)
    targets = [other.target for other in lanes]
    place = targets.index(lane.target) if lane.target in targets else len(lanes)
    new = (*lanes[:place], *([lane] if points else []), *lanes[place + 1 :])
    check_lanes(new, _channel(project, track_id), _place(project, track_id))
    if track_id is None:
        return changed(project, master_automation=new)
    return with_track(project, changed(find_track(project, track_id), automation=new))


def _channel(project: Project, track_id: Id | None) -> Channel:
    return project.master if track_id is None else find_track(project, track_id).channel


def _place(project: Project, track_id: Id | None) -> str:
    return "master" if track_id is None else f"track {find_track(project, track_id).name!r}"


def _with_channel(project: Project, track_id: Id | None, channel: Channel) -> Project:
    check_channel(channel, _place(project, track_id))
    if track_id is None:
        return changed(project, master=channel)
    return with_track(project, changed(find_track(project, track_id), channel=channel))


def _sender(project: Project, send_id: Id) -> tuple[Id, Channel]:
    for track in project.tracks:
        if any(send.id == send_id for send in track.channel.sends):
            return track.id, track.channel
    raise ProjectError(f"there is no send with the id {send_id}: has it been removed?")
