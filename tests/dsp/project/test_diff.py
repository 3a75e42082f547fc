from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tonewright.dsp.project.diff import ProjectDiff, diff
from tonewright.dsp.project.document import (
    ClockTime,
    Id,
    Marker,
    MusicalTime,
    Project,
    TempoMap,
    Track,
    TrackKind,
)
from tonewright.dsp.project.edits import (
    add_marker,
    add_track,
    delete_clips,
    delete_tracks,
    move_clips,
    move_track,
    set_channel,
    set_clip,
    set_medium,
    set_project,
    set_tempo,
    set_track,
)


def test_an_edit_is_found_at_its_level_and_nowhere_else(song):
    cases = {
        ProjectDiff(clips_changed=(("1", "a"),)): set_clip(song, Id("a"), name="x"),
        ProjectDiff(clips_removed=(("1", "b"),)): delete_clips(song, ["b"]),
        ProjectDiff(tracks_changed=("2",)): set_track(song, Id("2"), name="x"),
        ProjectDiff(tracks_moved=("2", "1")): move_track(song, Id("1"), 1),
        ProjectDiff(tracks_removed=("2",), clips_removed=(("2", "c"),)): delete_tracks(
            song, [Id("2")]
        ),
        ProjectDiff(master=True): set_channel(song, None, gain_db=1.0),
        ProjectDiff(markers=True): add_marker(song, Marker(Id("k"), "k", ClockTime(0.0))),
        ProjectDiff(media=("m",)): set_medium(song, Id("m"), name="x"),
        ProjectDiff(settings=True): set_project(song, name="x"),
        ProjectDiff(tempo=True): set_tempo(song, 0, 90.0),
    }
    for expected, after in cases.items():
        assert diff(song, after) == expected


def test_added_tracks_bring_their_clips(song):
    bare = delete_tracks(song, [Id("1")])
    back = add_track(bare, song.tracks[0], index=0)
    assert diff(bare, back) == ProjectDiff(
        tracks_added=("1",), clips_added=(("1", "a"), ("1", "b"))
    )


def test_a_clip_that_changes_its_track_leaves_one_and_joins_the_other(song):
    song = add_track(song, Track(Id("n"), "n", TrackKind.AUDIO))
    moved = move_clips(song, ["a"], delta=MusicalTime(0), to_track=Id("n"))
    assert diff(song, moved) == ProjectDiff(clips_added=(("n", "a"),), clips_removed=(("1", "a"),))


def test_the_same_project_has_no_difference(song):
    assert not diff(song, song)
    assert not diff(song, replace(song))
    assert diff(song, replace(song, tempo_map=TempoMap()))


@given(st.from_type(Project), st.from_type(Project))
@settings(
    derandomize=True,
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_a_diff_tells_which_tracks_and_clips_are_there(before, after):
    found = diff(before, after)
    for kind, ids in (
        ("tracks", lambda project: {track.id for track in project.tracks}),
        ("clips", lambda project: {(track.id, clip.id) for track, clip in project.clips()}),
    ):
        added = set(getattr(found, f"{kind}_added"))
        removed = set(getattr(found, f"{kind}_removed"))
        assert ids(before) - removed | added == ids(after)
        assert not added & ids(before) and removed <= ids(before)


class Sealed(tuple):
    """Clips that may not be looked at."""

    __slots__ = ()

    def __iter__(self):
        raise AssertionError("an unchanged track was searched")


def test_unchanged_tracks_are_not_searched(song):
    """This is what makes a diff of thousands of clips take microseconds."""
    sealed = replace(song.track("2"), clips=Sealed(song.track("2").clips))
    before = replace(song, tracks=(song.tracks[0], sealed, song.tracks[2]))
    first, second = before.tracks[0].clips
    changed = replace(before.tracks[0], clips=(first, replace(second, name="x")))
    after = replace(before, tracks=(changed, *before.tracks[1:]))
    assert diff(before, after) == ProjectDiff(clips_changed=(("1", "b"),))
