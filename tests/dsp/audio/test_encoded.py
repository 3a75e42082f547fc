import io

import av
import numpy as np
import soundfile

from tonewright.dsp.audio.encoded import set_ogg_serial


def vorbis() -> io.BytesIO:
    file = io.BytesIO()
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (96_000, 2))
    soundfile.write(file, audio, 48_000, format="OGG", subtype="VORBIS")
    return file


def serials(content: bytes) -> set[int]:
    found, position = set(), 0
    while position < len(content):
        assert content[position : position + 4] == b"OggS"
        table = content[position + 27 : position + 27 + content[position + 26]]
        found.add(int.from_bytes(content[position + 14 : position + 18], "little"))
        position += 27 + len(table) + sum(table)
    return found


def test_all_pages_get_the_number_and_a_checksum_that_decoders_accept() -> None:
    file = vorbis()
    before, _ = soundfile.read(io.BytesIO(file.getvalue()))
    set_ogg_serial(file, 0xDEADBEEF)
    assert serials(file.getvalue()) == {0xDEADBEEF}
    after, _ = soundfile.read(io.BytesIO(file.getvalue()))
    assert np.array_equal(before, after)
    with av.open(io.BytesIO(file.getvalue())) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == 96_000


def test_the_checksum_is_that_of_the_encoder() -> None:
    file = vorbis()
    original = file.getvalue()
    (serial,) = serials(original)
    set_ogg_serial(file, 1)
    assert file.getvalue() != original
    set_ogg_serial(file, serial)
    assert file.getvalue() == original
