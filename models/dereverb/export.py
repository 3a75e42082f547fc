r"""A network as an ONNX graph: the causal one for the effect without torch, any one for speed.

::

    python -m tonewright.models.dereverb.export FOLDER/best.safetensors \
        resources/weights/dereverb-streaming.onnx

The graph is what lies between features and filters (``DereverbNetwork.found``); frames and
channels are free. Everything before and behind it is a little arithmetic, which ``streaming`` does
in numpy and ``network`` in torch. In a causal one each layer's memory goes in as ``state_K`` and
comes out as ``after_K``. The graph is written node by node: a tracer would add what depends on its
version, and warnings.
"""

import argparse
import json
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from tonewright.dsp.project.atomic import replacing
from tonewright.models.dereverb.bands import BAND_POINTS, BANDS, FEATURES, LOW_BANDS
from tonewright.models.dereverb.network import DereverbNetwork, Layer, load_network

OPSET = 20
"""The first with Gelu."""

IR_VERSION = 9
"""Of that time, so that an onnxruntime of that time reads it."""


class Graph:
    """Nodes that are put one behind the other, each result having a name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: Tensor) -> str:
        """Return the name of a constant."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value.detach().contiguous().numpy(), name))
        return name

    def add(self, kind: str, *inputs: str, out: str = "", **attributes: object) -> str:
        """Return the name of the first output of a new node."""
        name = out or f"node_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def linear(self, x: str, linear: torch.nn.Linear) -> str:
        """Return a linear map of the last axis."""
        x = self.add("MatMul", x, self.constant(linear.weight.T))
        return self.add("Add", x, self.constant(linear.bias))

    def normed(self, x: str, norm: torch.nn.LayerNorm) -> str:
        """Return the last axis with mean 0 and variance 1, scaled."""
        weights = [self.constant(norm.weight), self.constant(norm.bias)]
        return self.add("LayerNormalization", x, *weights, axis=-1, epsilon=norm.eps)

    def shaped(self, x: str, shape: tuple[int, ...]) -> str:
        """Return the same numbers in another shape; 0 keeps an axis, -1 is what is left."""
        return self.add("Reshape", x, self.constant(torch.tensor(shape)))

    def by_band(self, x: str, weights: Tensor) -> str:
        """Return a linear map of the last axis, each band by its own ``(bands, in, out)``.

        It is an Einsum of "tbni,nio->tbno", in a third of its time.
        """
        bands, inputs, outputs = weights.shape
        frames = self.add("Shape", x, start=0, end=2)
        x = self.shaped(self.add("Transpose", x, perm=(2, 0, 1, 3)), (bands, -1, inputs))
        x = self.add("MatMul", x, self.constant(weights))
        sizes = [self.constant(torch.tensor([each])) for each in (bands, outputs)]
        shape = self.add("Concat", sizes[0], frames, sizes[1], axis=0)
        return self.add("Transpose", self.add("Reshape", x, shape), perm=(1, 2, 0, 3))

    def recurrent(self, x: str, gru: torch.nn.GRU, index: int) -> str:
        """Return what a GRU says of each frame, ``(frames, ways, rows, hidden)``.

        One that does not look both ways has a state, which goes in and comes out. Torch's gates are
        r, z, n and ONNX's z, r, n.
        """
        ways = ["", "_reverse"] if gru.bidirectional else [""]
        weights = []
        for names in (["weight_ih_l0"], ["weight_hh_l0"], ["bias_ih_l0", "bias_hh_l0"]):
            each_way = [
                torch.cat(
                    [getattr(gru, name + way).unflatten(0, (3, -1))[[1, 0, 2]] for name in names]
                ).flatten(0, 1)
                for way in ways
            ]
            weights.append(self.constant(torch.stack(each_way)))
        inputs, outputs = [x, *weights], [f"frames_{index}"]
        if not gru.bidirectional:
            inputs += ["", f"state_{index}"]
            outputs += [f"after_{index}"]
        # Torch multiplies the reset gate after the recurrent map.
        self.nodes.append(helper.make_node(
            "GRU", inputs, outputs, hidden_size=gru.hidden_size, linear_before_reset=1,
            direction="bidirectional" if gru.bidirectional else "forward",
        ))  # fmt: skip
        return outputs[0]

    def layer(self, x: str, layer: Layer, index: int) -> str:
        """Return what ``Layer.forward`` does."""
        width = layer.mix.in_features
        along = self.shaped(self.normed(x, layer.time_norm), (0, -1, width))
        along = self.recurrent(along, layer.time, index)
        along = self.add("Transpose", along, perm=(0, 2, 1, 3))
        along = self.shaped(along, (0, -1, BANDS, layer.time_out.in_features))
        x = self.add("Add", x, self.linear(along, layer.time_out))
        across = self.linear(self.normed(x, layer.band_norm), layer.mix)
        across = self.add("Transpose", across, perm=(0, 1, 3, 2))
        across = self.add("Gelu", self.linear(across, layer.band_in))
        across = self.linear(across, layer.band_out)
        return self.add("Add", x, self.add("Transpose", across, perm=(0, 1, 3, 2)))


