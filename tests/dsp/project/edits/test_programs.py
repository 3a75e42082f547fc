"""Whatever edits are made, in whatever order: the project stays consistent, the old one intact."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.midi.quantize import GRIDS
from tonewright.dsp.project import edits
from tonewright.dsp.project.diff import diff
from tonewright.dsp.project.document import (
    AudioClip,
    AutomationLane,
    AutomationPoint,
    ClockTime,
    EffectSpec,
    Fade,
    Marker,
    Media,
    MediaKind,
    MidiClip,
    MusicalTime,
    ParameterRef,
    Project,
    Send,
    TempoCurve,
    TimeRange,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.validate import validate

SF = MediaKind.SOUNDFONT

starts = st.builds(MusicalTime, st.integers(0, 20_000)) | st.builds(ClockTime, st.floats(0, 20))
deltas = st.builds(MusicalTime, st.integers(-9_000, 9_000)) | st.builds(ClockTime, st.floats(-9, 9))


def ids(values):
    return st.sampled_from([each.id for each in values] or ["none"])


def some(values):
    return st.lists(ids(values), max_size=3)


def owners(project):
    return st.none() | ids(project.tracks)


def clips(project):
    return [clip for _, clip in project.clips()]


def effects(project):
    chains = [project.master.effects, *(track.channel.effects for track in project.tracks)]
    chains += [clip.effects for clip in clips(project)]
    return [effect for chain in chains for effect in chain]


def sends(project):
    return [send for track in project.tracks for send in track.channel.sends]


def new_effect(draw, project):
    return EffectSpec(
        new_id(),
        "gain",
        mix=draw(st.floats(0, 1)),
        range=draw(st.sampled_from([None, TimeRange(0.5, 2.0)])),
        sidechain_id=draw(owners(project)),
    )


def new_clip(draw, project):
    clip = draw(st.sampled_from(clips(project) or [None]))
    if clip is None:
        return AudioClip(new_id(), "new", draw(starts), draw(ids(project.media)), 0, 1)
    return replace(clip, id=new_id(), start=draw(starts), effects=())


def lane(draw, project):
    owner = draw(st.none() | ids(effects(project)))
    points = st.lists(
        st.builds(AutomationPoint, st.integers(0, 9_000), st.floats(-9, 9), st.floats(-1, 1)),
        max_size=3,
    )
    return AutomationLane(ParameterRef(owner, "gain_db"), tuple(draw(points)))


def ripple_range(draw, project):
    start, length = draw(st.floats(0, 9)), draw(st.floats(0.01, 9))
    chosen = draw(st.none() | some(project.tracks))
    end = ClockTime(start + length)
    return edits.ripple_delete_range(project, ClockTime(start), end, track_ids=chosen)


def notes(draw, project):
    """Return a MIDI clip's id and some of its notes."""
    midi = [clip for clip in clips(project) if isinstance(clip, MidiClip)]
    clip = draw(st.sampled_from(midi or [None]))
    if clip is None:
        return draw(ids(clips(project))), ()
    return clip.id, draw(st.lists(st.sampled_from(clip.notes), max_size=3) if clip.notes else NONE)


def on_notes(edit, **options):
    """Return a step that makes an edit of notes with options drawn."""

    def step(draw, project):
        clip_id, some_notes = notes(draw, project)
        drawn = {name: draw(values) for name, values in options.items()}
        return edit(project, clip_id, some_notes, **drawn)

    return step


def replace_notes(draw, project):
    (clip_id, old), (_, new) = notes(draw, project), notes(draw, project)
    return edits.replace_notes(project, clip_id, old, new)


def set_clip(draw, project):
    clip_id = draw(ids(clips(project)))
    fields = [{"name": "x"}, {"muted": True}, {"start": MusicalTime(5)}]
    if any(clip.id == clip_id and isinstance(clip, AudioClip) for clip in clips(project)):
        fields += [{"speed_ratio": 2.0}, {"speed_ratio": 0.0}, {"fade_in": Fade(5.0)}]
    return edits.set_clip(project, clip_id, **draw(st.sampled_from(fields)))


NONE = st.just(())
TICKS = st.integers(-5_000, 5_000)
SEEDS = st.integers(0, 3)

