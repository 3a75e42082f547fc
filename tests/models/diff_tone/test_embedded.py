import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import CancelledError
from tonewright.dsp.rendering.job import CancelToken
from tonewright.models.diff_tone.classifier import Choosing, Steering, windows_of
from tonewright.models.diff_tone.denoiser import WINDOW_FRAMES, Denoiser, Shape
from tonewright.models.diff_tone.diffusion import Grid
from tonewright.models.diff_tone.embedded import (
    GUIDED_TIME,
    OVERLAP_FRAMES,
    WINDOWS_AT_ONCE,
    Embedded,
    EmbeddedListener,
    window_starts,
)
from tonewright.models.diff_tone.features import SAMPLE_RATE
from tonewright.models.diff_tone.instruments import NAMES
from tonewright.models.diff_tone.measures import mel_of_audio

MIDDLE = Grid((0.5, 0.9, 1.0), (0.5, 0.2, 0.0))
SMALL = Shape(width=16, layers=1, heads=2, words=8)


@pytest.fixture(scope="module")
def backend() -> Embedded:
    torch.manual_seed(1)
    denoiser = Denoiser(SMALL)
    for name, parameter in denoiser.named_parameters():
        if "modulation" in name or "leave" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    return Embedded(denoiser.eval().requires_grad_(requires_grad=False), half=False)


def chord(seconds: float, gains: tuple[float, ...] = (1.0,)) -> Audio:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = sum(
        np.sin(2.0 * math.pi * hz * time) / n for n, hz in enumerate((220, 330, 440, 660), 1)
    )
    return np.stack([0.1 * gain * wave for gain in gains]).astype(np.float32)


@given(st.integers(WINDOW_FRAMES, 4_000), st.integers(0, 60))
def test_windows_cover_all_frames_and_overlap(frames: int, step: int) -> None:
    starts = window_starts(frames, step)
    assert (starts[0], starts[-1]) == (0, frames - WINDOW_FRAMES)
    steps = np.diff(starts)
    assert np.all((steps >= 0) & (steps <= WINDOW_FRAMES - OVERLAP_FRAMES))
    assert len(starts) <= 2 + (frames - WINDOW_FRAMES) // (WINDOW_FRAMES - OVERLAP_FRAMES) + 1


@pytest.mark.parametrize("frames", [600, 900, 1_500])
def test_no_frame_stands_at_the_border_of_a_window_throughout(frames: int) -> None:
    borders = [set(window_starts(frames, step)[1:-1]) for step in range(6)]
    assert not set.intersection(*borders)
    assert len(set.union(*borders)) == 6 * len(borders[0])


def test_its_own_latent_gives_a_recording_back(backend: Embedded) -> None:
    audio = chord(1.5, (1.0, 0.25))
    latent = backend.encode(audio)
    assert tuple(latent.shape) == backend.latent_shape(audio.shape[1])
    made = backend.decode(latent, audio.shape[1], audio)
    assert made.shape == audio.shape
    assert np.abs(made - audio)[:, 4_096:-4_096].max() < 0.03 * np.abs(audio).max()


def test_channels_keep_their_shares_and_the_level_is_the_sources(backend: Embedded) -> None:
    audio = chord(1.0, (1.0, 0.25))
    other = torch.roll(backend.encode(audio), 12, dims=1)
    made = backend.decode(other, audio.shape[1], audio)
    levels = np.sqrt(np.square(made).mean(axis=1))
    assert levels[0] / levels[1] == pytest.approx(4.0, rel=0.1)
    assert np.square(made).mean() == pytest.approx(np.square(audio).mean(), rel=0.3)


def test_channels_that_cancel_each_other_are_heard(backend: Embedded) -> None:
    audio = chord(1.0, (1.0, -1.0))
    same = chord(1.0, (1.0, 1.0))
    torch.testing.assert_close(backend.encode(audio), backend.encode(same))


