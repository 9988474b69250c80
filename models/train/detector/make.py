#!/usr/bin/env python3
"""Writes the face detector's network with convolutions that calculate with 8-bit integers.

  models/train/detector/make.py EXACT.onnx PHOTOS OUTPUT.onnx

The ranges of the values inside are measured on canvases of one to sixteen photos each, so that faces of all sizes are
among them. The first three convolutions and those that give the maps stay in floating point: what they lose by rounding
costs faces (models/face-detector.md has the table). Rounding also makes boxes a few per cent larger on average; the last
convolutions' biases take that back, as it is measured on the same canvases.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

import quantise

WIDTH, HEIGHT = 1024, 576
CANVASES = 24
EXACT_FIRST = 3
"""The first convolutions see the picture itself, where small differences matter."""
KEPT = "kept"
SURE = 0.3
"""Where the exact network's presence is above this, there is a face."""


def canvases(photos: list[Path]) -> np.ndarray:
    """Pictures [N, HEIGHT, WIDTH, 3] of photos in rows of one, two, three and four."""
    rng = np.random.default_rng(1)
    pictures = np.zeros((CANVASES, HEIGHT, WIDTH, 3), np.uint8)
    for number, picture in enumerate(pictures):
        count = number % 4 + 1
        width, height = WIDTH // count, HEIGHT // count
        for row in range(count):
            for column in range(count):
                photo = cv2.imread(str(photos[rng.integers(len(photos))]))
                small = cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA)
                picture[
                    row * height : (row + 1) * height, column * width : (column + 1) * width
                ] = small[:, :, ::-1]
    return pictures


def named(exact: onnx.ModelProto) -> onnx.ModelProto:
    """The network with a name for each node, which begins with KEPT where the node must stay as it is."""
    makers = {output: node for node in exact.graph.node for output in node.output}
    for number, node in enumerate(exact.graph.node):
        node.name = f"{number:03}_{node.op_type}"
    kept = [node for node in exact.graph.node if node.op_type == "Conv"][:EXACT_FIRST]
    kept.append(makers["maps"])
    for name in makers["maps"].input:
        node = makers[name]
        while node.op_type != "Conv":
            kept.append(node)
            node = makers[node.input[0]]
        kept.append(node)
    for node in kept:
        node.name = KEPT + node.name
    return exact


def without_bias(output: Path, exact: Path, pictures: np.ndarray) -> None:
    """Takes the mean error of sizes and offsets at faces out of the network in `output`, in place."""
    rounded, exactly = (onnxruntime.InferenceSession(str(path)) for path in (output, exact))
    errors = []
    for picture in pictures:
        found, right = (
            network.run(None, {"pixels": picture[None]})[0] for network in (rounded, exactly)
        )
        presence = right[0, 0]
        faces = (presence > SURE) & (presence == cv2.dilate(presence, np.ones((3, 3))))
        errors.append((found - right)[0][:, faces])
    error = np.concatenate(errors, axis=1).mean(axis=1)
    network = onnx.load(output)
    values = {each.name: each for each in network.graph.initializer}
    makers = {result: node for node in network.graph.node for result in node.output}
    place = 0
    for name in makers["maps"].input:
        node = makers[name]
        if node.op_type == "Conv":
            bias = values[node.input[2]]
            numbers = numpy_helper.to_array(bias)
            bias.CopyFrom(
                numpy_helper.from_array(numbers - error[place : place + len(numbers)], node.input[2])
            )
            place += len(numbers)
        else:
            place += 1  # presence, which lies behind a sigmoid
    onnx.save(network, output)


def main() -> int:
    exact, folder, output = map(Path, sys.argv[1:4])
    photos = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg"})
    if not photos:
        raise SystemExit(f"{folder} has no JPEG files")
    step = max(1, len(photos) // 200)
    with tempfile.TemporaryDirectory() as work:
        network = Path(work) / "named.onnx"
        onnx.save(named(onnx.load(exact)), network)
        pictures = canvases(photos[::step])
        quantise.quantise(network, output, "pixels", pictures, batch=1, kept=KEPT)
        without_bias(output, exact, pictures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
