import numpy as np
import pytest
import torch

from tonewright.models.dereverb.bands import BAND_POINTS, BANDS, FEATURES, Shape
from tonewright.models.dereverb.export import onnx_model
from tonewright.models.dereverb.network import DereverbNetwork
from tonewright.models.dereverb.streaming import open_session, shape_of

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


@pytest.mark.parametrize(
    "shape",
    [
        Shape(width=8, layers=1),
        Shape(8, 6, 1, 4, 1, both_ways=False),
        Shape(8, 6, 1, 4, 0, both_ways=False, masks=True),
    ],
)
def test_what_looks_ahead_or_has_no_filters_is_refused(shape: Shape) -> None:
    with pytest.raises(ValueError, match="only filters that do not look ahead"):
        onnx_model(DereverbNetwork(shape))
