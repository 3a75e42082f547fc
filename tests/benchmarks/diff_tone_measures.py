"""What ``diff_tone.py`` measures of sound, and who transcribes for it.

Audio is mono here, float32 ``(samples,)`` at 44.1 kHz. Before anything but the true peak is
measured, both signals have the same RMS.
"""

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import mir_eval
import numpy as np
import numpy.typing as npt
import torch
from onnxruntime import InferenceSession, SessionOptions
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from tonewright.dsp.audio.resample import resample
from tonewright.models.diff_tone.features import SAMPLE_RATE, band_power, spectrum_of
from tonewright.models.diff_tone.phrases import PhraseNote

Mono = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

LEVEL = 0.05
CHROMA_SAMPLES = 4_096
HOP_SAMPLES = 512
RESOLUTIONS = (512, 1_024, 2_048, 4_096)
LOWEST_DB = -60.0
ACTIVE_DB = -50.0
WINDOW_SECONDS = 0.05
TRANSCRIBER_RATE = 22_050
TRANSCRIBER_SAMPLES = 43_844
TRANSCRIBER_HOP = 256
KAD_SCALE = 100.0


def levelled(audio: Mono) -> Mono:
    """Return a signal at the RMS ``LEVEL``."""
    return audio * np.float32(LEVEL / max(float(np.sqrt(np.mean(audio**2))), 1e-9))


def _magnitudes(audio: Mono, size: int) -> Numbers:
    window = torch.hann_window(size)
    frames = torch.stft(
        torch.from_numpy(audio), size, HOP_SAMPLES, window=window, return_complex=True,
        pad_mode="constant",
    )  # fmt: skip
    return frames.abs().numpy().astype(np.float64)


