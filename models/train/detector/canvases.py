"""What the detector learns from: canvases full of faces, each in a bare and in a covered state."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from network import MEAN

Pixels = NDArray[np.uint8]
Canvas = NDArray[np.float32]

SIDE = 320
"""Pixels across a canvas: room for about eight faces of the detector's window."""

GAP = 10
"""Mean colour between two pictures, as between two levels of the detector's pyramid."""

_NOT_COVERED = 0.35
"""The share of faces that stay bare on both canvases, so that the network keeps what it can."""


@dataclass(frozen=True)
class Pictures:
    """Portraits, each bare and with several coverings: what `training-faces --pictures` writes."""

    pixels: NDArray[np.uint8]
    """[rows, side, side, 3], red, green, blue."""
    bare: NDArray[np.int64]
    """[N]: the row of the bare picture."""
    covered: NDArray[np.int64]
    """[N, coverings]: the rows of the same picture with each covering."""
    faces: NDArray[np.float64]
    """[N]: the share of the side that the detector's box takes."""

    def part(self, which: NDArray[np.bool_]) -> Pictures:
        """Some of the portraits."""
        return Pictures(self.pixels, self.bare[which], self.covered[which], self.faces[which])


def load(folder: Path) -> Pictures:
    """A folder that `training-faces` wrote; pictures that lack a covering are left out."""
    with (folder / "faces.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    by_file: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        by_file.setdefault(line["file"], []).append(line)
    most = max(len(group) for group in by_file.values())
    groups = [group for group in by_file.values() if len(group) == most]
    pixels = np.memmap(folder / "pictures.rgb", np.uint8, "r")
    side = math.isqrt(pixels.size // len(lines) // 3)
    rows = np.array([[int(line["row"]) for line in group] for group in groups])
    faces = np.array([float(group[0]["w"]) / side for group in groups])
    return Pictures(pixels.reshape(len(lines), side, side, 3), rows[:, 0], rows[:, 1:], faces)


def pair(pictures: Pictures, seed: tuple[int, ...]) -> tuple[Canvas, Canvas]:
    """A canvas with bare faces, and the same one with most of them covered: [3, SIDE, SIDE].

    Size, place, light, blur, noise and compression are the same on both. A seed always
    gives the same pair.
    """
    rng = np.random.default_rng(seed)
    canvases = [np.full((SIDE, SIDE, 3), np.round(MEAN), dtype=np.uint8) for _ in range(2)]
    used = np.zeros((SIDE, SIDE), dtype=bool)
    top = -int(rng.integers(0, 60))
    while top < SIDE:
        left, row = -int(rng.integers(0, 60)), 0
        size = _face_size(rng)
        while left < SIDE:
            tiles = _tiles(pictures, size * rng.uniform(0.85, 1.15), rng)
            _place(canvases, used, tiles, top, left)
            rows, columns, _ = tiles[0].shape
            left += columns + (GAP if rng.random() < 0.5 else 0)
            row = max(row, rows)
        top += row + (GAP if rng.random() < 0.5 else 0)
    nothing = np.array(MEAN, dtype=np.float32)
    bare, covered = (
        np.where(used[..., None], canvas.astype(np.float32), nothing).transpose(2, 0, 1)
        for canvas in _degraded(canvases, rng)
    )
    return bare, covered


def _face_size(rng: np.random.Generator) -> float:
    """Pixels across a face on the canvas.

    Mostly what the window fits, within a level or two; else what it must not take for a face:
    too small, or so large that only a part of it is in the window.
    """
    kind = rng.random()
    if kind < 0.8:
        low, high = 58, 112
    elif kind < 0.94:
        low, high = 30, 58
    else:
        low, high = 112, 300
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _tiles(pictures: Pictures, size: float, rng: np.random.Generator) -> list[Pixels]:
    """One portrait, bare and as the learner sees it, with the face `size` pixels across."""
    index = int(rng.integers(len(pictures.bare)))
    bare = pictures.pixels[pictures.bare[index]]
    seen = bare
    if rng.random() >= _NOT_COVERED:
        seen = pictures.pixels[rng.choice(pictures.covered[index])]
    states = [bare, seen]
    side = max(8, round(size / pictures.faces[index]))
    # A small face that is enlarged before detection has lost its fine detail.
    if rng.random() < 0.35:
        small = max(8, round(side * rng.uniform(0.35, 0.8)))
        states = [_resized(_resized(state, small), side) for state in states]
    else:
        states = [_resized(state, side) for state in states]
    kind = rng.random()
    if kind < 0.5:
        turn = rng.uniform(-15, 15)
    elif kind < 0.92:
        turn = 0.0
    else:
        # Upside down, or lying: no face to dlib, and none with a mask either.
        turn = rng.uniform(60, 300)
    if turn:
        how = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), turn, 1)
        edge = cv2.BORDER_REFLECT_101 if rng.random() < 0.7 else cv2.BORDER_REPLICATE
        states = [
            cv2.warpAffine(state, how, (side, side), flags=cv2.INTER_LINEAR, borderMode=edge)
            for state in states
        ]
    if rng.random() < 0.5:
        states = [np.ascontiguousarray(state[:, ::-1]) for state in states]
    if rng.random() < 0.3:
        states = _cropped(states, rng)
    if rng.random() < 0.08:
        _hide_a_part(states, rng)
    return states


