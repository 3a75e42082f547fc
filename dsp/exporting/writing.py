"""From blocks of all outputs to the files of a part.

A file that needs nothing but its samples is resampled and encoded as they come. One that has to
be heard whole first, for its loudness or for its loop, waits in a spool until its part has ended.
Then it is read twice, measured and written, each time resampled on the way, so that levels hold
at the rate of the file. Several files are written side by side, in threads.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from math import gcd
from typing import Protocol

import numpy as np

from tonewright.dsp.audio.loudness import LoudnessMeter
from tonewright.dsp.audio.resample import Resampler, resampled_length
from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.audio.writer import AudioWriter
from tonewright.dsp.exporting.files import CHANNELS, FileKind, PlannedFile
from tonewright.dsp.exporting.normalise import Level, NormalisingGain, normalising_gains
from tonewright.dsp.exporting.null_test import NullTest
from tonewright.dsp.exporting.plan import PlannedPart
from tonewright.dsp.exporting.settings import ExportSettings, Normalise
from tonewright.dsp.exporting.spool import Spool
from tonewright.dsp.exporting.staging import Staging
from tonewright.dsp.rendering.graph import cut
from tonewright.dsp.rendering.job import CancelToken
from tonewright.dsp.units import db_to_gain

BLOCK_SAMPLES = 65_536
_AROUND_LOOP_SAMPLES = 8192
"""What a resampler has to hear of the other end of a loop, longer than its filter."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file whose samples are all written, under its temporary name.

    Attributes:
        file: What was planned.
        clipped_samples: How many values were limited to full scale.
        gain: What normalising did.
    """

    file: PlannedFile
    clipped_samples: int
    gain: NormalisingGain


class _Sink(Protocol):
    def add(self, block: Audio) -> None: ...


class _Encoder:
    """Resamples and writes blocks as they come."""

    def __init__(self, writer: AudioWriter, from_rate: int, to_rate: int) -> None:
        self.writer = writer
        self._resampler = Resampler(from_rate, to_rate, CHANNELS)

    def add(self, block: Audio) -> None:
        self.writer.write(self._resampler.process(block))

    def finish(self) -> None:
        self.writer.write(self._resampler.finish())
        self.writer.close()


class PartWriter:
    """Writes the files of one part.

    Args:
        planned: The part; its files are opened now.
        settings: The export's.
        hears_mix: Whether the first of the outputs is the mix.
        from_rate: The project's sample rate.
        open_writer: Opens the writer of a file, under its temporary name.
        staging: Where spools live.
        null_test: Listens in, if there are stems.
        pool: Writes files side by side.
        cancel: Looked at before every block.
        closing: Closes what is not finished.
    """

    def __init__(
        self,
        planned: PlannedPart,
        *,
        settings: ExportSettings,
        hears_mix: bool,
        from_rate: int,
        open_writer: Callable[[PlannedFile], AudioWriter],
        staging: Staging,
        null_test: NullTest | None,
        pool: ThreadPoolExecutor,
        cancel: CancelToken,
        closing: ExitStack,
    ) -> None:
        self.part = planned.part
        self._files = planned.files
        self._settings = settings
        self._from_rate = from_rate
        self._open_writer = open_writer
        self._null_test = null_test
        self._pool = pool
        self._cancel = cancel
        self._taken = 0
        self._encoders: list[_Encoder] = []
        self._spools: list[Spool] = []
        # Output 0 is the mix, if it is heard; the stems follow in the order of their files.
        written = self._files[0].contents.kind is FileKind.MIX
        self._first = 1 if hears_mix and not written else 0
        if settings.normalise is Normalise.NONE and not settings.loop:
            for file in self._files:
                writer = open_writer(file)
                closing.callback(writer.discard)
                self._encoders.append(_Encoder(writer, from_rate, file.sample_rate))
        else:
            loop_samples = self.part.length_samples if self.part.loop else None
            folders = [file.path.parent for file in self._files]
            for folder in folders[:1] * self._first + folders:
                path = staging.scratch(folder, ".spool")
                spool = Spool(path, CHANNELS, loop_samples=loop_samples)
                closing.callback(spool.close)
                self._spools.append(spool)

    def add(self, blocks: Sequence[Audio]) -> None:
        """Take the next block of every output."""
        if self._null_test is not None:
            self._null_test.add(blocks[0], blocks[1:])
        self._taken += blocks[0].shape[1]
        sinks: Sequence[_Sink] = self._encoders or self._spools
        wanted = blocks if self._spools else blocks[self._first :]
        for _ in self._pool.map(lambda sink, block: sink.add(block), sinks, wanted):
            pass  # an error of a thread is raised here

    def finish(self) -> list[WrittenFile]:
        """Complete the files."""
        # A project that is cut may fall silent before its range ends.
        while self._taken < self.part.least_samples:
            count = min(BLOCK_SAMPLES, self.part.least_samples - self._taken)
            self.add([silence(CHANNELS, count)] * (self._first + len(self._files)))
        if self._encoders:
            for encoder in self._encoders:
                encoder.finish()
            return [
                WrittenFile(file, encoder.writer.clipped_samples, NormalisingGain())
                for file, encoder in zip(self._files, self._encoders, strict=True)
            ]
        rates = [file.sample_rate for file in self._files]
        gains = [NormalisingGain() for _ in self._files]
        if self._settings.normalise is not Normalise.NONE:
            levels = list(
                self._pool.map(self._level, self._spools, rates[:1] * self._first + rates)
            )
            gains = normalising_gains(self._settings, levels[0], levels[self._first :])
        spools = self._spools[self._first :]
        written = list(self._pool.map(self._encode, self._files, spools, gains))
        for spool in self._spools:
            spool.close()
        return written

    def _level(self, spool: Spool, sample_rate: int) -> Level:
        meter = LoudnessMeter(sample_rate, CHANNELS)
        for block in self._resampled(spool, sample_rate):
            meter.add(block)
        return Level(meter.integrated_lufs, meter.sample_peak_dbfs, meter.true_peak_dbtp)

    def _encode(self, file: PlannedFile, spool: Spool, gain: NormalisingGain) -> WrittenFile:
        factor = np.float32(db_to_gain(gain.gain_db))
        with self._open_writer(file) as writer:
            for block in self._resampled(spool, file.sample_rate):
                writer.write(block * factor)
        return WrittenFile(file, writer.clipped_samples, gain)

    def _resampled(self, spool: Spool, to_rate: int) -> Iterator[Audio]:
        around = skip = 0
        if self.part.loop and to_rate != self._from_rate:
            # A whole number of periods of the two rates is a whole number of samples of both.
            period = self._from_rate // gcd(self._from_rate, to_rate)
            around = period * -(-_AROUND_LOOP_SAMPLES // period)
            skip = around * to_rate // self._from_rate
        length_samples = resampled_length(spool.length_samples, self._from_rate, to_rate)
        blocks = spool.blocks(BLOCK_SAMPLES, around_samples=around)
        resampled = _through(Resampler(self._from_rate, to_rate, CHANNELS), blocks)
        for block in cut(resampled, skip, skip + length_samples):
            self._cancel.check()
            yield block


def _through(resampler: Resampler, blocks: Iterable[Audio]) -> Iterator[Audio]:
    for block in blocks:
        yield resampler.process(block)
    yield resampler.finish()