@lru_cache(maxsize=1)
def _pitch_classes() -> Numbers:
    hz = np.arange(CHROMA_SAMPLES // 2 + 1) * SAMPLE_RATE / CHROMA_SAMPLES
    pitch = 69.0 + 12.0 * np.log2(np.maximum(hz, 1.0) / 440.0)
    apart = np.abs((pitch - np.arange(12)[:, None] + 6.0) % 12.0 - 6.0)
    return np.exp(-0.5 * (apart / 0.4) ** 2) * ((hz > 60.0) & (hz < 4_200.0))


def chroma_similarity(first: Mono, second: Mono) -> float:
    """Return the mean cosine of chroma frames where either sounds, at the best of 5 lags.

    Frames are of 4,096 samples every 512; lags go to 2 frames; a frame sounds if it is less than
    50 dB below full scale.
    """
    chromas, sounds = [], []
    for audio in (levelled(first), levelled(second)):
        size = _magnitudes(audio, CHROMA_SAMPLES)
        chroma = _pitch_classes() @ size
        chromas.append(chroma / np.maximum(np.linalg.norm(chroma, axis=0), 1e-9))
        power = uniform_filter1d(audio.astype(np.float64) ** 2, CHROMA_SAMPLES)
        sounds.append(power[::HOP_SAMPLES] > 10.0 ** (ACTIVE_DB / 10.0))
    frames = min(each.shape[1] for each in chromas)
    frames = min(frames, *(len(each) for each in sounds))
    active = np.flatnonzero(sounds[0][:frames] | sounds[1][:frames])
    found = []
    for lag in range(-2, 3):
        there = active[(active + lag >= 0) & (active + lag < frames)]
        found.append((chromas[0][:, there] * chromas[1][:, there + lag]).sum(axis=0).mean())
    return float(max(found))


def spectral_distance_db(first: Mono, second: Mono) -> float:
    """Return the mean difference of levels in dB, over bins, frames and four resolutions.

    Levels are held above ``LOWEST_DB`` below the loudest of both.
    """
    found = []
    for size in RESOLUTIONS:
        pair = [_magnitudes(levelled(audio), size) for audio in (first, second)]
        floor = max(each.max() for each in pair) * 10.0 ** (LOWEST_DB / 20.0)
        levels = [20.0 * np.log10(np.maximum(each, floor)) for each in pair]
        found.append(np.abs(levels[0] - levels[1]).mean())
    return float(np.mean(found))


def true_peak_db(audio: Mono) -> float:
    """Return the largest value between samples, too, in dB of full scale."""
    finer = resample(audio[None], SAMPLE_RATE, 4 * SAMPLE_RATE)
    return float(20.0 * np.log10(max(float(np.abs(finer).max()), 1e-9)))


def onset_seconds(audio: Mono) -> Numbers:
    """Return where log power in bands rises most, more than it does around."""
    power = band_power(spectrum_of(torch.from_numpy(levelled(audio))[None]))[0].numpy()
    levels = np.log10(power + 1e-5 * power.max())
    rise = np.maximum(levels[:, 2:] - levels[:, :-2], 0.0).mean(axis=0)
    rise = np.concatenate([[levels[:, 1].mean() - levels.min()], rise])
    peak = (rise == maximum_filter1d(rise, 7)) & (rise > 0.08)
    peak &= rise > uniform_filter1d(rise, 41) + 0.05
    return np.flatnonzero(peak) * HOP_SAMPLES / SAMPLE_RATE


def onset_f1(audio: Mono, notes: list[PhraseNote]) -> float:
    """Return the F-measure of onsets within 50 ms of those of the notes."""
    starts = np.unique([note.start_seconds for note in notes])
    apart = np.concatenate([[True], np.diff(starts) > 0.03])
    found = onset_seconds(audio)
    return float(mir_eval.onset.f_measure(starts[apart], found, WINDOW_SECONDS)[0])


@dataclass(frozen=True, slots=True)
class Transcriber:
    """Basic Pitch (Bittner et al. 2022), its ONNX model from the wheel, decoded by ourselves.

    Attributes:
        session: Of onnxruntime.
    """

    session: InferenceSession

    @classmethod
    def shipped(cls) -> Self:
        """Return the one in the wheel of basic-pitch, of which nothing else is wanted."""
        found = importlib.util.find_spec("basic_pitch")
        assert found is not None
        assert found.submodule_search_locations is not None
        model = Path(found.submodule_search_locations[0], "saved_models/icassp_2022/nmp.onnx")
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return cls(InferenceSession(model, options))

    def notes(self, audio: Mono) -> list[PhraseNote]:
        """Return the notes that are heard; velocity from how sure it is."""
        onsets, frames = self._activations(audio)
        found = []
        for pitch in range(88):
            sure, held = onsets[:, pitch], frames[:, pitch]
            peaks = np.flatnonzero((sure >= 0.5) & (sure == maximum_filter1d(sure, 5)))
            for index, start in enumerate(peaks):
                after = peaks[index + 1] if index + 1 < len(peaks) else len(held)
                silent = np.flatnonzero(held[start + 1 : after] < 0.3)
                end = start + 1 + silent[0] if len(silent) else after
                if end - start >= 5:
                    found.append(self._note(start, end, pitch, float(held[start:end].mean())))
        return sorted(found, key=lambda note: note.start_seconds)

    @staticmethod
    def _note(start: int, end: int, pitch: int, sure: float) -> PhraseNote:
        step = TRANSCRIBER_HOP / TRANSCRIBER_RATE
        return PhraseNote(start * step, (end - start) * step, pitch + 21, round(40 + 80 * sure))

    def _activations(self, audio: Mono) -> tuple[Numbers, Numbers]:
        """Return onsets and notes, ``(frames, 88)``; windows overlap by 30 frames."""
        heard = resample(levelled(audio)[None], SAMPLE_RATE, TRANSCRIBER_RATE)[0]
        overlap = 30 * TRANSCRIBER_HOP
        step = TRANSCRIBER_SAMPLES - overlap
        padded = np.concatenate([np.zeros(overlap // 2, np.float32), heard])
        onsets, frames = [], []
        for start in range(0, len(padded), step):
            window = padded[start : start + TRANSCRIBER_SAMPLES]
            window = np.pad(window, (0, TRANSCRIBER_SAMPLES - len(window)))
            names = ("StatefulPartitionedCall:2", "StatefulPartitionedCall:1")
            onset, frame = self.session.run(
                names, {"serving_default_input_2:0": window[None, :, None]}
            )
            onsets.append(onset[0, 15:-15])
            frames.append(frame[0, 15:-15])
        length = round(len(heard) / TRANSCRIBER_HOP)
        return np.concatenate(onsets)[:length], np.concatenate(frames)[:length]


def note_f1(found: list[PhraseNote], meant: list[PhraseNote]) -> float:
    """Return the F-measure of notes: onset within 50 ms, pitch within 50 cents."""
    if not found:
        return 0.0
    parts = []
    for notes in (meant, found):
        starts = np.array([note.start_seconds for note in notes])
        ends = starts + np.array([note.length_seconds for note in notes])
        hz = 440.0 * 2.0 ** ((np.array([note.pitch for note in notes]) - 69.0) / 12.0)
        parts += [np.stack([starts, ends], axis=1), hz]
    _, _, f1, _ = mir_eval.transcription.precision_recall_f1_overlap(
        *parts, onset_tolerance=WINDOW_SECONDS, offset_ratio=None
    )
    return float(f1)


def kernel_distance(found: Numbers, meant: Numbers) -> float:
    """Return KAD (Chung et al. 2025): the unbiased squared MMD, Gaussian kernel, times 100.

    Args:
        found: Embeddings, ``(n, size)``.
        meant: Of the reference set, whose median distance is the kernel's width.
    """

    def squares(a: Numbers, b: Numbers) -> Numbers:
        return ((a**2).sum(1)[:, None] + (b**2).sum(1) - 2.0 * a @ b.T).clip(min=0.0)

    inside = squares(meant, meant)
    width = np.median(inside[np.triu_indices(len(meant), 1)])
    kernels = [np.exp(-each / (2.0 * width)) for each in (inside, squares(found, found))]
    means = [(each.sum() - np.trace(each)) / (len(each) * (len(each) - 1)) for each in kernels]
    across = np.exp(-squares(meant, found) / (2.0 * width)).mean()
    return float(KAD_SCALE * (sum(means) - 2.0 * across))
