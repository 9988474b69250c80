"""The chips that the periocular encoder learns from."""

from __future__ import annotations

import math

import cv2
import numpy as np

from faces import Pixels, compressed, noisy, shrunk
from network import SIDE


def moves(by: float, rng: np.random.Generator) -> np.ndarray:
    """Where an aligner might have cut a chip instead: how its pixels move, [2, 3].

    With `by` at 1, as far as the chips of one face under several masks do: by 8 % of its size, 5 degrees, 6 and 4.6 pixels.
    """
    size = math.exp(rng.normal(0, 0.08 * by))
    place = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), rng.normal(0, 5 * by), size)
    place[:, 2] += rng.normal(0, 6 * by), rng.normal(0, 4.6 * by)
    return place


def varied(chip: Pixels, place: np.ndarray, rng: np.random.Generator) -> Pixels:
    """A chip as a camera might have taken it, moved by `place`: in other light, blurred, small, noisy."""
    chip = cv2.warpAffine(chip, place, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    if rng.random() < 0.8:
        chip = cv2.LUT(chip, _light(rng))
    if rng.random() < 0.15:
        chip = np.ascontiguousarray(
            np.broadcast_to(chip.mean(2, keepdims=True).astype(np.uint8), chip.shape)
        )
    kind = rng.random()
    if kind < 0.12:
        chip = cv2.GaussianBlur(chip, (0, 0), rng.uniform(0.5, 2))
    elif kind < 0.4:
        chip = shrunk(chip, round(SIDE * rng.uniform(0.25, 0.8)))
    if rng.random() < 0.15:
        chip = noisy(chip, rng.uniform(2, 12), rng)
    if rng.random() < 0.3:
        chip = compressed(chip, int(rng.uniform(25, 90)))
    return chip


def _light(rng: np.random.Generator) -> Pixels:
    levels = np.arange(256)[:, None] / 255
    gains = rng.uniform(0.75, 1.25) * rng.uniform(0.88, 1.12, 3)
    return np.clip(255 * levels ** math.exp(rng.normal(0, 0.4)) * gains, 0, 255).astype(np.uint8)[
        None
    ]


def covered(chip: Pixels, rng: np.random.Generator) -> Pixels:
    """A bare face with all below its eyes gone, behind a line and a cloth of no particular kind.

    The renderer's masks look like masks. This makes sure that nothing else there is looked at: no edge, no fold, no colour.
    """
    across = np.arange(SIDE) - SIDE / 2
    upper = SIDE * rng.uniform(0.38, 0.54)
    line = upper + rng.normal(0, 0.1) * across + rng.uniform(-0.1, 0.15) * np.abs(across)
    depth = np.arange(SIDE)[:, None] - line[None]
    share = np.clip(depth / rng.uniform(1, 4) + 0.5, 0, 1)[..., None]
    if rng.random() < 0.5:
        cells = int(rng.integers(2, 12))
        cloth = rng.uniform(0, 255, (cells, cells, 3))
    else:
        cloth = np.full((2, 2, 3), rng.uniform(0, 255, 3))
    sharp = cv2.INTER_NEAREST if rng.random() < 0.3 else cv2.INTER_CUBIC
    cloth = cv2.resize(cloth, (SIDE, SIDE), interpolation=sharp)
    light = rng.uniform(0.6, 1.1) + rng.normal(0, 0.2) * across / SIDE
    cloth = np.clip(cloth * light[None, :, None], 0, 255)
    return (chip * (1 - share) + cloth * share).astype(np.uint8)
