"""The networks of style translation, and their weights on disk."""

from pathlib import Path

from torch import nn

from tonewright.dsp.midi.roles import Role
from tonewright.models.style.network import Shape, StyleNetwork
from tonewright.models.weights import load_weights

KINDS = {
    "basses": (Role.BASS,),
    "pitched": (Role.CHORDS, Role.PAD, Role.ARPEGGIO),
    "drums": (Role.DRUMS,),
}
"""The networks by name, and the roles that each plays."""


class StyleNetworks(nn.Module):
    """The network of basses, the one of other pitched parts, and the one of drums."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.basses = StyleNetwork(shape)
        self.pitched = StyleNetwork(shape)
        self.drums = StyleNetwork(shape)

    def kind(self, name: str) -> StyleNetwork:
        """Return one of ``KINDS``."""
        return {"basses": self.basses, "pitched": self.pitched, "drums": self.drums}[name]


def load_networks(path: Path) -> StyleNetworks:
    """Return the networks of a file; raises as ``load_weights``."""
    return load_weights(path, lambda **shape: StyleNetworks(Shape(**shape)), "style translation")
