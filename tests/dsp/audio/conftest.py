"""Small media of every kind that the engine reads, made by other people's encoders."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from tonewright.dsp.audio.signal import Audio

RATE = 48_000


def encode(path: Path, codec: str, audio: Audio, container: str | None = None) -> None:
    """Write stereo with FFmpeg."""
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=RATE)
        stream.layout = "stereo"
        for start in range(0, audio.shape[1], 1024):
            piece = np.ascontiguousarray(audio[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = RATE, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def encode_sndfile(path: Path, kind: str, subtype: str, audio: Audio) -> None:
    soundfile.write(path, audio.T, RATE, format=kind, subtype=subtype)


KINDS: dict[str, Callable[[Path, Audio], None]] = {
    "wav16": lambda path, audio: encode_sndfile(path, "WAV", "PCM_16", audio),
    "wav32f": lambda path, audio: encode_sndfile(path, "WAV", "FLOAT", audio),
    "rf64": lambda path, audio: encode_sndfile(path, "RF64", "PCM_24", audio),
    "w64": lambda path, audio: encode_sndfile(path, "W64", "PCM_16", audio),
    "aiff": lambda path, audio: encode_sndfile(path, "AIFF", "PCM_24", audio),
    "flac": lambda path, audio: encode_sndfile(path, "FLAC", "PCM_24", audio),
    "vorbis": lambda path, audio: encode_sndfile(path, "OGG", "VORBIS", audio),
    "opus": lambda path, audio: encode_sndfile(path, "OGG", "OPUS", audio),
    "mp3": lambda path, audio: encode(path, "libmp3lame", audio, "mp3"),
    "m4a": lambda path, audio: encode(path, "aac", audio, "ipod"),
    "alac": lambda path, audio: encode(path, "alac", audio, "ipod"),
    "mp4": lambda path, audio: encode(path, "aac", audio, "mp4"),
    "mov": lambda path, audio: encode(path, "pcm_s16le", audio, "mov"),
    "mkv": lambda path, audio: encode(path, "aac", audio, "matroska"),
    "webm": lambda path, audio: encode(path, "libopus", audio, "webm"),
    "adts": lambda path, audio: encode(path, "aac", audio, "adts"),
}


@pytest.fixture(scope="session")
def music() -> Audio:
    """1.5 s of stereo: gliding tones, noise and a click; nothing in it repeats."""
    time = np.arange(72_000) / RATE
    tones = [np.sin(2 * np.pi * (base + 300 * time) * time) for base in (200, 290)]
    audio = 0.3 * np.stack(tones)
    audio += 0.02 * np.random.default_rng(7).standard_normal(audio.shape)
    audio[:, 1000] += 0.3
    return audio.astype(np.float32)


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory, music: Audio) -> dict[str, Path]:
    """One file of each kind with the same music; the names tell nothing of the content."""
    folder = tmp_path_factory.mktemp("media")
    paths = {kind: folder / f"{kind}.media" for kind in KINDS}
    for kind, write in KINDS.items():
        write(paths[kind], music)
    return paths
