"""Weights on disk: one safetensors file of 16-bit numbers, the networks' shape in its header."""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.atomic import replacing
from tonewright.models.style.network import Shape, StyleNetwork


class StyleNetworks(nn.Module):
    """The network of pitched parts and the one of drums."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.pitched = StyleNetwork(shape)
        self.drums = StyleNetwork(shape)


def save_networks(networks: StyleNetworks, path: Path) -> None:
    """Write weights; what was there is replaced once they are complete."""
    tensors = {name: value.half().contiguous() for name, value in networks.state_dict().items()}
    with replacing(path) as file:
        file.write(save(tensors, {"shape": json.dumps(asdict(networks.shape))}))


def load_networks(path: Path) -> StyleNetworks:
    """Return the networks of a file of weights, ready to be used.

    Raises:
        EffectError: If the file is missing, or is not one of these weights.
    """
    try:
        with safe_open(path, "pt") as file:
            shape = Shape(**json.loads(file.metadata()["shape"]))
            state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        networks = StyleNetworks(shape)
        networks.load_state_dict(state)
    except FileNotFoundError as error:
        raise EffectError(f"{path}: weights are missing; install tonewright again") from error
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise EffectError(
            f"{path}: not the weights of style translation; install tonewright again"
        ) from error
    return networks.eval().requires_grad_(requires_grad=False)


def parameters_of(network: torch.nn.Module) -> int:
    """Return how many numbers a network has learnt."""
    return sum(each.numel() for each in network.parameters())
