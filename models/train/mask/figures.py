"""What is said of a classifier's answers, over faces that were found, by the likeliest label."""

from __future__ import annotations

import math

import numpy as np

from network import LABELS


def figures(logits: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Recalls, and the figures that the card gives; what there are no faces for is left out.

    `mask against none` counts every other answer as wrong; `mask rather than none` asks only which
    of the two is likelier.
    """
    said = logits.argmax(1)
    result: dict[str, float] = {"faces": len(truth)}
    recalls = {}
    for i, label in enumerate(LABELS):
        if (truth == i).any():
            recalls[label] = float((said[truth == i] == i).mean())
            result[f"recall {label}"] = round(recalls[label], 4)
    mask, covering, none = (LABELS.index(label) for label in ("mask", "covering", "none"))
    pair = (truth == mask) | (truth == none)
    if {"mask", "none"} <= set(recalls):
        result["mask against none"] = round(float((said == truth)[pair].mean()), 4)
        likelier = np.where(logits[:, mask] > logits[:, none], mask, none)
        result["mask rather than none"] = round(float((likelier == truth)[pair].mean()), 4)
    if {"mask", "incorrect", "none"} <= set(recalls):
        of_three = [recalls[label] for label in ("mask", "incorrect", "none")]
        result["balanced accuracy mask/incorrect/none"] = round(float(np.mean(of_three)), 4)
    if (truth == covering).any():
        result["covering called mask"] = round(float((said[truth == covering] == mask).mean()), 4)
    return result


def probabilities(logits: np.ndarray, temperature: float) -> np.ndarray:
    scaled = logits / temperature
    shares = np.exp(scaled - scaled.max(1, keepdims=True))
    return shares / shares.sum(1, keepdims=True)


def calibration_error(shares: np.ndarray, truth: np.ndarray) -> float:
    """The expected calibration error over 15 bins of equal width."""
    sure, right = shares.max(1), shares.argmax(1) == truth
    bins = np.minimum((sure * 15).astype(int), 14)
    return float(
        sum(abs(sure[bins == b].sum() - right[bins == b].sum()) for b in range(15))
        / max(1, len(truth))
    )


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature of the least cross-entropy."""
    rows = np.arange(len(truth))
    scores = [
        (-np.log(np.maximum(probabilities(logits, t)[rows, truth], 1e-12)).mean(), t)
        for t in np.exp(np.linspace(math.log(0.3), math.log(4), 120))
    ]
    return min(scores)[1]


def operating_point(logits: np.ndarray, truth: np.ndarray, may_cost: float) -> np.ndarray:
    """What is added to the logits [4], so that fewer coverings are called masks.

    Trained on many masks and few coverings, a network says “mask” when in doubt. Of the offsets for
    coverings (in steps of 0.25) at which the balanced accuracy of mask, incorrect and none is no more
    than `may_cost` below the best, this is the largest. Without faces to judge by, it is 0.
    """
    three = [LABELS.index(label) for label in ("mask", "incorrect", "none")]
    three = [i for i in three if (truth == i).any()]
    offsets = np.zeros((17, len(LABELS)), np.float32)
    if not three:
        return offsets[0]
    offsets[:, LABELS.index("covering")] = np.arange(17) / 4
    found = []
    for offset in offsets:
        said = (logits + offset).argmax(1)
        found.append(np.mean([(said[truth == i] == i).mean() for i in three]))
    return offsets[np.flatnonzero(np.array(found) >= max(found) - may_cost)[-1]]
