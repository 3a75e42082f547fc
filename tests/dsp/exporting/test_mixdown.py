"""What an export sounds like: passes, ends, levels."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from tonewright.dsp.audio.file import read
from tonewright.dsp.audio.resample import resample
from tonewright.dsp.exporting.mixdown import export
from tonewright.dsp.exporting.plan import plan_export
from tonewright.dsp.exporting.settings import (
    Depth,
    ExportSettings,
    Normalise,
    Scope,
)
from tonewright.dsp.project.document import Id, TimeRange
from tonewright.dsp.rendering.outputs import Stem

RATE = 8000
ECHO_SAMPLES = 2000
NOW = datetime(2024, 5, 17, 12, 30)
FLOAT = ExportSettings(depth=Depth.FLOAT32, broadcast=False)
STEMS = replace(FLOAT, stems=True)


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def audio(folder, name):
    return read(folder / name)[0]


def mix_of(project, settings, folder, renderer):
    (file,) = export(project, settings, folder, renderer=renderer).files
    return read(file.file.path)[0]


# --- one pass -------------------------------------------------------------------------------


def test_stems_of_a_pass_have_one_start_and_length_and_sum_to_the_mix(project, renderer, tmp_path):
    report = export(project, STEMS, tmp_path, renderer=renderer)
    assert names(tmp_path) == [
        "Song 00 Mix.wav",
        "Song 01 Drums.wav",
        "Song 02 Bass.wav",
        "Song 03 Keys.wav",
        "Song export.json",
        "Song export.txt",
    ]
    mix, *stems = (audio(tmp_path, each.file.path.name) for each in report.files)
    assert {stem.shape for stem in stems} == {mix.shape}
    # The echo rings on behind the last clip.
    assert mix.shape[1] == 3 * RATE + ECHO_SAMPLES
    np.testing.assert_allclose(sum(stems), mix, atol=1e-6)
    assert report.null.passed
    assert report.null.complete
    assert len(renderer.prepared) == 1


@pytest.mark.parametrize("sample_rate", [11_025, 44_100, 96_000])
def test_stems_stay_equally_long_and_aligned_at_another_rate(
    project, renderer, tmp_path, whole, sample_rate
):
    settings = replace(STEMS, sample_rate=sample_rate)
    report = export(project, settings, tmp_path / "out", renderer=renderer)
    expected = resample(whole, RATE, sample_rate)
    mix, *stems = (read(each.file.path)[0] for each in report.files)
    np.testing.assert_array_equal(mix, expected)
    assert {stem.shape for stem in stems} == {mix.shape}
    np.testing.assert_allclose(sum(stems), mix, atol=1e-5)


def test_regions_are_cut_from_one_pass_and_one_stream(project, renderer, tmp_path, whole):
    settings = replace(STEMS, regions=True, pattern="{region}/{track}")
    renderer.prepared.clear()
    export(project, settings, tmp_path, renderer=renderer)
    assert len(renderer.prepared) == 1
    for region, start in (("Verse", 2000), ("Chorus", 8000)):
        cut = audio(tmp_path, f"{region}/Mix.wav")
        np.testing.assert_array_equal(cut, whole[:, start : start + RATE])
        assert audio(tmp_path, f"{region}/Bass.wav").shape == cut.shape


# --- ends -----------------------------------------------------------------------------------


def test_a_range_is_exact_and_holds_what_rings_from_before(project, renderer, tmp_path, whole):
    settings = replace(FLOAT, range=TimeRange(2.5, 2.9))
    cut = mix_of(project, settings, tmp_path, renderer)
    np.testing.assert_array_equal(cut, whole[:, 20_000:23_200])


def test_behind_a_range_only_tails_sound(project, renderer, tmp_path, whole):
    # At 2 s drums end, and bass is in the middle of a clip with another behind it.
    settings = replace(FLOAT, range=TimeRange(1.0, 2.0), tail="auto")
    cut = mix_of(project, settings, tmp_path / "auto", renderer)
    assert cut.shape[1] == RATE + ECHO_SAMPLES
    np.testing.assert_array_equal(cut[:, :RATE], whole[:, RATE : 2 * RATE])
    bass = mix_of(
        replace(project, tracks=project.tracks[1:2]), settings, tmp_path / "bass", renderer
    )
    np.testing.assert_allclose(cut[:, RATE:], bass[:, RATE:], atol=1e-6)
    fixed = mix_of(project, replace(settings, tail=0.1), tmp_path / "fixed", renderer)
    np.testing.assert_array_equal(fixed, cut[:, : RATE + 800])


def test_a_fixed_tail_of_a_whole_project_is_exact(project, renderer, tmp_path, whole):
    padded = mix_of(project, replace(FLOAT, tail=1.0), tmp_path / "long", renderer)
    assert padded.shape[1] == 4 * RATE
    np.testing.assert_array_equal(padded[:, : whole.shape[1]], whole)
    assert not padded[:, whole.shape[1] :].any()
    cut = mix_of(project, replace(FLOAT, tail=0.0), tmp_path / "short", renderer)
    np.testing.assert_array_equal(cut, whole[:, : 3 * RATE])


def test_a_range_behind_the_content_is_silence_of_its_length(project, renderer, tmp_path):
    settings = replace(FLOAT, range=TimeRange(50.0, 51.0), tail="auto")
    cut = mix_of(project, settings, tmp_path, renderer)
    assert cut.shape[1] == RATE
    assert not cut.any()


@pytest.mark.parametrize("length_seconds", [1.0, 0.125])
def test_a_loop_sounds_as_if_it_had_played_before(project, renderer, tmp_path, length_seconds):
    place = TimeRange(1.0, 1.0 + length_seconds)
    bass = replace(project, tracks=project.tracks[1:2])
    dry = mix_of(bass, replace(FLOAT, range=place, dry=True, tail=0.0), tmp_path / "dry", renderer)
    loop = mix_of(bass, replace(FLOAT, range=place, loop=True), tmp_path / "loop", renderer)
    # The echo of a signal that goes round is the signal, turned.
    expected = dry + 0.5 * np.roll(dry, ECHO_SAMPLES, axis=1)
    np.testing.assert_allclose(loop, expected, atol=1e-6)


def test_a_loop_has_no_seam_at_another_rate(project, renderer, tmp_path):
    drums = replace(project, tracks=project.tracks[:1])
    # A whole number of periods, so that the tone itself has no seam.
    frequency_hz = 200.0 + 10.0 * (sum(map(ord, "Drums")) % 97)
    settings = replace(FLOAT, range=TimeRange(0.5, 0.6), loop=True, sample_rate=44_100)
    loop = mix_of(drums, settings, tmp_path, renderer)
    assert loop.shape[1] == 4410
    at = 0.5 + np.arange(4410) / 44_100
    expected = 0.2 * np.sin(2 * np.pi * frequency_hz * at)
    np.testing.assert_allclose(loop[0], expected, atol=1e-4)


# --- levels ---------------------------------------------------------------------------------


def lufs(report, name="Mix"):
    return next(
        each.audio.loudness.integrated_lufs
        for each in report.files
        if each.file.contents.name == name
    )


def test_loudness_together_keeps_stems_summing_to_the_mix(project, renderer, tmp_path):
    settings = replace(STEMS, normalise=Normalise.LUFS, target="ebu-r128", sample_rate=44_100)
    report = export(project, settings, tmp_path, renderer=renderer)
    assert lufs(report) == pytest.approx(-23.0, abs=0.05)
    assert report.files[0].audio.delivery.passed
    mix, *stems = (read(each.file.path)[0] for each in report.files)
    np.testing.assert_allclose(sum(stems), mix, atol=1e-5)


def test_stems_alone_are_normalised_as_in_their_mix(project, renderer, tmp_path):
    settings = replace(STEMS, normalise=Normalise.LUFS, level=-30.0)
    both = export(project, settings, tmp_path / "both", renderer=renderer)
    alone = export(project, replace(settings, mix=False), tmp_path / "alone", renderer=renderer)
    assert [each.sha256 for each in alone.files] == [each.sha256 for each in both.files[1:]]
    assert not list((tmp_path / "alone").glob("*Mix*"))


def test_each_file_reaches_the_level_by_itself(project, renderer, tmp_path):
    settings = replace(STEMS, normalise=Normalise.LUFS, level=-26.0, scope=Scope.EACH)
    report = export(project, settings, tmp_path, renderer=renderer)
    for each in report.files[:-1]:
        assert each.audio.loudness.integrated_lufs == pytest.approx(-26.0, abs=0.05)
    assert "silent" in report.files[-1].audio.gain.note  # Keys


@pytest.mark.parametrize("sample_rate", [RATE, 44_100])
def test_the_ceiling_holds_and_the_report_says_what_it_cost(
    project, renderer, tmp_path, sample_rate
):
    settings = replace(
        FLOAT,
        depth=Depth.INT24,
        normalise=Normalise.LUFS,
        level=0.0,
        ceiling_dbtp=-2.0,
        sample_rate=sample_rate,
    )
    report = export(project, settings, tmp_path, renderer=renderer)
    assert report.files[0].audio.loudness.true_peak_dbtp == pytest.approx(-2.0, abs=0.01)
    assert any("instead of 0" in warning for warning in report.warnings)


def test_peaks_reach_their_level(project, renderer, tmp_path):
    settings = replace(FLOAT, normalise=Normalise.PEAK, level=-6.0)
    report = export(project, settings, tmp_path, renderer=renderer)
    assert report.files[0].audio.loudness.sample_peak_dbfs == pytest.approx(-6.0, abs=0.001)


def test_clipping_is_counted_in_integers_and_kept_in_float(loud, renderer, tmp_path):
    settings = replace(FLOAT, depth=Depth.INT16)
    report = export(loud, settings, tmp_path / "int", renderer=renderer)
    kept = mix_of(loud, FLOAT, tmp_path / "float", renderer)
    clipped = int((np.abs(kept) > 1.0).sum())
    assert clipped > 0
    assert report.files[0].audio.clipped_samples == clipped
    assert any(f"{clipped} values were above full scale" in each for each in report.warnings)


# --- the null test --------------------------------------------------------------------------


def test_a_master_that_is_not_linear_is_named_as_the_reason(driven, renderer, tmp_path):
    report = export(driven, STEMS, tmp_path / "a", renderer=renderer)
    assert not report.null.passed
    assert any("the master's effects (drive)" in warning for warning in report.warnings)
    before = replace(STEMS, through_master=False)
    assert export(driven, before, tmp_path / "b", renderer=renderer).null.passed


def test_stems_that_leave_something_out_say_so(project, renderer, tmp_path):
    settings = replace(STEMS, tracks=(Id("d"),))
    report = export(project, settings, tmp_path, renderer=renderer)
    assert (report.null.passed, report.null.complete) == (False, False)
    assert report.null.reason == "the selected stems are not all of the mix"


@pytest.mark.parametrize("normalise", [Normalise.NONE, Normalise.PEAK])
def test_of_a_few_stems_nothing_else_is_rendered(project, renderer, tmp_path, normalise):
    settings = replace(STEMS, mix=False, tracks=(Id("d"),), normalise=normalise)
    assert plan_export(project, settings, tmp_path).outputs == (Stem(Id("d"), True),)
    report = export(project, settings, tmp_path / "few", renderer=renderer)
    assert report.null is None
    assert any("not all of the mix" in each for each in report.warnings)
    with_all = replace(STEMS, normalise=normalise, scope=Scope.EACH)
    among_all = export(project, with_all, tmp_path / "all", renderer=renderer)
    stem = next(each.file.path for each in among_all.files if each.file.contents.name == "Drums")
    few, every = (read(each)[0] for each in (report.files[0].file.path, stem))
    np.testing.assert_allclose(every[:, : few.shape[1]], few, atol=1e-6)


def test_a_few_stems_are_as_loud_as_in_the_mix(project, renderer, tmp_path):
    settings = replace(STEMS, mix=False, normalise=Normalise.LUFS, level=-30.0)
    few = replace(settings, tracks=(Id("d"),))
    gains = [
        export(project, each, tmp_path / str(index), renderer=renderer).files[0].audio.gain.gain_db
        for index, each in enumerate((settings, few))
    ]
    assert gains[0] == pytest.approx(gains[1])
