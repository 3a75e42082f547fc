"""Weights on disk: one safetensors file of 16-bit numbers, kind and shape in its header."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.atomic import replacing
from tonewright.models.diff_tone.classifier import Reporting, Steering
from tonewright.models.diff_tone.denoiser import Denoiser, Shape

Network = TypeVar("Network", Denoiser, Steering, Reporting)


def save_network(network: Denoiser | Steering | Reporting, path: Path) -> None:
    """Write a network's weights; what was there is replaced once they are complete."""
    shape = asdict(network.shape) if isinstance(network, Denoiser) else {"width": network.width}
    header = {"kind": type(network).__name__, "shape": json.dumps(shape)}
    tensors = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    with replacing(path) as file:
        file.write(save(tensors, header))


def load_denoiser(path: Path) -> Denoiser:
    """Return the denoiser of a file; raises as ``load_steering``."""
    shape, state = _read(path, "Denoiser")
    return _filled(Denoiser(Shape(**shape)), state, path)


def load_steering(path: Path) -> Steering:
    """Return the classifier that steers, of a file of weights.

    Raises:
        EffectError: If the file is missing, or is not of such a network.
    """
    shape, state = _read(path, "Steering")
    return _filled(Steering(**shape), state, path)


def load_reporting(path: Path) -> Reporting:
    """Return the classifier that reports, of a file; raises as ``load_steering``."""
    shape, state = _read(path, "Reporting")
    return _filled(Reporting(**shape), state, path)


def kind_of(path: Path) -> str:
    """Return which network a file of weights is of: the name of its class; empty if of none."""
    try:
        with safe_open(path, "pt") as file:
            return str((file.metadata() or {}).get("kind", ""))
    except (OSError, SafetensorError):
        return ""


def _read(path: Path, kind: str) -> tuple[dict[str, int], dict[str, object]]:
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            if header.get("kind") != kind:
                raise _wrong(path, kind)
            shape = json.loads(header["shape"])
            state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise EffectError(f"{path}: weights are missing; install tonewright again") from error
    except (SafetensorError, KeyError, ValueError) as error:
        raise _wrong(path, kind) from error
    return shape, state


def _filled(network: Network, state: dict[str, object], path: Path) -> Network:
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise _wrong(path, type(network).__name__) from error
    return network.eval().requires_grad_(requires_grad=False)


def _wrong(path: Path, kind: str) -> EffectError:
    return EffectError(f"{path}: not the weights of a {kind}; install tonewright again")
