"""Writes a network of dlib's as an ONNX graph that takes RGB from 0 to 255."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from dlib_file import (
    AddPrevious,
    Affine,
    AveragePool,
    Convolution,
    FullyConnected,
    Input,
    Layer,
    MaxPool,
    Network,
    Relu,
    TagOrSkip,
    Window,
)

OPSET = 17
IR_VERSION = 8
"""The oldest format of the file that has this opset: every reader of it reads that."""

COLORS = 3

EMBEDDING = 128
"""Dimensions of the encoder's space."""


def encoder_model(network: Network, side: int) -> onnx.ModelProto:
    """`chips` uint8 [N, side, side, 3] to `embeddings` float32 [N, 128]."""
    return _model("chips", ["N", side, side, 3], "embeddings", ["N", EMBEDDING], network)


def simplified(network: Network) -> list[Layer]:
    """The same function with less to compute.

    What is linear is folded into the convolutions: every affine layer, and the
    normalisation of the input. The first convolution has no padding, so nothing of it sees a zero that was not normalised.
    """
    layers: list[Layer] = []
    for layer in network.layers:
        if isinstance(layer, Affine):
            before = layers.pop()
            if not isinstance(before, Convolution):
                raise TypeError(
                    f"an affine layer follows {type(before).__name__}, not a convolution"
                )
            layer = replace(
                before,
                weights=before.weights * layer.scale[:, None, None, None],
                bias=before.bias * layer.scale + layer.shift,
            )
        layers.append(layer)
    first = layers[0]
    if not isinstance(first, Convolution) or first.window.padding != (0, 0):
        raise ValueError("the first layer must be a convolution without padding")
    layers[0] = _normalizing(first, network.input)
    return layers


def _normalizing(first: Convolution, source: Input) -> Convolution:
    """The same convolution for values that were not normalised before.

    The sums nearly cancel: they are exact, and so the same on every processor.
    """
    weights = first.weights.astype(np.float64) / 256
    shares = weights * np.array(source.mean)[:, None, None]
    pairs = zip(first.bias, shares, strict=True)
    bias = [math.fsum([float(bias), *(-share).ravel()]) for bias, share in pairs]
    return replace(
        first,
        weights=weights.astype(np.float32),
        bias=np.array(bias, dtype=np.float32),
    )


def _model(
    source: str,
    source_shape: Sequence[int | str],
    target: str,
    target_shape: Sequence[int | str],
    network: Network,
) -> onnx.ModelProto:
    writer = _Writer()
    _, rows, columns, _ = source_shape
    floats = writer.node("Cast", [source], to=TensorProto.FLOAT)
    planes = writer.node("Transpose", [floats], perm=[0, 3, 1, 2])
    writer.layers(_Values(planes, COLORS, (rows, columns)), simplified(network))
    writer.nodes[-1].output[0] = target
    graph = helper.make_graph(
        writer.nodes,
        network.loss,
        [helper.make_tensor_value_info(source, TensorProto.UINT8, source_shape)],
        [helper.make_tensor_value_info(target, TensorProto.FLOAT, target_shape)],
        writer.constants,
    )
    model = helper.make_model(
        graph,
        producer_name="rollcall",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    onnx.checker.check_model(model, full_check=True)
    return model


@dataclass(frozen=True)
class _Values:
    """The output of a node."""

    name: str
    channels: int
    size: tuple[int, int]
    """Rows and columns, when the input's are fixed."""


class _Writer:
    """Adds node after node."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, kind: str, inputs: list[str], **attributes: object) -> str:
        name = f"{kind.lower()}-{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(self, name: str, values: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def layers(self, values: _Values, layers: list[Layer]) -> _Values:
        # A tag marks the input of a block, to which the block's output is added. Where
        # the sizes differ, a second tag marks the block's output, a skip goes back to
        # the first tag, and the pooled input is what the output is added to.
        marks: list[_Values] = []
        before: Layer | None = None
        for layer in layers:
            match layer:
                case TagOrSkip() if isinstance(before, TagOrSkip):
                    values = marks.pop(0)
                case TagOrSkip():
                    marks.append(values)
                case AddPrevious():
                    values = self._sum(values, marks.pop())
                case _:
                    values = self._layer(values, layer)
            before = layer
        return values

    def _layer(self, values: _Values, layer: Layer) -> _Values:
        match layer:
            case Convolution(window, weights, bias):
                inputs = [
                    values.name,
                    self.constant(f"weights-{len(self.nodes)}", weights),
                    self.constant(f"bias-{len(self.nodes)}", bias),
                ]
                return self._sliding("Conv", inputs, window, values.size, channels=len(bias))
            case MaxPool(window):
                return self._sliding("MaxPool", [values.name], window, values.size, values.channels)
            case AveragePool(Window(size=(0, 0))):
                return replace(
                    values,
                    name=self.node("GlobalAveragePool", [values.name]),
                    size=(1, 1),
                )
            case AveragePool(window):
                return self._sliding(
                    "AveragePool", [values.name], window, values.size, values.channels
                )
            case FullyConnected(weights):
                inputs = [
                    self.node("Flatten", [values.name]),
                    self.constant(f"weights-{len(self.nodes)}", weights),
                ]
                return _Values(self.node("MatMul", inputs), weights.shape[1], None)
            case Relu():
                return replace(values, name=self.node("Relu", [values.name]))
        raise TypeError(f"there is no ONNX for {layer}")

    def _sliding(
        self,
        kind: str,
        inputs: list[str],
        window: Window,
        size: tuple[int, int],
        channels: int,
    ) -> _Values:
        name = self.node(
            kind,
            inputs,
            kernel_shape=window.size,
            strides=window.stride,
            pads=window.padding * 2,
        )
        rows, columns = (
            (side + 2 * padding - extent) // step + 1
            for side, extent, step, padding in zip(
                size, window.size, window.stride, window.padding, strict=True
            )
        )
        size = (rows, columns)
        return _Values(name, channels, size)

    def _sum(self, first: _Values, second: _Values) -> _Values:
        """dlib's add_prev: zeros fill the smaller one up, at the end of each dimension."""
        channels = max(first.channels, second.channels)
        size = (max(first.size[0], second.size[0]), max(first.size[1], second.size[1]))
        padded = [self._padded(values, channels, size) for values in (first, second)]
        return _Values(self.node("Add", padded), channels, size)

    def _padded(self, values: _Values, channels: int, size: tuple[int, int]) -> str:
        rows, columns = values.size
        ends = [channels - values.channels, size[0] - rows, size[1] - columns]
        if not any(ends):
            return values.name
        pads = self.constant(
            f"ends-{len(self.nodes)}", np.array([0, 0, 0, 0, 0, *ends], dtype=np.int64)
        )
        return self.node("Pad", [values.name, pads], mode="constant")
