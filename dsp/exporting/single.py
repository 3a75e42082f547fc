"""One file through a chain into one file, outside a project.

Audio keeps its rate, channels and depth unless something else is said. What is written appears
whole or not at all; the file that is read is never changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np

from tonewright.dsp.audio.file import AudioReader, AudioWriter, Encoding, read_broadcast
from tonewright.dsp.audio.resample import Resampler
from tonewright.dsp.effects.protocol import MidiEffect
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import EffectError
from tonewright.dsp.exporting.normalise import Level, NormalisingGain, normalising_gains
from tonewright.dsp.exporting.settings import ExportSettings
from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack, merged
from tonewright.dsp.midi.smf import read_smf, write_smf
from tonewright.dsp.project.document import PPQ, EffectSpec, TimeRange
from tonewright.dsp.project.tempo import to_ticks
from tonewright.dsp.rendering.file import prepare_file
from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore, share
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.units import db_to_gain

_OWN_DEPTHS = {"PCM_16": "16", "PCM_S8": "16", "PCM_U8": "16"}
_WIDE = {"FLOAT", "DOUBLE", "PCM_32"}


@dataclass(frozen=True, slots=True)
class WrittenAudio:
    """What was written.

    Attributes:
        clipped_samples: How many values were limited to full scale.
        notes: What the renderer had to say: effects that failed and left the sound dry.
    """

    sample_rate: int
    channels: int
    length_samples: int
    encoding: Encoding
    clipped_samples: int
    notes: tuple[str, ...] = ()


def encoding_like(source: Path, container: str, quality: float = 0.6) -> Encoding:
    """Return an encoding with the depth of a file, as far as the container has it.

    Raises:
        MediaError: If the file cannot be read.
    """
    with AudioReader(source) as reader:
        wide = reader.subtype in _WIDE and container != "flac"
        depth = "32f" if wide else _OWN_DEPTHS.get(reader.subtype, "24")
    return Encoding(container, depth, quality)


def apply_to_audio(
    source: Path,
    target: Path,
    effects: Sequence[EffectSpec],
    *,
    renderer: Renderer,
    encoding: Encoding,
    sample_rate: int | None = None,
    tail: bool = True,
    seed: int = 0,
    report: Report = ignore,
    cancel: CancelToken | None = None,
) -> WrittenAudio:
    """Render a chain on an audio file and write the result.

    Args:
        source: Any audio or video file.
        target: Replaced if it is there.
        effects: In order.
        renderer: Renders.
        encoding: Of the target.
        sample_rate: Of the target; the source's if None.
        tail: Whether what rings behind the end is kept.
        seed: Of the dither.
        report: Told how far the work is.
        cancel: Stops it.

    Raises:
        TonewrightError: If the source cannot be read, rendered or written.
    """
    cancel = cancel or CancelToken()
    with AudioReader(source) as reader:
        channels, from_rate = reader.channels, reader.sample_rate
    to_rate = sample_rate or from_rate
    # The timecode of the input counts in its own rate.
    keeps_broadcast = encoding.container == "wav" and to_rate == from_rate
    broadcast = read_broadcast(source) if keeps_broadcast else None
    rendering = prepare_file(
        renderer, source, effects, report=share(report, 0.0, 0.5), cancel=cancel
    )
    for each in effects:
        if each.range and each.range.start_seconds * from_rate >= rendering.length_samples:
            raise EffectError(f"{source}: ends before {each.range.start_seconds:g} s")
    expected = max(1, rendering.length_samples)
    resampler = Resampler(from_rate, to_rate, channels) if to_rate != from_rate else None
    with AudioWriter(target, to_rate, channels, encoding, broadcast=broadcast, seed=seed) as writer:
        position = 0
        end_samples = None if tail else rendering.length_samples
        for (block,) in rendering.stream(end_samples=end_samples):
            cancel.check()
            writer.write(resampler.process(block) if resampler else block)
            position += block.shape[1]
            report(Progress(min(1.0, 0.5 + 0.5 * position / expected), "writing"))
        if resampler:
            writer.write(resampler.finish())
    return WrittenAudio(
        *(to_rate, channels, writer.length_samples, encoding, writer.clipped_samples),
        rendering.notes,
    )


def normalise_audio(
    source: Path, target: Path, settings: ExportSettings, encoding: Encoding
) -> tuple[WrittenAudio, NormalisingGain]:
    """Write a file again at the level that settings ask for.

    Args:
        source: A float file, which may peak above full scale.
        target: Replaced if it is there.
        settings: Its normalising, level, ceiling and dither.
        encoding: Of the target.

    Raises:
        TonewrightError: If one cannot be read or the other not written.
    """
    # It needs scipy.signal, which takes longer to import than most MIDI files to be worked on.
    from tonewright.dsp.audio.loudness import measure

    heard = measure(source)
    level = Level(heard.integrated_lufs, heard.sample_peak_dbfs, heard.true_peak_dbtp)
    (gain,) = normalising_gains(settings, level, [level])
    factor = np.float32(db_to_gain(gain.gain_db))
    broadcast = read_broadcast(source) if encoding.container == "wav" else None
    with (
        AudioReader(source) as reader,
        AudioWriter(
            target,
            reader.sample_rate,
            reader.channels,
            encoding,
            broadcast=broadcast,
            seed=settings.dither_seed,
        ) as writer,
    ):
        for block in reader.blocks():
            writer.write(block * factor)
    written = WrittenAudio(
        reader.sample_rate, reader.channels, writer.length_samples, encoding, writer.clipped_samples
    )
    return written, gain


def apply_to_midi(
    source: Path, target: Path, effects: Sequence[EffectSpec], registry: Registry
) -> MidiSequence:
    """Put effects on a MIDI file, write the result and return it.

    Raises:
        TonewrightError: If the source cannot be read or an effect cannot be made.
    """
    sequence = read_smf(source)
    for spec in effects:
        effect = registry.make(spec.type, dict(spec.params), seed=spec.seed)
        sequence = _processed(sequence, effect, spec.range)
    write_smf(sequence, target)
    return sequence


def _processed(sequence: MidiSequence, effect: MidiEffect, where: TimeRange | None) -> MidiSequence:
    """Return a sequence with an effect on what begins in a range, or on all."""
    if where is None:
        return effect.process_midi(sequence)
    tempo_map = sequence.rescaled(PPQ).tempo_map
    scale = sequence.ticks_per_quarter / PPQ
    start, end = (
        to_ticks(tempo_map, seconds) * scale for seconds in (where.start_seconds, where.end_seconds)
    )

    def part(track: MidiTrack, inside: bool) -> MidiTrack:
        return replace(
            track,
            notes=tuple(n for n in track.notes if (start <= n.start_ticks < end) is inside),
            events=tuple(e for e in track.events if (start <= e.start_ticks < end) is inside),
        )

    changed = effect.process_midi(
        replace(sequence, tracks=tuple(part(each, True) for each in sequence.tracks))
    )
    # An effect may add tracks behind those that it was given.
    pairs = zip_longest(sequence.tracks, changed.tracks, fillvalue=MidiTrack())
    return replace(
        sequence,
        tracks=tuple(
            merged((part(before, False), after), before.name or after.name)
            for before, after in pairs
        ),
    )
