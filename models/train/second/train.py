#!/usr/bin/env python3
"""Fine-tunes the second encoder on covered faces; models/second-encoder.md says what came of it.

  models/train/second/train.py PEOPLE STRANGERS EXACT.onnx OUTPUT --test TEST
      --without models/train/second/without.txt --left-out models/train/second/left-out.txt

PEOPLE, STRANGERS and TEST are folders that `training-faces --heads 1` wrote: each photo's bare
head, and heads of the same photo with masks drawn on. PEOPLE's photos lie in one folder per person;
STRANGERS' show somebody else each. TEST has people who are not learnt from, with masks of a style
that training does not use (`--renders 3 --masks 3` draws some). EXACT.onnx is what
models/convert/facenet.py wrote. OUTPUT/exact-trained.onnx is the same network with other weights;
make.py rounds it to 8 bits.

The front of the network stays as it is. What it makes of every chip is calculated once and kept in
OUTPUT, so that a step costs what the rest costs. Half of the chips are mirrored there; half of the
covered ones are made worse, as cameras do.

The untrained network's embeddings of bare heads are the targets, so that templates stay where they
were. Three things are asked for at once. A covered head lies near the mean of the same person's
*other* bare photos. A bare head stays where it was. And every head lies nearer to its own person
than to all other people and strangers, by a margin (cross-entropy over all of them). Strangers have
one photo each; where another one of theirs might lie is learnt from the people who have several.
Without this the network would learn to know photos again.

The weights are averaged over the steps; --learnt is the share of the way to them from the untrained
ones. The shipped weights come from two runs: 450 of 600 steps with 2,772 strangers, then 580 with
6,545 (--begin, --rate 3e-3 --share 0.5). models/train/second/log.csv is their log. On shared
processors one thread a run is best: with two, they wait for each other most of the time.
"""

from __future__ import annotations

import argparse
import copy
import csv
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from faces import Faces, Pixels, compressed, noisy, shrunk
from network import DIMENSIONS, INPUT, OUTPUT, SIDE, Part, batches, planes, unit, write

SURE = 0.5
"""Photos whose bare face the detector is less sure of are left out."""
ALIKE = 0.35
"""A photo whose cosine to the mean of its person's others is less shows somebody else."""
TEST_STYLE = "patterned"
"""The masks of TEST that are compared; those of other styles are enrolled."""


class Kept:
    """A folder of chips, and what the untrained network makes of them.

    `inside` [N, 8, 8, 896] is the value that training begins from, `embeddings` [N, 512] those of
    the same chips.
    """

    def __init__(self, folder: Path, exact: Path, cut: str, keep: Path, seed: int | None) -> None:
        faces = Faces(folder, SIDE)
        self.rows = faces.rows
        inside, embeddings = keep.with_suffix(".npy"), keep.with_suffix(".embeddings.npy")
        if not embeddings.exists():
            self._calculate(faces, exact, cut, inside, embeddings, seed)
        self.inside = np.load(inside, mmap_mode="r")
        self.embeddings = np.load(embeddings)
        if len(self.inside) != len(self.rows):
            raise SystemExit(f"{inside} belongs to other chips; delete it")

    @staticmethod
    @torch.inference_mode()
    def _calculate(
        faces: Faces, exact: Path, cut: str, inside: Path, embeddings: Path, seed: int | None
    ) -> None:
        """With a `seed`, of chips that are mirrored and made worse at random."""
        front = Part(exact, INPUT, cut).to(memory_format=torch.channels_last)
        rest = Part(exact, cut, OUTPUT).to(memory_format=torch.channels_last)
        found = np.zeros((len(faces.rows), DIMENSIONS), np.float32)
        values, rng = None, np.random.default_rng(seed)
        for part in batches(len(faces.rows), 32):
            chips = np.array(faces.pixels[part])
            if seed is not None:
                drawn = [bool(row["style"]) for row in faces.rows[part]]
                pairs = zip(chips, drawn, strict=True)
                chips = np.stack([varied(chip, is_drawn, rng) for chip, is_drawn in pairs])
            with torch.autocast("cpu", torch.bfloat16):
                middle = front(planes(chips))
                found[part] = unit(rest(middle)).numpy()
            if values is None:
                shape = (len(faces.rows), *middle.permute(0, 2, 3, 1).shape[1:])
                values = np.lib.format.open_memmap(inside, "w+", np.float16, shape)
            values[part] = middle.permute(0, 2, 3, 1).half().numpy()
        values.flush()
        np.save(embeddings, found)

    def photos(self) -> Iterator[tuple[int, list[int]]]:
        """The row of each sure bare head, and those of the same photo's covered ones."""
        bare, covered = None, []
        for row, each in enumerate(self.rows):
            if not each["style"]:
                if bare is not None:
                    yield bare, covered
                bare, covered = (row if float(each["score"]) >= SURE else None), []
            elif bare is not None:
                covered.append(row)
        if bare is not None:
            yield bare, covered

    def values(self, rows: np.ndarray) -> Tensor:
        return torch.from_numpy(np.stack([self.inside[row] for row in rows])).permute(0, 3, 1, 2)


