"""Weights on disk: one safetensors file of 16-bit numbers, kind and shape in its header."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.atomic import replacing

Network = TypeVar("Network", bound=torch.nn.Module)


def save_weights(network: torch.nn.Module, path: Path) -> None:
    """Write the weights of a network that has a ``shape``, a dataclass.

    What was there is replaced once they are complete.
    """
    tensors = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    header = {"kind": type(network).__name__, "shape": json.dumps(asdict(network.shape))}
    with replacing(path) as file:
        file.write(save(tensors, header))


def load_weights(path: Path, make: Callable[..., Network], name: str) -> Network:
    """Return the network of a file of weights, ready to be used.

    Args:
        path: The file.
        make: Returns an untrained network of a shape, whose fields it takes as keywords.
        name: What they are the weights of, as the error says.

    Raises:
        EffectError: If the file is missing, or is not one of these weights.
    """
    try:
        with safe_open(path, "pt") as file:
            shape = json.loads(file.metadata()["shape"])
            state = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
        network = make(**shape)
        network.load_state_dict(state)
    except FileNotFoundError as error:
        raise EffectError(f"{path}: weights are missing; install tonewright again") from error
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise EffectError(f"{path}: not the weights of {name}; install tonewright again") from error
    return network.eval().requires_grad_(requires_grad=False)


def kind_of(path: Path) -> str:
    """Return which network a file of weights is of: the name of its class; empty if of none."""
    try:
        with safe_open(path, "pt") as file:
            return str((file.metadata() or {}).get("kind", ""))
    except (OSError, SafetensorError):
        return ""


def parameters_of(network: torch.nn.Module) -> int:
    """Return how many numbers a network has learnt."""
    return sum(each.numel() for each in network.parameters())
