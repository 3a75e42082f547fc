"""Where sound begins: media files, SoundFonts, instruments, silence."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, floor
from pathlib import Path

import numpy as np

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.rendering.bound import BoundEffect
from tonewright.dsp.rendering.graph import Evaluation, Node, cut
from tonewright.dsp.rendering.key import SILENT

RUN_UP_SAMPLES = 2_048
"""What a resampler hears before and behind a piece of media; longer than its filter."""

RUN_UP_CHOICES = 512
"""Among so many starts of a resampler, one gives the phase that is wanted."""


@dataclass(frozen=True)
class Source(Node):
    """A piece of a media file at the project's rate; mixed down if ``channels`` are fewer.

    Where rates differ the first sample of the output need not fall on a sample of the media:
    it lies ``phase_samples`` (of the media) behind ``start_samples``. The halves of a split clip
    so come from one continuous signal, and join without a seam.

    Attributes:
        start_samples: In the media's samples, as is ``phase_samples``.
        length_samples: In the project's samples.
    """

    path: str = field(metadata=SILENT)
    sha256: str
    channels: int
    start_samples: int
    length_samples: int
    media_rate: int
    sample_rate: int
    speed_ratio: float = 1.0
    phase_samples: float = 0.0

    @property
    def expected_samples(self) -> int:
        """The length at the project's rate."""
        return self.length_samples

    @property
    def resamples(self) -> bool:
        """Whether the file's samples are not the project's."""
        return self._ratio != 1.0

    @property
    def _ratio(self) -> float:
        return self.sample_rate / (self.speed_ratio * self.media_rate)

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield ``(channels, samples)``: the file's, resampled where rates differ."""
        wanted = self.length_samples - run.start_samples
        if wanted <= 0:
            return
        if not self.resamples:
            yield from self._read(self.start_samples + run.start_samples, wanted, run.block_samples)
            return
        passed = run.start_samples / self._ratio
        start_samples = self.start_samples + floor(passed)
        phase_samples = self.phase_samples + passed - floor(passed)
        # The filter starts early, and of all places to start, where its own samples come nearest
        # to where ours must be: at 44.1 to 48 kHz within 1/300 sample.
        run_ups = np.arange(RUN_UP_SAMPLES, RUN_UP_SAMPLES + RUN_UP_CHOICES)
        skips = (run_ups + phase_samples) * self._ratio
        best = int(np.argmin(np.abs(skips - np.rint(skips))))
        skip = round(skips[best])
        blocks = self._resampled(start_samples - int(run_ups[best]), run.block_samples)
        yield from cut(blocks, skip, skip + wanted)

    def _read(self, start_samples: int, length_samples: int, block_samples: int) -> Iterator[Audio]:
        from tonewright.dsp.audio.downmix import downmix
        from tonewright.dsp.audio.file import AudioReader

        with AudioReader(Path(self.path)) as reader:
            reader.seek(start_samples)
            while length_samples > 0:
                audio = reader.read(min(block_samples, length_samples))
                if not audio.shape[1]:
                    return
                length_samples -= audio.shape[1]
                yield downmix(audio, self.channels) if reader.channels > self.channels else audio

    def _resampled(self, start_samples: int, block_samples: int) -> Iterator[Audio]:
        """Yield the media from a place that may lie before its beginning, to behind our end."""
        from tonewright.dsp.audio.resample import Resampler

        resampler = Resampler(self.media_rate, self.media_rate * self._ratio, self.channels)
        yield resampler.process(silence(self.channels, max(0, -start_samples)))
        first = max(0, start_samples)
        end = self.start_samples + ceil(self.length_samples / self._ratio) + RUN_UP_SAMPLES
        for audio in self._read(first, end - first, block_samples):
            yield resampler.process(audio)
        # Zeros stand in for what the file does not have.
        yield resampler.process(silence(self.channels, RUN_UP_SAMPLES))
        yield resampler.finish()


@dataclass(frozen=True)
class Silence(Node):
    """Nothing, for a while: what stands in for a missing medium."""

    channels: int
    length_samples: int

    @property
    def expected_samples(self) -> int:
        """The length that was asked for."""
        return self.length_samples

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield zeros."""
        for start in range(run.start_samples, self.length_samples, run.block_samples):
            yield silence(self.channels, min(run.block_samples, self.length_samples - start))


@dataclass(frozen=True)
class Synth(Node):
    """MIDI through a SoundFont; ``events`` are (sample, message) in order."""

    events: tuple[tuple[int, bytes], ...]
    soundfont: str = field(metadata=SILENT)
    soundfont_sha256: str
    sample_rate: int
    length_samples: int

    @property
    def expected_samples(self) -> int:
        """The length that was asked for."""
        return self.length_samples

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield stereo audio, until the last voice is silent."""
        from tonewright.dsp.midi.schedule import events_from
        from tonewright.dsp.midi.synth import GRID_SAMPLES, render_midi

        # On the synthesizer's own grid, so that messages come when they would have come.
        first = run.start_samples // GRID_SAMPLES * GRID_SAMPLES
        sound = render_midi(
            events_from(self.events, first),
            Path(self.soundfont),
            self.sample_rate,
            max(0, self.length_samples - first),
            block_samples=run.block_samples,
            reuse=run.live,
        )
        yield from cut(sound, run.start_samples - first, sys.maxsize)


@dataclass(frozen=True)
class PluginSynth(Node):
    """MIDI through a plugin; ``events`` are (sample, message) in order.

    Attributes:
        instrument: The plugin, bound like an effect.
    """

    events: tuple[tuple[int, bytes], ...]
    instrument: BoundEffect
    sample_rate: int
    length_samples: int

    @property
    def expected_samples(self) -> int:
        """The length that was asked for."""
        return self.length_samples

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        """Yield stereo audio, until the last note has died away."""
        plugin = run.registry.make(
            self.instrument.type, dict(self.instrument.params), state=self.instrument.state
        )
        # What sounds at a place depends on all messages before it: it is played from its start.
        sound = plugin.play(self.events, self.sample_rate, self.length_samples)
        yield from cut(sound, run.start_samples, sys.maxsize)
        if plugin.failure:
            run.failures[plugin.failure] = None
