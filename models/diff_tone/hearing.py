"""Which instrument plays, by both classifiers, over time: ``tonewright info --instrument``."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tonewright.dsp.audio.file import AudioReader
from tonewright.dsp.audio.resample import resample
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import EffectError
from tonewright.dsp.rendering.job import CancelToken, Progress, Report
from tonewright.dsp.rendering.store import Store
from tonewright.models.diff_tone.classifier import HEARD_FRAMES, heard, windows_of
from tonewright.models.diff_tone.features import HOP_SAMPLES, SAMPLE_RATE
from tonewright.models.diff_tone.instruments import NAMES
from tonewright.models.diff_tone.measures import mel_of_audio
from tonewright.models.diff_tone.opening import open_model, open_reporting

WINDOW_SECONDS = HEARD_FRAMES * HOP_SAMPLES / SAMPLE_RATE
READ_WINDOWS = 8
"""Windows that are read at once."""

MOST_ANSWERS = 3


@torch.inference_mode()
def hear(
    *,
    path: Path,
    model: str,
    store: Store,
    registry: Registry,
    report: Report,
    cancel: CancelToken,
) -> dict[str, Any]:
    """Return what two classifiers take a recording for.

    Args:
        path: An audio file, or a video.
        model: Whose classifiers, as of ``opening.open_model``.
        store: Not needed.
        registry: Not needed.
        report: Told how far it is.
        cancel: Stops it.

    Returns:
        ``"steering"`` and ``"reporting"``, each with ``"instruments"``, the likeliest of the whole
        as (name, probability), and ``"windows"``, of every 3 s ``"start_seconds"``,
        ``"end_seconds"`` and ``"instruments"``; those of a silent window are empty.

    Raises:
        MediaError: If the file cannot be read.
        EffectError: If the model has no classifiers.
    """
    del store, registry
    steering, reporting = open_model(model).steering, open_reporting(model)
    if steering is None:
        raise EffectError(f"{model}: has no classifiers; leave the model out")
    windows: dict[str, list[dict[str, Any]]] = {"steering": [], "reporting": []}
    answers: dict[str, list[Tensor]] = {"steering": [], "reporting": []}
    weights: list[float] = []
    with AudioReader(path) as reader:
        window = round(WINDOW_SECONDS * reader.sample_rate)
        position = 0
        while (audio := reader.read(READ_WINDOWS * window)).shape[1]:
            for start in range(0, audio.shape[1], window):
                cancel.check()
                part = audio[:, start : start + window]
                power = float(np.square(part, dtype=np.float64).mean())
                begin, end = position + start, position + start + part.shape[1]
                where = {
                    "start_seconds": begin / reader.sample_rate,
                    "end_seconds": end / reader.sample_rate,
                }
                if not power:
                    for each in windows.values():
                        each.append(where | {"instruments": []})
                    continue
                mel = windows_of(
                    mel_of_audio(
                        np.ascontiguousarray(resample(part, reader.sample_rate, SAMPLE_RATE))
                    )
                )
                weights.append(power * part.shape[1])
                for name, logits in (
                    ("steering", steering(mel, torch.ones(len(mel)))),
                    ("reporting", reporting(mel)),
                ):
                    answer = heard(logits, mel)
                    answers[name].append(answer)
                    windows[name].append(where | {"instruments": likeliest(answer)})
                report(Progress(min(1.0, end / max(1, reader.length_samples)), "listening"))
            position += audio.shape[1]
    shares = torch.tensor(weights) ** 0.5
    return {
        name: {
            "instruments": likeliest(
                (shares[:, None] * torch.stack(answers[name])).sum(dim=0) / shares.sum()
            )
            if weights
            else [],
            "windows": windows[name],
        }
        for name in windows
    }


def likeliest(answer: Tensor) -> list[tuple[str, float]]:
    """Return the instruments that an answer finds likeliest, and how likely they are."""
    values, indices = answer.topk(MOST_ANSWERS)
    pairs = zip(indices.tolist(), values.tolist(), strict=True)
    return [(NAMES[index], round(value, 4)) for index, value in pairs]