EDITS = {
    "add_clip": lambda d, p: edits.add_clip(p, d(ids(p.tracks)), new_clip(d, p)),
    "add_effect": lambda d, p: edits.add_effect(
        p, d(owners(p) | ids(clips(p))), new_effect(d, p), index=d(st.integers(0, 2))
    ),
    "add_marker": lambda d, p: edits.add_marker(p, Marker(new_id(), "m", d(starts))),
    "add_media": lambda d, p: edits.add_media(p, Media(new_id(), "sf", "/s", "0" * 64, kind=SF)),
    "add_send": lambda d, p: edits.add_send(p, d(ids(p.tracks)), Send(new_id(), d(ids(p.tracks)))),
    "add_notes": on_notes(edits.add_notes),
    "add_take": lambda d, p: edits.add_take(p, d(ids(effects(p)))),
    "add_velocity": on_notes(edits.add_velocity, velocity=st.integers(-200, 200)),
    "choose_take": lambda d, p: edits.choose_take(p, d(ids(effects(p))), d(SEEDS)),
    "delete_notes": on_notes(edits.delete_notes),
    "delete_take": lambda d, p: edits.delete_take(p, d(ids(effects(p))), d(SEEDS)),
    "move_notes": on_notes(edits.move_notes, ticks=TICKS, semitones=st.integers(-130, 130)),
    "quantise_notes": on_notes(
        edits.quantise_notes, grid=st.sampled_from(sorted(GRIDS)), swing=st.floats(0, 1)
    ),
    "replace_notes": replace_notes,
    "resize_notes": on_notes(edits.resize_notes, ticks=TICKS),
    "set_velocity": on_notes(edits.set_velocity, velocity=st.integers(0, 128)),
    "add_track": lambda d, p: edits.add_track(
        p, Track(new_id(), "new", d(st.sampled_from(TrackKind)), parent_id=d(owners(p)))
    ),
    "crossfade": lambda d, p: edits.crossfade(p, d(ids(clips(p))), d(ids(clips(p)))),
    "delete_clips": lambda d, p: edits.delete_clips(p, d(some(clips(p)))),
    "delete_tracks": lambda d, p: edits.delete_tracks(p, [d(ids(p.tracks))]),
    "duplicate_clips": lambda d, p: edits.duplicate_clips(
        p, d(some(clips(p))), delta=d(st.none() | deltas)
    ),
    "group_tracks": lambda d, p: edits.group_tracks(p, d(some(p.tracks)), "group"),
    "move_clips": lambda d, p: edits.move_clips(
        p, d(some(clips(p))), delta=d(deltas), to_track=d(owners(p))
    ),
    "move_effect": lambda d, p: edits.move_effect(p, d(ids(effects(p))), d(st.integers(-1, 3))),
    "move_track": lambda d, p: edits.move_track(p, d(ids(p.tracks)), d(st.integers(-1, 5))),
    "remove_effect": lambda d, p: edits.remove_effect(p, d(ids(effects(p)))),
    "remove_marker": lambda d, p: edits.remove_marker(p, d(ids(p.markers))),
    "remove_send": lambda d, p: edits.remove_send(p, d(ids(sends(p)))),
    "remove_unused_media": lambda d, p: edits.remove_unused_media(p),
    "ripple_delete_clips": lambda d, p: edits.ripple_delete_clips(p, d(some(clips(p)))),
    "ripple_delete_range": ripple_range,
    "set_automation": lambda d, p: edits.set_automation(p, d(owners(p)), lane(d, p)),
    "set_channel": lambda d, p: edits.set_channel(p, d(owners(p)), pan=d(st.floats(-2, 2))),
    "set_clip": set_clip,
    "set_effect": lambda d, p: edits.set_effect(p, d(ids(effects(p))), sidechain_id=d(owners(p))),
    "set_effect_param": lambda d, p: edits.set_effect_param(
        p, d(ids(effects(p))), "a", d(st.none() | st.floats())
    ),
    "set_marker": lambda d, p: edits.set_marker(p, d(ids(p.markers)), start=d(starts)),
    "set_medium": lambda d, p: edits.set_medium(
        p, d(ids(p.media)), length_samples=d(st.integers(0, 500_000))
    ),
    "set_project": lambda d, p: edits.set_project(p, sample_rate=d(st.integers(7_000, 200_000))),
    "set_send": lambda d, p: edits.set_send(p, d(ids(sends(p))), target_id=d(ids(p.tracks))),
    "set_tempo": lambda d, p: edits.set_tempo(
        p,
        d(st.integers(0, 20_000)),
        d(st.none() | st.floats(20, 400)),
        d(st.sampled_from(TempoCurve)),
    ),
    "set_tempo_map": lambda d, p: edits.set_tempo_map(p, d(st.from_type(Project)).tempo_map),
    "set_time_signature": lambda d, p: edits.set_time_signature(
        p, d(st.integers(0, 20_000)), d(st.none() | st.integers(1, 9))
    ),
    "set_track": lambda d, p: edits.set_track(p, d(ids(p.tracks)), parent_id=d(owners(p))),
    "slip_clip": lambda d, p: edits.slip_clip(p, d(ids(clips(p))), d(st.integers(-9_999, 9_999))),
    "split_clip": lambda d, p: edits.split_clip(p, d(ids(clips(p))), d(starts)),
    "trim_clip": lambda d, p: edits.trim_clip(
        p, d(ids(clips(p))), start=d(st.none() | starts), end=d(st.none() | starts)
    ),
    "ungroup": lambda d, p: edits.ungroup(p, d(ids(p.tracks))),
}


def test_every_edit_is_in_the_programs():
    assert set(EDITS) == set(edits.__all__)


@given(st.from_type(Project), st.data())
@settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_edits_keep_projects_consistent_and_the_old_ones_intact(project, data):
    for _ in range(10):
        before, seen = project, repr(project)
        name = data.draw(st.sampled_from(sorted(EDITS)))
        try:
            project = EDITS[name](data.draw, project)
        except ProjectError as error:
            assert "\n" not in str(error)
            project = before
        validate(project)
        assert repr(before) == seen
        assert bool(diff(before, project)) == (project is not before)
        if project == before:
            assert project is before, name
