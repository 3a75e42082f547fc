"""The signal path of a project, from its clips to the master, and what is rendered again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tonewright.dsp.errors import CancelledError, EffectError, ProjectError
from tonewright.dsp.project import edits
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    Channel,
    ClockTime,
    EffectSpec,
    Fade,
    MidiClip,
    MusicalTime,
    Note,
    ParameterRef,
    Project,
    Send,
    TempoEvent,
    TempoMap,
    TimeRange,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.job import CancelToken
from tonewright.dsp.rendering.outputs import Mix, Stem
from tonewright.dsp.rendering.renderer import Renderer, render

RATE = 48_000
MakeProject = Callable[..., Project]


def noise(seconds: float, seed: int = 0, channels: int = 2, rate: int = RATE) -> np.ndarray:
    shape = channels, round(seconds * rate)
    return (0.1 * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def spec(effect: str, **params: Any) -> EffectSpec:
    options = {key: params.pop(key) for key in ("range", "mix", "sidechain_id") if key in params}
    return EffectSpec(new_id(), effect, params=tuple(sorted(params.items())), **options)


def with_effects(project: Project, index: int, *specs: EffectSpec) -> Project:
    for each in specs:
        project = edits.add_effect(project, project.tracks[index].id, each)
    return project


def channel(project: Project, index: int, **fields: Any) -> Project:
    return edits.set_channel(project, project.tracks[index].id, **fields)


# --- signal path ----------------------------------------------------------------------------


def test_an_untouched_track_is_its_file_bit_for_bit(
    make_project: MakeProject, renderer: Renderer
) -> None:
    signal = noise(1.0)
    assert np.array_equal(render(make_project(signal), renderer=renderer), signal)


def test_a_mono_file_sounds_on_both_sides(make_project: MakeProject, renderer: Renderer) -> None:
    signal = noise(0.5, channels=1)
    assert np.array_equal(
        render(make_project(signal), renderer=renderer), np.repeat(signal, 2, axis=0)
    )


def test_gain_pan_mute_and_solo(make_project: MakeProject, renderer: Renderer) -> None:
    signals = [noise(0.5, seed) for seed in range(3)]
    project = make_project(*signals)
    project = channel(channel(project, 0, gain_db=-6.0), 1, pan=1.0)
    expected = signals[0] * 10 ** (-6 / 20) + signals[1] * [[0.0], [1.0]]
    muted = channel(project, 2, muted=True)
    assert render(muted, renderer=renderer) == pytest.approx(expected, abs=1e-6)
    soloed = channel(channel(project, 0, soloed=True), 1, soloed=True)
    assert render(soloed, renderer=renderer) == pytest.approx(expected, abs=1e-6)


def test_a_file_at_another_rate_keeps_its_length_in_time(
    make_project: MakeProject, renderer: Renderer
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 997 * np.arange(44_100) / 44_100)
    (mix,) = renderer.prepare(make_project(tone[np.newaxis], rate=44_100), [Mix()]).read()
    assert mix.shape[1] == RATE
    expected = 0.5 * np.sin(2 * np.pi * 997 * np.arange(RATE) / RATE)
    assert np.abs(mix[0] - expected)[1_000:-1_000].max() < 1e-4


@pytest.mark.parametrize("rate", [48_000, 44_100, 96_000, 22_050])
@pytest.mark.parametrize("at_seconds", [0.5, 0.3123457, 0.77])
def test_a_split_cannot_be_heard(
    make_project: MakeProject, renderer: Renderer, rate: int, at_seconds: float
) -> None:
    time = np.arange(rate) / rate
    project = make_project(0.5 * np.sin(2 * np.pi * 440 * time)[np.newaxis], rate=rate)
    clip = project.tracks[0].clips[0]
    project = edits.move_clips(project, {clip.id}, delta=ClockTime(0.1234567))
    whole = render(project, renderer=renderer)
    halves = edits.split_clip(project, clip.id, ClockTime(at_seconds))
    assert len(halves.tracks[0].clips) == 2
    joined = render(halves, renderer=renderer)
    assert joined.shape == whole.shape
    limit_db = -150 if rate == RATE else -60
    assert 20 * np.log10(np.abs(joined - whole).max() + 1e-12) < limit_db


def test_speed_changes_length_and_pitch(make_project: MakeProject, renderer: Renderer) -> None:
    time = np.arange(RATE) / RATE
    project = make_project(0.5 * np.sin(2 * np.pi * 440 * time)[np.newaxis])
    project = edits.set_clip(project, project.tracks[0].clips[0].id, speed_ratio=2.0)
    mix = render(project, renderer=renderer)
    assert mix.shape[1] == RATE // 2
    assert np.argmax(np.abs(np.fft.rfft(mix[0]))) * 2 == 880


def test_fades_and_clip_gain(make_project: MakeProject, renderer: Renderer) -> None:
    project = make_project(np.ones((1, RATE), np.float32))
    clip = project.tracks[0].clips[0]
    fades = {"fade_in": Fade(0.1), "fade_out": Fade(0.2)}
    project = edits.set_clip(project, clip.id, gain_db=-6.0, **fades)
    mix = render(project, renderer=renderer)[0] * 10 ** (6 / 20)
    assert mix[[0, 2_400, 4_800, 24_000]] == pytest.approx([0.0, 0.5, 1.0, 1.0], abs=1e-6)
    assert mix[[38_400, 43_200]] == pytest.approx([1.0, 0.5], abs=1e-6)
    assert abs(mix[-1]) < 1e-3


def test_fader_automation_follows_musical_time(
    make_project: MakeProject, renderer: Renderer
) -> None:
    project = make_project(np.ones((1, 2 * RATE), np.float32))
    lane = AutomationLane(
        ParameterRef(None, "gain_db"), (AutomationPoint(960, 0.0), AutomationPoint(1_920, -20.0))
    )
    project = edits.set_automation(project, project.tracks[0].id, lane)
    project = replace(project, tempo_map=TempoMap((TempoEvent(0, 60.0),)))
    mix = render(project, renderer=renderer)[0]
    assert mix[[0, RATE, RATE + RATE // 2]] == pytest.approx([1.0, 1.0, 10**-0.5], rel=1e-5)
    assert mix[-1] == pytest.approx(0.1, rel=1e-3)


def test_effect_parameters_are_automated(make_project: MakeProject, renderer: Renderer) -> None:
    project = make_project(np.ones((1, RATE), np.float32))
    gain = spec("gain", gain_db=0.0)
    project = with_effects(project, 0, gain)
    lane = AutomationLane(
        ParameterRef(gain.id, "gain_db"), (AutomationPoint(0, 0.0), AutomationPoint(1_920, -40.0))
    )
    mix = render(edits.set_automation(project, project.tracks[0].id, lane), renderer=renderer)[0]
    assert mix[0] == pytest.approx(1.0, abs=0.02)
    assert mix[RATE // 2] == pytest.approx(0.1, rel=0.05)


def test_groups_sends_and_the_master(make_project: MakeProject, renderer: Renderer) -> None:
    signals = [noise(0.5, seed) for seed in range(2)]
    project = make_project(*signals)
    group = Track(new_id(), "bus", TrackKind.GROUP, channel=Channel(gain_db=-6.0))
    echo = Track(new_id(), "return", TrackKind.GROUP)
    project = edits.add_track(edits.add_track(project, group), echo)
    first, second = project.tracks[0].id, project.tracks[1].id
    project = edits.set_track(project, first, parent_id=group.id)
    project = edits.add_send(project, second, Send(new_id(), echo.id, gain_db=-20.0))
    project = channel(project, 1, gain_db=-6.0)
    project = replace(project, master=Channel(gain_db=6.0))
    half = 10 ** (-6 / 20)
    expected_group = signals[0] * half
    expected_return = signals[1] * half * 0.1
    outputs = [
        Mix(),
        Mix(through_master=False),
        Stem(group.id),
        Stem(echo.id),
        Stem(second, through_master=True),
    ]
    mix, before, got_group, got_return, got_second = renderer.prepare(project, outputs).read()
    assert got_group == pytest.approx(expected_group, abs=1e-6)
    assert got_return == pytest.approx(expected_return, abs=1e-6)
    assert got_second == pytest.approx(signals[1], abs=1e-6)
    assert before == pytest.approx(expected_group + expected_return + signals[1] * half, abs=1e-6)
    assert mix == pytest.approx(before / half, abs=1e-5)


def test_solo_in_a_group_leaves_its_way_out_and_sends_to_soloed_groups_open(
    make_project: MakeProject, renderer: Renderer
) -> None:
    signals = [noise(0.2, seed) for seed in range(3)]
    project = make_project(*signals)
    group, echo = (Track(new_id(), name, TrackKind.GROUP) for name in ("bus", "return"))
    project = edits.add_track(edits.add_track(project, group), echo)
    for index in (0, 1):
        project = edits.set_track(project, project.tracks[index].id, parent_id=group.id)
    project = edits.add_send(project, project.tracks[2].id, Send(new_id(), echo.id))
    inside = channel(project, 0, soloed=True)
    assert render(inside, renderer=renderer) == pytest.approx(signals[0], abs=1e-6)
    of_return = channel(project, 4, soloed=True)
    assert render(of_return, renderer=renderer) == pytest.approx(signals[2], abs=1e-6)


def test_tracks_that_feed_each_other_are_refused(
    make_project: MakeProject, renderer: Renderer
) -> None:
    project = make_project(noise(0.1))
    one, two = (Track(new_id(), name, TrackKind.GROUP) for name in ("one", "two"))
    sends = replace(one, channel=Channel(sends=(Send(new_id(), two.id),)))
    back = replace(two, channel=Channel(sends=(Send(new_id(), one.id),)))
    with pytest.raises(ProjectError, match="one -> two -> one"):
        renderer.prepare(replace(project, tracks=(*project.tracks, sends, back)), [Mix()])


def test_a_sidechain_hears_a_track_that_is_muted(
    make_project: MakeProject, renderer: Renderer
) -> None:
    key = np.zeros((2, RATE), np.float32)
    key[:, RATE // 2 :] = 0.9
    project = make_project(noise(1.0), key)
    duck = spec("sidechain_compressor", sidechain_id=project.tracks[1].id)
    project = channel(with_effects(project, 0, duck), 1, muted=True)
    mix = render(project, renderer=renderer)
    before, behind = (
        np.sqrt((part**2).mean()) for part in (mix[:, :20_000], mix[:, 40_000:48_000])
    )
    assert before == pytest.approx(0.1, rel=0.05)
    assert behind < 0.7 * before


def test_a_missing_file_is_silent_and_said(
    make_project: MakeProject, renderer: Renderer, tmp_path: Path
) -> None:
    project = make_project(noise(0.5, 0), noise(0.25, 1))
    (tmp_path / "take 0.wav").unlink()
    rendering = renderer.prepare(project, [Mix()])
    (mix,) = rendering.read()
    assert mix.shape[1] == RATE // 2
    assert mix[:, : RATE // 4] == pytest.approx(noise(0.25, 1))
    assert not mix[:, RATE // 4 :].any()
    (note,) = rendering.notes
    assert "take 0.wav: missing" in note


def test_an_unknown_effect_is_refused_unless_told_to_leave_it_out(
    make_project: MakeProject, renderer: Renderer
) -> None:
    project = with_effects(make_project(noise(0.1)), 0, spec("from_the_future"))
    with pytest.raises(EffectError, match="from_the_future"):
        renderer.prepare(project, [Mix()])
    rendering = renderer.prepare(project, [Mix()], skip_missing=True)
    assert np.array_equal(rendering.read()[0], noise(0.1))
    assert "left out" in rendering.notes[0]


# --- tails and ranges -----------------------------------------------------------------------


def test_tails_ring_behind_the_last_clip(make_project: MakeProject, renderer: Renderer) -> None:
    echo = spec("delay", delay_seconds=0.5, feedback=0.0, mix=0.5)
    mix = render(with_effects(make_project(noise(0.5)), 0, echo), renderer=renderer)
    assert mix.shape[1] == pytest.approx(RATE, abs=2)
    assert np.abs(mix[:, -1_000:]).max() > 0.05


def test_a_ranged_effect_changes_its_range_only(
    make_project: MakeProject, renderer: Renderer
) -> None:
    louder = spec("gain", gain_db=6.0, range=TimeRange(0.25, 0.5))
    mix = render(with_effects(make_project(noise(1.0)), 0, louder), renderer=renderer)
    ratio = mix / noise(1.0)
    assert np.array_equal(mix[:, : RATE // 4], noise(1.0)[:, : RATE // 4])
    assert np.array_equal(mix[:, RATE // 2 :], noise(1.0)[:, RATE // 2 :])
    inside = ratio[:, RATE // 4 + 480 : RATE // 2 - 480]
    assert inside == pytest.approx(10 ** (6 / 20), rel=1e-3)


def test_a_clip_and_its_effect_may_be_anywhere(
    make_project: MakeProject, renderer: Renderer
) -> None:
    project = make_project(noise(0.5))
    clip = project.tracks[0].clips[0]
    project = edits.add_effect(project, clip.id, spec("reverb"))
    here = render(project, renderer=renderer)
    there = render(edits.move_clips(project, {clip.id}, delta=ClockTime(1.0)), renderer=renderer)
    assert not there[:, :RATE].any()
    assert there[:, RATE:] == pytest.approx(here, abs=1e-6)


def test_parts_of_a_rendering_are_cut_from_the_whole(
    make_project: MakeProject, renderer: Renderer
) -> None:
    project = with_effects(make_project(noise(1.0)), 0, spec("reverb"))
    rendering = renderer.prepare(project, [Mix(), Stem(project.tracks[0].id)])
    whole, _ = rendering.read()
    part, stem = rendering.read(start_samples=777, end_samples=30_001)
    assert np.array_equal(part, whole[:, 777:30_001])
    assert stem.shape == part.shape
    beyond, _ = rendering.read(end_samples=whole.shape[1] + 99)
    assert np.array_equal(beyond[:, :-99], whole)
    assert not beyond[:, -99:].any()


# --- MIDI -----------------------------------------------------------------------------------


def midi_project(*effects: EffectSpec) -> Project:
    notes = tuple(Note(60 + step, 100, 480 * step, 400) for step in range(4))
    clip = MidiClip(new_id(), "line", MusicalTime(0), 1_920, notes, effects=effects)
    track = Track(new_id(), "piano", TrackKind.MIDI, clips=(clip,))
    return edits.add_track(Project(new_id(), "song", sample_rate=RATE), track)


def test_a_midi_track_sounds_and_rings_out(renderer: Renderer) -> None:
    mix = render(midi_project(), renderer=renderer)
    assert mix.shape[1] > RATE
    assert 0.01 < np.abs(mix).max() < 1.0


def test_effects_on_notes_change_the_notes(renderer: Renderer) -> None:
    plain = render(midi_project(), renderer=renderer)
    on_clip = render(midi_project(spec("transpose", semitones=12)), renderer=renderer)
    project = with_effects(midi_project(), 0, spec("transpose", semitones=12))
    on_track = render(project, renderer=renderer)
    assert np.array_equal(on_clip, on_track)
    assert not np.array_equal(on_clip[:, :20_000], plain[:, :20_000])


def test_effects_of_the_wrong_family_are_refused(
    make_project: MakeProject, renderer: Renderer
) -> None:
    with pytest.raises(EffectError, match="works on notes"):
        render(with_effects(make_project(noise(0.1)), 0, spec("transpose")), renderer=renderer)
    with pytest.raises(EffectError, match="works on audio"):
        render(midi_project(spec("reverb")), renderer=renderer)


# --- what is rendered again -----------------------------------------------------------------


def test_only_the_branch_that_changed_is_rendered_again(
    make_project: MakeProject, renderer: Renderer, queue: Any
) -> None:
    project = make_project(*(noise(0.2, seed) for seed in range(3)))
    for index in range(3):
        project = with_effects(project, index, spec("reverb"))
    names = [track.name for track in project.tracks]
    renderer.prepare(project, [Mix()])
    assert queue.labels == names
    renderer.prepare(project, [Mix()])
    assert queue.labels == []
    effect_id = project.tracks[1].channel.effects[0].id
    changed = edits.set_effect_param(project, effect_id, "room_size", 0.9)
    renderer.prepare(changed, [Mix()])
    assert queue.labels == [names[1]]


@pytest.mark.parametrize(
    "fields", [{"gain_db": -3.0}, {"pan": 0.5}, {"muted": True}, {"soloed": True}]
)
def test_faders_render_nothing(
    make_project: MakeProject, renderer: Renderer, queue: Any, fields: dict[str, Any]
) -> None:
    project = with_effects(make_project(noise(0.2)), 0, spec("reverb"))
    renderer.prepare(project, [Mix()])
    renderer.prepare(channel(project, 0, **fields), [Mix()])
    assert queue.labels == []


def test_what_cannot_be_heard_renders_nothing(
    make_project: MakeProject, renderer: Renderer, queue: Any
) -> None:
    project = with_effects(make_project(noise(0.2)), 0, spec("reverb"))
    renderer.prepare(project, [Mix()])
    track = project.tracks[0]
    project = edits.set_track(project, track.id, name="another", color="#000000")
    project = edits.set_clip(project, track.clips[0].id, name="another")
    renderer.prepare(project, [Mix()])
    assert queue.labels == []


def test_stages_before_a_change_are_kept(
    make_project: MakeProject, renderer: Renderer, queue: Any
) -> None:
    wpe, reverb = spec("wpe_dereverb"), spec("reverb")
    project = with_effects(make_project(noise(0.5)), 0, wpe, reverb)
    renderer.prepare(project, [Mix()])
    assert len(queue.labels) == 2
    project = edits.set_effect_param(project, reverb.id, "room_size", 0.9)
    renderer.prepare(project, [Mix()])
    assert queue.labels == [project.tracks[0].name]


def test_moving_a_clip_keeps_its_rendered_effects(
    make_project: MakeProject, renderer: Renderer, queue: Any
) -> None:
    project = make_project(noise(0.5, rate=44_100), rate=44_100)
    clip = project.tracks[0].clips[0]
    project = edits.add_effect(project, clip.id, spec("wpe_dereverb"))
    renderer.prepare(project, [Mix()])
    assert len(queue.labels) == 1
    project = edits.move_clips(project, {clip.id}, delta=ClockTime(0.1234))
    renderer.prepare(project, [Mix()])
    assert queue.labels == []


def test_what_does_not_seek_quickly_is_stored(
    tmp_path: Path, renderer: Renderer, queue: Any
) -> None:
    path = tmp_path / "song.ogg"
    soundfile.write(path, noise(0.5).T, RATE)
    project = add_files(Project(new_id(), "song", sample_rate=RATE), [path]).project
    renderer.prepare(project, [Mix()])
    assert queue.labels == [project.tracks[0].name]
    assert renderer.prepare(project, [Mix()]).read()[0].shape == (2, RATE // 2)


def test_another_file_under_the_same_name_is_another_sound(
    make_project: MakeProject, renderer: Renderer, queue: Any
) -> None:
    reverb = spec("reverb")
    renderer.prepare(with_effects(make_project(noise(0.2, 0)), 0, reverb), [Mix()])
    renderer.prepare(with_effects(make_project(noise(0.2, 1)), 0, reverb), [Mix()])
    assert len(queue.labels) == 1


def test_two_renders_give_the_same_bytes(
    make_project: MakeProject, renderer: Renderer, queue: Any
) -> None:
    project = with_effects(make_project(noise(0.5)), 0, spec("chorus"), spec("wpe_dereverb"))
    project = with_effects(project, 0, spec("reverb"))
    first = render(project, renderer=renderer)
    queue.store.clear()
    assert np.array_equal(render(project, renderer=renderer), first)


def test_cancel_is_heard(make_project: MakeProject, renderer: Renderer) -> None:
    cancel = CancelToken()
    cancel.cancel()
    project = with_effects(make_project(noise(0.2)), 0, spec("reverb"))
    with pytest.raises(CancelledError):
        renderer.prepare(project, [Mix()], cancel=cancel)


def test_a_file_that_vanishes_between_plan_and_render_is_an_error_of_its_own(
    make_project: MakeProject, renderer: Renderer, tmp_path: Path
) -> None:
    project = make_project(noise(0.2))
    rendering = renderer.prepare(project, [Mix()])
    (tmp_path / "take 0.wav").unlink()
    with pytest.raises(Exception, match=r"take 0\.wav"):
        rendering.read()
