"""The real renderer under the real export."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from tonewright.dsp.audio.file import read
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.exporting.mixdown import export
from tonewright.dsp.exporting.settings import Depth, ExportSettings
from tonewright.dsp.project.document import (
    AudioClip,
    Channel,
    ClockTime,
    EffectSpec,
    Fade,
    Id,
    Media,
    Project,
    TimeRange,
    Track,
    TrackKind,
)
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.store import Store

RATE = 16_000
FLOAT = ExportSettings(depth=Depth.FLOAT32, stems=True, pattern="{track}")


@pytest.fixture
def project(tmp_path):
    noise = 0.1 * np.random.default_rng(3).standard_normal((2 * RATE, 2))
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise, RATE, subtype="FLOAT")
    reverb = EffectSpec(Id("r"), "reverb", params=(("room_size", 0.2),))
    clip = AudioClip(Id("c"), "c", ClockTime(0.0), Id("m"), 0, RATE, fade_in=Fade(0.1))
    late = replace(clip, id=Id("l"), start=ClockTime(0.75), source_start_samples=RATE)
    return Project(
        Id("p"),
        "Song",
        sample_rate=RATE,
        media=(Media(Id("m"), "noise", str(path), "0" * 64, RATE, 2, 2 * RATE),),
        tracks=(
            Track(Id("a"), "Dry", TrackKind.AUDIO, clips=(clip,)),
            Track(
                Id("b"),
                "Wet",
                TrackKind.AUDIO,
                channel=Channel(0.0, 0.3, effects=(reverb,)),
                clips=(late,),
            ),
        ),
        master=Channel(gain_db=-3.0, effects=(EffectSpec(Id("h"), "highpass_filter"),)),
    )


@pytest.fixture
def renderer(tmp_path):
    with Renderer(executor=InlineQueue(Store(tmp_path / "store"), default_registry())) as renderer:
        yield renderer


def test_stems_through_a_linear_master_sum_to_the_mix(project, renderer, tmp_path):
    report = export(project, FLOAT, tmp_path / "out", renderer=renderer)
    mix, *stems = (read(each.file.path)[0] for each in report.files)
    assert {stem.shape for stem in stems} == {mix.shape}
    assert mix.shape[1] > 1.75 * RATE  # the reverb rings on
    assert report.null.passed
    np.testing.assert_allclose(sum(stems), mix, atol=10 ** (-90 / 20))


def test_a_range_with_its_tail_begins_with_the_range_alone(project, renderer, tmp_path):
    place = replace(FLOAT, range=TimeRange(0.5, 1.25))
    export(project, place, tmp_path / "alone", renderer=renderer)
    export(project, replace(place, tail="auto"), tmp_path / "tail", renderer=renderer)
    for name in ("Mix.wav", "Dry.wav", "Wet.wav"):
        alone, rung = (read(tmp_path / folder / name)[0] for folder in ("alone", "tail"))
        assert alone.shape[1] == 0.75 * RATE
        assert rung.shape[1] > alone.shape[1]
        np.testing.assert_allclose(rung[:, : alone.shape[1]], alone, atol=1e-6)
