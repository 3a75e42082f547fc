"""The store of rendered audio: content-addressed, complete or absent, safe to delete at any time.

``ab/<key>.f32`` holds interleaved float32 samples, ``ab/<key>.json`` their shape, rate and recipe.
``ab/<key>.mid`` holds notes that an effect has made.
A result is written beside its place and appears by being renamed; the JSON comes last, so a key
is there only when both are. Silent blocks are holes in the file and need no disk.

Where an effect failed and the sound went on dry, what was rendered is no result: it stands in for
one under a key of its own, until the next render.
"""

import json
import os
import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import platformdirs

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import ExportError, MediaError, RenderError
from tonewright.dsp.midi.sequence import MidiSequence
from tonewright.dsp.midi.smf import read_smf, write_smf

BYTES_PER_SAMPLE = 4
DEFAULT_LIMIT_BYTES = 20 * 10**9
STALE_SECONDS = 3600.0
PRUNE_SECONDS = 60.0
CACHE_VARIABLE = "TONEWRIGHT_CACHE"
_PRUNED = "pruned"  # a file whose time says when it was
_FAILURES = "failures"


def makeshift_key(key: str) -> str:
    """Return the key of what stands in for a result while an effect in it fails."""
    return f"{key}.dry"


def default_folder() -> Path:
    """Return the store's folder: ``$TONEWRIGHT_CACHE``, else the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("tonewright") / "renders"


@dataclass(frozen=True, slots=True)
class StoredAudio:
    """What the store knows of one key."""

    key: str
    sample_rate: int
    channels: int
    length_samples: int
    recipe: Mapping[str, Any]

    @property
    def failures(self) -> tuple[str, ...]:
        """Why effects in it went on with the dry sound."""
        return tuple(self.recipe.get(_FAILURES, ()))


class Store:
    """Rendered audio by content key; any number of processes may share a folder.

    Args:
        folder: Where it lives; ``default_folder()`` if None.
        limit_bytes: What ``prune`` keeps at most.
    """

    def __init__(
        self, folder: Path | None = None, *, limit_bytes: int = DEFAULT_LIMIT_BYTES
    ) -> None:
        self.folder = folder or default_folder()
        self.limit_bytes = limit_bytes

    def path(self, key: str) -> Path:
        """Return where the samples of a key are, or would be."""
        return self.folder / key[:2] / f"{key}.f32"

    def get(self, key: str) -> StoredAudio | None:
        """Return what is known of a key, and mark it as used; None if it is not here whole."""
        samples = self.path(key)
        description = samples.with_suffix(".json")
        try:
            known = json.loads(description.read_text("utf-8"))
            found = StoredAudio(
                key,
                known["sample_rate"],
                known["channels"],
                known["length_samples"],
                known["recipe"],
            )
            whole = samples.stat().st_size == (
                found.length_samples * found.channels * BYTES_PER_SAMPLE
            )
            os.utime(description)
        except (OSError, ValueError, KeyError, TypeError):
            return None  # absent, being deleted, or damaged: it is rendered again
        return found if whole else None

    def read(self, key: str, block_samples: int, start_samples: int = 0) -> Iterator[Audio]:
        """Yield the audio of a key from a sample on, blocks of ``(channels, block_samples)``.

        Raises:
            RenderError: If the key is not here.
        """
        found = self.get(key)
        if found is None:
            raise RenderError(f"{self.path(key)}: the rendered audio is gone; render again")
        with self.path(key).open("rb", buffering=0) as file:
            file.seek(start_samples * found.channels * BYTES_PER_SAMPLE)
            left = found.length_samples - start_samples
            while left > 0:
                count = min(block_samples, left)
                flat = np.fromfile(file, np.float32, count * found.channels)
                if flat.size < count * found.channels:
                    raise RenderError(f"{self.path(key)}: was cut while it was read; render again")
                yield np.ascontiguousarray(flat.reshape(count, found.channels).T)
                left -= count

    def write(self, key: str, *, sample_rate: int, recipe: Mapping[str, Any]) -> "StoreWriter":
        """Return a context manager that takes blocks and stores them when it exits normally."""
        return StoreWriter(self, key, sample_rate, recipe)

    def notes(self, key: str) -> MidiSequence | None:
        """Return the notes of a key, and mark them as used; None if they are not here."""
        path = self.path(key).with_suffix(".mid")
        try:
            os.utime(path)
            return read_smf(path)
        except (OSError, MediaError):
            return None  # absent, being deleted, or damaged: they are made again

    def write_notes(self, key: str, sequence: MidiSequence) -> None:
        """Store the tracks of a sequence, whole or not at all.

        Raises:
            RenderError: If the disk refuses.
        """
        path = self.path(key).with_suffix(".mid")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_smf(MidiSequence(sequence.ticks_per_quarter, tracks=sequence.tracks), path)
        except (OSError, ExportError) as error:
            raise RenderError(
                f"{self.folder}: cannot store the notes ({error}); free some space there, or name "
                f"another folder in {CACHE_VARIABLE}"
            ) from error

    def discard_parts(self, pid: int) -> None:
        """Delete what a process that has died was writing."""
        for part in self.folder.glob(f"??/*.{pid}-*part"):
            part.unlink(missing_ok=True)

    def prune(self, keep: Collection[str] = ()) -> None:
        """Delete what was used longest ago until the store is within its limit.

        Unfinished results that nobody has written to for an hour go too.

        Args:
            keep: Keys that stay whatever their age.
        """
        for part in self.folder.glob("??/*part"):
            with suppress(FileNotFoundError):  # it was finished just now
                if time.time() - part.stat().st_mtime > STALE_SECONDS:
                    part.unlink()
        entries = []
        for suffix, content in ((".json", ".f32"), (".mid", ".mid")):
            for used in self.folder.glob(f"??/*{suffix}"):
                held = used.with_suffix(content)
                try:
                    entries.append((used.stat().st_mtime, held.stat().st_blocks * 512, used))
                except FileNotFoundError:
                    continue  # another process deletes too
        total = sum(size for _, size, _ in entries)
        for _, size, used in sorted(entries):
            if total <= self.limit_bytes:
                break
            if used.stem.removesuffix(makeshift_key("")) not in keep:
                used.unlink(missing_ok=True)
                used.with_suffix(".f32").unlink(missing_ok=True)
                total -= size

    def prune_if_due(self, keep: Collection[str] = ()) -> None:
        """Prune, unless that was done in the last minute, by any process: it looks at all files."""
        stamp = self.folder / _PRUNED
        with suppress(OSError):  # no store yet, or none that may be written to
            if abs(time.time() - stamp.stat().st_mtime) < PRUNE_SECONDS:
                return
        with suppress(OSError):
            stamp.touch()
        self.prune(keep)

    def clear(self) -> None:
        """Delete everything in the store."""
        for folder in self.folder.glob("??"):
            shutil.rmtree(folder, ignore_errors=True)


class StoreWriter:
    """Takes blocks of one result; it appears in the store only when all have come.

    Attributes:
        failures: Why effects went on with the dry sound; if there is a reason, what was written
            is not stored as the result, but stands in for it.
    """

    def __init__(self, store: Store, key: str, sample_rate: int, recipe: Mapping[str, Any]) -> None:
        self._store = store
        self._key = key
        self._sample_rate = sample_rate
        self._recipe = recipe
        self._part = store.path(key).with_suffix(f".{os.getpid()}-{id(self):x}.part")
        self._file: BinaryIO | None = None
        self._channels = 2
        self.failures: tuple[str, ...] = ()
        self.length_samples = 0

    def __enter__(self) -> Self:
        try:
            self._part.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("wb", buffering=0)
        except OSError as error:
            raise self._refusal(error) from error
        return self

    def add(self, block: Audio) -> None:
        """Append audio of shape ``(channels, samples)``; every block has the same channels."""
        assert self._file is not None
        if not block.shape[1]:
            return
        self._channels = block.shape[0]
        self.length_samples += block.shape[1]
        try:
            if block.any():
                data = memoryview(np.ascontiguousarray(block.T).data).cast("B")
                while data:
                    data = data[self._file.write(data) :]
            else:
                self._file.seek(block.nbytes, os.SEEK_CUR)
        except OSError as error:
            raise self._refusal(error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._file is not None
        try:
            if kind is None:
                self._file.truncate(self.length_samples * self._channels * BYTES_PER_SAMPLE)
                self._file.close()
                self._publish()
        except OSError as failure:
            raise self._refusal(failure) from failure
        finally:
            self._file.close()
            self._part.unlink(missing_ok=True)

    def _publish(self) -> None:
        makeshift = self._store.path(makeshift_key(self._key))
        samples = makeshift if self.failures else self._store.path(self._key)
        failed = {_FAILURES: list(self.failures)} if self.failures else {}
        description = {
            "sample_rate": self._sample_rate,
            "channels": self._channels,
            "length_samples": self.length_samples,
            "recipe": {**self._recipe, **failed},
        }
        beside = self._part.with_suffix(".json-part")
        try:
            beside.write_text(json.dumps(description, indent=1), "utf-8")
            self._part.replace(samples)
            beside.replace(samples.with_suffix(".json"))
            if not self.failures:
                makeshift.with_suffix(".json").unlink(missing_ok=True)
                makeshift.unlink(missing_ok=True)
        finally:
            beside.unlink(missing_ok=True)

    def _refusal(self, error: OSError) -> RenderError:
        return RenderError(
            f"{self._store.folder}: cannot store rendered audio ({error.strerror}); "
            f"free some space there, or name another folder in {CACHE_VARIABLE}"
        )
