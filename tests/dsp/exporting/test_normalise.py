import math

import pytest

from tonewright.dsp.exporting.normalise import Level, normalising_gains
from tonewright.dsp.exporting.settings import ExportSettings, Normalise, Scope

MIX = Level(-20.0, -6.0, -5.5)
DRUMS = Level(-22.0, -4.0, -3.8)
PAD = Level(-30.0, -20.0, -19.5)
SILENCE = Level(-math.inf, -math.inf, -math.inf)


def gains(files, **options):
    return normalising_gains(ExportSettings(**options), MIX, files)


def test_together_all_files_get_the_gain_of_the_mix():
    found = gains([MIX, DRUMS, PAD], normalise=Normalise.LUFS, level=-23.0)
    assert [each.gain_db for each in found] == [-3.0] * 3


def test_each_file_gets_its_own():
    found = gains([DRUMS, PAD], normalise=Normalise.LUFS, level=-23.0, scope=Scope.EACH)
    assert [each.gain_db for each in found] == [-1.0, 7.0]


def test_the_highest_true_peak_of_any_file_limits_all_and_says_so():
    found = gains([MIX, DRUMS], normalise=Normalise.LUFS, level=-14.0, ceiling_dbtp=-1.0)
    for each in found:
        assert each.gain_db == pytest.approx(2.8)
        assert "-17.2 LUFS instead of -14" in each.note


def test_peaks_go_to_the_level_of_the_loudest():
    found = gains([DRUMS, PAD], normalise=Normalise.PEAK, level=-3.0, ceiling_dbtp=0.0)
    assert [each.gain_db for each in found] == [1.0, 1.0]


def test_silence_is_left_alone():
    (found,) = gains([SILENCE], normalise=Normalise.PEAK, scope=Scope.EACH)
    assert found.gain_db == 0.0
    assert "silent" in found.note


def test_without_normalising_nothing_changes():
    (found,) = gains([DRUMS])
    assert (found.gain_db, found.note) == (0.0, "")
