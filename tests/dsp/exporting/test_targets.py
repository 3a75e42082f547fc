import pytest

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.targets import check_delivery, loudness_target, loudness_targets


def test_every_target_names_its_source_and_makes_sense():
    ids = [target.id for target in loudness_targets()]
    assert len(set(ids)) == len(ids)
    assert {"ebu-r128", "atsc-a85", "spotify"} <= set(ids)
    for target in loudness_targets():
        assert -40 < target.integrated_lufs < -5
        assert -3 <= target.true_peak_dbtp < 0
        assert len(target.source) > 20


def test_an_unknown_target_is_refused_with_those_there_are():
    with pytest.raises(ExportError, match="ebu-r128"):
        loudness_target("r129")


@pytest.mark.parametrize(
    ("integrated_lufs", "true_peak_dbtp", "passed"),
    [(-23.0, -1.0, True), (-22.5, -3.0, True), (-22.4, -3.0, False), (-23.5, -0.9, False)],
)
def test_the_check_is_the_tolerance(integrated_lufs, true_peak_dbtp, passed):
    check = check_delivery(
        loudness_target("ebu-r128"),
        integrated_lufs=integrated_lufs,
        true_peak_dbtp=true_peak_dbtp,
    )
    assert check.passed is passed
    assert bool(check.problems) is not passed


def test_silence_passes_no_broadcaster():
    silent = float("-inf")
    check = check_delivery(
        loudness_target("atsc-a85"), integrated_lufs=silent, true_peak_dbtp=silent
    )
    assert not check.passed


def test_a_service_that_normalises_refuses_only_true_peaks():
    target = loudness_target("spotify")
    loud = check_delivery(target, integrated_lufs=-8.0, true_peak_dbtp=-1.0)
    assert loud.passed
    assert "-6.0 dB" in loud.note
    assert not check_delivery(target, integrated_lufs=-14.0, true_peak_dbtp=0.2).passed
