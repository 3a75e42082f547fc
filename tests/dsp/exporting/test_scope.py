from dataclasses import replace

import pytest

from tonewright.dsp.exporting.scope import since, until, without_effects
from tonewright.dsp.project.document import Fade, FadeCurve
from tonewright.dsp.project.tempo import range_of


def places(project):
    return {
        clip.id: (range_of(project, clip).start_seconds, range_of(project, clip).end_seconds)
        for _, clip in project.clips()
    }


def test_until_cuts_what_crosses_and_drops_what_follows(project):
    cut = until(project, 1.5)
    assert places(cut) == {"beat": (0.0, 1.5), "line": (1.0, 1.5), "c": (0.0, 1.5)}
    assert places(until(project, 3.0)) == places(project)


def test_since_cuts_what_crosses_and_drops_what_precedes(project):
    cut = since(project, 2.25)
    assert places(cut) == {"line": (2.25, 2.5), "end": (2.5, 3.0)}
    line = cut.tracks[1].clips[0]
    assert line.source_start_samples == round(1.25 * project.sample_rate)


def test_a_fade_goes_on_as_far_as_it_is_left(project):
    drums = project.tracks[0]
    faded = replace(drums.clips[0], fade_in=Fade(0.5, FadeCurve.SMOOTH), fade_out=Fade(0.5))
    tracks = (replace(drums, clips=(faded,)), *project.tracks[1:])
    project = replace(project, tracks=tracks)
    assert until(project, 1.0).tracks[0].clips[0].fade_out.length_seconds == 0.0
    assert until(project, 1.75).tracks[0].clips[0].fade_out.length_seconds == pytest.approx(0.25)
    behind = since(project, 0.2).tracks[0].clips[0]
    assert behind.fade_in.length_seconds == pytest.approx(0.3)
    assert behind.fade_in.curve is FadeCurve.SMOOTH


def test_dry_bypasses_tracks_and_clips_but_not_the_master(driven):
    dry = without_effects(driven)
    effects = [effect for track in dry.tracks for effect in track.channel.effects]
    assert effects
    assert not any(effect.enabled for effect in effects)
    assert dry.master.effects[0].enabled
