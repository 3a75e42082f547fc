"""Which model a user means: the one that ships, networks of their own, or somebody else's.

A model that was opened stays open until another is asked for.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch

from tonewright.dsp.errors import EffectError
from tonewright.dsp.weights import shipped_weights
from tonewright.models.diff_tone.backend import Backend, Listener
from tonewright.models.diff_tone.classifier import (
    Choosing,
    Reporting,
    Steering,
    load_choosing,
    load_reporting,
    load_steering,
)
from tonewright.models.diff_tone.denoiser import Denoiser, load_denoiser
from tonewright.models.diff_tone.effect_type import EMBEDDED, SAMPLING_VERSION, WEIGHTS
from tonewright.models.diff_tone.embedded import Embedded, EmbeddedListener
from tonewright.models.weights import kind_of

PIPELINE_FILE = "model_index.json"


@dataclass(frozen=True, slots=True)
class Model:
    """A model, ready to be used.

    Attributes:
        key: Equal keys are equal models, sampled alike.
        backend: What edits.
        listener: What hears when to switch and which take is good; None if it has none.
        steering: The classifier behind it that steers.
    """

    key: str
    backend: Backend
    listener: Listener | None = None
    steering: Steering | None = None


def open_model(name: str) -> Model:
    """Return a model.

    Args:
        name: ``"embedded"`` for the one that ships; a folder with a pipeline of diffusers or with
            a denoiser and a steering classifier from ``train`` (the one that chooses may be there,
            too); or a hub's id.

    Raises:
        EffectError: If it is not there, or is none of these.
    """
    # Two threads can be slower than one by far when others are busy.
    torch.set_num_threads(1)
    if name == EMBEDDED:
        return _shipped()
    folder = Path(name).expanduser()
    if folder.is_dir() and not (folder / PIPELINE_FILE).is_file():
        return _own(folder, _state_of(folder))
    if not folder.is_dir() and (folder.is_absolute() or name.count("/") != 1):
        raise EffectError(
            f"{name}: there is no such folder; choose one with a model, or 'embedded'"
        )
    return _pipeline(str(folder.resolve()) if folder.is_dir() else name)


def open_reporting(name: str = EMBEDDED) -> Reporting:
    """Return the classifier that reports: of a folder of networks that has one, else that ships.

    Raises:
        EffectError: If it is not there.
    """
    folder = Path(name).expanduser()
    if name != EMBEDDED and folder.is_dir():
        own = _networks(folder).get("Reporting")
        if own is not None:
            return load_reporting(own)
    return _shipped_reporting()


@lru_cache(maxsize=1)
def _shipped() -> Model:
    denoiser, steering, choosing, _ = (shipped_weights(*each) for each in WEIGHTS.items())
    return _model(
        _key("".join(WEIGHTS.values()).encode()),
        load_denoiser(denoiser),
        load_steering(steering),
        load_choosing(choosing),
    )


@lru_cache(maxsize=1)
def _shipped_reporting() -> Reporting:
    *_, reporting = WEIGHTS.items()
    return load_reporting(shipped_weights(*reporting))


@lru_cache(maxsize=1)
def _own(folder: Path, state: tuple[tuple[str, int], ...]) -> Model:
    del state  # it is what is looked up again when the files have changed
    found = _networks(folder)

    def wanted(kind: str) -> Path:
        if kind not in found:
            raise EffectError(
                f"{folder}: neither a pipeline with {PIPELINE_FILE} nor the weights of a {kind}; "
                "choose a folder saved by diffusers, or one with networks from training"
            )
        return found[kind]

    denoiser, steering = wanted("Denoiser"), wanted("Steering")
    name = "diff_tone-choosing.safetensors"
    choosing = found.get("Choosing") or shipped_weights(name, WEIGHTS[name])
    return _model(
        _key(b"".join(each.read_bytes() for each in (denoiser, steering, choosing))),
        load_denoiser(denoiser),
        load_steering(steering),
        load_choosing(choosing),
    )


def _model(key: str, denoiser: Denoiser, steering: Steering, choosing: Choosing) -> Model:
    backend = Embedded(denoiser)
    return Model(key, backend, EmbeddedListener(backend, steering, choosing), steering)


@lru_cache(maxsize=1)
def _pipeline(source: str) -> Model:
    from tonewright.models.diff_tone.diffusers_backend import load

    return Model(source, load(source))


def _key(networks: bytes) -> str:
    return hashlib.sha256(networks + str(SAMPLING_VERSION).encode()).hexdigest()


def _networks(folder: Path) -> dict[str, Path]:
    """Return the files of weights in a folder, by the kind of network."""
    return {kind_of(path): path for path in sorted(folder.glob("*.safetensors"))}


def _state_of(folder: Path) -> tuple[tuple[str, int], ...]:
    """Return what changes when the files do."""
    files = sorted(folder.glob("*.safetensors"))
    return tuple((each.name, each.stat().st_mtime_ns) for each in files)
