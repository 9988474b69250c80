"""FaceNet for training: reads `exact.onnx` into PyTorch, in parts, and writes trained weights back.

The file has its batch normalisations folded into the convolutions, so what is left are convolutions
with biases, sums and rectifiers. `Part` calculates the nodes between two values of the graph;
training changes the second part only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor, nn

SIDE = 160
"""Pixels a side of a chip."""
DIMENSIONS = 512
"""Dimensions of the embedding."""
INPUT, OUTPUT = "planes", "t18"
"""The graph's values after the pixels are scaled, and before the embedding gets unit length."""


class Part(nn.Module):
    """The nodes of a graph between two of its values."""

    def __init__(self, path: Path, first: str, last: str) -> None:
        super().__init__()
        graph = onnx.load(path).graph
        constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        makers = {node.output[0]: node for node in graph.node}
        needed, wanted = set(), [last]
        while wanted:
            name = wanted.pop()
            if name != first and name not in needed:
                needed.add(name)
                wanted += [each for each in makers[name].input if each not in constants]
        self.first, self.last = first, last
        self.nodes = [_Node(node) for node in graph.node if node.output[0] in needed]
        self.weights = nn.ParameterDict()
        for node in self.nodes:
            for name in node.constants:
                self.weights[name] = nn.Parameter(torch.from_numpy(constants[name].copy()))
        uses = [name for node in self.nodes for name in node.inputs]
        self.left = {name: uses.count(name) for name in uses}

    def forward(self, values: Tensor) -> Tensor:
        """`first`'s value, [N, channels, height, width], to `last`'s."""
        known, left = {self.first: values}, dict(self.left)
        for node in self.nodes:
            known[node.output] = node.value([known[name] for name in node.inputs], self.weights)
            for name in node.inputs:
                left[name] -= 1
                if not left[name]:
                    del known[name]
        return known[self.last]


class _Node:
    def __init__(self, node: onnx.NodeProto) -> None:
        self.kind, self.output = node.op_type, node.output[0]
        count = 1 if self.kind in ("Conv", "Gemm") else len(node.input)
        self.inputs, self.constants = list(node.input[:count]), list(node.input[count:])
        numbers = {each.name: list(each.ints) or each.i for each in node.attribute}
        self.strides, self.pads = numbers.get("strides"), numbers.get("pads", [0, 0])[:2]
        self.shape = numbers.get("kernel_shape")

    def value(self, inputs: list[Tensor], weights: nn.ParameterDict) -> Tensor:
        constants = [weights[name] for name in self.constants]
        match self.kind:
            case "Conv":
                return F.conv2d(inputs[0], *constants, stride=self.strides, padding=self.pads)
            case "Relu":
                return F.relu(inputs[0])
            case "Add":
                return inputs[0] + inputs[1]
            case "Concat":
                return torch.cat(inputs, 1)
            case "MaxPool":
                return F.max_pool2d(inputs[0], self.shape, self.strides)
            case "GlobalAveragePool":
                return inputs[0].mean((2, 3), keepdim=True)
            case "Flatten":
                return inputs[0].flatten(1)
            case "Gemm":
                return F.linear(inputs[0], *constants)
        raise ValueError(f"{self.kind} is not one of FaceNet's")


def planes(chips: np.ndarray) -> Tensor:
    """Chips [N, 160, 160, 3], as bytes, to the value called `INPUT`."""
    values = (torch.from_numpy(chips).permute(0, 3, 1, 2).float() - 127.5) / 128
    return values.contiguous(memory_format=torch.channels_last)


def unit(embeddings: Tensor) -> Tensor:
    return F.normalize(embeddings.float(), dim=1)


def write(source: Path, weights: dict[str, Tensor], target: Path) -> None:
    """Writes `source`'s network with other weights, by their names in the graph."""
    model = onnx.load(source)
    left = dict(weights)
    for constant in model.graph.initializer:
        if constant.name in left:
            values = left.pop(constant.name).detach().float().contiguous().numpy()
            if list(values.shape) != list(constant.dims):
                raise ValueError(f"{constant.name} has another shape")
            constant.CopyFrom(numpy_helper.from_array(values, constant.name))
    if left:
        raise ValueError(f"the network has no {', '.join(left)}")
    onnx.checker.check_model(model)
    target.write_bytes(model.SerializeToString(deterministic=True))


def batches(count: int, size: int) -> Iterator[slice]:
    return (slice(at, min(count, at + size)) for at in range(0, count, size))