def onnx_model(network: DereverbNetwork) -> onnx.ModelProto:
    """Return a network as ONNX, its shape in the metadata.

    The input is ``features`` of shape ``(frames, channels, bands, points x features)``; outputs are
    ``filters`` and ``gains`` as of ``found``. A causal network has states, too, which go in and
    come out, ``(1, channels x bands, hidden)`` for each layer.

    Raises:
        ValueError: If the network has masks, or looks ahead where it is causal.
    """
    shape = network.shape
    if shape.masks or (shape.ahead and not shape.both_ways):
        raise ValueError(
            f"only filters can be exported, causal ones that do not look ahead: {shape}"
        )
    graph = Graph()
    x = graph.by_band("features", network.enter)
    x = graph.add("Add", x, graph.constant(network.place))
    for index, layer in enumerate(network.layers):
        x = graph.layer(x, layer, index)
    x = graph.normed(x, network.norm)
    axis = graph.constant(torch.tensor([2]))
    edges = [graph.constant(torch.tensor([each])) for each in (0, LOW_BANDS, BANDS)]
    low, high = (graph.add("Slice", x, *between, axis) for between in pairwise(edges))
    graph.add("Identity", graph.by_band(low, network.filters), out="filters")
    high = graph.by_band(high, network.gains)
    high = graph.add("Add", high, graph.constant(torch.tensor(3.0)))
    graph.add("Sigmoid", high, out="gains")

    def value(name: str, *axes: int | str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, axes)

    layers = () if shape.both_ways else range(shape.layers)
    states, after = (
        [value(f"{name}_{index}", 1, "rows", shape.hidden) for index in layers]
        for name in ("state", "after")
    )
    seen, kept = BAND_POINTS * FEATURES, BAND_POINTS * shape.taps * 2
    inputs = [value("features", "frames", "channels", BANDS, seen), *states]
    outputs = [
        value("filters", "frames", "channels", LOW_BANDS, kept),
        value("gains", "frames", "channels", BANDS - LOW_BANDS, BAND_POINTS),
        *after,
    ]
    whole = helper.make_graph(graph.nodes, "dereverb", inputs, outputs, graph.constants)
    model = helper.make_model(
        whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    helper.set_model_props(model, {"shape": json.dumps(asdict(shape))})
    onnx.checker.check_model(model)
    return model


def main() -> None:
    """Export as the command line says."""
    parser = argparse.ArgumentParser(description="Export the causal dereverberation.")
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    network = load_network(options.weights)
    if network.shape.both_ways:
        parser.error(f"{options.weights}: looks both ways and cannot be streamed")
    model = onnx_model(network)
    with replacing(options.out) as file:
        file.write(model.SerializeToString())


if __name__ == "__main__":
    main()