def test_a_clip_made_of_nothing_stays_under_full_scale(backend: Embedded) -> None:
    latent = torch.full(backend.latent_shape(20_000), -1.4)
    latent[:, 40] = 4.0
    made = backend.decode(latent, 20_000)
    assert np.abs(made).max() == pytest.approx(1.0, abs=1e-6)
    latent[:, 40] = 0.0
    assert np.abs(backend.decode(latent, 20_000)).max() < 0.5


def test_windows_make_one_latent_without_seams(backend: Embedded) -> None:
    """A window alone says what it says by itself; where two overlap, one fades into the other."""
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(1, 192, 600, generator=generator)
    condition = backend.condition("solo cello", 1_000)
    made = backend.clean(x, MIDDLE, 0, condition, guidance=1.0)
    assert made.shape == x.shape
    whole = {
        start: backend.clean(
            x[:, :, start : start + WINDOW_FRAMES], MIDDLE, 0, condition, guidance=1.0
        )
        for start in window_starts(600)
    }
    first, second, _ = whole
    alone = slice(0, second)
    torch.testing.assert_close(made[:, :, alone], whole[first][:, :, alone])
    shared = slice(second, WINDOW_FRAMES)
    before = whole[first][:, :, shared]
    behind = whole[second][:, :, : WINDOW_FRAMES - second]
    way = (made[:, :, shared] - before) / (behind - before)
    assert torch.all((way > -1e-3) & (way < 1.0 + 1e-3))
    assert torch.all(way.mean(dim=1).diff() > 0.0)


def test_patches_begin_with_another_frame_in_every_step(backend: Embedded) -> None:
    """And with each of them in the last: what is made there is the mean."""
    patch = SMALL.patch
    grid = Grid(tuple(np.linspace(0.5, 1.0, patch + 2)), (0.5,) * (patch + 2))
    x = torch.randn(1, 192, 256, generator=torch.Generator().manual_seed(3))

    def cleaned(played: Audio, x: Tensor, index: int) -> Tensor:
        told = backend.condition("solo cello", played.shape[1], played)
        return backend.clean(x, grid, index, told, guidance=2.0)

    audio = chord(1.0)
    each = [cleaned(audio, x, index) for index in range(patch)]
    torch.testing.assert_close(cleaned(audio, x, patch), torch.stack(each).mean(dim=0))
    nobody = np.zeros_like(audio)
    shifted = cleaned(nobody, x.roll(1, 2), 1).roll(-1, 2)
    torch.testing.assert_close(shifted, cleaned(nobody, x, 0))
    assert not torch.allclose(shifted, cleaned(nobody, x, 1), atol=1e-3)


def test_guidance_goes_from_the_null_prompt_through_the_prompt(backend: Embedded) -> None:
    x = torch.randn(1, 192, 256, generator=torch.Generator().manual_seed(3))
    condition = backend.condition("solo cello", 1_000)

    def asked(guidance: float) -> Tensor:
        return backend.clean(x, MIDDLE, 0, condition, guidance=guidance)

    null, one, two = asked(0.0), asked(1.0), asked(2.0)
    torch.testing.assert_close(two, 2.0 * one - null, atol=1e-4, rtol=1e-3)
    empty = backend.condition("", 1_000)
    torch.testing.assert_close(backend.clean(x, MIDDLE, 0, empty, guidance=1.0), null)


def test_guidance_also_goes_through_what_is_played(backend: Embedded) -> None:
    x = torch.randn(1, 192, 256, generator=torch.Generator().manual_seed(3))
    told = backend.condition("solo cello", 1_000, chord(1.0))
    free = backend.condition("solo cello", 1_000)

    def guided(content_guidance: float) -> Tensor:
        held = Embedded(backend._denoiser, content_guidance=content_guidance, half=False)
        return held.clean(x, MIDDLE, 0, told, guidance=2.0)

    way = backend.clean(x, MIDDLE, 0, told, guidance=0.0)
    way = way - backend.clean(x, MIDDLE, 0, free, guidance=0.0)
    assert way.abs().max() > 0.01
    torch.testing.assert_close(guided(3.0), guided(1.0) + 2.0 * way, atol=1e-4, rtol=1e-3)


