#!/usr/bin/env python3
"""Restores FaceNet's floating-point weights from its 8-bit TensorFlow Lite file, as an ONNX network.

  models/convert/facenet.py facenet.tflite facenet.onnx

The file was quantised with activation ranges that were not measured: 0 to 6 everywhere. Run as it is, it clips every
negative number of an embedding. Its weights and biases have scales of their own, and those are sound. This reads the
weights and ignores the ranges. `ai-edge-litert` brings the format's schema; nothing of its runtime is used.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as tflite
from graph import IR_VERSION, OPSET
from onnx import TensorProto, helper, numpy_helper

SIDE = 160
"""Pixels a side of a chip."""
DIMENSIONS = 512
"""Dimensions of the embedding."""


def encoder_model(data: bytes) -> onnx.ModelProto:
    """`chips` uint8 [N, 160, 160, 3], RGB, to `embeddings` float32 [N, 512] of unit length."""
    return _Restorer(data).model()


class _Restorer:
    def __init__(self, data: bytes) -> None:
        self.file = tflite.ModelT.InitFromObj(tflite.Model.GetRootAsModel(data, 0))
        self.graph = self.file.subgraphs[0]
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def model(self) -> onnx.ModelProto:
        self.values = {self.graph.inputs[0]: self._input()}
        for operator in self.graph.operators:
            self._add(operator)
        last = self.values[self.graph.outputs[0]]
        self._node("ReduceL2", [last], "length", axes=[1], keepdims=1)
        self._node("Div", [last, "length"], "embeddings")
        chips = helper.make_tensor_value_info("chips", TensorProto.UINT8, ["N", SIDE, SIDE, 3])
        embeddings = helper.make_tensor_value_info(
            "embeddings", TensorProto.FLOAT, ["N", DIMENSIONS]
        )
        model = helper.make_model(
            helper.make_graph(self.nodes, "rollcall", [chips], [embeddings], self.constants),
            producer_name="rollcall",
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        onnx.checker.check_model(model)
        return model

    def _input(self) -> str:
        """Bytes as the network was trained on them: (byte - 127.5) / 128, colours first."""
        self._node("Cast", ["chips"], "numbers", to=TensorProto.FLOAT)
        self._node("Sub", ["numbers", self._constant("middle", np.float32(127.5))], "centred")
        self._node("Mul", ["centred", self._constant("unit", np.float32(1 / 128))], "scaled")
        return self._node("Transpose", ["scaled"], "planes", perm=[0, 3, 1, 2])

    def _add(self, operator: tflite.OperatorT) -> None:
        code = self.file.operatorCodes[operator.opcodeIndex]
        kind = max(code.builtinCode, code.deprecatedBuiltinCode)
        options, result = operator.builtinOptions, operator.outputs[0]
        # The file has no activations of its own: where there was one, the tensor is called after it.
        has_relu = self.graph.tensors[result].name.endswith(b"Relu")
        name = f"t{result}-sum" if has_relu else f"t{result}"
        known = [self.values[each] for each in operator.inputs if each in self.values]
        kinds = tflite.BuiltinOperator
        if kind == kinds.CONV_2D:
            self._convolution(operator, name)
        elif kind == kinds.CONCATENATION:
            self._node("Concat", known, name, axis=1)
        elif kind == kinds.ADD and len(known) == 2:
            self._node("Add", known, name)
        elif kind == kinds.MAX_POOL_2D and options.padding == tflite.Padding.VALID:
            shape = [options.filterHeight, options.filterWidth]
            strides = [options.strideH, options.strideW]
            self._node("MaxPool", known, name, kernel_shape=shape, strides=strides)
        elif kind == kinds.AVERAGE_POOL_2D:
            # It covers the whole map.
            self._node("GlobalAveragePool", known, name)
        elif kind == kinds.RESHAPE:
            name = known[0]  # of 512 numbers to 512 numbers
        elif kind == kinds.FULLY_CONNECTED:
            self._node("Flatten", known, f"{name}-flat", axis=1)
            weights, bias = (self._restored(each) for each in operator.inputs[1:3])
            inputs = [self._constant(f"{name}-w", weights), self._constant(f"{name}-b", bias)]
            self._node("Gemm", [f"{name}-flat", *inputs], name, transB=1)
        else:
            raise ValueError(f"operator {kind} is not one of FaceNet's")
        self.values[result] = self._node("Relu", [name], f"t{result}") if has_relu else name

    def _convolution(self, operator: tflite.OperatorT, name: str) -> None:
        options = operator.builtinOptions
        weights = self._restored(operator.inputs[1]).transpose(0, 3, 1, 2)
        height, width = weights.shape[2:]
        pads = [0, 0, 0, 0]
        if options.padding == tflite.Padding.SAME:
            if (options.strideH, options.strideW) != (1, 1):
                raise ValueError("a strided convolution with padding is not one of FaceNet's")
            pads = [(height - 1) // 2, (width - 1) // 2, height // 2, width // 2]
        inputs = [
            self.values[operator.inputs[0]],
            self._constant(f"{name}-w", weights),
            self._constant(f"{name}-b", self._restored(operator.inputs[2])),
        ]
        strides = [options.strideH, options.strideW]
        self._node(
            "Conv", inputs, name, kernel_shape=[height, width], strides=strides, pads=pads
        )

    def _restored(self, index: int) -> np.ndarray:
        """A constant of the file: (integer - zero point) * scale."""
        tensor = self.graph.tensors[index]
        kind = {tflite.TensorType.UINT8: np.uint8, tflite.TensorType.INT32: np.int32}[tensor.type]
        integers = np.frombuffer(bytes(self.file.buffers[tensor.buffer].data), kind)
        scale = float(tensor.quantization.scale[0])
        numbers = (integers.astype(np.float64) - float(tensor.quantization.zeroPoint[0])) * scale
        return numbers.reshape([int(each) for each in tensor.shape]).astype(np.float32)

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def _constant(self, name: str, values: np.ndarray | np.floating) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="facenet.tflite")
    parser.add_argument("target", type=Path, help="the ONNX file to write")
    arguments = parser.parse_args()
    model = encoder_model(arguments.source.read_bytes())
    arguments.target.write_bytes(model.SerializeToString(deterministic=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
