"""Trains the mask classifier: `make train-mask`; models/mask-classifier.md says what on, and what came of it.

FACES and DRAWN are folders that `training-faces` wrote: real photos, whose labels and sources LABELS names, and photos of bare faces
with and without rendered coverings. OUTPUT gets the network, its parameters, the log and the table of sources.

1. For each source of real photos a network learns from the drawn pictures and the photos of the *other* sources, is quantised, and
   is tested on this one. The operating point, the temperature and the limit of “unsure” come from these tests, and so does the table
   in the card. What is done is kept in OUTPUT, and a run that was interrupted goes on there.
2. The network that ships learns from the train split of all sources.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from crops import CUT_SIDE, PADDING, SIDE, STRAINS, plain, varied
from deploy import export, logits_of
from faces import Faces
from figures import calibration_error, figures, fit_temperature, operating_point, probabilities
from network import LABELS, Classifier

MODELS = Path(__file__).resolve().parents[2]
BATCH = 96
RATE = 1e-3
"""The largest step length: it rises over an eighth of the steps, then falls to 0."""
DRAWN = 0.35
"""The share of drawn pictures in every epoch."""
QUANTISED_ON = 512
"""Crops drawn to measure the ranges of the quantised network on; of these, whole batches are."""
LOGGED = 500
"""About as many unseen faces are looked at after each epoch, for the log."""
SMALL = 500
"""Sources of fewer photos are left out together: each is still unseen, and the others see one network fewer."""
COVERINGS_MAY_COST = 0.01
"""The balanced accuracy of mask, incorrect and none that is given up so that fewer coverings are called masks."""
UNSURE = 0.03
"""The share of faces of unseen sources that may be unsure."""


@dataclass(frozen=True)
class Pictures:
    """Crops to learn from; `groups` says which ones are alike because they come from one place."""

    pixels: np.ndarray
    labels: np.ndarray
    groups: np.ndarray

    def only(self, rows: np.ndarray) -> Pictures:
        """Some of the pictures; the pixels stay where they are, as they may not fit into memory twice."""
        return _Part(self.pixels, self.labels[rows], self.groups[rows], rows)

    def at(self, index: int) -> np.ndarray:
        return self.pixels[index]


@dataclass(frozen=True)
class _Part(Pictures):
    rows: np.ndarray

    def at(self, index: int) -> np.ndarray:
        return self.pixels[self.rows[index]]


def drawn_lots(pictures: Pictures, count: int, rng: np.random.Generator) -> np.ndarray:
    """Indices; rare classes and small sources come up more often than they are there."""
    weight = np.ones(len(pictures.labels))
    for label in np.unique(pictures.labels):
        weight[pictures.labels == label] /= (pictures.labels == label).sum() ** 0.5
    for group in np.unique(pictures.groups):
        weight[pictures.groups == group] /= (pictures.groups == group).sum() ** 0.25
    return rng.choice(len(weight), count, p=weight / weight.sum())


def batches(
    parts: list[tuple[Pictures, float]], per_epoch: int, epochs: int, rng: np.random.Generator
):
    """[crops, labels] for each step. The next batch is made while the network learns from this one."""

    def order():
        for _ in range(epochs):
            lots = [
                (pictures, int(index))
                for pictures, share in parts
                for index in drawn_lots(pictures, int(per_epoch * share), rng)
            ]
            places = rng.permutation(len(lots))
            for at in range(0, len(lots) - BATCH + 1, BATCH):
                yield [lots[place] for place in places[at : at + BATCH]]

    def made(batch, seed):
        own = np.random.default_rng(seed)
        crops = np.stack([varied(pictures.at(index), own) for pictures, index in batch])
        labels = np.array([pictures.labels[index] for pictures, index in batch])
        return torch.from_numpy(crops), torch.from_numpy(labels)

    with ThreadPoolExecutor(1) as pool:
        following = None
        for batch in order():
            coming = pool.submit(made, batch, int(rng.integers(2**63)))
            if following is not None:
                yield following.result()
            following = coming
        yield following.result()


def learned(net, parts, options, rng, note, epochs):
    """Trains, and returns the running mean of the weights, which generalises better than the last ones."""
    net = net.to(memory_format=torch.channels_last)
    steps = epochs * (sum(int(options.per_epoch * share) for _, share in parts) // BATCH)
    optimiser = torch.optim.AdamW(
        [p for p in net.parameters() if p.requires_grad], lr=RATE, weight_decay=0.03
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, steps + 1, pct_start=0.125)
    mean = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=True)
    began, loss_sum, right, seen = time.monotonic(), 0.0, 0, 0
    net.train()
    for step, (crops, labels) in enumerate(batches(parts, options.per_epoch, epochs, rng), start=1):
        with torch.autocast("cpu", torch.bfloat16):
            found = net(crops)
        found = found.float()
        loss = F.cross_entropy(found, labels, label_smoothing=0.04)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        mean.update_parameters(net)
        loss_sum += loss.item() * len(labels)
        right += int((found.argmax(1) == labels).sum())
        seen += len(labels)
        if step % max(1, steps // epochs) == 0:
            note(
                step // max(1, steps // epochs),
                loss_sum / seen,
                right / seen,
                mean.module,
                time.monotonic() - began,
            )
            began, loss_sum, right, seen = time.monotonic(), 0.0, 0, 0
            net.train()
    return mean.module.eval()


@torch.no_grad()
def exact_logits(net: nn.Module, crops: np.ndarray) -> np.ndarray:
    """What the network says before it is quantised."""
    return torch.cat([net(part).float() for part in torch.from_numpy(crops).split(256)]).numpy()


def seen_by(parts: list[tuple[Pictures, float]], rng: np.random.Generator) -> np.ndarray:
    """Some crops that a network learned from, to quantise it on."""
    return np.stack(
        [
            varied(pictures.at(index), rng)
            for pictures, share in parts
            for index in drawn_lots(pictures, int(QUANTISED_ON * share), rng)
        ]
    )


class Log:
    """One line an epoch, on paper and on the terminal."""

    def __init__(self, path: Path, goes_on: bool) -> None:
        self.file = path.open("a" if goes_on else "w", newline="", buffering=1)
        self.lines = csv.writer(self.file, lineterminator="\n")
        if not goes_on:
            self.lines.writerow(
                ["fold", "epoch", "train_loss", "val_loss", "train_accuracy", "val_accuracy"]
            )

    def of(self, name: str, crops: np.ndarray, truth: np.ndarray):
        """For `learned`; what the network makes of unseen faces is logged for some hundreds of them, as that takes time."""
        some = slice(None, None, max(1, len(truth) // LOGGED))
        crops, truth = crops[some], truth[some]

        def note(epoch: int, loss: float, accuracy: float, net: nn.Module, seconds: float) -> None:
            found = torch.from_numpy(exact_logits(net.eval(), crops))
            wanted = torch.from_numpy(truth)
            numbers = [
                loss,
                F.cross_entropy(found, wanted).item(),
                accuracy,
                (found.argmax(1) == wanted).float().mean().item(),
            ]
            self.lines.writerow([name, epoch, *(f"{number:.4f}" for number in numbers)])
            print(
                f"{name}, epoch {epoch}: loss {numbers[0]:.3f}, there {numbers[1]:.3f}; accuracy {numbers[2]:.3f}, "
                f"there {numbers[3]:.3f}; {seconds:.0f} s",
                flush=True,
            )

        return note


def left_out_once(real: Pictures, crops: np.ndarray, drawn: Pictures, options, log: Log) -> dict:
    """The figures of every source under a network that never saw it."""
    names, counts = np.unique(real.groups, return_counts=True)
    folds = [[name] for name, count in zip(names, counts, strict=True) if count >= SMALL]
    folds.append([name for name, count in zip(names, counts, strict=True) if count < SMALL])
    unseen = np.zeros((len(real.labels), len(LABELS)), np.float32)
    strained = {name: np.zeros_like(unseen) for name in STRAINS}
    fold_of = np.zeros(len(real.labels), int)
    for number, left_out in enumerate(fold for fold in folds if fold):
        rows = np.isin(real.groups, left_out)
        fold_of[rows] = number
        kept = options.output / f"fold-{number}.npz"
        if not kept.exists():
            name = left_out[0] if len(left_out) == 1 else "small sources"
            rng = np.random.default_rng(options.seed + 1 + number)
            torch.manual_seed(options.seed)
            parts = [(real.only(np.flatnonzero(~rows)), 1 - DRAWN), (drawn, DRAWN)]
            note = log.of(name, crops[rows], real.labels[rows])
            net = Classifier(options.start, MODELS)
            net = learned(net, parts, options, rng, note, options.epochs)
            network = options.output / f"fold-{number}.onnx"
            export(net, seen_by(parts, rng), network)
            answers = {"as it is": logits_of(network, crops[rows])}
            for strain, change in STRAINS.items():
                changed = np.stack([change(crop, rng) for crop in crops[rows]])
                answers[strain] = logits_of(network, changed)
            np.savez(kept, **answers)
        answers = np.load(kept)
        unseen[rows] = answers["as it is"]
        for strain in STRAINS:
            strained[strain][rows] = answers[strain]
        for source in left_out:
            mine = real.groups == source
            print(source, figures(unseen[mine], real.labels[mine]), flush=True)
    np.savez(
        options.output / "unseen.npz",
        logits=unseen,
        labels=real.labels,
        groups=real.groups,
        folds=fold_of,
        **strained,
    )

    # Each fold is judged at the operating point and the temperature of the other folds.
    as_trained = figures(unseen, real.labels)
    shares = np.zeros_like(unseen)
    chosen = operating_point(unseen, real.labels, COVERINGS_MAY_COST)
    points = {
        number: operating_point(
            unseen[fold_of != number], real.labels[fold_of != number], COVERINGS_MAY_COST
        )
        for number in np.unique(fold_of)
    }
    for number, point in points.items():
        for logits in (unseen, *strained.values()):
            logits[fold_of == number] += point
    for number in points:
        mine = fold_of == number
        shares[mine] = probabilities(
            unseen[mine], fit_temperature(unseen[~mine], real.labels[~mine])
        )
    unsure_below = round(float(np.quantile(shares.max(1), UNSURE)), 3)
    return {
        "sources": {
            name: figures(unseen[real.groups == name], real.labels[real.groups == name])
            for name in names
        },
        "all": figures(unseen, real.labels),
        "all, without offsets": as_trained,
        "strained": {strain: figures(logits, real.labels) for strain, logits in strained.items()},
        "calibration error": round(calibration_error(shares, real.labels), 4),
        "unsure": round(float((shares.max(1) < unsure_below).mean()), 4),
        "offsets": chosen.tolist(),
        "temperature": round(fit_temperature(unseen, real.labels), 4),
        "unsureBelow": unsure_below,
        "confusion (rows truth)": [
            [int(((real.labels == i) & (unseen.argmax(1) == j)).sum()) for j in range(len(LABELS))]
            for i in range(len(LABELS))
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ["faces", "labels", "drawn", "output"]:
        parser.add_argument(name, type=Path)
    parser.add_argument(
        "--start", choices=["imagenet", "detector", "encoder", "scratch"], default="imagenet"
    )
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--last-epochs", type=int, default=12)
    parser.add_argument("--per-epoch", type=int, default=6000, help="crops in an epoch")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--table-only", action="store_true", help="no network to ship, only the table of sources"
    )
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    options.output.mkdir(parents=True, exist_ok=True)

    with options.labels.open(newline="") as file:
        labelled = {row["file"]: row for row in csv.DictReader(file)}
    faces = Faces(options.faces, CUT_SIDE)
    real = Pictures(
        faces.pixels,
        np.array(
            [
                LABELS.index(labelled[row["file"]]["class"].replace("no_mask", "none"))
                for row in faces.rows
            ]
        ),
        np.array([labelled[row["file"]]["source"] for row in faces.rows]),
    )
    split = np.array([labelled[row["file"]]["split"] for row in faces.rows])
    drawn_faces = Faces(options.drawn, CUT_SIDE)
    drawn_labels = np.array([LABELS.index(row["label"]) for row in drawn_faces.rows])
    drawn = Pictures(drawn_faces.pixels, drawn_labels, np.zeros(len(drawn_labels)))
    crops = np.stack([plain(wide) for wide in faces.pixels])
    print(
        f"{len(real.labels)} real faces, {len(drawn.labels)} drawn, cut at {CUT_SIDE} pixels",
        flush=True,
    )

    log = Log(options.output / "log.csv", goes_on=any(options.output.glob("fold-*.npz")))
    table = left_out_once(real, crops, drawn, options, log)
    (options.output / "sources.json").write_text(json.dumps(table, indent=1) + "\n")
    print(json.dumps(table, indent=1), flush=True)
    if options.table_only:
        return

    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    train, val = np.flatnonzero(split == "train"), split == "val"
    parts = [(real.only(train), 1 - DRAWN), (drawn, DRAWN)]
    net = learned(
        Classifier(options.start, MODELS),
        parts,
        options,
        rng,
        log.of("all sources", crops[val], real.labels[val]),
        options.last_epochs,
    )
    with torch.no_grad():
        net.last.bias += torch.tensor(table["offsets"])
    torch.save(net.state_dict(), options.output / "mask-classifier.pt")
    export(net, seen_by(parts, rng), options.output / "mask-classifier.onnx")
    parameters = {
        "labels": LABELS,
        "side": SIDE,
        "padding": PADDING,
        "temperature": table["temperature"],
        "unsureBelow": table["unsureBelow"],
    }
    (options.output / "mask-classifier.json").write_text(json.dumps(parameters) + "\n")
    print("done", flush=True)


if __name__ == "__main__":
    main()
