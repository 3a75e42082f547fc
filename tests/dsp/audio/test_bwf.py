from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.audio import pcm
from tonewright.dsp.audio.bwf import Broadcast, broadcast_chunk, read_broadcast
from tonewright.dsp.audio.chunks import riff_chunks
from tonewright.dsp.audio.file import probe, read
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.audio.writer import AudioWriter, Encoding
from tonewright.dsp.errors import MediaError

BROADCAST = Broadcast(
    description="Scene 4, take 2",
    originator="Tonewright",
    originator_reference="TW0001",
    origination_date="2025-02-28",
    origination_time="10:11:12",
    time_reference_samples=48_000 * 3_600 * 30 + 7,  # more than 32 bits
    coding_history="A=PCM,F=48000,W=24,M=stereo\nT=Tonewright",
)


def write(path: Path, audio: Audio, depth: str = "24", broadcast: Broadcast = BROADCAST) -> None:
    with AudioWriter(path, 48_000, 2, Encoding("wav", depth), broadcast=broadcast) as writer:
        writer.write(audio)


@pytest.mark.parametrize("depth", ["16", "24", "32f"])
def test_what_was_written_is_read(tmp_path: Path, music: Audio, depth: str) -> None:
    path = tmp_path / "take.wav"
    write(path, music, depth)
    assert read_broadcast(path) == BROADCAST
    assert probe(path).time_reference_samples == BROADCAST.time_reference_samples
    with path.open("rb") as file:
        names = [chunk.name for chunk in riff_chunks(file)]
    assert names.index(b"bext") < names.index(b"data")
    samples, rate = soundfile.read(path, always_2d=True)
    assert rate == 48_000 and samples.shape == music.T.shape


def test_it_works_in_rf64(tmp_path: Path, music: Audio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcm, "LIMIT_BYTES", 100_000)
    path = tmp_path / "take.wav"
    write(path, music, "32f")
    assert path.read_bytes()[:4] == b"RF64"
    assert read_broadcast(path) == BROADCAST
    assert np.array_equal(read(path)[0], music)


def test_the_fields_stand_where_the_standard_says() -> None:
    chunk = broadcast_chunk(BROADCAST)
    assert chunk[:15] == b"Scene 4, take 2" and chunk[15:256] == bytes(241)
    assert chunk[256:266] == b"Tonewright"
    assert chunk[288:294] == b"TW0001"
    assert chunk[320:338] == b"2025-02-2810:11:12"
    assert int.from_bytes(chunk[338:346], "little") == BROADCAST.time_reference_samples
    assert chunk[346:348] == b"\1\0"
    assert chunk[602:].rstrip(b"\0") == b"A=PCM,F=48000,W=24,M=stereo\r\nT=Tonewright\r\n"


def test_long_and_foreign_texts_are_cut_and_replaced(tmp_path: Path, music: Audio) -> None:
    path = tmp_path / "take.wav"
    write(path, music, broadcast=Broadcast(description="x" * 300, originator="Żółć studio"))
    back = read_broadcast(path)
    assert back is not None
    assert back.description == "x" * 256 and back.originator == "???? studio"


@pytest.mark.parametrize("time_reference", [-1, 2**64])
def test_an_impossible_time_is_refused(time_reference: int) -> None:
    with pytest.raises(ValueError, match=str(time_reference)):
        Broadcast(time_reference_samples=time_reference)


def test_a_file_without_the_chunk_has_none(media: dict[str, Path]) -> None:
    assert read_broadcast(media["wav16"]) is None
    assert read_broadcast(media["flac"]) is None
    assert probe(media["wav16"]).time_reference_samples is None


def test_a_short_chunk_or_a_missing_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "short.wav"
    path.write_bytes(b"RIFF\x10\0\0\0WAVEbext\x04\0\0\0abcd")
    with pytest.raises(MediaError, match="bext"):
        read_broadcast(path)
    with pytest.raises(MediaError, match=r"missing\.wav"):
        read_broadcast(tmp_path / "missing.wav")
