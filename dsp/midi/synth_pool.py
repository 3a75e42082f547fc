"""Synthesizers that are used again: making one parses its SoundFont, which takes 40 ms.

A seek opens every MIDI track anew, so without this it would be heard late.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, Protocol, TypeVar

MOST_IDLE = 24
"""So many wait for their next use; each holds a few hundred kB, and they share the samples."""


class Reusable(Protocol):
    """A synthesizer."""

    def reset(self) -> bool:
        """Silence it and take back its settings; False if that cannot be."""
        ...

    def close(self) -> None:
        """Free it."""
        ...


S = TypeVar("S", bound=Reusable)
_Key = tuple[Path, int, int, int]


class SynthPool(Generic[S]):
    """Lends synthesizers; safe in any thread.

    Args:
        make: Makes one for a SoundFont and a sample rate.
    """

    def __init__(self, make: Callable[[Path, int], S]) -> None:
        self._make = make
        self._idle: list[tuple[_Key, S]] = []  # the one that came back last is at the end
        self._lock = threading.Lock()

    @contextmanager
    def borrowed(self, soundfont: Path, sample_rate: int) -> Iterator[S]:
        """Lend a synthesizer; one that an error left behind is not used again.

        Raises:
            MediaError: If the SoundFont cannot be read.
            RenderError: If there is no synthesizer for it.
        """
        key = _key(soundfont, sample_rate)
        synth = self._taken(key)
        if synth is None:
            synth = self._make(soundfont, sample_rate)
        try:
            yield synth
        except GeneratorExit:  # whoever heard it has stopped listening
            self._take_back(key, synth)
            raise
        except BaseException:
            synth.close()
            raise
        self._take_back(key, synth)

    def _taken(self, key: _Key | None) -> S | None:
        with self._lock:
            for index in reversed(range(len(self._idle))):
                if self._idle[index][0] == key:
                    return self._idle.pop(index)[1]
        return None

    def _take_back(self, key: _Key | None, synth: S) -> None:
        if key is None or not synth.reset():
            synth.close()
            return
        with self._lock:
            self._idle.append((key, synth))
            dropped = self._idle.pop(0)[1] if len(self._idle) > MOST_IDLE else None
        if dropped is not None:
            dropped.close()


def _key(soundfont: Path, sample_rate: int) -> _Key | None:
    """Return what two equal synthesizers have in common; None if there is no such file."""
    try:
        found = soundfont.stat()
    except OSError:
        return None  # making one says what is wrong
    return soundfont, found.st_mtime_ns, found.st_size, sample_rate
