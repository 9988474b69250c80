"""Trains the mask classifier: `make train-mask`; models/mask-classifier.md says what on, and what came of it.

usage: train.py FACES LABELS DRAWN OUTPUT [--epochs N] [--seed N] [--threads N]

FACES and DRAWN are folders that `training-faces` wrote (faces.csv, faces.rgb): real photos, whose labels and sources LABELS names, and
photos of bare faces with and without rendered coverings. OUTPUT gets the network, its parameters, the log and the table of sources.

1. A network learns from the drawn pictures alone. No photo of a mask is in them.
2. For each source of real photos, a copy goes on with the drawn pictures and the photos of the *other* sources, and is tested on this one.
3. The network that ships goes on in the same way with the train split of all sources.
"""

import argparse
import csv
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import nn

LABELS = ["mask", "incorrect", "covering", "none"]
SIDE, PADDING = 112, 0.6
CUT_SIDE, CUT_PADDING = 160, 0.85
# How much of the wide cut the network's crop takes.
ZOOM = (1 + 2 * PADDING) / (1 + 2 * CUT_PADDING)
BATCH = 96


class Block(nn.Module):
    """Two convolutions and a way around them."""

    def __init__(self, before: int, after: int, stride: int):
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(after)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(after)
        self.around = nn.Sequential()
        if before != after or stride != 1:
            self.around = nn.Sequential(
                nn.AvgPool2d(stride) if stride > 1 else nn.Identity(),
                nn.Conv2d(before, after, 1, bias=False),
                nn.BatchNorm2d(after),
            )

    def forward(self, x):
        y = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.second_norm(self.second(y)) + self.around(x))


