from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tonewright.dsp.audio.file import AudioReader, probe, read, seeks_quickly
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import MediaError

RATE = 48_000
LENGTH = 72_000

EXACT = {  # format, codec, length: None where the format itself pads
    "wav16": ("WAV", "PCM_16", LENGTH),
    "wav32f": ("WAV", "FLOAT", LENGTH),
    "rf64": ("RF64", "PCM_24", LENGTH),
    "w64": ("W64", "PCM_16", LENGTH),
    "aiff": ("AIFF", "PCM_24", LENGTH),
    "flac": ("FLAC", "PCM_24", LENGTH),
    "vorbis": ("OGG", "VORBIS", LENGTH),
    "opus": ("OGG", "OPUS", LENGTH),
    "mp3": ("MP3", "MP3", LENGTH),
    "m4a": ("MP4", "AAC", None),
    "alac": ("MP4", "ALAC", LENGTH),
    "mp4": ("MP4", "AAC", None),
    "mov": ("MP4", "PCM_S16LE", LENGTH),
    "mkv": ("MATROSKA", "AAC", None),
    "webm": ("MATROSKA", "OPUS", LENGTH),
    "adts": ("AAC", "AAC", None),
}
LOSSLESS_TOLERANCE = {"wav16": 2**-15, "wav32f": 0, "rf64": 2**-23, "w64": 2**-15, "aiff": 2**-23,
                      "flac": 2**-23, "alac": 2**-15, "mov": 2**-15}  # fmt: skip


