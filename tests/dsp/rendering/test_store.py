import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.errors import RenderError
from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack
from tonewright.dsp.project.document import Note
from tonewright.dsp.rendering.store import Store

KEY, OTHER = "a" * 64, "b" * 64


def noise(length_samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((2, length_samples)).astype(np.float32)


def put(store: Store, key: str, *blocks: np.ndarray) -> None:
    with store.write(key, sample_rate=48_000, recipe={"label": "test"}) as out:
        for block in blocks:
            out.add(block)


def files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.rglob("*") if each.is_file())


def test_what_was_written_comes_back_bit_for_bit(tmp_path: Path) -> None:
    store = Store(tmp_path)
    blocks = [noise(1_000), np.zeros((2, 5_000), np.float32), noise(77, 1)]
    put(store, KEY, *blocks)
    found = store.get(KEY)
    assert found is not None
    assert (found.sample_rate, found.channels, found.length_samples) == (48_000, 2, 6_077)
    assert found.recipe == {"label": "test"}
    back = np.concatenate(list(store.read(KEY, 512)), axis=1)
    assert np.array_equal(back, np.concatenate(blocks, axis=1))


def test_reading_may_begin_anywhere(tmp_path: Path) -> None:
    store = Store(tmp_path)
    audio = noise(1_000)
    put(store, KEY, audio)
    for start in (0, 1, 700):
        joined = np.concatenate([*store.read(KEY, 300, start)], axis=1)
        assert np.array_equal(joined, audio[:, start:])
    assert [*store.read(KEY, 300, 1_000)] == []
    assert [*store.read(KEY, 300, 5_000)] == []


def test_silence_at_the_end_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, KEY, noise(10), np.zeros((2, 90), np.float32))
    assert sum(block.shape[1] for block in store.read(KEY, 16)) == 100


def test_a_result_of_no_length_is_a_result(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, KEY)
    assert store.get(KEY) is not None
    assert list(store.read(KEY, 16)) == []


def test_nothing_appears_when_the_work_fails(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(ZeroDivisionError), store.write(KEY, sample_rate=1, recipe={}) as out:
        out.add(noise(10))
        raise ZeroDivisionError
    assert store.get(KEY) is None
    assert files(tmp_path) == []


def test_a_damaged_result_is_not_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, KEY, noise(100))
    os.truncate(store.path(KEY), 100)
    assert store.get(KEY) is None
    put(store, OTHER, noise(100))
    store.path(OTHER).with_suffix(".json").write_text("{", "utf-8")
    assert store.get(OTHER) is None
    with pytest.raises(RenderError, match="render again"):
        next(store.read(OTHER, 16))


def test_a_killed_writer_leaves_no_result(tmp_path: Path) -> None:
    code = (
        "import os, numpy as np; from pathlib import Path\n"
        "from tonewright.dsp.rendering.store import Store\n"
        f"with Store(Path({str(tmp_path)!r})).write('{KEY}', sample_rate=1, recipe={{}}) as out:\n"
        "    out.add(np.ones((2, 1000), np.float32)); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert Store(tmp_path).get(KEY) is None
    put(Store(tmp_path), KEY, noise(10))
    assert Store(tmp_path).get(KEY) is not None


def test_what_the_dead_were_writing_is_cleared_away(tmp_path: Path) -> None:
    store = Store(tmp_path)
    parts = [store.path(KEY).with_suffix(f".{pid}-7f.part") for pid in (11, 12, 112)]
    parts[0].parent.mkdir()
    for part in parts:
        part.write_bytes(b"half")
    store.discard_parts(11)
    assert files(tmp_path) == sorted(part.name for part in parts[1:])
    os.utime(parts[1], (1_000_000, 1_000_000))
    store.prune()
    assert files(tmp_path) == [parts[2].name]


def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    # A limit on file size stands in for a full disk: the same OSError, at a size of our choice.
    code = (
        "import resource, signal, numpy as np; from pathlib import Path\n"
        "from tonewright.dsp.errors import RenderError\n"
        "from tonewright.dsp.rendering.store import Store\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        f"store = Store(Path({str(tmp_path)!r}))\n"
        "try:\n"
        f"    with store.write('{KEY}', sample_rate=1, recipe={{}}) as out:\n"
        "        out.add(np.ones((2, 10000), np.float32))\n"
        "except RenderError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "cannot store rendered audio" in done.stdout
    assert "TONEWRIGHT_CACHE" in done.stdout
    assert files(tmp_path) == []


def test_prune_deletes_what_was_used_longest_ago(tmp_path: Path) -> None:
    store = Store(tmp_path, limit_bytes=20_000)
    keys = [digit * 64 for digit in "cde"]
    for age, key in enumerate(keys):
        put(store, key, noise(1_000))
        description = store.path(key).with_suffix(".json")
        os.utime(description, (1_000_000 + age, 1_000_000 + age))
    store.prune()
    assert [store.get(key) is not None for key in keys] == [False, True, True]
    store.limit_bytes = 0
    store.prune(keep={keys[1]})
    assert [store.get(key) is not None for key in keys] == [False, True, False]
    store.clear()
    assert files(tmp_path) == []


def test_looking_at_all_files_is_done_once_a_minute(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", limit_bytes=0)
    store.prune_if_due()
    assert not store.folder.exists()
    put(store, KEY, noise(100))
    store.prune_if_due()
    assert store.get(KEY) is None
    put(store, KEY, noise(100))
    Store(store.folder, limit_bytes=0).prune_if_due()
    assert store.get(KEY) is not None
    for stamp in (each for each in store.folder.iterdir() if each.is_file()):
        os.utime(stamp, (1_000_000, 1_000_000))
    store.prune_if_due()
    assert store.get(KEY) is None


def test_notes_are_kept_and_pruned_like_audio(tmp_path: Path) -> None:
    store = Store(tmp_path, limit_bytes=0)
    notes = MidiSequence(960, tracks=(MidiTrack("tune", (Note(60, 90, 0, 480),)),))
    store.write_notes(KEY, notes)
    assert store.notes(KEY) == notes
    assert store.notes(OTHER) is None
    store.prune(keep={KEY})
    assert store.notes(KEY) == notes
    store.prune()
    assert store.notes(KEY) is None
    assert files(tmp_path) == []


def test_damaged_notes_are_made_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write_notes(KEY, MidiSequence(960))
    store.path(KEY).with_suffix(".mid").write_bytes(b"MThd")
    assert store.notes(KEY) is None
