#!/usr/bin/env python3
"""Converts dlib's face encoder and detector to ONNX, and copies its landmark predictor."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import astuple
from pathlib import Path

from dlib_file import Convolution, FormatError, Network, read_network
from graph import detector_model, encoder_model

ROOT = Path(__file__).resolve().parents[2]

ENCODER = "dlib_face_recognition_resnet_model_v1.dat"
DETECTOR = "mmod_human_face_detector.dat"
LANDMARKS = "shape_predictor_5_face_landmarks.dat"

CHIP_SIDE = 150
PYRAMID = {"ratio": 6, "padding": 10, "outer_padding": 11}
"""dlib's pyramid_down<6>, and the paddings that it gives a file too old to name them."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "source",
        type=Path,
        nargs="?",
        default=ROOT / ".deps/dlib-models",
        help="folder of dlib's .dat files",
    )
    parser.add_argument(
        "target",
        type=Path,
        nargs="?",
        default=ROOT / "models",
        help="folder to write to",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="compare with the files in the folder, and write nothing",
    )
    arguments = parser.parse_args()
    try:
        files = converted(arguments.source)
    except (OSError, FormatError) as error:
        print(f"models: {error}", file=sys.stderr)
        return 1
    return check(files, arguments.target) if arguments.check else write(files, arguments.target)


def converted(source: Path) -> dict[str, bytes]:
    """Every file that this program makes, by name. The same input gives the same bytes, always."""
    encoder = read_network(source / ENCODER)
    detector = read_network(source / DETECTOR)
    return {
        "face-detector.json": json.dumps(detector_parameters(detector), indent=2).encode() + b"\n",
        "face-detector.onnx": detector_model(detector).SerializeToString(deterministic=True),
        "face-encoder.onnx": encoder_model(encoder, CHIP_SIDE).SerializeToString(
            deterministic=True
        ),
        "face-landmarks-5.dat": (source / LANDMARKS).read_bytes(),
    }


def detector_parameters(network: Network) -> dict[str, object]:
    """What turns scores into boxes; the card of the detector says how."""
    stride, offset = output_to_input(network)
    suppression = network.loss.suppression
    if suppression is None:
        raise FormatError(f"{DETECTOR} is not an MMOD detector")
    return {
        "windows": [{"width": width, "height": height} for width, height in network.loss.windows],
        "overlap": {"iou": suppression.iou, "covered": suppression.covered},
        "threshold": 0,
        "stride": stride,
        "offset": offset,
        "mean": [round(value, 3) for value in network.input.mean],
        "pyramid": PYRAMID,
    }


def output_to_input(network: Network) -> tuple[int, int]:
    """Stride and offset: the score at x lies at x * stride + offset on the input.

    The same across and down. dlib puts a window's centre at half its size, rounded down,
    and goes through the layers one by one, from the output to the input.
    """
    stride, offset = 1, 0
    for layer in reversed(network.layers):
        if isinstance(layer, Convolution):
            if any(len(set(pair)) > 1 for pair in astuple(layer.window)):
                raise FormatError(f"{DETECTOR} has a window that is not square")
            size, step, padding = (pair[0] for pair in astuple(layer.window))
            stride, offset = stride * step, offset * step - padding + size // 2
    return stride, offset


def write(files: dict[str, bytes], target: Path) -> int:
    target.mkdir(parents=True, exist_ok=True)
    changed = differing(files, target)
    for name, data in files.items():
        (target / name).write_bytes(data)
        print(f"models: {'wrote' if name in changed else 'unchanged:'} {target / name}")
    return 0


def check(files: dict[str, bytes], target: Path) -> int:
    changed = differing(files, target)
    for name in changed:
        print(
            f"models: {target / name} is not what the conversion gives; 'make models' writes it",
            file=sys.stderr,
        )
    if not changed:
        print(f"models: the {len(files)} files in {target} are what the conversion gives")
    return 1 if changed else 0


def differing(files: dict[str, bytes], target: Path) -> list[str]:
    """The names of the files that are missing in the folder, or other than here."""
    return [
        name
        for name, data in files.items()
        if not (target / name).is_file() or (target / name).read_bytes() != data
    ]


if __name__ == "__main__":
    sys.exit(main())
