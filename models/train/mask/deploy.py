"""The network as it ships: ONNX whose convolutions calculate with 8-bit integers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

import quantise
from network import LABELS


def export(net: nn.Module, seen: np.ndarray, path: Path) -> None:
    """Writes the network to `path`; `seen` is crops [N, side, side, 3] that it learned from."""
    quantise.export(net, seen, path, ("crops", "logits"))


def logits_of(path: Path, crops: np.ndarray) -> np.ndarray:
    """What the network in `path` says: [N, 4]."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    parts = [
        session.run(None, {"crops": crops[at : at + quantise.BATCH]})[0]
        for at in range(0, len(crops), quantise.BATCH)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, len(LABELS)), np.float32)