def refusal(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        probe(path)
    message = str(caught.value)
    assert str(path) in message and "\n" not in message and ";" in message
    return message


@pytest.mark.parametrize("kind", EXACT)
def test_probe_tells_what_a_file_is_whatever_its_name(kind: str, media: dict[str, Path]) -> None:
    info = probe(media[kind])
    container, codec, length = EXACT[kind]
    assert (info.format, info.subtype) == (container, codec)
    assert (info.sample_rate, info.channels) == (RATE, 2)
    audio, sample_rate = read(media[kind])
    assert audio.dtype == np.float32 and sample_rate == RATE
    assert audio.shape == (2, info.length_samples)
    if length is not None:
        assert info.length_samples == length
    else:  # AAC comes in frames of 1,024
        assert LENGTH <= info.length_samples < LENGTH + 4 * 1024
    assert info.duration_seconds == info.length_samples / RATE


@pytest.mark.parametrize("kind", EXACT)
def test_what_is_decoded_from_its_start_does_not_seek_quickly(
    kind: str, media: dict[str, Path]
) -> None:
    quick = {"wav16", "wav32f", "rf64", "w64", "aiff", "flac"}
    assert seeks_quickly(media[kind]) is (kind in quick)


@pytest.mark.parametrize("kind", LOSSLESS_TOLERANCE)
def test_lossless_samples_are_the_samples(kind: str, media: dict[str, Path], music: Audio) -> None:
    audio, _ = read(media[kind])
    assert np.abs(audio - music).max() <= LOSSLESS_TOLERANCE[kind]


@pytest.mark.parametrize("kind", ["vorbis", "opus", "mp3", "m4a", "mp4", "mkv", "webm"])
def test_lossy_sound_stays_where_it_was(kind: str, media: dict[str, Path], music: Audio) -> None:
    decoded = read(media[kind])[0][0, :LENGTH].astype(float)
    wanted = music[0].astype(float)
    spectrum = np.fft.rfft(decoded, 2 * LENGTH) * np.conj(np.fft.rfft(wanted, 2 * LENGTH))
    assert np.argmax(np.fft.irfft(spectrum)) == 0


@pytest.mark.parametrize("kind", EXACT)
def test_a_seek_gives_the_slice_of_the_whole(kind: str, media: dict[str, Path]) -> None:
    whole, _ = read(media[kind])
    length = whole.shape[1]
    with AudioReader(media[kind]) as reader:
        for start in (30_000, 1, length - 300, length, length + 5, 47_999, 48_001, 0):
            reader.seek(start)
            part = reader.read(1_000)
            assert np.array_equal(part, whole[:, start : start + 1_000]), start
            assert np.array_equal(reader.read(77), whole[:, start + 1_000 : start + 1_077])
    part, _ = read(media[kind], 12_345, 6_789)
    assert np.array_equal(part, whole[:, 12_345 : 12_345 + 6_789])


@pytest.mark.parametrize("kind", ["wav16", "vorbis", "mkv"])
def test_blocks_join_to_the_whole(kind: str, media: dict[str, Path]) -> None:
    whole, _ = read(media[kind])
    with AudioReader(media[kind]) as reader:
        blocks = list(reader.blocks(4_801))
    assert {block.shape[1] for block in blocks[:-1]} == {4_801}
    assert np.array_equal(np.concatenate(blocks, axis=1), whole)


@pytest.mark.parametrize("length", [1, 100, 5_000, 20_000])
@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_short_ogg_files_have_their_true_length(
    tmp_path: Path, music: Audio, subtype: str, length: int
) -> None:
    path = tmp_path / "short.ogg"
    soundfile.write(path, music[:, :length].T, RATE, format="OGG", subtype=subtype)
    assert probe(path).length_samples == length == read(path)[0].shape[1]


def test_the_name_does_not_matter(tmp_path: Path, media: dict[str, Path]) -> None:
    for name, kind in (("song.raw", "wav16"), ("song.wav", "m4a"), ("song.mp3", "flac")):
        path = tmp_path / name
        path.write_bytes(media[kind].read_bytes())
        assert probe(path).format == EXACT[kind][0]


def test_a_name_may_look_like_an_address(
    tmp_path: Path, media: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data:song.mp3").write_bytes(media["mp3"].read_bytes())
    assert probe("data:song.mp3").length_samples == LENGTH


def test_flac_of_unknown_length_is_counted(tmp_path: Path, media: dict[str, Path]) -> None:
    content = bytearray(media["flac"].read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path = tmp_path / "stream.flac"
    path.write_bytes(content)
    assert probe(path).length_samples == LENGTH


@pytest.mark.parametrize("share", [0.001, 0.01, 0.5, 0.98])
@pytest.mark.parametrize("kind", EXACT)
def test_a_file_that_was_cut_off_is_refused(
    kind: str, share: float, tmp_path: Path, media: dict[str, Path]
) -> None:
    content = media[kind].read_bytes()
    path = tmp_path / "cut"
    # Ten bytes off, so that a cut between two frames of a format without any length is none here.
    path.write_bytes(content[: round(len(content) * share) - 10])
    message = refusal(path)
    if share > 0.4:
        assert "cut off" in message or "cannot be decoded from" in message


def test_the_message_says_how_much_is_readable(tmp_path: Path, media: dict[str, Path]) -> None:
    path = tmp_path / "cut.wav"
    path.write_bytes(media["wav16"].read_bytes()[: 44 + RATE * 4])
    assert "1.00 s can be decoded" in refusal(path)
    flac = tmp_path / "cut.flac"
    content = media["flac"].read_bytes()
    flac.write_bytes(content[: len(content) * 2 // 3])
    assert "of 1.50 s" in refusal(flac)


def test_a_header_that_promises_4_gb_is_refused(tmp_path: Path, media: dict[str, Path]) -> None:
    content = bytearray(media["wav16"].read_bytes()[:1024])
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    path = tmp_path / "huge.wav"
    path.write_bytes(content)
    assert "promises 4,294,967,339 bytes and holds 1,024" in refusal(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 5_000,
        b"\xff" * 5_000,
        b"just some text\n" * 300,
        b"RIFF",
        b"RIFF\x24\0\0\0WAVE",
        b"fLaC",
        b"OggS",
        b"\x1a\x45\xdf\xa3",
        b"ID3",
        np.random.default_rng(3).bytes(9_000),
    ],
)
def test_what_is_no_audio_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "garbage.wav"
    path.write_bytes(content)
    refusal(path)


def test_a_playlist_opens_no_other_file(tmp_path: Path, media: dict[str, Path]) -> None:
    song = media["mp3"]
    for text in (f"#EXTM3U\n#EXTINF:1,\n{song}\n", f"ffconcat version 1.0\nfile {song}\n"):
        path = tmp_path / "list.mp3"
        path.write_text(text)
        refusal(path)


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nothing.wav"
    soundfile.write(path, np.zeros((0, 2)), RATE)
    assert "no samples" in refusal(path)


def test_a_video_without_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        output.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        output.mux(stream.encode(None))
    assert "has no sound" in refusal(path)


@pytest.mark.parametrize(("rate", "channels"), [(4_000, 1), (384_000, 1), (48_000, 9)])
def test_rates_and_channels_out_of_range_are_refused(
    tmp_path: Path, rate: int, channels: int
) -> None:
    path = tmp_path / "odd.wav"
    soundfile.write(path, np.zeros((100, channels)), rate)
    assert "outside" in refusal(path)


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (192_000, 1), (48_000, 8)])
def test_the_ends_of_the_range_are_taken(tmp_path: Path, rate: int, channels: int) -> None:
    path = tmp_path / "fine.wav"
    soundfile.write(path, np.zeros((100, channels)), rate)
    info = probe(path)
    assert (info.sample_rate, info.channels, info.length_samples) == (rate, channels, 100)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_named_with_their_place(tmp_path: Path, bad: float) -> None:
    samples = np.zeros((100_000, 2), np.float32)
    samples[70_123, 1] = bad
    path = tmp_path / "bad.wav"
    soundfile.write(path, samples, RATE, "FLOAT")
    with pytest.raises(MediaError, match=r"sample 70123 \(1\.46 s\) of channel 2"):
        read(path)


def test_what_cannot_be_opened_is_an_error_of_one_line(tmp_path: Path) -> None:
    refusal(tmp_path / "missing.wav")
    refusal(tmp_path)


def test_positions_and_lengths_below_zero_are_arguments(media: dict[str, Path]) -> None:
    with AudioReader(media["wav16"]) as reader:
        with pytest.raises(ValueError, match="-1"):
            reader.seek(-1)
        with pytest.raises(ValueError, match="-1"):
            reader.read(-1)


@settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kind=st.sampled_from(list(EXACT)),
    length=st.integers(1, 30_000),
    changes=st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 255)), max_size=20),
)
def test_a_damaged_file_is_read_or_refused(
    kind: str, length: int, changes: list[tuple[int, int]], tmp_path: Path, media: dict[str, Path]
) -> None:
    content = bytearray(media[kind].read_bytes()[:length])
    for position, value in changes:
        content[position % min(len(content), 600)] = value
    path = tmp_path / "damaged"
    path.write_bytes(content)
    try:
        audio, _ = read(path)
    except MediaError as error:
        assert str(path) in str(error) and "\n" not in str(error)
    else:
        assert np.isfinite(audio).all()
