import pytest

from tonewright.desktop.timeline.commands import TimelineCommands
from tonewright.desktop.timeline.snap import Grid
from tonewright.dsp.project.document import TimeRange, TrackKind
from tonewright.dsp.project.tempo import range_of


@pytest.fixture
def commands(session, view):
    return TimelineCommands(session, view, session)


def select(session, view, *names):
    view.select(clip.id for _, clip in session.project.clips() if clip.name in names)


def starts(session, row=0):
    clips = session.project.tracks[row].clips
    return [range_of(session.project, clip).start_seconds for clip in clips]


def test_split_at_the_playhead_cuts_all_or_the_selection(commands, session, view):
    view.set_playhead(1.5)
    select(session, view, "A")
    commands.split_at_playhead()
    assert len(session.project.tracks[2].clips) == 1
    assert starts(session) == pytest.approx([1.0, 1.5, 4.0])
    view.select([])
    commands.split_at_playhead()
    assert starts(session, 2) == pytest.approx([0.0, 1.5])


def test_ripple_delete_closes_the_gap_and_delete_leaves_it(timeline, commands, session, view):
    select(session, view, "A")
    commands.delete()
    assert starts(session) == [4.0]
    session.undo_stack.undo()
    select(session, view, "A")
    commands.ripple_delete()
    assert starts(session) == pytest.approx([2.0])
    assert view.selection == set()


def test_copies_are_pasted_at_the_playhead_and_selected(commands, session, view):
    select(session, view, "A", "C")
    commands.copy()
    view.set_playhead(8.0)
    commands.paste()
    assert starts(session) == pytest.approx([1.0, 4.0, 9.0])
    assert starts(session, 2) == pytest.approx([0.0, 8.0])
    assert len(view.selection) == 2
    ids = [clip.id for _, clip in session.project.clips()]
    assert len(set(ids)) == len(ids)


def test_cut_and_paste_brings_a_clip_back(commands, session, view):
    select(session, view, "A")
    view.set_playhead(1.0)
    commands.cut()
    assert starts(session) == [4.0]
    commands.paste()
    assert starts(session) == pytest.approx([1.0, 4.0])


def test_duplicates_follow_and_are_selected(commands, session, view):
    select(session, view, "A")
    commands.duplicate()
    assert starts(session) == pytest.approx([1.0, 3.0, 4.0])
    assert len(view.selection) == 1


def test_nudging_goes_along_the_grid(commands, session, view):
    view.set_tool(grid=Grid.BEAT)
    select(session, view, "A")
    commands.nudge(1)
    assert starts(session)[0] == pytest.approx(1.5)
    commands.nudge(-1)
    assert starts(session)[0] == pytest.approx(1.0)
    commands.change_track(1)
    assert starts(session, 1) == pytest.approx([1.0])


def test_mute_turns_off_only_when_all_are_muted(commands, session, view):
    select(session, view, "A")
    commands.mute()
    commands.select_all()
    commands.mute()
    assert all(clip.muted for _, clip in session.project.clips())
    commands.mute()
    assert not any(clip.muted for _, clip in session.project.clips())


def test_the_selection_can_be_looped_and_zoomed_to(commands, session, view):
    select(session, view, "A", "B")
    commands.loop_selection()
    assert view.loop == TimeRange(1.0, 6.0)
    commands.zoom_to_selection(1000)
    assert 0 <= view.x_of(1.0) < view.x_of(6.0) <= 1000
    assert view.x_of(6.0) - view.x_of(1.0) > 900


def test_tracks_clips_and_markers_are_added(commands, session, view):
    view.set_playhead(3.0)
    commands.add_midi_clip()
    assert starts(session, 2) == pytest.approx([0.0, 2.0])  # the bar that the playhead is in
    commands.add_track(TrackKind.GROUP)
    assert session.project.tracks[-1].kind is TrackKind.GROUP
    commands.add_marker()
    assert session.project.markers[0].start.ticks == 5760


def test_edges_go_to_the_playhead(commands, session, view):
    select(session, view, "A", "B")
    view.set_playhead(2.0)
    commands.trim_to_playhead(start=True)
    a, b = (range_of(session.project, clip) for clip in session.project.tracks[0].clips)
    assert (a.start_seconds, a.end_seconds) == pytest.approx((2.0, 3.0))
    assert b.start_seconds == pytest.approx(2.0)  # what was cut away comes back
    session.undo_stack.undo()
    commands.trim_to_playhead(start=False)
    a, b = (range_of(session.project, clip) for clip in session.project.tracks[0].clips)
    assert (a.end_seconds, b.start_seconds, b.end_seconds) == pytest.approx((2.0, 4.0, 6.0))


def test_fades_gain_and_slip_need_no_mouse(commands, session, view):
    select(session, view, "A")
    view.set_playhead(1.5)
    commands.fade_to_playhead(fade_in=True)
    view.set_playhead(2.75)
    commands.fade_to_playhead(fade_in=False)
    commands.louder(-2.0)
    before = session.project.tracks[0].clips[0].source_start_samples
    commands.slip(1)
    clip = session.project.tracks[0].clips[0]
    assert clip.fade_in.length_seconds == pytest.approx(0.5)
    assert clip.fade_out.length_seconds == pytest.approx(0.25)
    assert clip.gain_db == -2.0
    assert clip.source_start_samples == before - 80
    session.undo_stack.setIndex(0)
    assert session.project.tracks[0].clips[0].fade_in.length_seconds == 0.0


def test_the_playhead_goes_to_markers_and_sets_the_loop(commands, session, view):
    for seconds in (2.0, 5.0):
        view.set_playhead(seconds)
        commands.add_marker()
    commands.move_to_marker(-1)
    assert view.playhead_seconds == pytest.approx(2.0)
    commands.loop_from_playhead(start=True)
    commands.move_to_marker(1)
    commands.loop_from_playhead(start=False)
    assert (view.loop.start_seconds, view.loop.end_seconds) == pytest.approx((2.0, 5.0))
    commands.move_to_marker(1)  # there is none
    assert view.playhead_seconds == pytest.approx(5.0)
