#!/usr/bin/env python3
"""CenterFace, the face detector, with the input and output that Rollcall uses, in floating point.

  models/convert/centerface.py centerface.onnx exact.onnx

`models/train/detector` makes the 8-bit network of it that Rollcall runs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import onnx
from onnx import TensorProto, helper, version_converter

OPSET = 17
STRIDE = 4
"""Pixels of the picture from one place of the maps to the next."""

_INPUT = "input.1"
_MAPS = {"537": 1, "538": 2, "539": 2, "540": 10}
"""The network's outputs and their channels: presence, height and width, offset, landmarks."""


def detector_model(source: Path) -> onnx.ModelProto:
    """`pixels` uint8 [1, H, W, 3], RGB, to `maps` float32 [1, 15, H/4, W/4]; H and W are multiples of 32.

    The published file takes planes of floating-point numbers in batches of a fixed size, and has
    four outputs. The arithmetic between is not touched.
    """
    published = onnx.load(source)
    channels = {output.name for output in published.graph.output}
    if channels != set(_MAPS):
        raise ValueError(f"{source} is not the CenterFace network that is known here")
    nodes = [
        helper.make_node("Cast", ["pixels"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["numbers"], [_INPUT], perm=[0, 3, 1, 2]),
        *published.graph.node,
        helper.make_node("Concat", list(_MAPS), ["maps"], axis=1),
    ]
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        "rollcall",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, [1, "H", "W", 3])],
        [
            helper.make_tensor_value_info(
                "maps", TensorProto.FLOAT, [1, sum(_MAPS.values()), "h", "w"]
            )
        ],
        [values for values in published.graph.initializer if values.name in used],
    )
    model = helper.make_model(
        graph,
        producer_name="rollcall",
        ir_version=8,
        opset_imports=[helper.make_opsetid("", published.opset_import[0].version)],
    )
    model = version_converter.convert_version(model, OPSET)
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    onnx.save(detector_model(Path(sys.argv[1])), sys.argv[2])