def varied(chip: Pixels, is_covered: bool, rng: np.random.Generator) -> Pixels:
    """A chip, mirrored or not; half of the covered ones as cameras may take them."""
    if rng.random() < 0.5:
        chip = chip[:, ::-1]
    chip = np.ascontiguousarray(chip)
    if not is_covered or rng.random() < 0.5:
        return chip
    kind = rng.random()
    if kind < 0.25:
        chip = cv2.GaussianBlur(chip, (0, 0), rng.uniform(0.6, 2))
    elif kind < 0.7:
        chip = shrunk(chip, int(rng.uniform(36, 80)))
    if rng.random() < 0.5:
        levels = (np.arange(256) / 255) ** np.exp(rng.normal(0, 0.35))
        gains = rng.uniform(0.55, 1.15) * rng.uniform(0.92, 1.08, 3)
        light = np.clip(255 * levels[:, None] * gains, 0, 255)
        chip = cv2.LUT(chip, light.astype(np.uint8)[None])
    if rng.random() < 0.25:
        chip = noisy(chip, rng.uniform(2, 9), rng)
    if rng.random() < 0.5:
        chip = compressed(chip, int(rng.uniform(25, 80)))
    return chip


def person(row: dict[str, str]) -> str:
    return row["file"].split("/")[-2]


class Examples:
    """Chips to learn from: where they are kept, their targets, and places among the `centres`.

    The first `people` centres are people's, the others strangers'. `changes` is what lies between a
    person's bare photos and their mean.
    """

    def __init__(self, people: Kept, strangers: Kept, unused: set[str]) -> None:
        own = defaultdict(list)
        for bare, covered in people.photos():
            if (name := person(people.rows[bare])) not in unused:
                own[name].append((bare, covered))
        own = {name: photos for name, photos in own.items() if len(photos) > 1}
        self.kept, self.rows, self.covered, self.places, targets = [], [], [], [], []
        centres, changes = [], []

        def add(kept: Kept, row: int, is_covered: bool, target: np.ndarray) -> None:
            self.kept.append(kept)
            self.rows.append(row)
            self.covered.append(is_covered)
            self.places.append(len(centres))
            targets.append(target / np.linalg.norm(target))

        for photos in own.values():
            known = people.embeddings[[bare for bare, _ in photos]]
            total = known.sum(0)
            changes += list(known - total / len(known))
            for (bare, covered), mine in zip(photos, known, strict=True):
                others = (total - mine) / np.linalg.norm(total - mine)
                if others @ mine < ALIKE:
                    continue
                add(people, bare, False, mine)
                for row in covered:
                    add(people, row, True, others + mine / 2)
            centres.append(total / np.linalg.norm(total))
        self.people = len(centres)
        for bare, covered in strangers.photos():
            mine = strangers.embeddings[bare]
            add(strangers, bare, False, mine)
            for row in covered:
                add(strangers, row, True, mine)
            centres.append(mine)
        self.targets = torch.from_numpy(np.stack(targets).astype(np.float32))
        self.centres = torch.from_numpy(np.stack(centres).astype(np.float32))
        self.changes = torch.from_numpy(np.stack(changes).astype(np.float32))
        self.covered, self.places = np.array(self.covered), np.array(self.places)


