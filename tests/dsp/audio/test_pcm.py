import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.audio import pcm
from tonewright.dsp.audio.chunks import aiff_chunks, riff_chunks
from tonewright.dsp.audio.pcm import AiffFile, WavFile
from tonewright.dsp.errors import ExportError


def wav(samples: np.ndarray, depth: str) -> bytes:
    file = io.BytesIO()
    target = WavFile(file, 48_000, samples.shape[1], depth)
    target.write(samples)
    target.finish()
    return file.getvalue()


@pytest.mark.parametrize("depth", ["16", "24", "32f"])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_chunks_end_where_they_say(depth: str, channels: int) -> None:
    samples = np.zeros((7, channels), np.float32 if depth == "32f" else np.int32)
    content = wav(samples, depth)
    chunks = list(riff_chunks(io.BytesIO(content)))
    assert chunks[-1].name == b"data"
    assert chunks[-1].end + chunks[-1].length % 2 == len(content)
    assert int.from_bytes(content[4:8], "little") == len(content) - 8
    for fact in (chunk for chunk in chunks if chunk.name == b"fact"):
        assert content[fact.start : fact.end] == (7).to_bytes(4, "little")
    assert (b"fact" in content) == (depth == "32f")

    file = io.BytesIO()
    aiff = AiffFile(file, 48_000, channels, depth)
    aiff.write(samples)
    aiff.finish()
    sound = next(chunk for chunk in aiff_chunks(file) if chunk.name == b"SSND")
    assert sound.end + sound.length % 2 == len(file.getvalue())


def test_integers_keep_every_bit() -> None:
    samples = np.array([[-(2**23)], [2**23 - 1], [0x123456], [-1]], np.int32)
    back, _ = soundfile.read(io.BytesIO(wav(samples, "24")), dtype="int32", always_2d=True)
    assert np.array_equal(back >> 8, samples)


@pytest.mark.parametrize("channels", [2, 6])
def test_beyond_4_gb_it_becomes_rf64(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, channels: int
) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, (9_001, channels)).astype(np.float32)
    monkeypatch.setattr(pcm, "LIMIT_BYTES", 10_000)
    content = wav(samples, "32f")
    assert content[:4] == b"RF64" and content[12:16] == b"ds64"
    path = tmp_path / "long.wav"
    path.write_bytes(content)
    back, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == 48_000 and np.array_equal(back, samples)
    data = next(chunk for chunk in riff_chunks(io.BytesIO(content)) if chunk.name == b"data")
    assert data.length == samples.nbytes


def test_aiff_says_where_its_limit_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcm, "LIMIT_BYTES", 10_000)
    target = AiffFile(io.BytesIO(), 48_000, 2, "16")
    with pytest.raises(ExportError, match="4 GB"):
        target.write(np.zeros((3_000, 2), np.int32))
