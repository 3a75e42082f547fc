"""Weights on disk: one safetensors file of 16-bit numbers, the network's shape in its header."""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.atomic import replacing
from tonewright.models.dereverb.network import DereverbNetwork, Shape


def save_network(network: DereverbNetwork, path: Path) -> None:
    """Write a network's weights; what was there is replaced once they are complete."""
    tensors = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    with replacing(path) as file:
        file.write(save(tensors, {"shape": json.dumps(asdict(network.shape))}))


def load_network(path: Path) -> DereverbNetwork:
    """Return the network of a file of weights, ready to be used.

    Raises:
        EffectError: If the file is missing, or is not one of these weights.
    """
    try:
        with safe_open(path, "pt") as file:
            shape = Shape(**json.loads(file.metadata()["shape"]))
            state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        network = DereverbNetwork(shape)
        network.load_state_dict(state)
    except FileNotFoundError as error:
        raise EffectError(f"{path}: weights are missing; install tonewright again") from error
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise EffectError(
            f"{path}: not the weights of a dereverberation; install tonewright again"
        ) from error
    return network.eval().requires_grad_(requires_grad=False)


def parameters_of(network: torch.nn.Module) -> int:
    """Return how many numbers a network has learnt."""
    return sum(each.numel() for each in network.parameters())