def _resized(state: Pixels, side: int) -> Pixels:
    way = cv2.INTER_AREA if side < state.shape[0] else cv2.INTER_LINEAR
    return cv2.resize(state, (side, side), interpolation=way)


def _cropped(states: list[Pixels], rng: np.random.Generator) -> list[Pixels]:
    """Some of the picture cut off at its sides, so that faces touch an edge."""
    side = states[0].shape[0]
    top, bottom, left, right = (
        int(side * share) for share in rng.uniform(0, 0.35, 4) * (rng.random(4) < 0.5)
    )
    return [state[top : side - bottom, left : side - right] for state in states]


def _hide_a_part(states: list[Pixels], rng: np.random.Generator) -> None:
    """The same patch over both: what is left may be a mask alone, which is no face."""
    rows, columns, _ = states[0].shape
    height, width = int(rows * rng.uniform(0.3, 0.6)), int(columns * rng.uniform(0.5, 1))
    y, x = int(rng.integers(0, rows - height + 1)), int(rng.integers(0, columns - width + 1))
    grain = rng.integers(0, 256, (*rng.integers(1, 8, 2), 3), dtype=np.uint8)
    patch = cv2.resize(grain, (max(1, width), max(1, height)), interpolation=cv2.INTER_LINEAR)
    for index, state in enumerate(states):
        changed = state.copy()
        changed[y : y + height, x : x + width] = patch[:height, :width]
        states[index] = changed


def _place(
    canvases: list[Pixels], used: NDArray[np.bool_], tiles: list[Pixels], top: int, left: int
) -> None:
    rows, columns, _ = tiles[0].shape
    rows_in = slice(max(0, top), min(SIDE, top + rows))
    columns_in = slice(max(0, left), min(SIDE, left + columns))
    if rows_in.start >= rows_in.stop or columns_in.start >= columns_in.stop:
        return
    for canvas, tile in zip(canvases, tiles, strict=True):
        canvas[rows_in, columns_in] = tile[
            rows_in.start - top : rows_in.stop - top,
            columns_in.start - left : columns_in.stop - left,
        ]
    used[rows_in, columns_in] = True


def _degraded(canvases: list[Pixels], rng: np.random.Generator) -> list[Pixels]:
    """Light, colour, blur, noise and compression, each now and then, alike for all canvases."""
    results = canvases
    if rng.random() < 0.6:
        curve = (np.arange(256) / 255) ** np.exp(rng.normal(0, 0.4))
        curve = curve * rng.uniform(0.6, 1.25) + rng.uniform(-0.08, 0.08)
        curves = np.clip(255 * curve[:, None] * rng.uniform(0.88, 1.12, 3), 0, 255)
        table = np.round(curves).astype(np.uint8)[None]
        results = [cv2.LUT(each, table) for each in results]
    if rng.random() < 0.08:
        results = [
            cv2.cvtColor(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
            for each in results
        ]
    if rng.random() < 0.3:
        if rng.random() < 0.6:
            spread = rng.uniform(0.4, 1.8)
            results = [cv2.GaussianBlur(each, (0, 0), spread) for each in results]
        else:
            streak = _streak(int(rng.integers(3, 8)), rng)
            results = [cv2.filter2D(each, -1, streak) for each in results]
    if rng.random() < 0.25:
        grain = rng.standard_normal(results[0].shape, dtype=np.float32) * rng.uniform(2, 14)
        results = [np.clip(each + grain, 0, 255).astype(np.uint8) for each in results]
    if rng.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 92))]
        results = [
            cv2.imdecode(cv2.imencode(".jpg", each, quality)[1], cv2.IMREAD_COLOR)
            for each in results
        ]
    return results


def _streak(length: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """The trace of a moving camera."""
    streak = np.zeros((length, length), dtype=np.float32)
    streak[length // 2] = 1
    middle = ((length - 1) / 2, (length - 1) / 2)
    how = cv2.getRotationMatrix2D(middle, rng.uniform(0, 180), 1)
    streak = cv2.warpAffine(streak, how, (length, length))
    return streak / streak.sum()
