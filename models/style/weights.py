"""The networks of style translation, and their weights on disk."""

from pathlib import Path

from torch import nn

from tonewright.models.style.network import Shape, StyleNetwork
from tonewright.models.weights import load_weights


class StyleNetworks(nn.Module):
    """The network of pitched parts and the one of drums."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.pitched = StyleNetwork(shape)
        self.drums = StyleNetwork(shape)


def load_networks(path: Path) -> StyleNetworks:
    """Return the networks of a file; raises as ``load_weights``."""
    return load_weights(path, lambda **shape: StyleNetworks(Shape(**shape)), "style translation")
