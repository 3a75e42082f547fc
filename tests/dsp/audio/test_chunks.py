import io

from tonewright.dsp.audio.chunks import (
    Chunk,
    aiff_chunks,
    mp4_boxes,
    riff_chunks,
    size_of,
    w64_chunks,
)


def test_odd_chunks_are_padded() -> None:
    body = b"odd \x03\0\0\0abc\0" + b"data\x04\0\0\0wxyz"
    file = io.BytesIO(b"RIFF\0\0\0\0WAVE" + body)
    assert list(riff_chunks(file)) == [Chunk(b"odd ", 20, 3), Chunk(b"data", 32, 4)]
    assert size_of(file) == 36


def test_rf64_data_is_as_long_as_ds64_says() -> None:
    sizes = bytes(8) + (6).to_bytes(8, "little") + bytes(12)
    body = b"ds64\x1c\0\0\0" + sizes + b"data\xff\xff\xff\xff" + b"abcdef" + b"bext\0\0\0\0"
    chunks = riff_chunks(io.BytesIO(b"RF64\xff\xff\xff\xffWAVE" + body))
    found = [(chunk.name, chunk.length) for chunk in chunks]
    assert found == [(b"ds64", 28), (b"data", 6), (b"bext", 0)]


def test_a_chunk_may_promise_more_than_there_is() -> None:
    file = io.BytesIO(b"FORM\0\0\0\0AIFFSSND\x00\x01\x00\x00abc")
    (chunk,) = aiff_chunks(file)
    assert (chunk.name, chunk.end) == (b"SSND", 20 + 65_536)


def test_boxes_may_be_long_or_last() -> None:
    long = b"\0\0\0\x01mdat" + (20).to_bytes(8, "big") + b"abcd"
    file = io.BytesIO(b"\0\0\0\x08ftyp" + long + b"\0\0\0\0mdat" + b"xyz")
    assert list(mp4_boxes(file)) == [
        Chunk(b"ftyp", 8, 0),
        Chunk(b"mdat", 24, 4),
        Chunk(b"mdat", 36, 3),
    ]


def test_other_files_have_no_chunks() -> None:
    for content in (b"", b"RIFF\0\0\0\0AVI LIST\0\0\0\0", b"FORM\0\0\0\0ILBM", bytes(200)):
        for chunks in (riff_chunks, aiff_chunks, w64_chunks, mp4_boxes):
            assert list(chunks(io.BytesIO(content))) == []
