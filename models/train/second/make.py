#!/usr/bin/env python3
"""Writes the second encoder's network with convolutions that calculate with 8-bit integers.

  models/train/second/make.py EXACT.onnx HEADS.rgb OUTPUT.onnx

The ranges of the values inside are measured on heads that the product cut out, as many bare as with masks drawn on.
Without those with masks, covered faces would leave the ranges.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import quantise

SIDE = 160
PICTURES = 416


def main() -> int:
    exact, heads, output = map(Path, sys.argv[1:4])
    pictures = np.fromfile(heads, np.uint8).reshape(-1, SIDE, SIDE, 3)[:PICTURES]
    quantise.quantise(exact, output, "chips", pictures, batch=16)
    return 0


if __name__ == "__main__":
    sys.exit(main())
