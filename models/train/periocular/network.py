"""The periocular encoder's network: dlib's face encoder, which goes on learning."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor, nn

from layers import Beginning

SIDE = 150
"""Pixels a side of a chip."""
EMBEDDING = 128
_FIRST, _LAST, _WEIGHTS = "transpose-1", "relu-83", "weights-86"
"""Names in face-encoder.onnx: the chip's pixels, the last layer that has a place, and the matrix after its mean."""


class Encoder(nn.Module):
    """Chips [N, 3, 150, 150] of 0…255, RGB, to embeddings [N, 128] in dlib's space. It begins as dlib's encoder."""

    def __init__(self, models: Path) -> None:
        super().__init__()
        file = models / "face-encoder.onnx"
        self.body = Beginning(file, _FIRST, _LAST)
        weights = {each.name: each for each in onnx.load(file).graph.initializer}
        matrix = numpy_helper.to_array(weights[_WEIGHTS]).T.copy()
        self.last = nn.Linear(matrix.shape[1], matrix.shape[0], bias=False)
        with torch.no_grad():
            self.last.weight.copy_(torch.from_numpy(matrix))

    def keep(self, convolutions: int) -> None:
        """The first convolutions, which see edges and colours, stay as they are."""
        for layer in self.body.convolutions[:convolutions]:
            layer.requires_grad_(False)

    def forward(self, chips: Tensor) -> Tensor:
        return self.last(self.body(chips).mean((2, 3)))


class Straightener(nn.Module):
    """Chips [N, 3, 150, 150] of 0…255 to the same, turned, sized and shifted to where the bare face's chip would have been cut."""

    def __init__(self) -> None:
        super().__init__()
        widths = [3, 16, 32, 48, 64]
        steps: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            steps += [nn.Conv2d(before, after, 3, 2, 1), nn.ReLU()]
        self.body = nn.Sequential(*steps)
        self.last = nn.Sequential(
            nn.Flatten(), nn.Linear(64 * 4 * 4, 128), nn.ReLU(), nn.Linear(128, 4)
        )
        nn.init.zeros_(self.last[-1].weight)
        nn.init.zeros_(self.last[-1].bias)
        self.register_buffer("places", _places(SIDE), persistent=False)
        self.register_buffer("few_places", _places(SIDE // _POOLED), persistent=False)

    def maps(self, chips: Tensor) -> Tensor:
        """From each straight chip's pixels to the given one's, [N, 2, 3]: it finds turn and size around the middle, and shift."""
        return self._maps(F.avg_pool2d(chips, _POOLED))

    def _maps(self, pooled: Tensor) -> Tensor:
        found = self.last(self.body(pooled / 128 - 1))
        cosine, sine = 1 + 0.1 * found[:, 0], 0.1 * found[:, 1]
        right, down = 10 * found[:, 2], 10 * found[:, 3]
        middle = (SIDE - 1) / 2
        rows = [
            cosine,
            -sine,
            middle * (1 - cosine + sine) + right,
            sine,
            cosine,
            middle * (1 - sine - cosine) + down,
        ]
        return torch.stack(rows, 1).view(-1, 2, 3)

    def forward(self, chips: Tensor) -> Tensor:
        pooled = F.avg_pool2d(chips, _POOLED)
        first = _between_edges(self._maps(pooled))
        # What the first try brought into view shows where the rest lies.
        second = _between_edges(self._maps(_drawn(pooled, first, self.few_places)))
        return _drawn(chips, first @ second, self.places)


_POOLED = 3
"""Pixels a side that are one to the straightener."""


def _places(side: int) -> Tensor:
    """Middles of the pixels, as grid_sample counts: from -1 to 1 between the outer edges, [side * side, 3] with a 1."""
    across = (torch.arange(side) + 0.5) / side * 2 - 1
    down, right = torch.meshgrid(across, across, indexing="ij")
    return torch.stack([right, down, torch.ones_like(down)], 2).view(-1, 3)


def _between_edges(maps: Tensor) -> Tensor:
    """Maps of pixels [N, 2, 3] as maps [N, 3, 3] of what grid_sample counts."""
    turn, half = maps[:, :, :2], SIDE / 2
    shift = (maps[:, :, 2] + (turn.sum(2) - 1) * (half - 0.5)) / half
    last = torch.zeros_like(maps[:, :1]) + maps.new_tensor([0, 0, 1])
    return torch.cat([torch.cat([turn, shift[:, :, None]], 2), last], 1)


def _drawn(pictures: Tensor, maps: Tensor, places: Tensor) -> Tensor:
    side = pictures.shape[-1]
    grid = places @ maps[:, :2].transpose(1, 2)
    return F.grid_sample(pictures, grid.view(-1, side, side, 2), align_corners=False)


class Deployed(nn.Module):
    """Bytes [N, 150, 150, 3] to embeddings [N, 128]: the mean of each straightened chip's and its mirror image's."""

    def __init__(self, straightener: Straightener, encoder: Encoder) -> None:
        super().__init__()
        self.straightener, self.encoder = straightener, encoder

    def forward(self, chips: Tensor) -> Tensor:
        values = self.straightener(chips.permute(0, 3, 1, 2).float())
        values = torch.cat([values, values.flip(3)])
        return self.encoder(values).view(2, -1, EMBEDDING).mean(0)


@torch.no_grad()
def embeddings(net: nn.Module, chips: np.ndarray, rows: np.ndarray, batch: int = 128) -> np.ndarray:
    """What `net` makes of some of the chips [N, 150, 150, 3]: [len(rows), 128]."""
    parts = []
    for at in range(0, len(rows), batch):
        some = torch.from_numpy(np.ascontiguousarray(chips[rows[at : at + batch]]))
        some = some.permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
        parts.append(net(some).float().numpy())
    return np.concatenate(parts) if parts else np.zeros((0, EMBEDDING), np.float32)
