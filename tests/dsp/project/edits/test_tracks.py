from dataclasses import replace

import pytest

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import Channel, EffectSpec, Id, Send, Track, TrackKind
from tonewright.dsp.project.edits import (
    add_effect,
    add_send,
    add_track,
    delete_tracks,
    group_tracks,
    move_track,
    set_track,
    ungroup,
)
from tonewright.dsp.project.validate import validate


def ids(project):
    return [track.id for track in project.tracks]


def test_a_track_is_added_where_it_is_wanted(song):
    track = Track(Id("n"), "new", TrackKind.AUDIO)
    assert ids(add_track(song, track)) == ["1", "2", "g", "n"]
    assert ids(add_track(song, track, index=1)) == ["1", "n", "2", "g"]
    with pytest.raises(ProjectError, match="track 1: each id"):
        add_track(song, song.tracks[0])
    with pytest.raises(ProjectError, match="no group x"):
        add_track(song, replace(track, parent_id=Id("x")))
    with pytest.raises(ProjectError, match="no group 1"):
        add_track(song, replace(track, channel=Channel(sends=(Send(Id("s"), Id("1")),))))


def test_fields_of_a_track_are_set(song):
    assert set_track(song, Id("1"), name="lead").track(Id("1")).name == "lead"
    assert set_track(song, Id("1"), name="one") is song
    with pytest.raises(ProjectError, match="no group 2"):
        set_track(song, Id("1"), parent_id=Id("2"))
    with pytest.raises(ProjectError, match="in a circle"):
        set_track(song, Id("g"), parent_id=Id("g"))
    with pytest.raises(ProjectError, match="no color"):
        set_track(song, Id("1"), color="blue")
    with pytest.raises(ValueError, match="does not set clips"):
        set_track(song, Id("1"), clips=())
    with pytest.raises(ProjectError, match="no track with the id x"):
        set_track(song, Id("x"), name="y")


def test_tracks_move_inside_the_list(song):
    assert ids(move_track(song, Id("1"), 1)) == ["2", "1", "g"]
    assert ids(move_track(song, Id("1"), 99)) == ["2", "g", "1"]
    assert ids(move_track(song, Id("g"), -5)) == ["g", "1", "2"]
    assert move_track(song, Id("2"), 1) is song


def test_a_group_takes_the_place_of_its_first_track(song):
    grouped = group_tracks(song, [Id("1"), Id("2")], "band")
    validate(grouped)
    group = grouped.tracks[0]
    assert (group.name, group.kind, group.parent_id) == ("band", TrackKind.GROUP, "g")
    assert {grouped.track(Id("1")).parent_id, grouped.track(Id("2")).parent_id} == {group.id}
    assert group_tracks(song, [], "none") is song


def test_a_group_in_a_group_keeps_its_own_tracks(song):
    grouped = group_tracks(song, [Id("1"), Id("g"), Id("2")], "all")
    validate(grouped)
    assert grouped.track(Id("1")).parent_id == "g"
    assert grouped.track(Id("g")).parent_id == grouped.track(Id("2")).parent_id != None  # noqa: E711


def test_grouping_that_would_make_a_circle_is_refused(song):
    song = add_track(song, Track(Id("h"), "fx", TrackKind.GROUP))
    song = add_send(song, Id("g"), Send(Id("s"), Id("h")))
    with pytest.raises(ProjectError, match="in a circle"):
        group_tracks(song, [Id("1"), Id("h")], "band")


def test_ungrouping_is_the_inverse_of_grouping(song):
    grouped = group_tracks(song, [Id("1"), Id("2")], "band")
    back = ungroup(grouped, grouped.tracks[0].id)
    assert back.track(Id("1")) == song.track(Id("1"))
    assert back.track(Id("2")).parent_id == "g"  # where the group sounded through
    with pytest.raises(ProjectError, match="is no group"):
        ungroup(song, Id("1"))


def test_what_pointed_at_a_deleted_track_points_nowhere(song):
    song = add_track(song, Track(Id("h"), "outer", TrackKind.GROUP))
    song = set_track(song, Id("g"), parent_id=Id("h"))
    song = add_send(song, Id("2"), Send(Id("s"), Id("g")))
    song = add_effect(song, Id("2"), EffectSpec(Id("e"), "duck", sidechain_id=Id("1")))
    song = add_effect(song, None, EffectSpec(Id("f"), "duck", sidechain_id=Id("1")))
    song = add_effect(song, Id("c"), EffectSpec(Id("i"), "duck", sidechain_id=Id("1")))
    without_group = delete_tracks(song, [Id("g")])
    validate(without_group)
    assert without_group.track(Id("1")).parent_id == "h"
    assert without_group.track(Id("2")).channel.sends == ()
    bare = delete_tracks(without_group, [Id("1"), Id("h")])
    validate(bare)
    assert ids(bare) == ["2"]
    assert bare.master.effects[0].sidechain_id is None
    with pytest.raises(ProjectError, match="no track with the id 1"):
        delete_tracks(bare, [Id("1")])
    assert delete_tracks(song, []) is song
