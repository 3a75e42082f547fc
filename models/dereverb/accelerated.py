"""A network that looks both ways, in two thirds of its time: onnxruntime runs what torch made."""

import torch
from torch import Tensor

from tonewright.models.dereverb.export import onnx_model
from tonewright.models.dereverb.network import DereverbNetwork
from tonewright.models.dereverb.session import open_session


class AcceleratedNetwork(DereverbNetwork):
    """A network that learns no more; it says what the one that it is made of does.

    Args:
        network: One that looks both ways.

    Raises:
        ValueError: If it does not.
    """

    def __init__(self, network: DereverbNetwork) -> None:
        if not network.shape.both_ways:
            raise ValueError("a network with states is for streams")
        super().__init__(network.shape)
        self._session = open_session(onnx_model(network).SerializeToString())

    def found(
        self, features: Tensor, states: list[Tensor] | None = None
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Return what ``DereverbNetwork.found`` does, without states."""
        del states
        filters, gains = self._session.run(None, {"features": features.numpy()})
        return torch.from_numpy(filters), torch.from_numpy(gains), []
