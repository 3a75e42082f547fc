"""How good the dereverberation is, beside the wet signal and WPE, on what nobody trained on.

::

    python tests/benchmarks/dereverb.py --weights FILE --data FOLDER [--pairs 24]

Speakers, languages, instruments and rooms are those of the split ``test`` (its rooms are image
sources to the end, another method than the training's). Of speech in rooms of RT60 0.3 to 0.9 s at
1 to 4 m, by thirds of RT60: SI-SDR to the direct sound, ESTOI, wide-band PESQ, the log-spectral
distance (LSD) to the dry signal, the ratio of slow to fast modulation (SRMR, which needs no dry
signal) and the change of colour, the mean difference of long-term spectra in third octaves. Of
instruments (phrases whose notes are let go, and samples that ring out): the tail ratio, which is
the power 50 to 300 ms after notes have ended against that of the notes.
Of dry signals: SI-SDR to the input. Of rooms: how far RT60 and DRR, as ``dsp.audio.room`` hears
them, are from those of the response. With ``--hour``, the most memory that an hour takes. Written
to stdout as Markdown: medians, with quartiles in brackets. Wants the extras ``training`` and
``benchmark``.
"""

import argparse
import math
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pesq import pesq
from pystoi import stoi
from scipy.signal import decimate, gammatone, hilbert, iirpeak, lfilter

from tonewright.dsp.audio.resample import resample
from tonewright.dsp.audio.room import RoomMeter
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.builtin.wpe import WpeDereverb
from tonewright.models.dereverb.analyser import labels_of
from tonewright.models.dereverb.effect import Dereverb
from tonewright.models.dereverb.losses import si_sdr_db
from tonewright.models.dereverb.network import load_network
from tonewright.models.training.corpus import SAMPLE_RATE, Kind, Split, open_store
from tonewright.models.training.mixtures import draw_pairs
from tonewright.models.training.rooms import open_responses

ROOMS = 80
SECONDS = 6.0
RT60_BANDS = ((0.3, 0.45), (0.45, 0.65), (0.65, 0.9))
DISTANCE_M = (1.0, 4.0)
LEVEL = 0.05
"""RMS that the wet signal is brought to."""

ENDED_DB = -40.0
"""A note has ended where the dry signal is this far below its loudest 10 ms."""

TAIL_FRAMES = (5, 30)
LOWEST_DB = -60.0

Method = Callable[[Audio], Audio]


def ratio_db(done: Audio, dry: Audio) -> float:
    """Return the SI-SDR in dB."""
    return float(si_sdr_db(torch.from_numpy(done), torch.from_numpy(dry))[0])


def estoi(done: Audio, dry: Audio) -> float:
    """Return the extended intelligibility, 0 to 1."""
    heard, meant = (resample(each, SAMPLE_RATE, 10_000)[0] for each in (done, dry))
    return float(stoi(meant, heard, 10_000, extended=True))


def wide_band_pesq(done: Audio, dry: Audio) -> float:
    """Return PESQ, 1 to 4.6."""
    heard, meant = (resample(each, SAMPLE_RATE, 16_000)[0] for each in (done, dry))
    return float(pesq(16_000, meant, heard, "wb"))


def log_spectra(audio: Audio) -> np.ndarray:
    """Return levels in dB relative to the loudest, held above ``LOWEST_DB``."""
    window = torch.hann_window(2048)
    frames = torch.stft(torch.from_numpy(audio[0]), 2048, 512, window=window, return_complex=True)
    power = frames.abs().square().numpy()
    return np.maximum(10.0 * np.log10(power / power.max() + 1e-20), LOWEST_DB)


def log_spectral_distance_db(done: Audio, dry: Audio) -> float:
    """Return the mean over frames of the RMS over bins of the difference in dB."""
    apart = log_spectra(done) - log_spectra(dry)
    return float(np.sqrt(np.square(apart).mean(axis=0)).mean())


