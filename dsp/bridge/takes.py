"""Takes: what was captured of a host's timeline, and where it is kept.

A take's source is kept under its content key in the user's data folder, its result in the store of
renders. A take goes to the plugin as JSON and is saved by the host.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tonewright.dsp.audio.file import AudioWriter, Encoding
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.rendering.graph import Evaluation, Node
from tonewright.dsp.rendering.key import SILENT
from tonewright.dsp.rendering.store import Store


@dataclass(frozen=True, slots=True)
class Take:
    """A stretch of the host's timeline that was captured.

    Attributes:
        start_frame: Its first sample on the host's timeline.
        bpm: The host's tempo there; 0 if it did not say.
        source: The content key of what was captured.
        result: The content key of what ``chain`` makes of it; empty while it is not known.
        chain: The chain, as a line of JSON.
    """

    start_frame: int
    length_samples: int
    sample_rate: int
    channels: int
    bpm: float
    source: str
    result: str = ""
    chain: str = ""

    @property
    def end_frame(self) -> int:
        """Where it ends on the host's timeline."""
        return self.start_frame + self.length_samples


@dataclass(frozen=True, slots=True)
class Takes:
    """The takes of a plugin, the newest last."""

    takes: tuple[Take, ...]

    @classmethod
    def parsed(cls, text: str) -> "Takes":
        """Return the takes that a host saved; none if it saved none, or nonsense."""
        try:
            return cls(tuple(Take(**each) for each in json.loads(text or "[]")))
        except (ValueError, TypeError):
            return cls(())

    def text(self) -> str:
        """Return them as one line of JSON."""
        return json.dumps([asdict(each) for each in self.takes])

    def with_take(self, take: Take) -> "Takes":
        """Return them with another one; those that it covers go."""
        kept = tuple(
            each
            for each in self.takes
            if each.sample_rate != take.sample_rate
            or each.start_frame < take.start_frame
            or each.end_frame > take.end_frame
        )
        return Takes((*kept, take))


def sources_of(takes: Takes, captures: Store) -> tuple[tuple[Take, Path], ...]:
    """Return takes with what was captured as WAV files, which are written where they are missing.

    Raises:
        TonewrightError: If one cannot be written.
    """
    paths = []
    for take in takes.takes:
        if captures.get(take.source) is None:
            continue
        path = captures.folder / f"take at {take.start_frame} {take.source[:8]}.wav"
        if not path.exists():
            audio = mapped(captures.path(take.source), take.length_samples, take.channels)
            encoding = Encoding("wav", "32f")
            with AudioWriter(path, take.sample_rate, take.channels, encoding) as writer:
                writer.write(np.ascontiguousarray(audio))
        paths.append((take, path))
    return tuple(paths)


@dataclass(frozen=True)
class Captured(Node):
    """What was captured, from the store of captures."""

    source: str
    channels: int
    length_samples: int
    path: str = field(metadata=SILENT)

    @property
    def expected_samples(self) -> int:
        """Its length."""
        return self.length_samples

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield what was captured."""
        audio = mapped(self.path, self.length_samples, self.channels)
        for start in range(run.start_samples, self.length_samples, run.block_samples):
            yield np.ascontiguousarray(audio[:, start : start + run.block_samples])


def mapped(path: Any, length_samples: int, channels: int) -> npt.NDArray[np.float32]:
    """Return stored audio as an array of shape ``(channels, samples)`` on its file."""
    return np.memmap(path, np.float32, "r", shape=(length_samples, channels)).T
