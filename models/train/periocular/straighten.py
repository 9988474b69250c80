"""Where a covered face's chip should have been cut: trains the part of the periocular encoder that straightens its chips.

A mask moves the landmarks, and with them the chip: by 8 % of its size, 5 degrees and 5 pixels (standard deviations). The same photo's
bare face says where it belongs, so a small network can learn to tell the one from the other by what is still to be seen.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from chips import moves, varied
from faces import Faces
from network import SIDE, Straightener

_TEMPLATE = np.array(
    [[0.8596, 0.2135], [0.6461, 0.229], [0.1206, 0.2137], [0.3341, 0.2291], [0.4901, 0.6278]]
)
"""Where the aligner puts the five landmarks, as shares of the chip without its padding."""
_PLACES = (_TEMPLATE + 0.25) / 1.5 * SIDE


def similarity(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The turn, size and shift [3, 3] that brings points [N, 2] nearest to others."""
    a, b = some - some.mean(0), others - others.mean(0)
    size = (a**2).sum()
    cosine = (a * b).sum() / size
    sine = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / size
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.vstack([np.c_[turn, others.mean(0) - turn @ some.mean(0)], [0, 0, 1]])


def landmarks(row: dict[str, str]) -> np.ndarray:
    return np.array([[float(row[f"x{at}"]), float(row[f"y{at}"])] for at in range(1, 6)])


def corrections(faces: Faces, of: dict[int, int]) -> dict[int, np.ndarray]:
    """For each covered chip's row what [3, 3] brings its pixels where they would be in the bare face's chip."""
    found = {}
    for row, bare in of.items():
        cut = similarity(landmarks(faces.rows[row]), _PLACES)
        found[row] = similarity(landmarks(faces.rows[bare]), _PLACES) @ np.linalg.inv(cut)
    return found


def straightener(faces: Faces, of: dict[int, int], steps: int, seed: int) -> Straightener:
    """Trained on covered chips' rows, `of` which bare ones."""
    net = Straightener()
    wanted = corrections(faces, of)
    rows = list(of)
    points = torch.tensor(np.c_[_PLACES, np.ones(5)], dtype=torch.float32)

    def made(step: int) -> tuple[torch.Tensor, torch.Tensor]:
        rng = np.random.default_rng([seed, 1, step])
        chips, maps = [], []
        for choice in rng.integers(len(rows), size=64):
            row = rows[choice]
            place = moves(rng.choice([0.3, 1]), rng)
            chips.append(varied(np.array(faces.pixels[row]), place, rng))
            moved = np.vstack([place, [0, 0, 1]])
            maps.append((moved @ np.linalg.inv(wanted[row]))[:2])
        values = torch.from_numpy(np.stack(chips)).permute(0, 3, 1, 2).float()
        return values, torch.tensor(np.stack(maps), dtype=torch.float32)

    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=1e-3)
    began, sums = time.monotonic(), np.zeros(2)
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(made, 0)
        for step in range(1, steps + 1):
            values, maps = coming.result()
            coming = pool.submit(made, step)
            for group in optimiser.param_groups:
                group["lr"] = 2e-3 * min(step / 200, 1, 2 * (1 - step / (steps + 1)))
            net.train()
            off = (net.maps(values) - maps) @ points.T
            before = (torch.eye(2, 3) - maps) @ points.T
            loss = off.square().sum(1).mean()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            sums += before.square().sum(1).mean().item(), loss.item()
            if step % 250 == 0 or step == steps:
                sums /= (step - 1) % 250 + 1
                print(
                    f"straightener, step {step}: landmarks {sums[0] ** 0.5:.2f} pixels off before, {sums[1] ** 0.5:.2f} after;"
                    f" {time.monotonic() - began:.0f} s",
                    flush=True,
                )
                sums[:] = 0
    return net.eval()
