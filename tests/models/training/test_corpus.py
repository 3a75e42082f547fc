import re
from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.audio.file import AudioWriter, Encoding
from tonewright.dsp.audio.signal import Audio
from tonewright.models.training import corpus
from tonewright.models.training.corpus import (
    DEVELOPMENT,
    LEVEL_DBFS,
    PLAYERS,
    SOURCES,
    TEST,
    Kind,
    Source,
    Split,
    open_store,
    prepared,
    split_of,
)


def speech(seconds: float = 1.0, rate: int = 48_000) -> Audio:
    """Return bursts of noise with silence around and between them."""
    samples = round(seconds * rate)
    burst = np.random.default_rng(1).uniform(-0.3, 0.3, (1, samples)).astype(np.float32)
    place = np.linspace(0.0, 1.0, samples)
    return burst * ((place > 0.2) & (place < 0.8) & ((place * 10.0) % 2.0 < 1.5))


def test_no_group_is_on_two_sides() -> None:
    assert set() == TEST & DEVELOPMENT
    assert {split_of(group) for group in TEST} == {Split.TEST}
    assert {split_of(group) for group in DEVELOPMENT} == {Split.DEVELOPMENT}
    assert split_of("fr") is Split.TRAIN


def test_no_instrument_and_no_soundfont_of_the_test_is_heard_before_it() -> None:
    test, *others = (PLAYERS[split] for split in (Split.TEST, Split.DEVELOPMENT, Split.TRAIN))
    for each in others:
        assert not set(test.fonts) & set(each.fonts)
        assert not set(test.programs) & set(each.programs)
    assert not set(others[0].programs) & set(others[1].programs)


@pytest.mark.parametrize(
    ("package", "place", "group"),
    [
        ("tuxpaint-stamps-default", "animals/dog_desc_el.ogg", "el"),
        ("tuxpaint-stamps-default", "animals/dog_desc.ogg", None),
        ("klettres-data", "da/alpha/a.ogg", "da"),
        ("sonic-pi-samples", "tabla_ghe1.flac", "tabla_"),
        ("hydrogen-drumkits", "Audiophob/kick.wav", "Audiophob"),
    ],
)
def test_the_group_is_in_the_path(package: str, place: str, group: str | None) -> None:
    (source,) = (each for each in SOURCES if each.package == package)
    found = re.search(source.pattern, place)
    assert found is not None
    assert found["group"] == group


def test_a_clip_is_trimmed_and_brought_to_the_level() -> None:
    clip = prepared(speech(), 48_000, Kind.SPEECH)
    assert clip is not None
    assert len(clip) == pytest.approx(0.6 * 48_000, abs=2_000)
    level_db = 10.0 * np.log10(np.mean(np.square(clip / 32_767.0)))
    assert level_db == pytest.approx(LEVEL_DBFS, abs=0.1)


def test_a_clip_at_another_rate_is_resampled() -> None:
    here, there = (prepared(speech(rate=rate), rate, Kind.SPEECH) for rate in (48_000, 24_000))
    assert here is not None
    assert there is not None
    assert len(here) == pytest.approx(len(there), abs=2_000)


def test_noise_is_no_speech_but_may_be_an_instrument() -> None:
    noise = np.random.default_rng(2).uniform(-0.3, 0.3, (1, 48_000)).astype(np.float32)
    assert prepared(noise, 48_000, Kind.SPEECH) is None
    assert prepared(noise, 48_000, Kind.INSTRUMENT) is not None


def test_silence_and_snippets_are_left_out() -> None:
    assert prepared(np.zeros((1, 48_000), np.float32), 48_000, Kind.SPEECH) is None
    assert prepared(speech(0.1), 48_000, Kind.SPEECH) is None


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "package"
    source = Source("speech-data", str(folder), r"(?P<group>\w\w)/.*\.wav$", Kind.SPEECH, "CC0-1.0")
    monkeypatch.setattr(corpus, "SOURCES", (source,))
    played = [("program 7", speech()), ("program 7", speech(0.1))]
    monkeypatch.setattr(corpus, "phrases", lambda players, sample_rate: iter(played))
    return folder


def test_a_store_holds_the_clips_of_its_split(package: Path, tmp_path: Path) -> None:
    for group in ("fr", "el"):
        (package / group).mkdir(parents=True)
        with AudioWriter(package / group / "a.wav", 48_000, 1, Encoding()) as writer:
            writer.write(speech())
    (package / "fr" / "b.wav").write_bytes((package / "fr" / "a.wav").read_bytes()[:9_000])
    store = open_store(tmp_path / "store", Split.TRAIN)
    assert list(store.groups[Kind.SPEECH]) == ["speech-data/fr"]
    ((start, length),) = store.groups[Kind.SPEECH]["speech-data/fr"]
    # The phrase of 0.1 s is too short.
    ((after, rest),) = store.groups[Kind.PHRASE]["program 7"]
    assert (start, length, after, rest) == (0, length, length, len(store.samples) - length)
    again = open_store(tmp_path / "store", Split.TRAIN)
    np.testing.assert_array_equal(again.samples, store.samples)


def test_a_missing_package_is_named(package: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="install the package speech-data"):
        open_store(tmp_path / "store", Split.TRAIN)
    assert list((tmp_path / "store").iterdir()) == []
