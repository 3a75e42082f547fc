from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    AudioClip,
    ClockTime,
    EffectSpec,
    Fade,
    FadeCurve,
    Id,
    Media,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Note,
    Project,
    TempoMap,
    TimeRange,
    Track,
    TrackKind,
)
from tonewright.dsp.project.edits import (
    add_clip,
    crossfade,
    delete_clips,
    duplicate_clips,
    move_clips,
    set_clip,
    slip_clip,
    split_clip,
    trim_clip,
)
from tonewright.dsp.project.tempo import range_of, to_samples
from tonewright.dsp.project.validate import validate

SETTINGS = settings(derandomize=True, deadline=None, max_examples=60)


def clip_of(project, clip_id):
    return next(clip for _, clip in project.clips() if clip.id == clip_id)


def clips_on(project, track_id):
    return project.track(track_id).clips


def seconds(value):
    return ClockTime(value)


def played(project, track_id="1"):
    """For each sample of the project, which sample of its medium plays there (rates equal)."""
    line = np.full(15 * project.sample_rate, -1)
    for clip in clips_on(project, track_id):
        start = to_samples(project.tempo_map, clip.start, project.sample_rate)
        source = np.arange(clip.source_length_samples) + clip.source_start_samples
        line[start : start + len(source)] = source
    return line


# --- move -----------------------------------------------------------------------------------


def test_clips_move_together_by_seconds_or_ticks(song):
    moved = move_clips(song, ["a", "c"], delta=seconds(0.5))
    assert clip_of(moved, "a").start == ClockTime(1.5)
    assert clip_of(moved, "c").start == MusicalTime(480)
    assert clip_of(moved, "b") is clip_of(song, "b")
    assert move_clips(song, ["a"], delta=MusicalTime(960)).track("1").clips[0].start == (
        ClockTime(2.0)
    )


def test_a_move_stops_where_the_first_meets_the_start(song):
    moved = move_clips(song, ["a", "b"], delta=seconds(-9.0))
    assert [clip.start.seconds for clip in clips_on(moved, "1")] == [0.0, 2.0]
    assert move_clips(song, ["c"], delta=MusicalTime(-1)) is song


def test_moved_clips_are_sorted(song):
    moved = move_clips(song, ["a"], delta=seconds(5.0))
    assert [clip.id for clip in clips_on(moved, "1")] == ["b", "a"]


def test_clips_move_to_a_track_of_their_kind_only(song):
    song = replace(song, tracks=(*song.tracks, Track(Id("4"), "four", TrackKind.AUDIO)))
    moved = move_clips(song, ["a"], delta=seconds(0.0), to_track=Id("4"))
    assert [clip.id for clip in clips_on(moved, "4")] == ["a"]
    assert [clip.id for clip in clips_on(moved, "1")] == ["b"]
    assert move_clips(moved, ["a"], delta=seconds(0.0), to_track=Id("4")) is moved
    with pytest.raises(ProjectError, match="midi clips cannot be on the audio track"):
        move_clips(song, ["c"], delta=seconds(0.0), to_track=Id("4"))


def test_a_move_of_nothing_or_by_nothing_is_no_edit(song):
    assert move_clips(song, [], delta=seconds(1.0)) is song
    assert move_clips(song, ["a", "b", "c"], delta=seconds(0.0)) is song


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: move_clips(p, ["a", "x"], delta=ClockTime(1.0)),
        lambda p: delete_clips(p, ["x"]),
        lambda p: duplicate_clips(p, ["x"]),
        lambda p: trim_clip(p, Id("x")),
        lambda p: split_clip(p, Id("x"), ClockTime(1.0)),
        lambda p: slip_clip(p, Id("x"), 1),
        lambda p: set_clip(p, Id("x"), name="y"),
        lambda p: crossfade(p, Id("a"), Id("x")),
    ],
)
def test_a_missing_clip_is_named(song, edit):
    with pytest.raises(ProjectError, match="no clip with the id x"):
        edit(song)


# --- trim -----------------------------------------------------------------------------------


def test_trimming_keeps_the_content_in_its_place(song):
    trimmed = trim_clip(song, Id("a"), start=seconds(1.5), end=seconds(2.25))
    before, after = played(song), played(trimmed)
    assert clip_of(trimmed, "a").source_length_samples == 36_000
    assert np.array_equal(after[72_000:108_000], before[72_000:108_000])
    assert (after[48_000:72_000] == -1).all()


def test_trimming_stops_at_the_medium_the_project_and_the_other_edge(song):
    wide = trim_clip(song, Id("a"), start=seconds(-5.0), end=seconds(99.0))
    clip = clip_of(wide, "a")
    assert (clip.start, clip.source_start_samples) == (ClockTime(0.0), 0)
    assert clip.source_length_samples == 480_000
    assert clip_of(trim_clip(song, Id("a"), start=seconds(9)), "a").source_length_samples == 1
    assert clip_of(trim_clip(song, Id("a"), end=seconds(0)), "a").source_length_samples == 1