def test_guidance_ends_where_it_is_decided_who_plays(backend: Embedded) -> None:
    x = torch.randn(1, 192, 256, generator=torch.Generator().manual_seed(3))
    told = backend.condition("solo cello", 1_000, chord(1.0))
    for time, same in ((0.9 * GUIDED_TIME, True), (1.1 * GUIDED_TIME, False)):
        grid = Grid((0.9, 0.95, 1.0), (time, 0.1, 0.0))
        one, five = (backend.clean(x, grid, 0, told, guidance=each) for each in (1.0, 5.0))
        assert torch.equal(one, five) is same


def test_sixteen_bits_are_near(backend: Embedded) -> None:
    x = torch.randn(1, 192, 256, generator=torch.Generator().manual_seed(3))
    told = backend.condition("solo cello", 1_000, chord(1.0))
    half = Embedded(backend._denoiser, half=True)
    made, exact = (each.clean(x, MIDDLE, 0, told, guidance=2.0) for each in (half, backend))
    assert made.dtype == torch.float32
    assert 0.0 < (made - exact).abs().mean() < 0.02 * exact.abs().mean()


def test_what_is_played_is_told_if_there_is_a_source(backend: Embedded) -> None:
    audio = chord(1.0)
    assert backend.condition("harp", audio.shape[1]).content is None
    assert backend.condition("harp", audio.shape[1], audio).content.shape[2] == WINDOW_FRAMES


def test_a_long_step_may_be_cancelled_inside(backend: Embedded) -> None:
    token = CancelToken()
    calls: list[int] = []

    def check() -> None:
        calls.append(len(calls))
        if len(calls) == 2:
            token.cancel()
        token.check()

    x = torch.zeros(1, 192, WINDOW_FRAMES * WINDOWS_AT_ONCE)
    condition = backend.condition("harp", 1_000)
    with pytest.raises(CancelledError):
        backend.clean(x, MIDDLE, 0, condition, guidance=1.0, check=check)
    assert len(calls) == 2


def test_the_listener_gives_a_distribution_over_any_length(backend: Embedded) -> None:
    torch.manual_seed(4)
    listener = EmbeddedListener(backend, Steering(16).eval(), Choosing(16).eval())
    answers = [
        listener.probabilities(torch.randn(1, 192, frames), 0.3) for frames in (100, 256, 900)
    ]
    for seconds in (0.3, 1.0, 5.0):
        source = chord(seconds)
        latent = backend.encode(source)
        alone = listener.in_sound(latent, source)
        # The loudest channel is heard, whatever another does.
        both = listener.in_sound(latent, np.concatenate([-0.5 * source, source]))
        torch.testing.assert_close(both, alone)
        answers.append(alone)
    for answer in answers:
        assert answer.shape == (len(NAMES),)
        assert answer.sum().item() == pytest.approx(1.0, abs=1e-5)


def test_all_of_a_long_sound_is_listened_to(
    backend: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(4)
    choosing = Choosing(16).eval()
    listener = EmbeddedListener(backend, Steering(16).eval(), choosing)
    source = chord(8.0)
    source[:, source.shape[1] // 2 :] *= 0.5
    latent = backend.encode(source)
    heard_of: list[Tensor] = []
    monkeypatch.setattr(
        choosing,
        "forward",
        lambda windows: heard_of.append(windows) or torch.zeros(len(windows), len(NAMES)),
    )
    listener.in_sound(latent, source)
    # Its own latent sounds like the source, at its own loudness in each half.
    expected = windows_of(mel_of_audio(source))
    assert heard_of[0].shape == expected.shape
    apart = (heard_of[0] - expected).abs()[:, 20:120].median()
    assert apart < 0.1


def test_the_listener_compares_what_is_played(backend: Embedded) -> None:
    listener = EmbeddedListener(backend, Steering(16).eval(), Choosing(16).eval())
    before = backend.encode(chord(1.0))
    assert listener.kept(before, before) == pytest.approx(1.0, abs=1e-5)
    assert listener.kept(before, torch.roll(before, 9, dims=1)) < 0.8
