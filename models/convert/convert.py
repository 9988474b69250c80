#!/usr/bin/env python3
"""Converts dlib's face encoder to ONNX as Rollcall runs it, copies dlib's landmark predictor, and writes the detector's parameters."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from centerface import STRIDE
from dlib_file import FormatError, read_network
from graph import encoder_model

ROOT = Path(__file__).resolve().parents[2]

ENCODER = "dlib_face_recognition_resnet_model_v1.dat"
LANDMARKS = "shape_predictor_5_face_landmarks.dat"

CHIP_SIDE = 150
DETECTOR_PARAMETERS = {
    "stride": STRIDE,
    "overlap": 0.3,
    "frame": {"side": 0.934, "across": -0.037, "down": -0.029},
}
"""The frame: how dlib's own detector frames the faces that CenterFace frames, by the medians over
867 FairFace portraits. Its square has the side times the root of the box's area, and its middle is
moved by shares of that root."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "source",
        type=Path,
        nargs="?",
        default=ROOT / ".deps",
        help="folder with dlib-models/",
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
    except (OSError, ValueError, FormatError) as error:
        print(f"models: {error}", file=sys.stderr)
        return 1
    return check(files, arguments.target) if arguments.check else write(files, arguments.target)


def converted(source: Path) -> dict[str, bytes]:
    """Every file that this program makes, by name. The same input gives the same bytes, always."""
    dlib = source / "dlib-models"
    return {
        "face-detector.json": json.dumps(DETECTOR_PARAMETERS, indent=2).encode() + b"\n",
        "face-encoder.onnx": encoder_model(
            read_network(dlib / ENCODER), CHIP_SIDE
        ).SerializeToString(deterministic=True),
        "face-landmarks-5.dat": (dlib / LANDMARKS).read_bytes(),
    }


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
