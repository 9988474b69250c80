"""The network as it ships: ONNX whose convolutions calculate with 8-bit integers."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
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

from network import LABELS

_BATCH = 64


class _Crops(CalibrationDataReader):
    """What the ranges of the values inside the network are measured on, in whole batches."""

    def __init__(self, crops: np.ndarray) -> None:
        self.batches = iter(
            [crops[at : at + _BATCH] for at in range(0, len(crops) - _BATCH + 1, _BATCH)]
        )

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self.batches, None)
        return None if batch is None else {"crops": batch}


def export(net: nn.Module, seen: np.ndarray, path: Path) -> None:
    """Writes the network to `path`; `seen` is crops [N, side, side, 3] that it learned from."""
    net = net.eval().to(memory_format=torch.contiguous_format)
    with tempfile.TemporaryDirectory() as folder:
        exact, ready = Path(folder) / "exact.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(
            net,
            (torch.zeros(2, *seen.shape[1:], dtype=torch.uint8),),
            str(exact),
            input_names=["crops"],
            output_names=["logits"],
            dynamo=False,
            opset_version=17,
            dynamic_axes={"crops": {0: "n"}, "logits": {0: "n"}},
        )
        quant_pre_process(exact, ready, skip_symbolic_shape=True)
        logging.disable(logging.WARNING)  # it advises to do what was just done
        quantize_static(
            ready,
            path,
            _Crops(seen),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )
        logging.disable(logging.NOTSET)
    network = onnx.load(path)
    _take_bytes_as_they_are(network.graph)
    onnx.checker.check_model(network, full_check=True)
    onnx.save(network, path)


def _take_bytes_as_they_are(graph: onnx.GraphProto) -> None:
    """A crop's bytes are what (value - 127) / 128 becomes when it is quantised: the way there and back is left out.

    That is a seventh of the time, and changes no answer. Networks that normalise otherwise stay as they are.
    """
    before = {node.op_type: node for node in graph.node if node.op_type in ("Cast", "Sub", "Div")}
    if len(before) < 3:
        return
    turned = next(node for node in graph.node if node.op_type == "Transpose")
    quantised = next(node for node in graph.node if before["Div"].output[0] in node.input)
    read = next(node for node in graph.node if quantised.output[0] in node.input)
    values = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    scale, zero = (values[name] for name in quantised.input[1:])
    if (scale, zero) != (1 / 128, 127):
        raise SystemExit(f"the input is quantised by {scale} and {zero}, not by 1/128 and 127")
    for node in (*before.values(), quantised, turned):
        graph.node.remove(node)
    turned.input[0], read.input[0] = graph.input[0].name, turned.output[0]
    graph.node.insert(0, turned)
    del graph.value_info[:]  # types that no longer hold


def logits_of(path: Path, crops: np.ndarray) -> np.ndarray:
    """What the network in `path` says: [N, 4]."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    parts = [
        session.run(None, {"crops": crops[at : at + _BATCH]})[0]
        for at in range(0, len(crops), _BATCH)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, len(LABELS)), np.float32)
