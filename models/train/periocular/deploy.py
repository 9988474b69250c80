"""The network as it ships: ONNX whose convolutions calculate with 8-bit integers."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn

from quantise import quantise, take_bytes_as_they_are


def export(net: nn.Module, seen: np.ndarray, path: Path) -> None:
    """Writes the network to `path`; `seen` is chips [N, 150, 150, 3] that it learned from."""
    net = net.eval().to(memory_format=torch.contiguous_format)
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        torch.onnx.export(
            net,
            (torch.zeros(2, *seen.shape[1:], dtype=torch.uint8),),
            str(exact),
            input_names=["chips"],
            output_names=["embeddings"],
            dynamo=False,
            opset_version=17,
            dynamic_axes={"chips": {0: "n"}, "embeddings": {0: "n"}},
        )
        quantise(exact, path, "chips", seen, 64, kept="/straightener/")
    take_bytes_as_they_are(path)