class Batches:
    """The next batch is read while the network learns from this one."""

    def __init__(self, examples: Examples, size: int, share: float, bare: float, seed: int) -> None:
        self.examples, self.rng = examples, np.random.default_rng(seed)
        of_people = examples.places < examples.people
        groups = [
            (of_people & examples.covered, share * (1 - bare)),
            (of_people & ~examples.covered, share * bare),
            (~of_people & examples.covered, (1 - share) * (1 - bare)),
            (~of_people & ~examples.covered, (1 - share) * bare),
        ]
        self.streams = [self._endless(np.flatnonzero(mask)) for mask, _ in groups]
        self.counts = [round(size * part) for _, part in groups]
        self.counts[-1] = size - sum(self.counts[:-1])
        self.pool = ThreadPoolExecutor(1)
        self.coming = self.pool.submit(self._made)

    def _endless(self, chosen: np.ndarray) -> Iterator[int]:
        while True:
            yield from self.rng.permutation(chosen)

    def _made(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        pairs = zip(self.streams, self.counts, strict=True)
        chosen = np.array([next(stream) for stream, count in pairs for _ in range(count)])
        of = self.examples
        values = torch.cat([of.kept[each].values([of.rows[each]]) for each in chosen])
        places, is_covered = of.places[chosen], of.covered[chosen]
        return values, of.targets[chosen], torch.from_numpy(places), torch.from_numpy(is_covered)

    def following(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        batch = self.coming.result()
        self.coming = self.pool.submit(self._made)
        return batch


class Compared:
    """People who are not learnt from: covered photos against their and others' enrolled ones.

    Enrolled is the point half-way between the bare head and the mean of those with masks drawn on.
    """

    def __init__(self, kept: Kept) -> None:
        self.kept, self.bare, self.drawn, self.probes, self.photo = kept, [], [], [], []
        for bare, covered in kept.photos():
            worn = [row for row in covered if kept.rows[row]["label"] != "incorrect"]
            tried = [row for row in worn if kept.rows[row]["style"] == TEST_STYLE]
            drawn = [row for row in worn if row not in tried and kept.rows[row]["style"] != "hood"]
            if not drawn:
                continue
            self.probes += tried
            self.photo += [len(self.bare)] * len(tried)
            self.bare.append(bare)
            self.drawn.append(drawn)
        owner = np.array([person(kept.rows[row]) for row in self.bare])
        self.same = owner[:, None] == owner[None]
        self.photo = np.array(self.photo)

    def figures(self, net: nn.Module) -> list[float]:
        """TAR at FAR 1e-2, 1e-3 and 1e-4 of covered photos, then of bare; less crowding."""
        drawn = [row for each in self.drawn for row in each]
        rows = np.array(sorted({*self.bare, *self.probes, *drawn}))
        found = dict(zip(rows, embeddings(net, self.kept, rows), strict=True))
        bare = np.stack([found[row] for row in self.bare])
        drawn = np.stack([_unit(sum(found[row] for row in each)) for each in self.drawn])
        probes = np.stack([found[row] for row in self.probes])
        centres = _centres(bare)
        same = self.same[:, self.photo]
        genuine = same & (np.arange(len(bare))[:, None] != self.photo[None])
        result = _rates(_corrected(_unit(bare + drawn), probes, centres), genuine, same)
        genuine = self.same & ~np.eye(len(bare), dtype=bool)
        return result + _rates(_corrected(bare, bare, centres), genuine, self.same)


def _unit(values: np.ndarray) -> np.ndarray:
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def _distances(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    squares = (some**2).sum(1)[:, None] + (others**2).sum(1)[None] - 2 * some @ others.T
    return np.sqrt(np.maximum(0, squares))


def _centres(points: np.ndarray, count: int = 128, least: int = 5) -> np.ndarray:
    """Of groups of faces, by k-means from evenly spread starts."""
    centres = points[:: max(1, len(points) // count)][:count].copy()
    for _ in range(12):
        nearest = _distances(points, centres).argmin(1)
        for group in set(nearest):
            centres[group] = points[nearest == group].mean(0)
    return centres[np.bincount(nearest, minlength=len(centres)) >= least]


def _corrected(some: np.ndarray, others: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Distances less half of either's crowding: the mean distance to its five nearest centres."""
    if not len(centres):  # of too few people
        return _distances(some, others)
    crowding = [np.sort(_distances(each, centres))[:, :5].mean(1) / 2 for each in (some, others)]
    return _distances(some, others) - crowding[0][:, None] - crowding[1][None]


def _rates(distances: np.ndarray, genuine: np.ndarray, same: np.ndarray) -> list[float]:
    strangers = np.sort(distances[~same])
    limits = [strangers[int(rate * len(strangers))] for rate in (1e-2, 1e-3, 1e-4)]
    return [float((distances[genuine] < limit).mean()) for limit in limits]


@torch.inference_mode()
def embeddings(net: nn.Module, kept: Kept, rows: np.ndarray) -> np.ndarray:
    with torch.autocast("cpu", torch.bfloat16):
        parts = [unit(net(kept.values(rows[part]).float())) for part in batches(len(rows), 64)]
    return torch.cat(parts).numpy()


def blended(untrained: nn.Module, trained: nn.Module, share: float) -> nn.Module:
    """The weights between the two: less learnt, and less forgotten."""
    net = copy.deepcopy(untrained)
    with torch.no_grad():
        for own, other in zip(net.parameters(), trained.parameters(), strict=True):
            own.lerp_(other, share)
    return net.eval()


def rate_at(step: int, steps: int, highest: float) -> float:
    """Rises for a twenty-fifth of the steps, stays, and falls to 0 from two sevenths of them on."""
    if step < steps / 25:
        return highest * step / (steps / 25)
    return highest * min(1.0, 1.4 * (1 - step / steps))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("people", type=Path)
    parser.add_argument("strangers", type=Path)
    parser.add_argument("exact", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--without", type=Path, required=True, help="names of PEOPLE not to use")
    parser.add_argument("--left-out", type=Path, required=True, help="names of TEST's people")
    parser.add_argument("--cut", default="t294", help="the value of the graph to train from")
    parser.add_argument("--begin", type=Path, help="averaged weights of a run to go on from")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument(
        "--rate",
        type=float,
        default=4e-3,
        help="the longest step, as a share of a layer's weights",
    )
    parser.add_argument(
        "--learnt", type=float, default=1, help="the share of the way to the learnt weights"
    )
    parser.add_argument("--near", type=float, default=4, help="weight of covered heads' distances")
    parser.add_argument("--keep", type=float, default=8, help="weight of bare heads' distances")
    parser.add_argument(
        "--sharpness", type=float, default=30, help="what cosines are multiplied with"
    )
    parser.add_argument("--margin", type=float, default=0.2)
    parser.add_argument("--share", type=float, default=0.65, help="of examples that are PEOPLE's")
    parser.add_argument("--bare", type=float, default=0.3, help="the share of bare heads")
    parser.add_argument("--every", type=int, default=150, help="steps between lines of the log")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    cv2.setNumThreads(1)
    exact, output = options.exact, options.output
    output.mkdir(parents=True, exist_ok=True)

    people, strangers, test = (
        Kept(folder, exact, options.cut, output / name, seed)
        for folder, name, seed in (
            (options.people, "people", options.seed),
            (options.strangers, "strangers", options.seed + 1),
            (options.test, "test", None),
        )
    )
    lists = (options.without, options.left_out)
    unused = {name for path in lists for name in path.read_text().split()}
    examples, compared = Examples(people, strangers, unused), Compared(test)
    centres, changes, first = examples.centres, examples.changes, examples.people
    print(
        f"{first} people, {len(centres) - first} strangers, {len(examples.rows)} chips", flush=True
    )

    untrained = Part(exact, options.cut, OUTPUT).to(memory_format=torch.channels_last).eval()
    net = copy.deepcopy(untrained)
    if options.begin:
        net.load_state_dict(torch.load(options.begin, weights_only=True))
    mean = copy.deepcopy(net)
    weights = list(net.parameters())
    # A step is a share of what a layer's weights are.
    groups = [
        {"params": [each], "size": max(1e-3, each.detach().square().mean().sqrt().item())}
        for each in weights
    ]
    optimiser = torch.optim.Adam(groups, betas=(0.9, 0.99))
    coming = Batches(examples, options.batch, options.share, options.bare, options.seed)
    log = (output / "log.csv").open("w", newline="", buffering=1)
    lines = csv.writer(log, lineterminator="\n")
    rates = [f"{kind}_{rate}" for kind in ("covered", "bare") for rate in ("1e-2", "1e-3", "1e-4")]
    lines.writerow(["step", "epoch", "distance", "kept", "cross_entropy", *rates])
    lines.writerow([0, 0, "", "", "", *(f"{each:.4f}" for each in compared.figures(untrained))])

    began, sums, since = time.monotonic(), np.zeros(3), 0
    for step in range(1, options.steps + 1):
        values, targets, places, is_covered = coming.following()
        for group in optimiser.param_groups:
            group["lr"] = group["size"] * rate_at(step, options.steps, options.rate)
        with torch.autocast("cpu", torch.bfloat16):
            found = net(values.float().contiguous(memory_format=torch.channels_last))
        found = unit(found)
        distances = 1 - (found * targets).sum(1)
        near, kept = distances[is_covered].mean(), distances[~is_covered].mean()
        chosen = torch.randint(len(changes), (len(centres) - first,))
        others = torch.cat([centres[:first], unit(centres[first:] + changes[chosen])])
        cosines = found @ others.T
        cosines[torch.arange(len(places)), places] -= options.margin
        apart = F.cross_entropy(options.sharpness * cosines, places)
        optimiser.zero_grad(set_to_none=True)
        (options.near * near + options.keep * kept + apart).backward()
        nn.utils.clip_grad_norm_(weights, 5.0)
        optimiser.step()
        with torch.no_grad():
            part = max(0.005, 9 / (10 + step))
            torch._foreach_lerp_(list(mean.parameters()), weights, part)
        sums += near.item(), kept.item(), apart.item()
        since += 1
        if step % options.every == 0 or step == options.steps:
            figures = compared.figures(blended(untrained, mean, options.learnt))
            epoch = step * options.batch / len(examples.rows)
            numbers = [f"{each:.4f}" for each in [*sums / since, *figures]]
            lines.writerow([step, f"{epoch:.2f}", *numbers])
            shown = " ".join(f"{100 * each:.1f}" for each in figures)
            print(f"step {step}: {shown}; {time.monotonic() - began:.0f} s", flush=True)
            torch.save(mean.state_dict(), output / f"mean-{step}.pt")
            sums, since = np.zeros(3), 0

    net = blended(untrained, mean, options.learnt)
    write(exact, dict(net.weights.items()), output / "exact-trained.onnx")
    print("done", flush=True)


if __name__ == "__main__":
    main()
