"""dlib's face detector as a PyTorch module, read from our ONNX file and written back into a copy.

The file's graph stays as it is: only numbers change, so a trained network is run like dlib's.
"""

from __future__ import annotations

import copy
import math

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

MEAN = (122.782, 117.001, 104.298)
"""The colour that stands for nothing: what lies around the pictures on the canvas."""

_SCALE = 256
_DOWN, _SAME, _LAST = ("0", "2", "4"), ("6", "8", "10"), "12"
_SUM = "13"


class Detector(nn.Module):
    """Canvases [N, 3, H, W] of 0…255 to scores [N, h, w]."""

    def __init__(self, model: onnx.ModelProto) -> None:
        super().__init__()
        values = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
        self.layers = nn.ModuleList(
            _convolution(values[f"weights-{name}"], values[f"bias-{name}"], stride, padding)
            for names, stride, padding in ((_DOWN, 2, 0), (_SAME, 1, 2))
            for name in names
        )
        # The file has the last filter in rows, which are then added up.
        rows = values[f"weights-{_LAST}"]
        last = rows[:, :, 0, :].transpose(1, 0, 2)[None]
        self.last = _convolution(last, values[f"bias-{_SUM}"], 1, last.shape[-1] // 2)
        # The file's first layer takes pixels; training takes numbers of about the size of 1, as
        # the other layers do, so that one step length suits all.
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None])
        with torch.no_grad():
            first = self.layers[0]
            pixels = first.weight.double()
            first.weight.copy_(pixels * _SCALE)
            first.bias.copy_(first.bias + (pixels * self.mean).sum((1, 2, 3)))

    def forward(self, canvases: Tensor) -> Tensor:
        values = (canvases - self.mean) / _SCALE
        for layer in self.layers:
            values = torch.relu_(layer(values))
        return self.last(values)[:, 0]

    def copy(self) -> Detector:
        """Another one with the same numbers."""
        return copy.deepcopy(self)

    def written_into(self, model: onnx.ModelProto) -> onnx.ModelProto:
        """The same graph with this module's numbers."""
        numbers = {}
        names = (*_DOWN, *_SAME)
        for name, layer in zip(names, self.layers, strict=True):
            numbers[f"weights-{name}"] = layer.weight.detach().numpy()
            numbers[f"bias-{name}"] = layer.bias.detach().numpy()
        # Exact sums, as they nearly cancel: the same on every processor.
        pixels = numbers["weights-0"].astype(np.float64) / _SCALE
        shares = pixels * np.array(MEAN)[:, None, None]
        numbers["bias-0"] = np.array(
            [
                math.fsum([float(bias), *(-share).ravel()])
                for bias, share in zip(numbers["bias-0"], shares, strict=True)
            ]
        )
        numbers["weights-0"] = pixels
        numbers[f"weights-{_LAST}"] = (
            self.last.weight.detach().numpy()[0].transpose(1, 0, 2)[:, :, None, :]
        )
        numbers[f"bias-{_SUM}"] = self.last.bias.detach().numpy()
        result = onnx.ModelProto()
        result.CopyFrom(model)
        for each in result.graph.initializer:
            if each.name in numbers:
                values = np.ascontiguousarray(numbers[each.name], dtype=np.float32)
                each.CopyFrom(numpy_helper.from_array(values, each.name))
        return result


def _convolution(weights: np.ndarray, bias: np.ndarray, stride: int, padding: int) -> nn.Conv2d:
    filters, channels, rows, columns = weights.shape
    layer = nn.Conv2d(channels, filters, (rows, columns), stride, padding)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights.copy()))
        layer.bias.copy_(torch.from_numpy(bias.copy()))
    return layer