class Classifier(nn.Module):
    """A residual network of 35 million multiply-adds; crops of 0…255, RGB, in the order N, H, W, C."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(16)
        self.blocks = nn.Sequential(
            Block(16, 32, 2), Block(32, 64, 2), Block(64, 64, 1), Block(64, 128, 2), Block(128, 128, 1)
        )
        self.drop = nn.Dropout(0.2)
        self.last = nn.Linear(128, len(LABELS))

    def forward(self, crops):
        x = (crops.float().permute(0, 3, 1, 2) - 127.5) / 60
        x = F.relu(self.stem_norm(self.stem(x)))
        x = self.blocks(x).mean((2, 3))
        return self.last(self.drop(x))


class Faces:
    """What training-faces wrote."""

    def __init__(self, folder: Path):
        with open(folder / "faces.csv", newline="") as file:
            self.rows = list(csv.DictReader(file))
        size = CUT_SIDE * CUT_SIDE * 3
        bytes_ = np.fromfile(folder / "faces.rgb", np.uint8)
        if len(bytes_) != size * len(self.rows):
            raise SystemExit(f"{folder}: faces.csv and faces.rgb do not belong together; run training-faces again")
        self.pixels = bytes_.reshape(-1, CUT_SIDE, CUT_SIDE, 3)
        self.labels = np.array([LABELS.index(row["label"]) for row in self.rows])


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def varied(pixels: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
    """Crops as cameras might have taken them: moved, turned, in other light, blurred, small, noisy, compressed, partly hidden."""
    out = np.empty((len(pixels), SIDE, SIDE, 3), np.uint8)
    for i, wide in enumerate(pixels):
        size = CUT_SIDE * ZOOM * rng.uniform(0.85, 1.2)
        angle = rng.normal(0, 7) * math.pi / 180
        k = size / SIDE
        a, b = k * math.cos(angle), k * math.sin(angle)
        if rng.random() < 0.5:
            flip = -1
        else:
            flip = 1
        middle = CUT_SIDE / 2 + rng.normal(0, 0.035 * CUT_SIDE, 2)
        matrix = np.array(
            [
                [flip * a, -b, middle[0] - (flip * a - b) * SIDE / 2],
                [flip * b, a, middle[1] - (flip * b + a) * SIDE / 2],
            ]
        )
        crop = cv2.warpAffine(wide, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        if rng.random() < 0.15:  # the edge of a picture
            edge, share = rng.integers(4), int(SIDE * rng.uniform(0.03, 0.28))
            if edge == 0:
                crop[:share] = 0
            elif edge == 1:
                crop[-share:] = 0
            elif edge == 2:
                crop[:, :share] = 0
            else:
                crop[:, -share:] = 0
        if rng.random() < 0.15:  # something in the way
            w, h = rng.integers(8, 40, 2)
            x, y = rng.integers(0, SIDE - w), rng.integers(0, SIDE - h)
            crop[y : y + h, x : x + w] = rng.integers(0, 255, 3)
        light = crop.astype(np.float32) / 255
        if rng.random() < 0.8:
            light = np.power(light, math.exp(rng.normal(0, 0.35)))
            light *= rng.uniform(0.75, 1.25) * rng.uniform(0.9, 1.1, 3).astype(np.float32)
        dark = rng.random() < 0.12
        if dark:
            light = np.power(np.clip(light, 0, 1), rng.uniform(1.8, 3.2))
        if rng.random() < 0.1:
            light[:] = light.mean(2, keepdims=True)
        if rng.random() < 0.35 or dark:
            light += rng.normal(0, rng.uniform(0.005, 0.06), light.shape).astype(np.float32)
        crop = (np.clip(light, 0, 1) * 255).astype(np.uint8)
        kind = rng.random()
        if kind < 0.15:
            crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.5, 2.2))
        elif kind < 0.45:
            small = int(rng.uniform(28, 90))
            crop = cv2.resize(cv2.resize(crop, (small, small), interpolation=cv2.INTER_AREA), (SIDE, SIDE))
        if rng.random() < 0.4:
            crop = jpeg(crop, int(rng.uniform(20, 85)))
        out[i] = crop
    return torch.from_numpy(out)


def plain(pixels: np.ndarray) -> np.ndarray:
    """The crops that the product would cut."""
    side = CUT_SIDE * ZOOM
    k = side / SIDE
    off = (CUT_SIDE - side) / 2 + (k - 1) / 2
    matrix = np.array([[k, 0, off], [0, k, off]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.stack([cv2.warpAffine(wide, matrix, (SIDE, SIDE), flags=flags) for wide in pixels])


@torch.no_grad()
def logits_of(net: nn.Module, crops: np.ndarray) -> np.ndarray:
    net.eval()
    parts = [net(torch.from_numpy(crops[i : i + 256])).float().numpy() for i in range(0, len(crops), 256)]
    return np.concatenate(parts) if parts else np.zeros((0, len(LABELS)), np.float32)


def drawn_lots(labels: np.ndarray, groups: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Indices, rare classes and small sources more often than they are there: with the square root of their number."""
    weight = np.ones(len(labels))
    for label in np.unique(labels):
        weight[labels == label] /= math.sqrt((labels == label).sum())
    for group in np.unique(groups):
        weight[groups == group] /= (groups == group).sum() ** 0.25
    return rng.choice(len(labels), count, p=weight / weight.sum())


helper = ThreadPoolExecutor(1)


def pixels_of(order, batch) -> list:
    return [order[part][0][0][index] for part, index in batch]


def train(net, real, drawn, epochs, per_epoch, share_drawn, rate, rng, log, name, check=None):
    """One cycle of training; returns the running mean of the weights, which generalises better than the last ones."""
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.03)
    steps = epochs * (per_epoch // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps, pct_start=0.15)
    mean = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99), use_buffers=True
    )
    step = 0
    for epoch in range(epochs):
        began, total, right, seen = time.time(), 0.0, 0, 0
        order = []
        if real is not None:
            order.append((real, drawn_lots(real[1], real[2], int(per_epoch * (1 - share_drawn)), rng)))
        order.append((drawn, drawn_lots(drawn[1], drawn[2], per_epoch - sum(len(o[1]) for o in order), rng)))
        mixed = [(part, index) for part, (_, indices) in enumerate(order) for index in indices]
        rng.shuffle(mixed)
        net.train()
        batches = [mixed[at : at + BATCH] for at in range(0, len(mixed) - BATCH + 1, BATCH)]
        # The next batch is made while the network works on this one; one thread keeps the order of the random numbers.
        ahead = [helper.submit(varied, pixels_of(order, batch), rng) for batch in batches[:1]]
        for number, batch in enumerate(batches):
            crops = ahead.pop().result()
            if number + 1 < len(batches):
                ahead.append(helper.submit(varied, pixels_of(order, batches[number + 1]), rng))
            labels = torch.tensor([int(order[part][0][1][index]) for part, index in batch])
            with torch.autocast("cpu", torch.bfloat16):
                out = net(crops)
            out = out.float()
            loss = F.cross_entropy(out, labels, label_smoothing=0.04)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            mean.update_parameters(net)
            step += 1
            total += loss.item() * len(batch)
            right += (out.argmax(1) == labels).sum().item()
            seen += len(batch)
        checked = ["", ""]
        if check is not None:
            found = torch.from_numpy(logits_of(mean.module, check[0]))
            truth = torch.from_numpy(check[1])
            checked = [f"{F.cross_entropy(found, truth):.4f}", f"{(found.argmax(1) == truth).float().mean():.4f}"]
        log.writerow([name, epoch + 1, f"{total / seen:.4f}", checked[0], f"{right / seen:.4f}", checked[1]])
        print(f"{name} {epoch + 1}/{epochs} loss {total / seen:.4f} accuracy {right / seen:.3f} check {checked} "
              f"{time.time() - began:.0f} s", flush=True)
    return mean.module


