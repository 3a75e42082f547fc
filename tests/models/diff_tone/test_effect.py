import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import CancelledError, EffectError
from tonewright.dsp.rendering.job import CancelToken, Progress, working
from tonewright.models.diff_tone import effect, sections
from tonewright.models.diff_tone.backend import Backend, Listener
from tonewright.models.diff_tone.effect import Controls, InstrumentChange
from tonewright.models.diff_tone.keeping import Kept
from tonewright.models.diff_tone.opening import Model

CELLO = Controls("cello", switch=10.0, steps=20, guidance=1.0, takes=1)


@pytest.fixture
def blocks(model: Backend, listener: Listener) -> Model:
    return Model("blocks", model, listener)


def change(model: Model, controls: Controls = CELLO) -> InstrumentChange:
    return InstrumentChange(model, controls, Kept())


def flute(length: int = 900, channels: int = 2) -> Audio:
    return np.full((channels, length), 0.5, np.float32)


@pytest.mark.parametrize("rate", [8_000, 11_025])
def test_the_track_keeps_its_length_its_channels_and_changes(blocks: Model, rate: int) -> None:
    made = change(blocks).process(flute(), rate)
    assert made.shape == (2, 900)
    assert made.dtype == np.float32
    assert made[:, 300:600].mean() < 0.2


def test_a_stream_in_pieces_is_the_same_and_comes_at_the_end(blocks: Model) -> None:
    changing = change(blocks)
    whole = changing.process(flute(), 8_000)
    for start in range(0, 900, 300):
        piece = flute()[:, start : start + 300]
        assert changing.process(piece, 8_000, reset=False).shape == (2, 0)
    np.testing.assert_array_equal(changing.finish(), whole)


@pytest.mark.parametrize("rule", ["online", "offline"])
def test_the_source_and_the_switch_are_found(blocks: Model, rule: str) -> None:
    changing = change(blocks, replace(CELLO, switch=None, rule=rule))
    made = changing.process(flute(), 8_000)
    assert changing.decision is not None
    assert changing.decision.source == "solo flute"
    assert changing.decision.editing.trace.labels[-1] == "flute"
    found = 100.0 * changing.decision.switch / 20
    fixed = change(blocks, replace(CELLO, switch=found, source="flute"))
    np.testing.assert_array_equal(fixed.process(flute(), 8_000), made)


def test_another_switch_costs_only_the_steps_behind_it(blocks: Model) -> None:
    kept = Kept()
    backend = blocks.backend
    for switch, asked in ((10.0, 20 + 18), (50.0, 10), (100.0, 0)):
        backend.asked.clear()  # type: ignore[attr-defined]
        InstrumentChange(blocks, replace(CELLO, switch=switch), kept).process(flute(), 8_000)
        assert len(backend.asked) == asked  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("inversion", "inverted"),
    [
        ("auto", (20, 20 + 19)),
        ("ddim", (19, 19)),
        ("edit-friendly", (20, 20)),
        ("sdedit", (0, 0)),
    ],
)
def test_a_recording_is_inverted_once_for_all_takes_that_begin_alike(
    blocks: Model, monkeypatch: pytest.MonkeyPatch, inversion: str, inverted: tuple[int, int]
) -> None:
    asked = blocks.backend.asked  # type: ignore[attr-defined]
    for nobody_hears, takes in ((False, 1), (True, 3)):
        asked.clear()
        monkeypatch.setattr("tonewright.models.diff_tone.takes.HEARD", 1.5 if nobody_hears else 0.5)
        change(blocks, replace(CELLO, inversion=inversion, takes=3)).process(flute(), 8_000)
        assert len(asked) == inverted[nobody_hears] + takes * 18