def test_trimming_to_the_same_edges_is_no_edit(song):
    for clip_id in ("a", "b", "c"):
        sounds = range_of(song, clip_of(song, clip_id))
        start, end = seconds(sounds.start_seconds), seconds(sounds.end_seconds)
        assert trim_clip(song, Id(clip_id), start=start, end=end) is song


def test_trimming_shortens_fades_and_moves_ranged_effects(song):
    ranged = EffectSpec(Id("e"), "gain", range=TimeRange(0.5, 1.5))
    early = EffectSpec(Id("f"), "gain", range=TimeRange(0.0, 0.25))
    clip = replace(clip_of(song, "a"), fade_out=Fade(1.8), effects=(ranged, early))
    track = replace(song.track("1"), clips=(clip, clip_of(song, "b")))
    song = replace(song, tracks=(track, *song.tracks[1:]))
    trimmed = clip_of(trim_clip(song, Id("a"), start=seconds(2.0)), "a")
    assert trimmed.fade_out == Fade(1.0)
    assert [effect.range for effect in trimmed.effects] == [TimeRange(0.0, 0.5)]
    widened = clip_of(trim_clip(song, Id("a"), start=seconds(0.5)), "a")
    assert [effect.range for effect in widened.effects] == [
        TimeRange(1.0, 2.0),
        TimeRange(0.5, 0.75),
    ]


def test_trimming_midi_cuts_notes_at_the_start_and_keeps_those_behind_the_end(song):
    trimmed = clip_of(trim_clip(song, Id("c"), start=MusicalTime(600)), "c")
    assert (trimmed.start, trimmed.length_ticks) == (MusicalTime(600), 1_320)
    assert [(n.pitch, n.start_ticks, n.length_ticks) for n in trimmed.notes] == [
        (62, 0, 840),
        (64, 840, 480),
    ]
    shorter = trim_clip(song, Id("c"), end=MusicalTime(500))
    assert clip_of(shorter, "c").length_ticks == 500
    assert clip_of(trim_clip(shorter, Id("c"), end=MusicalTime(1_920)), "c") == clip_of(song, "c")


def test_widening_midi_keeps_notes_in_their_place(song):
    later = move_clips(song, ["c"], delta=MusicalTime(960))
    wide = clip_of(trim_clip(later, Id("c"), start=MusicalTime(-100)), "c")
    assert (wide.start, wide.length_ticks) == (MusicalTime(0), 2_880)
    assert [note.start_ticks for note in wide.notes] == [960, 1_440, 2_400]


# --- split ----------------------------------------------------------------------------------


@given(
    at=st.floats(1.0001, 2.9999),
    start=st.floats(0, 3) | st.integers(0, 3_000).map(MusicalTime),
    sample_rate=st.sampled_from([44_100, 48_000, 96_000]),
    bpm=st.floats(40, 200),
)
@SETTINGS
def test_both_halves_play_what_the_whole_played(at, start, sample_rate, bpm):
    start = start if isinstance(start, MusicalTime) else ClockTime(start)
    medium = Media(Id("m"), "m", "/m.wav", "0" * 64, sample_rate, 1, sample_rate * 9)
    clip = AudioClip(Id("a"), "a", start, medium.id, 777, sample_rate * 3)
    project = Project(
        Id("p"),
        "p",
        sample_rate=sample_rate,
        tempo_map=TempoMap((replace(TempoMap().tempos[0], bpm=bpm),)),
        tracks=(Track(Id("1"), "1", TrackKind.AUDIO, clips=(clip,)),),
        media=(medium,),
    )
    begin = range_of(project, clip).start_seconds
    split = split_clip(project, clip.id, ClockTime(begin + at - 1.0))
    validate(split)
    assert len(clips_on(split, "1")) == 2 or at - 1.0 < 0.001 or at > 2.999
    assert np.array_equal(played(split), played(project))


def test_a_split_gives_each_half_its_own_edge(song):
    everywhere = EffectSpec(Id("e"), "gain")
    across = EffectSpec(Id("f"), "gain", range=TimeRange(0.5, 1.5))
    late = EffectSpec(Id("g"), "gain", range=TimeRange(1.25, 9.0))
    clip = replace(
        clip_of(song, "a"),
        fade_in=Fade(0.5),
        fade_out=Fade(1.5),
        effects=(everywhere, across, late),
    )
    track = replace(song.track("1"), clips=(clip, clip_of(song, "b")))
    split = split_clip(replace(song, tracks=(track, *song.tracks[1:])), Id("a"), seconds(2.0))
    validate(split)
    left, right, _ = clips_on(split, "1")
    assert (left.fade_in, left.fade_out) == (Fade(0.5), Fade())
    assert (right.fade_in, right.fade_out) == (Fade(), Fade(1.0))
    assert left.effects == (everywhere, across)
    assert [effect.range for effect in right.effects] == [
        None,
        TimeRange(0.0, 0.5),
        TimeRange(0.25, 8.0),
    ]


