import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from onnxruntime import InferenceSession

from tonewright.dsp.audio.signal import Audio
from tonewright.models.dereverb import streaming
from tonewright.models.dereverb.bands import LOW_BINS, Shape
from tonewright.models.dereverb.export import onnx_model
from tonewright.models.dereverb.network import (
    DereverbNetwork,
    audio_of,
    spectrum_of,
    without_room,
)
from tonewright.models.dereverb.recursion import Recursion
from tonewright.models.dereverb.session import open_session
from tonewright.models.dereverb.streaming import (
    EarlyReflections,
    StreamingDereverb,
    StreamingNetwork,
)

RATES = (8_000, 16_000, 44_100, 48_000, 96_000)


@pytest.fixture(scope="module")
def network() -> DereverbNetwork:
    torch.manual_seed(3)
    made = DereverbNetwork(Shape(width=8, layers=2, past=4, ahead=0, both_ways=False)).eval()
    # Far enough from the identity that something is removed.
    with torch.no_grad():
        made.filters.mul_(5.0)
    return made.requires_grad_(requires_grad=False)


@pytest.fixture(scope="module")
def session(network: DereverbNetwork) -> InferenceSession:
    return open_session(onnx_model(network).SerializeToString())


def noise(samples: int, channels: int = 2) -> Audio:
    """Return noise of whole steps of 24 bits, fainter in its second half."""
    steps = np.random.default_rng(4).integers(-(2**21), 2**21, (channels, samples))
    steps[:, samples // 2 :] //= 50
    return (steps / 2.0**23).astype(np.float32)


def streamed(effect: StreamingDereverb, audio: Audio, rate: int, block: int) -> Audio:
    effect.reset()
    blocks = [
        effect.process(audio[:, start : start + block], rate, reset=False)
        for start in range(0, audio.shape[1], block)
    ]
    assert [each.shape[1] for each in blocks[:-1]] == [block] * (len(blocks) - 1)
    return np.concatenate(blocks, axis=1)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("frames", [1, 7])
def test_frames_in_pieces_give_what_the_network_gives_of_all(
    network: DereverbNetwork, session: InferenceSession, rate: int, frames: int
) -> None:
    spectrum = spectrum_of(torch.from_numpy(noise(rate // 2)), rate)
    whole = without_room(network, spectrum).numpy()
    missing = max(0, LOW_BINS + 1 - spectrum.shape[1])
    wet = np.pad(spectrum.numpy(), ((0, 0), (0, missing), (0, 0)))
    stream = StreamingNetwork(session, 2, wet.shape[1])
    pieces = [stream.process(wet[..., at : at + frames]) for at in range(0, wet.shape[2], frames)]
    done = np.concatenate(pieces, axis=2)[:, : spectrum.shape[1]]
    np.testing.assert_allclose(done, whole, atol=1e-4 * np.abs(whole).max())


@pytest.mark.parametrize("rate", RATES)
def test_the_stream_is_the_offline_result_a_frame_later(
    network: DereverbNetwork,
    session: InferenceSession,
    rate: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "DRY_DB", (-300.0, -299.0))  # everything is wet
    monkeypatch.setattr(streaming, "gains", lambda averages, weights, shares: np.float32(1.0))
    monkeypatch.setattr(streaming, "STAYS", 0.0)
    played = torch.from_numpy(noise(rate))
    wet = spectrum_of(played, rate)
    offline = audio_of(without_room(network, wet), rate, rate).numpy()
    effect = StreamingDereverb(session)
    heard = streamed(effect, played.numpy(), rate, 500)
    late = effect.latency_samples
    assert late <= 0.04 * rate
    np.testing.assert_allclose(heard[:, late:], offline[:, :-late], atol=2e-5)
    assert not heard[:, :late].any()


@pytest.mark.parametrize(("block", "early"), [(1, 0.0), (64, 50.0), (777, 0.0), (48_000, 100.0)])
def test_blocks_of_any_size_give_the_same(
    session: InferenceSession, block: int, early: float
) -> None:
    played = noise(6_000)
    effect = StreamingDereverb(session, early=early)
    whole = effect.process(played, 48_000)
    assert whole.shape == played.shape
    np.testing.assert_allclose(streamed(effect, played, 48_000, block), whole, atol=1e-6)


@pytest.mark.parametrize("amount", [100.0, 37.0])
def test_result_and_removed_part_are_the_input(session: InferenceSession, amount: float) -> None:
    played = noise(48_000)
    result, removed = (
        StreamingDereverb(session, amount=amount, listen=listen).process(played, 48_000)
        for listen in ("result", "removed")
    )
    assert removed.any()
    np.testing.assert_array_equal((result + removed)[:, 1536:], played[:, :-1536])


def test_no_amount_leaves_everything(session: InferenceSession) -> None:
    played = noise(20_000)
    heard = StreamingDereverb(session, amount=0.0).process(played, 48_000)
    np.testing.assert_array_equal(heard[:, 1536:], played[:, :-1536])


def test_early_reflections_are_found_and_late_ones_are_not() -> None:
    rng = np.random.default_rng(8)
    dry = (rng.standard_normal((1, 3, 600)) + 1j * rng.standard_normal((1, 3, 600))).astype(
        np.complex64
    )
    early, late = np.zeros_like(dry), np.zeros_like(dry)
    early[..., 2:] = np.complex64(0.5 - 0.3j) * dry[..., :-2]
    late[..., 12:] = 0.5 * dry[..., :-12]

    def found(wet: streaming.Spectrum) -> streaming.Spectrum:
        reflections = EarlyReflections(1, 3)
        frames = [reflections(wet[..., [at]], dry[..., [at]]) for at in range(600)]
        return np.concatenate(frames, axis=2)[..., 300:]  # once the filters have settled

    np.testing.assert_allclose(found(dry + early), early[..., 300:], atol=0.02)
    assert np.square(np.abs(found(dry + late))).mean() < 0.05 * np.square(np.abs(late)).mean()


def test_early_reflections_stay_as_far_as_one_wants(session: InferenceSession) -> None:
    played = noise(48_000)
    removed = [
        np.square(
            StreamingDereverb(session, early=early, listen="removed").process(played, 48_000)
        ).sum()
        for early in (0.0, 50.0, 100.0)
    ]
    assert removed[0] > removed[1] > removed[2] > 0.0


def test_a_floor_of_0_db_lets_nothing_be_lowered(session: InferenceSession) -> None:
    played = noise(20_000)
    free, held = (
        np.square(StreamingDereverb(session, floor_db=floor_db).process(played, 48_000)).sum()
        for floor_db in (-80.0, 0.0)
    )
    assert held > free


def test_silence_stays_silence(session: InferenceSession) -> None:
    effect = StreamingDereverb(session)
    assert not effect.process(np.zeros((2, 20_000), np.float32), 48_000).any()


def test_a_source_stays_where_it_is_between_the_channels(session: InferenceSession) -> None:
    left = noise(40_000, channels=1)
    heard = StreamingDereverb(session).process(np.concatenate([left, 0.25 * left]), 48_000)
    np.testing.assert_allclose(heard[1], 0.25 * heard[0], atol=2e-4)


def test_a_new_stream_knows_nothing_of_the_last(session: InferenceSession) -> None:
    effect = StreamingDereverb(session)
    first = effect.process(noise(9_000), 48_000)
    effect.process(noise(9_000, channels=1), 44_100)
    np.testing.assert_array_equal(effect.process(noise(9_000), 48_000), first)


def test_what_has_been_dry_is_left_as_it_is(session: InferenceSession) -> None:
    effect = StreamingDereverb(session)
    effect.process(noise(1_000), 48_000)
    rng = np.random.default_rng(6)
    wet, other = (
        (rng.standard_normal((2, 700, 40)) + 1j * rng.standard_normal((2, 700, 40))).astype(
            np.complex64
        )
        for _ in range(2)
    )
    for dry, share in ((0.8 * wet, 0.0), (wet + 0.02 * other, 0.0), (wet + 0.5 * other, 1.0)):
        effect._wetness = Recursion(100.0)
        assert (effect._share(wet, dry) == share).all()
    effect._wetness = Recursion(100.0)
    assert not effect._share(np.zeros_like(wet), np.zeros_like(wet)).any()


def test_it_runs_without_torch(network: DereverbNetwork, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(onnx_model(network).SerializeToString())
    code = (
        "import sys\nfrom pathlib import Path\nimport numpy as np\n"
        "from tonewright.models.dereverb.session import open_session\n"
        "from tonewright.models.dereverb.streaming import StreamingDereverb\n"
        f"session = open_session(Path({str(tmp_path / 'model.onnx')!r}).read_bytes())\n"
        "audio = np.ones((1, 9_000), np.float32)\n"
        "print(StreamingDereverb(session).process(audio, 48_000).shape[1])\n"
        "print(*{'torch', 'onnx', 'safetensors'} & set(sys.modules))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["9000"]
