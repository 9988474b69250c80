"""The network as it ships: ONNX whose convolutions calculate with 8-bit integers."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from network import LABELS
from quantise import quantise, take_bytes_as_they_are

_BATCH = 64


def export(net: nn.Module, seen: np.ndarray, path: Path) -> None:
    """Writes the network to `path`; `seen` is crops [N, side, side, 3] that it learned from."""
    net = net.eval().to(memory_format=torch.contiguous_format)
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
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
        quantise(exact, path, "crops", seen, _BATCH)
    take_bytes_as_they_are(path)


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