def test_a_split_outside_the_clip_is_no_edit(song):
    for clip_id in ("a", "c"):
        sounds = range_of(song, clip_of(song, clip_id))
        for at in (0.0, sounds.start_seconds, sounds.end_seconds, 99.0):
            assert split_clip(song, Id(clip_id), seconds(at)) is song


def test_a_split_divides_the_notes_that_sound_across_it(song):
    split = split_clip(song, Id("c"), MusicalTime(960))
    left, right = clips_on(split, "2")
    assert (left.length_ticks, right.length_ticks, right.start) == (960, 960, MusicalTime(960))
    assert [(n.pitch, n.start_ticks, n.length_ticks) for n in left.notes] == [
        (60, 0, 480),
        (62, 480, 480),
    ]
    assert [(n.pitch, n.start_ticks, n.length_ticks) for n in right.notes] == [
        (62, 0, 480),
        (64, 480, 480),
    ]


def test_the_right_half_starts_with_the_state_of_the_channel(song):
    messages = [
        (0, b"\xc0\x05"),
        (0, b"\xb0\x07\x10"),
        (10, b"\xb0\x00\x01"),
        (20, b"\xc0\x06"),
        (30, b"\xb0\x06\x01"),  # data entry acts on another parameter each time
        (30, b"\xb0\x7b\x00"),  # all notes off is a command
        (40, b"\xff\x05la"),
        (50, b"\xb0\x07\x40"),
        (960, b"\xe0\x00\x40"),
    ]
    events = tuple(MidiEvent(ticks, data) for ticks, data in messages)
    song = set_clip(song, Id("c"), events=events)
    left, right = clips_on(split_clip(song, Id("c"), MusicalTime(960)), "2")
    assert left.events == events[:-1]
    assert [(event.start_ticks, event.data) for event in right.events] == [
        (0, b"\xb0\x00\x01"),
        (0, b"\xc0\x06"),
        (0, b"\xb0\x07\x40"),
        (0, b"\xe0\x00\x40"),
    ]


# --- slip, set, duplicate, delete -----------------------------------------------------------


def test_slipping_moves_the_source_inside_the_medium(song):
    slipped = clip_of(slip_clip(song, Id("a"), 100), "a")
    assert slipped == replace(clip_of(song, "a"), source_start_samples=48_100)
    assert clip_of(slip_clip(song, Id("a"), -(10**9)), "a").source_start_samples == 0
    assert clip_of(slip_clip(song, Id("a"), 10**9), "a").source_start_samples == 384_000
    assert slip_clip(song, Id("a"), 0) is song
    with pytest.raises(ProjectError, match="cannot slip"):
        slip_clip(song, Id("c"), 1)


def test_set_clip_fits_fades_and_sorts_notes(song):
    faster = clip_of(set_clip(song, Id("a"), speed_ratio=4.0, fade_in=Fade(9.0)), "a")
    assert faster.fade_in.length_seconds == 0.5
    notes = (Note(60, 1, 5, 1), Note(61, 1, 2, 1))
    assert clip_of(set_clip(song, Id("c"), notes=notes), "c").notes == notes[::-1]
    assert set_clip(song, Id("a"), gain_db=0.0) is song
    with pytest.raises(ProjectError, match="which has 480000: trim it"):
        set_clip(song, Id("a"), source_start_samples=400_000)
    with pytest.raises(ValueError, match="AudioClip has no field 'length_ticks'"):
        set_clip(song, Id("a"), length_ticks=5)
    with pytest.raises(ValueError, match="does not set id"):
        set_clip(song, Id("a"), id=Id("z"))


def test_duplicates_follow_behind_what_they_copy(song):
    song = set_clip(song, Id("b"), name="b")
    doubled = duplicate_clips(song, ["a", "b"])
    validate(doubled)
    assert [range_of(doubled, clip).start_seconds for clip in clips_on(doubled, "1")] == [
        1.0,
        3.0,
        5.0,
        7.0,
    ]
    assert len({clip.id for clip in clips_on(doubled, "1")}) == 4
    midi = clips_on(duplicate_clips(song, ["c"]), "2")
    assert [clip.start for clip in midi] == [MusicalTime(0), MusicalTime(1_920)]
    shifted = clips_on(duplicate_clips(song, ["c"], delta=seconds(3.0)), "2")
    assert [clip.start for clip in shifted] == [MusicalTime(0), MusicalTime(2_880)]


