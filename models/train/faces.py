"""Faces that `training-faces` cut out, and what cameras do to pictures."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


class Faces:
    """What training-faces wrote into a folder: `rows` of faces.csv, and `pixels` [N, side, side, 3], RGB."""

    def __init__(self, folder: Path, side: int) -> None:
        with (folder / "faces.csv").open(newline="") as file:
            self.rows = list(csv.DictReader(file))
        pixels = np.memmap(folder / "faces.rgb", np.uint8, "r")
        if pixels.size != side * side * 3 * len(self.rows):
            raise SystemExit(
                f"{folder}: faces.csv and faces.rgb do not belong together; run training-faces again"
            )
        self.pixels = pixels.reshape(-1, side, side, 3)


def shrunk(picture: Pixels, side: int) -> Pixels:
    """As if it had been taken at `side` pixels a side."""
    whole = picture.shape[1::-1]
    if side >= whole[0]:
        return picture
    return cv2.resize(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), whole)


def noisy(picture: Pixels, spread: float, rng: np.random.Generator) -> Pixels:
    """`spread` is the standard deviation, in 8-bit levels."""
    grain = rng.standard_normal(picture.shape, dtype=np.float32) * spread
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def compressed(picture: Pixels, quality: int) -> Pixels:
    """JPEG there and back."""
    return cv2.imdecode(
        cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR
    )