def test_silence_stays_silence_inside_too(blocks: Model) -> None:
    silent = np.zeros((1, 500), np.float32)
    assert not change(blocks).process(silent, 8_000).any()
    audio = np.hstack([np.zeros((1, 700)), flute(900, 1), np.zeros((1, 9_000)), flute(900, 1)])
    made = change(blocks).process(audio.astype(np.float32), 8_000)
    assert not made[:, :700].any()
    assert not made[:, 1_600:10_600].any()
    np.testing.assert_array_equal(made[:, 700:1_600], made[:, 10_600:])


def test_a_long_track_is_edited_in_sections_under_one_decision(
    blocks: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections, "SECTION_SECONDS", 0.5)
    monkeypatch.setattr(sections, "OVERLAP_SECONDS", 0.1)
    monkeypatch.setattr(sections._Sections, "chunk_seconds", 0.5)
    monkeypatch.setattr(sections._Sections, "overlap_seconds", 0.1)
    told: list[Progress] = []
    with working(told.append, CancelToken()):
        fading = flute(8_000) * np.linspace(1.0, 0.9, 8_000, dtype=np.float32)
        made = change(blocks).process(fading, 8_000)
    # Three sections, the loudest of which was decided on before.
    stages = [each.stage for each in told]
    assert (stages.count("inversion"), stages.count("edit")) == (60, 54)
    fractions = [each.fraction for each in told if each.stage == "edit"]
    assert fractions == sorted(fractions)
    assert np.abs(np.diff(made[:, 100:-100])).max() < 0.5


def test_steps_are_told_and_may_be_cancelled(blocks: Model) -> None:
    told: list[Progress] = []
    token = CancelToken()
    with working(told.append, token):
        change(blocks).process(flute(), 8_000)
        assert [each.stage for each in told] == ["inversion"] * 20 + ["edit"] * 18
        token.cancel()
        with pytest.raises(CancelledError):
            change(blocks).process(flute(), 8_000)


def test_what_cannot_be_done_says_what_can(blocks: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = Model("blocks", blocks.backend)
    for controls in (CELLO, replace(CELLO, source="flute", switch=None)):
        with pytest.raises(EffectError, match="set source to an instrument and switch"):
            change(deaf, controls)
    change(deaf, replace(CELLO, source="flute")).process(flute(), 8_000)
    monkeypatch.setattr(effect, "LONGEST_SECONDS", 0.05)
    with pytest.raises(EffectError, match="split the track"):
        change(blocks).process(flute(), 8_000)


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"switch": "often"}, "switch must be auto, or 0 to 100 %, not 'often'"),
        ({"switch": "101"}, "switch must be auto, or 0 to 100"),
        ({"target": "kazoo"}, "target 'kazoo' names no instrument that is known; there are: piano"),
        ({"source": "a thing"}, "source 'a thing' names no instrument"),
        ({"model": os.devnull}, "there is no such folder"),
        ({"origin": "{}"}, "no recipe of a generated clip"),
    ],
)
def test_texts_that_say_nothing_are_refused(
    networks: Path, params: dict[str, str], reason: str
) -> None:
    with pytest.raises(EffectError, match=reason):
        default_registry().make("diff_tone", {"model": str(networks)} | params)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EffectError, match="nor the weights of a Denoiser"):
        default_registry().make("diff_tone", {"model": str(tmp_path)})


def test_the_registered_effect_edits_in_stereo(networks: Path) -> None:
    params = {"model": str(networks), "target": "solo cello playing", "steps": 3, "switch": "50%"}
    params |= {"takes": 3}
    made = default_registry().make("diff_tone", params, seed=1)
    rng = np.random.default_rng(0)
    audio = (0.1 * rng.standard_normal((2, 20_000))).astype(np.float32)
    changed = made.process(audio, 48_000)
    assert changed.shape == audio.shape
    assert np.isfinite(changed).all()
    assert np.abs(changed - audio).max() > 0.01
    other = default_registry().make("diff_tone", params, seed=2).process(audio, 48_000)
    assert np.abs(changed - other).max() > 1e-4