def test_deleting_leaves_the_rest_in_place(song):
    deleted = delete_clips(song, ["a"])
    assert clips_on(deleted, "1") == (clip_of(song, "b"),)
    assert deleted.track("2") is song.track("2")
    assert delete_clips(song, []) is song


def test_adding_checks_ids_kind_and_medium(song):
    clip = replace(clip_of(song, "a"), id=Id("new"), start=seconds(0.5), fade_in=Fade(99.0))
    added = add_clip(song, Id("1"), clip)
    assert clips_on(added, "1")[0].fade_in == Fade(2.0)
    with pytest.raises(ProjectError, match="in the project already"):
        add_clip(added, Id("1"), clip)
    with pytest.raises(ProjectError, match="cannot be on the midi track"):
        add_clip(song, Id("2"), clip)
    with pytest.raises(ProjectError, match="no medium with the id"):
        add_clip(song, Id("1"), replace(clip, media_id=Id("x")))
    with pytest.raises(ProjectError, match="no track with the id"):
        add_clip(song, Id("9"), clip)
    effect = EffectSpec(Id("e"), "gain")
    added = add_clip(song, Id("1"), replace(clip, effects=(effect,)))
    with pytest.raises(ProjectError, match="effect gain is in the project already"):
        add_clip(added, Id("1"), replace(clip, id=Id("other"), effects=(effect,)))


# --- crossfade ------------------------------------------------------------------------------


def test_touching_clips_are_extended_into_each_other(song):
    faded = crossfade(song, Id("a"), Id("b"), length_seconds=0.5)
    validate(faded)
    left, right = clips_on(faded, "1")
    assert range_of(faded, left).end_seconds == 3.25
    assert range_of(faded, right).start_seconds == 2.75
    assert left.fade_out == right.fade_in == Fade(0.5, FadeCurve.EQUAL_POWER)
    assert right.source_start_samples == 240_000 - 12_000


def test_an_overlap_is_the_crossfade(song):
    overlapping = move_clips(song, ["b"], delta=seconds(-0.25))
    faded = crossfade(overlapping, Id("a"), Id("b"))
    left, right = clips_on(faded, "1")
    assert left.fade_out.length_seconds == right.fade_in.length_seconds == 0.25
    assert range_of(faded, right) == range_of(overlapping, clip_of(overlapping, "b"))


def test_a_crossfade_uses_only_what_the_media_have(song):
    song = slip_clip(song, Id("a"), 10**9)  # the left clip ends where its medium does
    left, right = clips_on(crossfade(song, Id("a"), Id("b"), length_seconds=0.5), "1")
    assert left.fade_out.length_seconds == right.fade_in.length_seconds == 0.25
    with pytest.raises(ProjectError, match="no material beyond the cut"):
        crossfade(slip_clip(song, Id("b"), -(10**9)), Id("a"), Id("b"))


def test_what_cannot_be_crossfaded_is_refused(song):
    with pytest.raises(ProjectError, match="there is a gap"):
        crossfade(move_clips(song, ["b"], delta=seconds(0.1)), Id("a"), Id("b"))
    with pytest.raises(ProjectError, match="do not follow each other"):
        crossfade(song, Id("b"), Id("a"))
    with pytest.raises(ProjectError, match="only audio clips"):
        crossfade(song, Id("a"), Id("c"))
    with pytest.raises(ValueError, match="longer than 0"):
        crossfade(song, Id("a"), Id("b"), length_seconds=0.0)
    other = Track(Id("4"), "four", TrackKind.AUDIO)
    apart = move_clips(
        replace(song, tracks=(*song.tracks, other)), ["b"], delta=seconds(0.0), to_track=other.id
    )
    with pytest.raises(ProjectError, match="different tracks"):
        crossfade(apart, Id("a"), Id("b"))


@given(st.lists(st.integers(0, 400), max_size=8), st.integers(1, 399))
@SETTINGS
def test_split_notes_sound_as_long_as_the_whole(starts, at):
    notes = tuple(Note(60 + index, 90, start, 100) for index, start in enumerate(sorted(starts)))
    clip = MidiClip(Id("c"), "c", MusicalTime(0), 400, notes)
    project = Project(Id("p"), "p", tracks=(Track(Id("2"), "2", TrackKind.MIDI, clips=(clip,)),))

    def sounding(project):
        return {
            (note.pitch, clip.start.ticks + tick)
            for clip in clips_on(project, "2")
            for note in clip.notes
            for tick in range(note.start_ticks, note.start_ticks + note.length_ticks)
            if tick < clip.length_ticks
        }

    assert sounding(split_clip(project, clip.id, MusicalTime(at))) == sounding(project)
