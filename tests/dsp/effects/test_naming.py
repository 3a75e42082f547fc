import pytest

from tonewright.dsp.effects.naming import named
from tonewright.dsp.effects.registry import default_registry


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("gsm_full_rate_compressor", "GSM full rate compressor"),
        ("mp3_compressor", "MP3 compressor"),
        ("three_band_eq", "Three band EQ"),
        ("my_vst3", "My VST3"),
        ("rt60", "RT60"),
        ("drr", "DRR"),
        ("wpe_dereverb", "WPE dereverb"),
        ("q", "Q"),
        ("reverb", "Reverb"),
    ],
)
def test_words_are_separate_and_acronyms_upper(identifier: str, name: str) -> None:
    assert named(identifier) == name


def test_the_names_of_effects_are_named_so() -> None:
    names = {each.id: each.name for each in default_registry()}
    assert names["gsm_full_rate_compressor"] == "GSM full rate compressor"
    assert names["mp3_compressor"] == "MP3 compressor"
