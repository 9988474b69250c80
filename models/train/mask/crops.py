"""The crops that the mask classifier learns from and is tested on."""

from __future__ import annotations

import math

import cv2
import numpy as np

from faces import Pixels, compressed, noisy, shrunk

SIDE, PADDING = 112, 0.65
"""Pixels a side of the network's crop, and its margin in sizes of the face."""
CUT_SIDE, CUT_PADDING = 160, 0.85
"""The same of what training-faces cuts: wide enough to move and turn the crop in it."""
_SHARE = (1 + 2 * PADDING) / (1 + 2 * CUT_PADDING)
FACE = SIDE / (1 + 2 * PADDING)
"""Pixels across the face itself in a crop."""


def plain(wide: Pixels) -> Pixels:
    """The crop that the product would cut."""
    k = CUT_SIDE * _SHARE / SIDE
    off = (CUT_SIDE - CUT_SIDE * _SHARE) / 2 + (k - 1) / 2
    return _warped(wide, np.array([[k, 0, off], [0, k, off]]))


def _warped(wide: Pixels, to_wide: np.ndarray) -> Pixels:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(wide, to_wide, (SIDE, SIDE), flags=flags)


def varied(wide: Pixels, rng: np.random.Generator) -> Pixels:
    """A crop as a camera might have taken it: moved, turned, in other light, blurred, small, noisy, compressed, partly hidden."""
    crop = _warped(wide, _somewhere(rng))
    if rng.random() < 0.35:
        _cut_an_edge_off(crop, rng)
    if rng.random() < 0.12:
        _put_something_in_the_way(crop, rng)
    dark = rng.random() < 0.25
    if dark or rng.random() < 0.8:
        crop = cv2.LUT(crop, _light(dark, rng))
    if rng.random() < 0.1:
        crop = np.ascontiguousarray(
            np.broadcast_to(crop.mean(2, keepdims=True).astype(np.uint8), crop.shape)
        )
    kind = rng.random()
    if kind < 0.15:
        crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.4, 1.9))
    elif kind < 0.45:
        crop = shrunk_to_face(crop, rng.uniform(12, 40))
    if dark or rng.random() < 0.25:
        crop = noisy(crop, rng.uniform(1.5, 15), rng)
    if rng.random() < 0.4:
        crop = compressed(crop, int(rng.uniform(18, 85)))
    return crop


def _somewhere(rng: np.random.Generator) -> np.ndarray:
    k = CUT_SIDE * _SHARE * rng.uniform(0.85, 1.2) / SIDE
    angle = math.radians(rng.normal(0, 7))
    a, b = k * math.cos(angle), k * math.sin(angle)
    flip = -1 if rng.random() < 0.5 else 1
    x, y = CUT_SIDE / 2 + rng.normal(0, 0.035 * CUT_SIDE, 2)
    half = SIDE / 2
    return np.array(
        [[flip * a, -b, x - (flip * a - b) * half], [flip * b, a, y - (flip * b + a) * half]]
    )


def _cut_an_edge_off(crop: Pixels, rng: np.random.Generator) -> None:
    share = int(SIDE * rng.uniform(0.03, 0.28))
    edge = (slice(None, share), slice(-share, None))[rng.integers(2)]
    crop[(edge, slice(None)) if rng.random() < 0.5 else (slice(None), edge)] = 0


def _put_something_in_the_way(crop: Pixels, rng: np.random.Generator) -> None:
    width, height = rng.integers(6, SIDE // 3, 2)
    x, y = rng.integers(0, SIDE - width), rng.integers(0, SIDE - height)
    crop[y : y + height, x : x + width] = rng.integers(0, 255, 3)


def _light(dark: bool, rng: np.random.Generator) -> Pixels:
    levels = np.arange(256) / 255
    power = rng.uniform(1.8, 3.2) if dark else math.exp(rng.normal(0, 0.35))
    gains = rng.uniform(0.75, 1.25) * rng.uniform(0.9, 1.1, 3)
    return np.clip(255 * levels[:, None] ** power * gains, 0, 255).astype(np.uint8)[None]


def shrunk_to_face(crop: Pixels, face: float) -> Pixels:
    """As if the face had been `face` pixels across."""
    return shrunk(crop, max(8, round(face / FACE * SIDE)))


def low_light(crop: Pixels, rng: np.random.Generator) -> Pixels:
    """Gamma 3, and the noise of a sensor at its limit (standard deviation 8 of 255)."""
    levels = np.clip(255 * (np.arange(256) / 255) ** 3, 0, 255).astype(np.uint8)
    return noisy(cv2.LUT(crop, levels), 8, rng)


STRAINS = {
    "low light": low_light,
    "JPEG 30": lambda crop, rng: compressed(crop, 30),
    "40 px": lambda crop, rng: shrunk_to_face(crop, 40),
    "20 px": lambda crop, rng: shrunk_to_face(crop, 20),
}
"""What a crop is put through to see whether the label holds."""
