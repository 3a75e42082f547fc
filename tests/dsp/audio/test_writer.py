import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.audio.bwf import Broadcast
from tonewright.dsp.audio.dither import Dither
from tonewright.dsp.audio.file import probe, read
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.audio.writer import AudioWriter, Encoding
from tonewright.dsp.errors import ExportError

ENCODINGS = [
    Encoding(container, depth)
    for container, depths in (
        ("wav", ("16", "24", "32f")),
        ("aiff", ("16", "24", "32f")),
        ("flac", ("16", "24")),
        ("ogg", ("16",)),
    )
    for depth in depths
]


def name(encoding: Encoding) -> str:
    return f"{encoding.container}-{encoding.depth}"


def write(path: Path, audio: Audio, encoding: Encoding, block: int = 10_000, seed: int = 0) -> int:
    with AudioWriter(path, 48_000, audio.shape[0], encoding, seed=seed) as writer:
        for start in range(0, audio.shape[1], block):
            writer.write(audio[:, start : start + block])
    return writer.clipped_samples


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name)
@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
def test_what_was_written_is_read_by_others_and_us(
    tmp_path: Path, encoding: Encoding, channels: int
) -> None:
    audio = np.random.default_rng(channels).uniform(-0.7, 0.7, (channels, 20_001))
    audio = audio.astype(np.float32)
    path = tmp_path / "song"
    assert write(path, audio, encoding) == 0
    info = probe(path)
    assert (info.sample_rate, info.channels, info.length_samples) == (48_000, channels, 20_001)
    ours, _ = read(path)
    theirs, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == 48_000 and np.array_equal(ours, theirs.T)
    if encoding.container == "ogg":
        return
    assert info.format.lower() == encoding.container
    if encoding.depth == "32f":
        assert np.array_equal(ours, audio)
    else:
        bits = int(encoding.depth)
        assert np.array_equal(ours.T, Dither(bits).quantize(audio) / np.float32(2 ** (bits - 1)))


def test_ogg_sounds_like_what_was_written(tmp_path: Path, music: Audio) -> None:
    errors = []
    for quality in (0.1, 0.9):
        path = tmp_path / "song.ogg"
        write(path, music, Encoding("ogg", quality=quality))
        errors.append(float(np.sqrt(np.mean((read(path)[0] - music) ** 2))))
    assert errors[1] < 0.01 and errors[1] < errors[0] / 2


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name)
def test_the_bytes_depend_on_audio_and_seed_only(
    tmp_path: Path, music: Audio, encoding: Encoding
) -> None:
    contents = set()
    for block in (777, 10_000, music.shape[1]):
        write(tmp_path / "song", music, encoding, block)
        contents.add((tmp_path / "song").read_bytes())
    assert len(contents) == 1
    write(tmp_path / "song", music, encoding, seed=1)
    assert ((tmp_path / "song").read_bytes() in contents) == (encoding.depth == "32f")


def test_another_process_writes_the_same_bytes(tmp_path: Path, music: Audio) -> None:
    script = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from tonewright.dsp.audio.writer import AudioWriter, Encoding\n"
        "audio = np.load(sys.argv[1])\n"
        "for container in ('wav', 'aiff', 'flac', 'ogg'):\n"
        "    depth = '24' if container == 'flac' else '32f'\n"
        "    path = Path(sys.argv[2]) / container\n"
        "    with AudioWriter(path, 48_000, 2, Encoding(container, depth)) as w: w.write(audio)\n"
    )
    np.save(tmp_path / "audio.npy", music)
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        arguments = [sys.executable, "-c", script, str(tmp_path / "audio.npy")]
        subprocess.run([*arguments, str(tmp_path / run)], check=True)
    for container in ("wav", "aiff", "flac", "ogg"):
        first, second = (tmp_path / run / container for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name)
def test_full_scale_is_a_limit_for_integers_only(tmp_path: Path, encoding: Encoding) -> None:
    audio = np.tile(np.array([[0.5, 1.5, -1.5, 0.25]], np.float32), (2, 2_000))
    clipped = write(tmp_path / "loud", audio, encoding)
    assert clipped == (8_000 if encoding.dithered else 0)
    if encoding.depth == "32f":
        assert np.abs(read(tmp_path / "loud")[0]).max() == 1.5


def test_the_file_appears_when_it_is_complete(tmp_path: Path, music: Audio) -> None:
    path = tmp_path / "song"
    with AudioWriter(path, 48_000, 2, Encoding()) as writer:
        writer.write(music)
        assert not path.exists()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name)
def test_an_error_leaves_what_was_there(tmp_path: Path, music: Audio, encoding: Encoding) -> None:
    path = tmp_path / "song"
    path.write_bytes(b"before")
    with (
        pytest.raises(RuntimeError, match="stop"),
        AudioWriter(path, 48_000, 2, encoding) as writer,
    ):
        writer.write(music)
        raise RuntimeError("stop")
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name)
def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path, encoding: Encoding) -> None:
    """With a limit on file sizes in a process of its own, at three places of the file."""
    script = (
        "import resource, sys, numpy as np\n"
        "from tonewright.dsp.audio.writer import AudioWriter, Encoding\n"
        "from tonewright.dsp.errors import ExportError\n"
        "audio = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 48_000)).astype(np.float32)\n"
        "for limit in (20, 3_000, 10_000):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))\n"
        "    try:\n"
        "        with AudioWriter(sys.argv[1], 48_000, 2, Encoding(*sys.argv[2:])) as writer:\n"
        "            writer.write(audio)\n"
        "    except ExportError as error:\n"
        "        print(error)\n"
    )
    path = tmp_path / "song"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), encoding.container, encoding.depth],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    for line in lines:
        assert line.startswith(f"{path}: cannot be written") and "make room" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["no/such/song.wav", "folder", "file/song.wav"])
def test_a_target_that_cannot_be_is_an_error(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ExportError) as caught:
        AudioWriter(tmp_path / place, 48_000, 2, Encoding())
    assert str(tmp_path / place) in str(caught.value) and ";" in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 96_000, 192_000])
@pytest.mark.parametrize("container", ["wav", "aiff", "flac", "ogg"])
def test_every_rate_can_be_written(tmp_path: Path, container: str, rate: int) -> None:
    path = tmp_path / "song"
    with AudioWriter(path, rate, 1, Encoding(container, "16")) as writer:
        writer.write(np.zeros((1, 500), np.float32))
    assert probe(path).sample_rate == rate


@pytest.mark.parametrize(
    "arguments",
    [{"container": "mp3"}, {"depth": "8"}, {"container": "flac", "depth": "32f"}, {"quality": 1.1}],
)
def test_other_encodings_are_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Encoding(**arguments)  # type: ignore[arg-type]


def test_bad_arguments_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "song"
    with pytest.raises(ValueError, match="4000"):
        AudioWriter(path, 4_000, 2, Encoding())
    with pytest.raises(ValueError, match="9"):
        AudioWriter(path, 48_000, 9, Encoding())
    with pytest.raises(ValueError, match="bext"):
        AudioWriter(path, 48_000, 2, Encoding("flac"), broadcast=Broadcast())
    with AudioWriter(path, 48_000, 2, Encoding()) as writer:
        with pytest.raises(ValueError, match="shape"):
            writer.write(np.zeros((1, 10), np.float32))
        with pytest.raises(ValueError, match="nan"):
            writer.write(np.full((2, 10), np.nan, np.float32))
    with pytest.raises(ValueError, match="closed"):
        writer.write(np.zeros((2, 10), np.float32))
