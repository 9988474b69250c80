"""Networks whose convolutions calculate with 8-bit integers."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn

BATCH = 64


class _Batches(CalibrationDataReader):
    def __init__(self, name: str, pictures: np.ndarray, batch: int) -> None:
        self.name = name
        self.batches = iter(
            [pictures[at : at + batch] for at in range(0, len(pictures) - batch + 1, batch)]
        )

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self.batches, None)
        return None if batch is None else {self.name: batch}


def export(
    net: nn.Module,
    seen: np.ndarray,
    path: Path,
    names: tuple[str, str],
    kept: str | None = None,
) -> None:
    """Writes a network to `path`, quantised.

    `seen` is pictures [N, side, side, 3] that it learned from, `names` those of its input and output. Nodes whose names begin
    with `kept` stay as they are.
    """
    net = net.eval().to(memory_format=torch.contiguous_format)
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        torch.onnx.export(
            net,
            (torch.zeros(2, *seen.shape[1:], dtype=torch.uint8),),
            str(exact),
            input_names=[names[0]],
            output_names=[names[1]],
            dynamo=False,
            opset_version=17,
            dynamic_axes={name: {0: "n"} for name in names},
        )
        quantise(exact, path, names[0], seen, BATCH, kept)
    take_bytes_as_they_are(path)


def quantise(
    exact: Path, path: Path, name: str, pictures: np.ndarray, batch: int, kept: str | None = None
) -> None:
    """Writes the network in `exact` to `path`, quantised.

    Weights have seven bits: on processors without VNNI, two products of eight-bit numbers are added in 16 bits, which
    overflow. With eight bits, the second encoder's cosine to the exact point was 0.984 there, and 0.86 in the worst
    case; with seven it is 0.998, as everywhere.

    The ranges of the values inside it are measured on `pictures`, of which whole batches are given to the input called `name`. Nodes
    whose names begin with `kept` stay as they are.
    """
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.onnx"
        quant_pre_process(exact, ready, skip_symbolic_shape=True)
        nodes = [node.name for node in onnx.load(ready).graph.node]
        logging.disable(logging.WARNING)  # it advises to do what was just done
        quantize_static(
            ready,
            path,
            _Batches(name, pictures, batch),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=[each for each in nodes if kept and each.startswith(kept)],
        )
        logging.disable(logging.NOTSET)


def take_bytes_as_they_are(path: Path) -> None:
    """Leaves out, in place, the way of a quantised network's pictures from bytes over fractions to the same bytes.

    Many networks begin by making (byte - zero) / size of a byte; if that is then quantised by the same numbers, it becomes the byte
    again. It is a seventh of the time of a small network, and changes no answer. Networks that begin otherwise stay as they are; one whose
    numbers differ is refused.
    """
    network = onnx.load(path)
    graph = network.graph
    values = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    makers = {output: node for node in graph.node for output in node.output}
    quantised = next(node for node in graph.node if node.op_type == "QuantizeLinear")
    left_out, kept, zero, size = [quantised], [], 0.0, 1.0
    name = quantised.input[0]
    while name in makers:
        maker = makers[name]
        if maker.op_type == "Sub":
            zero = float(values[maker.input[1]])
        elif maker.op_type == "Div":
            size = float(values[maker.input[1]])
        elif maker.op_type not in ("Cast", "Transpose"):
            return
        (kept if maker.op_type == "Transpose" else left_out).append(maker)
        name = maker.input[0]
    found = [float(values[each]) for each in quantised.input[1:]]
    if found != [1 / size, zero]:
        if (size, zero) != (1, 0):
            raise SystemExit(f"the input is quantised by {found}, not by {[1 / size, zero]}")
        return
    result = quantised.output[0]
    for node in left_out:
        graph.node.remove(node)
    for node in reversed(kept):
        node.input[0] = name
        name = node.output[0]
    for node in graph.node:
        for place, each in enumerate(node.input):
            if each == result:
                node.input[place] = name
    used = {name for node in graph.node for name in node.input}
    for each in [each for each in graph.initializer if each.name not in used]:
        graph.initializer.remove(each)
    del graph.value_info[:]  # types that no longer hold
    onnx.checker.check_model(network, full_check=True)
    onnx.save(network, path)