def figures(logits: np.ndarray, truth: np.ndarray) -> dict:
    """Figures over found faces, by the likeliest label."""
    said = logits.argmax(1)
    result = {"faces": int(len(truth))}
    for i, label in enumerate(LABELS):
        if (truth == i).any():
            result[f"recall {label}"] = round(float((said[truth == i] == i).mean()), 4)
    pair = (truth == 0) | (truth == 3)
    if (truth == 0).any() and (truth == 3).any():
        result["mask against none"] = round(float(((said == truth)[pair]).mean()), 4)
    if (truth == 2).any():
        result["covering called mask"] = round(float((said[truth == 2] == 0).mean()), 4)
    return result


def probabilities(logits: np.ndarray, temperature: float) -> np.ndarray:
    scaled = logits / temperature
    shares = np.exp(scaled - scaled.max(1, keepdims=True))
    return shares / shares.sum(1, keepdims=True)


def calibration_error(shares: np.ndarray, truth: np.ndarray) -> float:
    sure, right = shares.max(1), shares.argmax(1) == truth
    bins = np.minimum((sure * 15).astype(int), 14)
    return float(sum(abs(sure[bins == b].sum() - right[bins == b].sum()) for b in range(15)) / max(1, len(truth)))


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature of the least cross-entropy."""
    scores = [(-np.log(np.maximum(probabilities(logits, t)[np.arange(len(truth)), truth], 1e-12)).mean(), t)
              for t in np.exp(np.linspace(math.log(0.3), math.log(4), 120))]
    return min(scores)[1]


def export(net: nn.Module, path: Path):
    net.eval()
    net = net.to(memory_format=torch.contiguous_format)
    example = torch.zeros(2, SIDE, SIDE, 3, dtype=torch.uint8)
    torch.onnx.export(
        net, (example,), str(path), input_names=["crops"], output_names=["logits"], dynamo=False, opset_version=17,
        dynamic_axes={"crops": {0: "n"}, "logits": {0: "n"}},
    )
    onnx.checker.check_model(onnx.load(path))


def left_out_once(real, source, crops, going_on) -> dict:
    """The figures of every source under a network that never saw it."""
    # Small sources are left out together: each is still unseen, and the others see one network fewer.
    sources, counts = np.unique(source, return_counts=True)
    small = [s for s, n in zip(sources, counts) if n < 500]
    folds = [[s] for s, n in zip(sources, counts) if n >= 500] + ([small] if small else [])
    unseen = np.zeros((len(real.labels), len(LABELS)), np.float32)
    fold_of = np.zeros(len(real.labels), int)
    for number, left_out in enumerate(folds):
        rows = np.isin(source, left_out)
        net = going_on(np.flatnonzero(~rows), left_out[0] if len(left_out) == 1 else "small sources",
                       (crops[rows], real.labels[rows]))
        unseen[rows] = logits_of(net, crops[rows])
        fold_of[rows] = number
        for name in left_out:
            print(name, figures(unseen[source == name], real.labels[source == name]), flush=True)

    # Each fold's probabilities use the temperature of the other folds.
    shares = np.zeros_like(unseen)
    for number in range(len(folds)):
        mine = fold_of == number
        shares[mine] = probabilities(unseen[mine], fit_temperature(unseen[~mine], real.labels[~mine]))
    temperature = fit_temperature(unseen, real.labels)
    # Unsure: at most one face in forty, on sources never seen.
    unsure_below = round(float(np.quantile(shares.max(1), 0.025)), 3)
    table = {
        "sources": {name: figures(unseen[source == name], real.labels[source == name]) for name in sources},
        "all": figures(unseen, real.labels),
        "calibration error": round(calibration_error(shares, real.labels), 4),
        "unsure": round(float((shares.max(1) < unsure_below).mean()), 4),
        "temperature": round(temperature, 4), "unsureBelow": unsure_below,
        "confusion (rows truth)": [[int(((real.labels == i) & (unseen.argmax(1) == j)).sum()) for j in range(4)]
                                   for i in range(4)],
    }
    recalls = [table["all"][f"recall {label}"] for label in ["mask", "incorrect", "none"]]
    table["balanced accuracy mask/incorrect/none"] = round(float(np.mean(recalls)), 4)
    return table


def main():
    parser = argparse.ArgumentParser()
    for name in ["faces", "labels", "drawn", "output"]:
        parser.add_argument(name, type=Path)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--last-epochs", type=int, default=10)
    parser.add_argument("--first-epochs", type=int, default=5)
    parser.add_argument("--per-epoch", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--last-only", action="store_true", help="the table of sources is there already")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    rng = np.random.default_rng(options.seed)
    options.output.mkdir(parents=True, exist_ok=True)

    with open(options.labels, newline="") as file:
        labelled = {row["file"]: row for row in csv.DictReader(file)}
    real = Faces(options.faces)
    real.labels = np.array(
        [LABELS.index(labelled[row["file"]]["class"].replace("no_mask", "none")) for row in real.rows]
    )
    source = np.array([labelled[row["file"]]["source"] for row in real.rows])
    split = np.array([labelled[row["file"]]["split"] for row in real.rows])
    drawn_faces = Faces(options.drawn)
    drawn = (drawn_faces.pixels, drawn_faces.labels, np.zeros(len(drawn_faces.labels)))
    crops = plain(real.pixels)
    print(f"{len(real.labels)} real faces, {len(drawn[1])} drawn", flush=True)

    log_file = open(options.output / "log.csv", "a" if options.last_only else "w", newline="", buffering=1)
    log = csv.writer(log_file, lineterminator="\n")
    if not options.last_only:
        log.writerow(["fold", "epoch", "train_loss", "val_loss", "train_accuracy", "val_accuracy"])

    first = train(Classifier(), None, drawn, options.first_epochs, options.per_epoch, 1.0, 3e-3, rng, log, "drawn",
                  (crops, real.labels))
    start = {name: value.clone() for name, value in first.state_dict().items()}
    print("drawn pictures alone:", figures(logits_of(first, crops), real.labels), flush=True)

    def going_on(rows, name, check, epochs=options.epochs):
        net = Classifier()
        net.load_state_dict(start)
        part = (real.pixels[rows], real.labels[rows], source[rows])
        return train(net, part, drawn, epochs, options.per_epoch, 0.35, 1.5e-3, rng, log, name, check)

    if options.last_only:
        table = json.loads((options.output / "sources.json").read_text())
    else:
        table = left_out_once(real, source, crops, going_on)
        (options.output / "sources.json").write_text(json.dumps(table, indent=1) + "\n")
        print(json.dumps(table, indent=1), flush=True)

    final = going_on(np.flatnonzero(split == "train"), "all sources",
                     (crops[split == "val"], real.labels[split == "val"]), options.last_epochs)
    torch.save(final.state_dict(), options.output / "mask-classifier.pt")
    export(final, options.output / "mask-classifier.onnx")
    (options.output / "mask-classifier.json").write_text(json.dumps({
        "labels": LABELS, "side": SIDE, "padding": PADDING, "temperature": table["temperature"],
        "unsureBelow": table["unsureBelow"]}) + "\n")
    print("done", flush=True)


if __name__ == "__main__":
    main()
