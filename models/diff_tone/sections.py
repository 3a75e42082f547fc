"""Long tracks in sections, silence left alone.

A track is cut where it is silent, wholly and for a while, and what sounds between is edited in
sections that fit into memory; sections overlap, and are faded into each other where they are most
alike.
"""

from collections.abc import Callable

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.chunked import ChunkedEffect
from tonewright.dsp.units import db_to_gain

SECTION_SECONDS = 16.0
OVERLAP_SECONDS = 1.0
FADE_SECONDS = 0.06
SILENT_SECONDS = 1.0
"""Zeros for this long end what sounds."""

EDGE_SECONDS = 0.005
"""Where what sounds begins or ends, the edit does so within this time."""

ENVELOPE_SECONDS = 0.1
HOP_SECONDS = 0.01
MOST_GAIN_DB = 24.0

Edit = Callable[[Audio], Audio]


def spans_of(audio: Audio, sample_rate: float) -> list[tuple[int, int]]:
    """Return where audio sounds, ``[start, end)`` in samples."""
    sounding = np.flatnonzero(audio.any(axis=0))
    if not len(sounding):
        return []
    breaks = np.flatnonzero(np.diff(sounding) > SILENT_SECONDS * sample_rate)
    starts = [int(sounding[0]), *(int(sounding[each + 1]) for each in breaks)]
    ends = [*(int(sounding[each]) + 1 for each in breaks), int(sounding[-1]) + 1]
    return list(zip(starts, ends, strict=True))


def sections_of(length_samples: int, sample_rate: float) -> list[tuple[int, int]]:
    """Return the sections of a span, ``[start, end)``, as ``in_sections`` makes them."""
    section = round(SECTION_SECONDS * sample_rate)
    hop = section - round(OVERLAP_SECONDS * sample_rate)
    last = max(0, -(-(length_samples - section) // hop))
    return [(n * hop, min(n * hop + section, length_samples)) for n in range(last + 1)]


def in_sections(audio: Audio, sample_rate: float, edit: Edit) -> Audio:
    """Return a span edited section by section, faded in and out at its ends."""
    done = _Sections(edit).process(audio, sample_rate)
    edge = min(round(EDGE_SECONDS * sample_rate), audio.shape[1] // 2)
    if not edge:
        return done
    fade = ((np.arange(edge) + 0.5) / edge).astype(np.float32)
    done = done.copy()
    done[:, :edge] *= fade
    done[:, -edge:] *= fade[::-1]
    return done


def enveloped(made: Audio, source: Audio, share: float, sample_rate: float) -> Audio:
    """Return audio whose loudness follows another's, moment by moment.

    Args:
        made: What is shaped, ``(channels, samples)``.
        source: What it follows, of the same shape.
        share: 0 leaves it as it is, 1 follows wholly.
        sample_rate: Of both.
    """
    if share == 0.0:
        return made
    hop = max(1, round(HOP_SECONDS * sample_rate))
    own, wanted = (_envelope(each, hop) for each in (made, source))
    gains = np.minimum(wanted / np.maximum(own, 1e-9), db_to_gain(MOST_GAIN_DB)) ** share
    middles = (np.arange(len(gains)) + 0.5) * hop
    curve = np.interp(np.arange(made.shape[1]), middles, gains)
    return made * curve.astype(np.float32)


def levelled(made: Audio, source: Audio) -> Audio:
    """Return audio with the RMS of another, but no peak above full scale that the other has not.

    What is plucked has higher peaks than what is bowed as loudly.
    """
    own, wanted = (float(np.sqrt(np.mean(np.square(each)))) for each in (made, source))
    if not own:
        return made
    highest, own_highest = (float(np.abs(each).max()) for each in (source, made))
    gains = (wanted / own, db_to_gain(MOST_GAIN_DB), max(1.0, highest) / own_highest)
    return made * np.float32(min(gains))


def _envelope(audio: Audio, hop: int) -> Audio:
    """Return the RMS around every hop, over ``ENVELOPE_SECONDS``."""
    power = np.square(audio, dtype=np.float64).mean(axis=0)
    count = -(-len(power) // hop)
    hops = np.pad(power, (0, count * hop - len(power))).reshape(count, hop).mean(axis=1)
    around = round(ENVELOPE_SECONDS / HOP_SECONDS / 2.0)
    window = np.hanning(2 * around + 3)[1:-1]
    smoothed, weight = (
        np.convolve(each, window)[around : around + count] for each in (hops, np.ones(count))
    )
    return np.sqrt(smoothed / weight)


class _Sections(ChunkedEffect):
    chunk_seconds = SECTION_SECONDS
    overlap_seconds = OVERLAP_SECONDS
    fade_seconds = FADE_SECONDS

    def __init__(self, edit: Edit) -> None:
        self._edit = edit
        super().__init__()

    def process_chunk(self, audio: Audio, sample_rate: float) -> Audio:
        return self._edit(audio)
