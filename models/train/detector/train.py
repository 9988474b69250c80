#!/usr/bin/env python3
"""Teaches dlib's face detector to find covered faces as it finds bare ones: `make train-detector`.

The teacher is dlib's network, and stays as it is. It sees a canvas of bare faces; the learner sees
the same canvas with most faces covered, and shall give the same scores: at a face, so that it is
found in the same place and size, and elsewhere, so that a mask alone is no face.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch
from onnx.reference import ReferenceEvaluator
from torch import Tensor
from torch.nn.functional import max_pool2d
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from canvases import Pictures, load, pair
from network import Detector

BATCH = 8
RATE = 4e-4
"""The largest step length: it rises over a twentieth of the steps, then falls to 0."""

HELD_OUT = 20
"""Every twentieth picture is only compared on."""

NOTHING = -1.05
"""Where neither network scores above it, nothing is decided: plain background has −1.1 and less."""

BACKGROUND = 0.05
"""What a difference there counts, against 1 elsewhere."""

THRESHOLD = -0.6
"""The score from which on the product reports a face."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="a folder of training-faces --pictures")
    parser.add_argument("teacher", type=Path, help="dlib's network as ONNX")
    parser.add_argument("output", type=Path, help="the folder for the network and the log")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--every", type=int, default=200, help="steps between two log lines")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(1)

    pictures = load(arguments.pictures)
    held_out = np.arange(len(pictures.bare)) % HELD_OUT == 0
    model = onnx.load(arguments.teacher)
    teacher = Detector(model).to(memory_format=torch.channels_last)
    check_parity(teacher, model, pair(pictures, (arguments.seed,))[0])
    arguments.output.mkdir(parents=True, exist_ok=True)
    with (arguments.output / "log.jsonl").open("w") as log:
        learner = trained(
            teacher, pictures.part(~held_out), pictures.part(held_out), arguments, log.write
        )
    result = learner.written_into(model).SerializeToString(deterministic=True)
    (arguments.output / "face-detector.onnx").write_bytes(result)
    return 0


def check_parity(detector: Detector, model: onnx.ModelProto, canvas: np.ndarray) -> None:
    """The module must give the file's scores, and write the file back."""
    expected = ReferenceEvaluator(model).run(None, {"pyramid": canvas[None]})[0][:, 0]
    with torch.no_grad():
        found = detector(torch.from_numpy(canvas[None])).numpy()
    rewritten = detector.written_into(model)
    changed = max(
        float(np.abs(onnx.numpy_helper.to_array(one) - onnx.numpy_helper.to_array(other)).max())
        for one, other in zip(model.graph.initializer, rewritten.graph.initializer, strict=True)
    )
    difference = float(np.abs(found - expected).max())
    print(f"scores within {difference:.1e} of the file's, weights within {changed:.1e}", flush=True)
    if difference > 1e-4 or changed > 1e-6:
        raise SystemExit("the module is not the network in the file")


def trained(
    teacher: Detector,
    learned: Pictures,
    held_out: Pictures,
    arguments: argparse.Namespace,
    write: Callable[[str], object],
) -> Detector:
    """A copy of the teacher that went on learning; the average over the last steps."""
    started = time.monotonic()

    def note(step: int, loss: float, learner: Detector) -> None:
        figures = {"step": step, "loss": loss}
        figures |= compared(teacher, learner, held_out, arguments.seed)
        line = json.dumps({name: round(value, 4) for name, value in figures.items()})
        print(line, f"{time.monotonic() - started:.0f} s", flush=True)
        write(line + "\n")

    learner = teacher.copy()
    note(0, 0, learner)
    optimizer = torch.optim.Adam(learner.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, arguments.steps, pct_start=0.05, div_factor=10
    )
    average = AveragedModel(learner, multi_avg_fn=get_ema_multi_avg_fn(0.998))
    losses: list[float] = []
    batches = islice(canvases(learned, (arguments.seed, 0)), arguments.steps)
    for step, (bare, covered) in enumerate(batches, start=1):
        with torch.no_grad():
            wanted = teacher(bare)
        loss = disagreement(learner(covered), wanted)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(learner)
        losses.append(loss.item())
        if step % arguments.every == 0 or step == arguments.steps:
            note(step, float(np.mean(losses)), average.module)
            losses.clear()
    return average.module


def disagreement(found: Tensor, wanted: Tensor) -> Tensor:
    """The squared difference of scores: a detection's count, the background's hardly do."""
    matters = torch.maximum(found.detach(), wanted) > NOTHING
    weights = torch.where(matters, 1.0, BACKGROUND)
    return (weights * (found - wanted).square()).sum() / weights.sum()


def canvases(pictures: Pictures, seed: tuple[int, ...]) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches [BATCH, 3, side, side], bare and covered, always the same for one seed.

    The next batch is made while the last one is learned from.
    """

    def made(step: int) -> list[tuple[np.ndarray, np.ndarray]]:
        return [pair(pictures, (*seed, step, place)) for place in range(BATCH)]

    with ThreadPoolExecutor(1) as pool:
        following, step = pool.submit(made, 0), 0
        while True:
            pairs, step = following.result(), step + 1
            following = pool.submit(made, step)
            bare, covered = (
                torch.from_numpy(np.stack(each)).contiguous(memory_format=torch.channels_last)
                for each in zip(*pairs, strict=True)
            )
            yield bare, covered


@torch.no_grad()
def compared(
    teacher: Detector, learner: Detector, pictures: Pictures, seed: int, batches: int = 25
) -> dict[str, float]:
    """The learner against the teacher on pictures that it does not learn from.

    For the bare and the covered canvas: `found`, the share of dlib's detections (score above 0)
    near which the learner reports a face; `extra`, faces per canvas that it reports where dlib sees
    nothing; `error`, how far its scores are from dlib's at dlib's detections.
    """
    totals = {
        f"{what}_{state}": 0.0
        for state in ("bare", "covered")
        for what in ("found", "extra", "error")
    }
    faces = 0
    for canvas in islice(canvases(pictures, (seed, 1)), batches):
        wanted = teacher(canvas[0])
        here = (wanted == max_pool2d(wanted, 7, 1, 3)) & (wanted > 0)
        nothing = max_pool2d(wanted, 5, 1, 2) < -1
        faces += int(here.sum())
        for state, pixels in zip(("bare", "covered"), canvas, strict=True):
            scores = learner(pixels)
            reported = (scores > THRESHOLD) & (scores == max_pool2d(scores, 7, 1, 3))
            near = max_pool2d(scores, 3, 1, 1) > THRESHOLD
            totals[f"found_{state}"] += int((here & near).sum())
            totals[f"extra_{state}"] += int((nothing & reported).sum())
            totals[f"error_{state}"] += float((scores - wanted)[here].square().sum())
    for name in totals:
        totals[name] /= batches * BATCH if name.startswith("extra") else max(1, faces)
        if name.startswith("error"):
            totals[name] **= 0.5
    return totals


if __name__ == "__main__":
    sys.exit(main())
