"""The layers of networks in models/, to go on training them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor, nn


class Beginning(nn.Module):
    """The layers of an ONNX network from one value to another, with its weights, to go on training.

    Where two values of different size are added, the smaller is filled up with zeros, as dlib does.
    """

    def __init__(self, model: Path, source: str, target: str) -> None:
        super().__init__()
        graph = onnx.load(model).graph
        weights = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        self.source, self.target = source, target
        self.convolutions = nn.ModuleList()
        self.steps: list[tuple[str, list[str], str, object]] = []
        for node in _between(graph, source, target):
            attributes = {each.name: list(each.ints) or each.i for each in node.attribute}
            detail: object = None
            if node.op_type == "Conv":
                detail = len(self.convolutions)
                self.convolutions.append(_convolution(node, attributes, weights))
            elif node.op_type in ("MaxPool", "AveragePool"):
                detail = (attributes["kernel_shape"], attributes["strides"])
            elif node.op_type not in ("Relu", "Add", "Pad"):
                raise SystemExit(f"{model}: {node.op_type} is not known here")
            self.steps.append((node.op_type, list(node.input), node.output[0], detail))

    def forward(self, values: Tensor) -> Tensor:
        known = {self.source: values}
        for kind, inputs, output, detail in self.steps:
            first = known[inputs[0]]
            if kind == "Conv":
                known[output] = self.convolutions[detail](first)
            elif kind == "Relu":
                known[output] = F.relu(first)
            elif kind == "MaxPool":
                known[output] = F.max_pool2d(first, *detail)
            elif kind == "AveragePool":
                known[output] = F.avg_pool2d(first, *detail)
            elif kind == "Add":
                known[output] = _sum(first, known[inputs[1]])
            else:  # Pad, for the sum
                known[output] = first
        return known[self.target]


def _between(graph: onnx.GraphProto, source: str, target: str) -> list[onnx.NodeProto]:
    wanted, nodes = {target}, []
    for node in reversed(graph.node):
        if node.output[0] in wanted and node.output[0] != source:
            nodes.append(node)
            wanted.update(node.input)
    return nodes[::-1]


def _convolution(node: onnx.NodeProto, attributes: dict, weights: dict) -> nn.Conv2d:
    filters = weights[node.input[1]]
    bias = weights[node.input[2]] if len(node.input) > 2 else np.zeros(len(filters), np.float32)
    groups = attributes.get("group") or 1
    layer = nn.Conv2d(
        filters.shape[1] * groups,
        filters.shape[0],
        filters.shape[2:],
        attributes.get("strides", [1, 1]),
        attributes.get("pads", [0, 0])[:2],
        groups=groups,
    )
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(filters.copy()))
        layer.bias.copy_(torch.from_numpy(bias.copy()))
    return layer


def _sum(first: Tensor, second: Tensor) -> Tensor:
    size = [max(a, b) for a, b in zip(first.shape[1:], second.shape[1:], strict=True)]

    def filled(values: Tensor) -> Tensor:
        lacking = [have - want for want, have in zip(values.shape[1:], size, strict=True)]
        if not any(lacking):
            return values
        return F.pad(values, (0, lacking[2], 0, lacking[1], 0, lacking[0]))

    return filled(first) + filled(second)
