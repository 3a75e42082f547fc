import io
from pathlib import Path

import pytest

from tonewright.dsp.audio.intact import shortfall

WITHOUT_LENGTH = ("flac", "adts")


@pytest.fixture(params=["wav16", "wav32f", "rf64", "w64", "aiff", "vorbis", "opus", "mp3", "m4a",
                        "alac", "mov", "mkv", "webm"])  # fmt: skip
def content(request: pytest.FixtureRequest, media: dict[str, Path]) -> bytes:
    return media[request.param].read_bytes()


def test_a_whole_file_lacks_nothing(content: bytes) -> None:
    assert shortfall(io.BytesIO(content)) is None


@pytest.mark.parametrize("missing", [0.02, 0.5, 0.9])
def test_a_cut_is_seen(content: bytes, missing: float) -> None:
    assert shortfall(io.BytesIO(content[: round(len(content) * (1 - missing))])) is not None


@pytest.mark.parametrize("kind", ["wav16", "aiff", "mp3", "m4a", "vorbis"])
def test_what_follows_a_file_does_no_harm(kind: str, media: dict[str, Path]) -> None:
    assert shortfall(io.BytesIO(media[kind].read_bytes() + b"TAG" + bytes(125))) is None


def test_an_id3_tag_before_an_mp3_is_stepped_over(media: dict[str, Path]) -> None:
    tag = b"ID3\x04\0\0" + bytes([0, 0, 2, 1]) + bytes(257)
    song = media["mp3"].read_bytes()
    song = song[song.index(b"\xff\xfb") :]
    assert shortfall(io.BytesIO(tag + song)) is None
    assert shortfall(io.BytesIO(tag + song[:-500])) is not None


def test_a_live_matroska_promises_nothing() -> None:
    head = b"\x1a\x45\xdf\xa3\x80" + b"\x18\x53\x80\x67" + b"\x01" + b"\xff" * 7
    assert shortfall(io.BytesIO(head)) is None
    assert shortfall(io.BytesIO(head[:-8] + b"\x88")) == "it promises 18 bytes and holds 10"


def test_other_files_are_not_judged() -> None:
    for content in (b"", b"RIFF", b"text" * 100, bytes(100)):
        assert shortfall(io.BytesIO(content)) is None