def tail_ratio_db(done: Audio, dry: Audio) -> float:
    """Return the power 50 to 300 ms after notes have ended against that of the notes, in dB.

    It is nan where no note ends for as long.
    """
    frame = SAMPLE_RATE // 100
    done_power, dry_power = (
        np.square(each[0, : each.shape[1] // frame * frame].reshape(-1, frame)).mean(axis=1)
        for each in (done, dry)
    )
    sounds = dry_power >= 10.0 ** (ENDED_DB / 10.0) * dry_power.max()
    frames = np.arange(len(sounds))
    since = frames - np.maximum.accumulate(np.where(sounds, frames, -TAIL_FRAMES[1]))
    tail = (since >= TAIL_FRAMES[0]) & (since < TAIL_FRAMES[1])
    if not tail.any():
        return math.nan
    return float(10.0 * np.log10(done_power[tail].mean() / done_power[sounds].mean() + 1e-12))


def modulation_ratio(done: Audio, dry: Audio) -> float:
    """Return the energy of envelopes at 4 to 18 Hz against that at 29 to 128 Hz.

    After Falk, Zheng and Chan (2010): 23 gammatone filters, Hilbert envelopes, and eight filters of
    quality 2 on each; their adaptive upper limit is left out. ``dry`` is not looked at.
    """
    heard = resample(done, SAMPLE_RATE, 16_000)[0].astype(np.float64)
    steps = np.linspace(*np.log1p(np.array([125.0, 7_000.0]) / 228.8), 23)
    energies = np.zeros(8)
    for centre_hz in 228.8 * np.expm1(steps):
        band = lfilter(*gammatone(centre_hz, "iir", fs=16_000), heard)
        envelope = decimate(np.abs(hilbert(band)), 20)
        for index, rate_hz in enumerate(np.geomspace(4.0, 128.0, 8)):
            modulation = lfilter(*iirpeak(rate_hz, 2.0, fs=800), envelope)
            energies[index] += np.square(modulation).sum()
    return float(energies[:4].sum() / energies[4:].sum())


def colour_change_db(done: Audio, dry: Audio) -> float:
    """Return the mean difference of long-term third-octave levels in dB, whatever the gain."""
    edges_hz = 1000.0 * 2.0 ** ((np.arange(-10, 13) - 0.5) / 3.0)
    frequencies = np.fft.rfftfreq(done.shape[1], 1.0 / SAMPLE_RATE)
    levels = []
    for audio in (done, dry):
        power = np.square(np.abs(np.fft.rfft(audio[0])))
        bands = np.add.reduceat(power, np.searchsorted(frequencies, edges_hz))[:-1]
        levels.append(10.0 * np.log10(bands + 1e-9 * bands.max()))
    apart = levels[0] - levels[1]
    return float(np.abs(apart - np.median(apart)).mean())


def level_db(done: Audio, dry: Audio) -> float:
    """Return how much louder it is than the dry signal, in dB."""
    return float(10.0 * np.log10(np.square(done).mean() / np.square(dry).mean()))


SPEECH = {
    "SI-SDR": ratio_db,
    "ESTOI": estoi,
    "PESQ": wide_band_pesq,
    "LSD": log_spectral_distance_db,
    "SRMR": modulation_ratio,
    "colour": colour_change_db,
    "level": level_db,
}
INSTRUMENT = {
    "tail ratio": tail_ratio_db,
    "LSD": log_spectral_distance_db,
    "SI-SDR": ratio_db,
    "level": level_db,
}


def spread(values: list[float]) -> str:
    """Return the median and the quartiles."""
    low, middle, high = np.nanquantile(values, (0.25, 0.5, 0.75))
    return f"{middle:.3g} [{low:.3g}, {high:.3g}]"


def table(
    title: str,
    *,
    kind: Kind,
    rt60_seconds: tuple[float, float],
    methods: dict[str, Method],
    data: Path,
    pairs: int,
) -> None:
    """Print how the methods do in rooms of a range of reverberation times."""
    wet, dry, _ = draw_pairs(
        open_store(data, Split.TEST),
        open_responses(data, Split.TEST, ROOMS).within(rt60_seconds, DISTANCE_M),
        np.random.default_rng(7),
        pairs=pairs,
        length_samples=round(SECONDS * SAMPLE_RATE),
        augment=False,
        kind=kind,
    )
    level = LEVEL / wet.square().mean(-1, keepdim=True).sqrt()
    wet, dry = wet * level, dry * level
    measures = SPEECH if kind is Kind.SPEECH else INSTRUMENT
    rows = [
        f"\n{title} ({pairs} pairs)\n",
        f"| | {' | '.join(measures)} |",
        "|---" * (len(measures) + 1) + "|",
    ]
    for name, method in methods.items():
        done = [method(each[None].numpy()) for each in wet]
        found = [
            spread(
                [measure(one, target[None].numpy()) for one, target in zip(done, dry, strict=True)]
            )
            for measure in measures.values()
        ]
        rows.append(f"| {name} | {' | '.join(found)} |")
    if kind is not Kind.SPEECH:
        tails_db = [tail_ratio_db(each[None].numpy(), each[None].numpy()) for each in dry]
        rows.append(f"| dry | {spread(tails_db)} | | | |")
    sys.stdout.write("\n".join(rows) + "\n")
    sys.stdout.flush()


def room_table(data: Path, pairs: int) -> None:
    """Print how far estimates of rooms are off."""
    rows = [
        "| | RT60: mean error | correlation | DRR: mean error | correlation |",
        "|---" * 5 + "|",
    ]
    responses = open_responses(data, Split.TEST, ROOMS)
    for kind in Kind:
        wet, _, rooms = draw_pairs(
            open_store(data, Split.TEST), responses, np.random.default_rng(9),
            pairs=pairs, length_samples=round(SECONDS * SAMPLE_RATE), augment=False, kind=kind,
        )  # fmt: skip
        known = labels_of(responses, rooms)
        heard = []
        for each in wet:
            meter = RoomMeter(SAMPLE_RATE, 1)
            meter.add(each[None].numpy())
            heard.append(meter.result())
        columns = []
        for name, labels, unit in (
            ("rt60_seconds", known.rt60_seconds, "s"),
            ("drr_db", known.drr_db, "dB"),
        ):
            found = np.array([getattr(each, name) for each in heard])
            error = np.abs(found - labels.numpy()).mean()
            columns += [f"{error:.3g} {unit}", f"{np.corrcoef(found, labels)[0, 1]:.2f}"]
        rows.append(f"| {kind} ({pairs}) | {' | '.join(columns)} |")
    sys.stdout.write("\n".join(rows) + "\n")
    sys.stdout.flush()


def hour_megabytes(network: Dereverb) -> float:
    """Return the most memory that this process has held after an hour of stereo noise."""
    rng = np.random.default_rng(9)
    block = rng.normal(0.0, 0.05, (2, 10 * SAMPLE_RATE)).astype(np.float32)
    network.reset()
    for _ in range(360):
        network.process(block, SAMPLE_RATE, reset=False)
    network.finish()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the dereverberation.")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=24, help="for each table")
    parser.add_argument("--hour", action="store_true", help="an hour of stereo, too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    room_table(options.data, 3 * options.pairs)
    network = Dereverb(load_network(options.weights))
    if options.hour:
        sys.stdout.write(f"An hour of stereo took {hour_megabytes(network):.0f} MB.\n")
    wpe = WpeDereverb(taps=10, delay=3, iterations=3)
    methods: dict[str, Method] = {
        "wet": lambda audio: audio,
        "WPE": lambda audio: wpe.process(audio, SAMPLE_RATE),
        "network": lambda audio: network.process(audio, SAMPLE_RATE),
    }
    common: Any = {"methods": methods, "data": options.data, "pairs": options.pairs}
    for low, high in RT60_BANDS:
        title = f"Speech, RT60 {low} to {high} s"
        table(title, kind=Kind.SPEECH, rt60_seconds=(low, high), **common)
    whole = (RT60_BANDS[0][0], RT60_BANDS[-1][1])
    table("Phrases of instruments", kind=Kind.PHRASE, rt60_seconds=whole, **common)
    table("Samples of instruments", kind=Kind.INSTRUMENT, rt60_seconds=whole, **common)

    store = open_store(options.data, Split.TEST)
    rooms = open_responses(options.data, Split.TEST, ROOMS)
    _, dry, _ = draw_pairs(
        store, rooms, np.random.default_rng(8), pairs=options.pairs,
        length_samples=round(SECONDS * SAMPLE_RATE), augment=False,
    )  # fmt: skip
    begun = time.perf_counter()
    kept = [
        ratio_db(network.process(each[None].numpy(), SAMPLE_RATE), each[None].numpy())
        for each in dry
    ]
    speed = options.pairs * SECONDS / (time.perf_counter() - begun)
    sys.stdout.write(
        f"\nDry input: SI-SDR to the input {spread(kept)} dB. "
        f"Speed on one core: {speed:.1f} times real time.\n"
    )


if __name__ == "__main__":
    main()
