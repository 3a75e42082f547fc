import numpy as np
import pytest
import torch

from tonewright.models.dereverb.accelerated import AcceleratedNetwork
from tonewright.models.dereverb.bands import BAND_POINTS, BANDS, FEATURES, Shape
from tonewright.models.dereverb.export import onnx_model
from tonewright.models.dereverb.network import DereverbNetwork, spectrum_of, without_room
from tonewright.models.dereverb.session import open_session, shape_of

SHAPE = Shape(width=8, hidden=6, layers=2, past=3, ahead=0, both_ways=False)


@pytest.mark.parametrize("channels", [1, 3])
@torch.no_grad()
def test_the_graph_says_what_the_network_says(channels: int) -> None:
    torch.manual_seed(7)
    network = DereverbNetwork(SHAPE).eval()
    session = open_session(onnx_model(network).SerializeToString())
    features = torch.randn(5, channels, BANDS, BAND_POINTS * FEATURES)
    states = [torch.randn(1, channels * BANDS, 6) for _ in range(2)]
    filters, gains, after = network.found(features, states)
    named = {f"state_{index}": each.numpy() for index, each in enumerate(states)}
    said = session.run(None, {"features": features.numpy(), **named})
    for found, wanted in zip(said, (filters, gains, *after), strict=True):
        np.testing.assert_allclose(found, wanted.numpy(), atol=1e-5)


def test_the_graph_knows_its_shape() -> None:
    model = onnx_model(DereverbNetwork(SHAPE)).SerializeToString()
    assert shape_of(open_session(model)) == SHAPE


@torch.no_grad()
def test_a_network_that_looks_both_ways_says_the_same_in_a_session() -> None:
    torch.manual_seed(8)
    network = DereverbNetwork(Shape(width=8, hidden=6, layers=2, past=3, ahead=1)).eval()
    wet = spectrum_of(0.1 * torch.randn(2, 24_000), 48_000)
    said = without_room(AcceleratedNetwork(network), wet)
    torch.testing.assert_close(said, without_room(network, wet), atol=1e-5, rtol=1e-4)


def test_masks_and_accelerated_streams_are_refused() -> None:
    for shape in (Shape(8, 6, 1, masks=True), Shape(8, 6, 1, 4, 1, both_ways=False)):
        with pytest.raises(ValueError, match="only filters can be exported"):
            onnx_model(DereverbNetwork(shape))
    with pytest.raises(ValueError, match="for streams"):
        AcceleratedNetwork(DereverbNetwork(SHAPE))
