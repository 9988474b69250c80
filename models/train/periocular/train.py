"""Trains the periocular encoder: `make train-periocular`; models/periocular-encoder.md says what on, and what came of it.

STRANGERS and PEOPLE are folders that `training-faces --masks` wrote: each photo's bare chip, and chips of the same photo with
something drawn over mouth and nose, cut where the detector and the aligner found the *covered* face. STRANGERS' photos show somebody
else each; PEOPLE's lie in one folder per person.

The teacher is dlib's encoder, and sees bare chips. The student begins as a copy of it, sees covered ones, and learns to put them where
the teacher put the bare face (squared distance), and nearer to that than to every other face of the training set (cross-entropy over
all of them). A covered photo of somebody with several photos belongs to the mean of the *other* ones, so that the student learns what
the photos of one person have in common. Some people are left out, to see what the student makes of people whom it does not know.
Before the student comes the straightener (straighten.py), which is trained first.

A run that was interrupted goes on at the last checkpoint in OUTPUT.
"""

from __future__ import annotations

import argparse
import base64
import copy
import csv
import json
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from chips import covered, moves, varied
from faces import Faces
from network import EMBEDDING, SIDE, Deployed, Encoder, Straightener, embeddings
from quantise import export
from straighten import straightener

MODELS = Path(__file__).resolve().parents[2]
SURE = 0.5
"""Photos whose bare face the detector is less sure of are left out: the teacher knows nothing about them."""
LEFT_OUT = 3
"""Of PEOPLE, one in so many is only tested on."""
SHARPNESS = 16.0
"""What squared distances are multiplied with, for the cross-entropy."""


@dataclass
class Examples:
    """Chips to learn from, of which each has its place among the `targets`, and its face among the `centres`."""

    pixels: np.ndarray
    rows: np.ndarray
    bare: np.ndarray
    """Whether the chip still has to be covered."""
    targets: np.ndarray
    places: np.ndarray


def sure_photos(faces: Faces) -> tuple[np.ndarray, dict[int, int]]:
    """The rows of bare chips, and for every covered chip's row its bare one."""
    bare, of = [], {}
    last = None
    for row, each in enumerate(faces.rows):
        if float(each["score"]) < SURE:
            continue
        if not each["style"]:
            last = row
            bare.append(row)
        elif last is not None and faces.rows[last]["file"] == each["file"]:
            of[row] = last
    return np.array(bare), of


def taught(teacher: nn.Module, faces: Faces, bare: np.ndarray, keep: Path) -> np.ndarray:
    """The teacher's embeddings of bare chips; they are kept, as they take minutes."""
    if not keep.exists():
        began = time.monotonic()
        with torch.autocast("cpu", torch.bfloat16):
            found = embeddings(teacher, faces.pixels, bare)
        np.savez(keep, rows=bare, embeddings=found)
        print(
            f"{keep.parent}: {len(bare)} faces taught in {time.monotonic() - began:.0f} s",
            flush=True,
        )
    kept = np.load(keep)
    if not np.array_equal(kept["rows"], bare):
        raise SystemExit(f"{keep} belongs to other photos; delete it")
    return kept["embeddings"]


def of_strangers(faces: Faces, bare: np.ndarray, of: dict[int, int], known: np.ndarray, first: int):
    place = {row: first + index for index, row in enumerate(bare)}
    covered_rows = np.array(list(of))
    rows = np.concatenate([covered_rows, bare])
    places = np.array([place[of.get(row, row)] for row in rows])
    is_bare = np.arange(len(rows)) >= len(covered_rows)
    return Examples(faces.pixels, rows, is_bare, known[places - first], places), known


def of_people(
    faces: Faces,
    bare: np.ndarray,
    of: dict[int, int],
    known: np.ndarray,
    first: int,
    names: list[str],
):
    """Every photo's target is the mean of its person's other photos; the person's centre is the mean of all.

    Also gives what lies between a photo and its person's mean, [N, 128].
    """
    index = {row: at for at, row in enumerate(bare)}
    own = defaultdict(list)
    for row in bare:
        if (name := person(faces.rows[row])) in names:
            own[name].append(index[row])
    own = {name: photos for name, photos in own.items() if len(photos) > 1}
    sums = {name: known[photos].sum(0) for name, photos in own.items()}
    place = {name: first + at for at, name in enumerate(own)}
    rows, targets, places, is_bare = [], [], [], []
    for row in [*of, *bare]:
        name = person(faces.rows[row])
        if name in own:
            photo = index[of.get(row, row)]
            rows.append(row)
            targets.append((sums[name] - known[photo]) / (len(own[name]) - 1))
            places.append(place[name])
            is_bare.append(row in index)
    centres = np.stack([sums[name] / len(own[name]) for name in own])
    changes = np.concatenate(
        [known[photos] - sums[name] / len(photos) for name, photos in own.items()]
    )
    return (
        Examples(
            faces.pixels, np.array(rows), np.array(is_bare), np.stack(targets), np.array(places)
        ),
        centres,
        changes,
    )


def person(row: dict[str, str]) -> str:
    return row["file"].split("/")[0]


class Compared:
    """Covered photos of people against their and others' bare photos, of which every third is taken."""

    def __init__(
        self,
        faces: Faces,
        bare: np.ndarray,
        of: dict[int, int],
        known: np.ndarray,
        names: list[str],
    ) -> None:
        chosen = [at for at, row in enumerate(bare) if person(faces.rows[row]) in names][::3]
        photos = bare[chosen]
        place = {row: at for at, row in enumerate(photos)}
        self.covered = np.array([row for row, photo in of.items() if photo in place])
        self.pixels, self.gallery = faces.pixels, known[chosen]
        self.photo = np.array([place[of[row]] for row in self.covered])
        owner = np.array([person(faces.rows[row]) for row in photos])
        self.same = owner[self.photo][:, None] == owner[None]
        self.genuine = self.same & (self.photo[:, None] != np.arange(len(photos))[None])

    def metric(self, found: np.ndarray) -> np.ndarray:
        """What to multiply embeddings with, [128, 128], so that a person's photos differ alike in all directions.

        `found` is an encoder's embeddings of `covered` chips. Directions in which they differ much from other photos of the same people
        say little about who somebody is. The covariance is drawn half-way to a ball, as it is known from few people.
        """
        probes, photos = np.nonzero(self.genuine)
        spread = np.cov((found[probes] - self.gallery[photos]).T)
        size = np.trace(spread) / len(spread)
        values, directions = np.linalg.eigh(spread / (2 * size) + np.eye(len(spread)) / 2)
        return ((directions / np.sqrt(values)) @ directions.T).astype(np.float32)

    def figures(self, found: np.ndarray, metric: np.ndarray, centres: np.ndarray) -> list[float]:
        """TAR at FAR 1e-2, 1e-3 and 1e-4, as the product compares: enrolled bare, then both ways."""
        behind = np.zeros_like(self.gallery)
        np.add.at(behind, self.photo, found)
        behind /= np.maximum(1, np.bincount(self.photo, minlength=len(behind)))[:, None]
        probes, gallery, behind = found @ metric, self.gallery @ metric, behind @ metric
        centres = centres @ metric
        bare, drawn = (
            _distances(probes, others)
            - _crowding(probes, centres)[:, None]
            - _crowding(others, centres)
            for others in (gallery, behind)
        )
        return [*self._rates(bare), *self._rates(bare + drawn)]

    def _rates(self, distances: np.ndarray) -> list[float]:
        genuine = distances[self.genuine]
        strangers = np.sort(distances[~self.same])
        return [
            float((genuine < strangers[int(rate * len(strangers))]).mean())
            for rate in (1e-2, 1e-3, 1e-4)
        ]


def _distances(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    squares = (some**2).sum(1)[:, None] + (others**2).sum(1)[None] - 2 * some @ others.T
    return np.sqrt(np.maximum(0, squares))


def _crowding(some: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """What models/face-impostors.md takes off distances, for places in a space."""
    return 0.4 * np.sort(_distances(some, centres), axis=1)[:, :5].mean(1)


class Batches:
    """The next batch is made while the network learns from this one. The same step always gives the same batch."""

    def __init__(
        self,
        straightener: Straightener,
        parts: list[Examples],
        shares: list[float],
        size: int,
        seed: int,
    ) -> None:
        self.straightener = straightener
        self.parts, self.size, self.seed = parts, size, seed
        self.counts = np.array(shares) / sum(shares)
        self.pool = ThreadPoolExecutor(1)
        self.next = None

    def made(self, step: int):
        rng = np.random.default_rng([self.seed, step])
        chips, targets, places = [], [], []
        for part in rng.choice(len(self.parts), self.size, p=self.counts):
            examples = self.parts[part]
            # As many of the renderer's coverings as are there, and one bare chip in four examples.
            wants_bare = rng.random() < 0.25
            while True:
                at = int(rng.integers(len(examples.rows)))
                if examples.bare[at] == wants_bare:
                    break
            chip = np.array(examples.pixels[examples.rows[at]])
            if wants_bare:
                chip = covered(chip, rng)
            # A chip that was cut from the covered picture has moved already.
            place = moves(0.8 if wants_bare else 0.4, rng)
            chips.append(varied(chip, place, rng))
            targets.append(examples.targets[at])
            places.append(examples.places[at])
        values = torch.from_numpy(np.stack(chips)).permute(0, 3, 1, 2).float()
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            values = self.straightener(values).float()
        mirrored = torch.from_numpy(rng.random(len(values)) < 0.5)
        values[mirrored] = values[mirrored].flip(3)
        return values, torch.from_numpy(np.stack(targets)), torch.tensor(places)

    def at(self, step: int):
        batch = (self.next or self.pool.submit(self.made, step)).result()
        self.next = self.pool.submit(self.made, step + 1)
        return batch


def straight_chips(path: Path, faces: Faces, of: dict[int, int], seed: int) -> Straightener:
    """Trained, or read if it was before."""
    if not path.exists():
        torch.save(straightener(faces, of, 4000, seed).state_dict(), path)
    net = Straightener()
    net.load_state_dict(torch.load(path, weights_only=True))
    return net.eval()


def blended(teacher: Encoder, student: Encoder, share: float) -> Encoder:
    """The weights between the two: less learnt, and less forgotten of what the teacher knows of millions of faces."""
    net = copy.deepcopy(teacher)
    with torch.no_grad():
        for own, other in zip(net.parameters(), student.parameters(), strict=True):
            own.lerp_(other, share)
    return net.eval()


def rate_at(step: int, steps: int, highest: float) -> float:
    """Rises for a fiftieth of the steps, stays for half of them, and falls to 0."""
    if step < steps / 50:
        return highest * step / (steps / 50)
    return highest * min(1.0, 2 * (1 - step / steps))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("strangers", type=Path)
    parser.add_argument("people", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument(
        "--rate", type=float, default=2e-3, help="the longest step, as a share of a layer's weights"
    )
    parser.add_argument(
        "--learnt",
        type=float,
        default=0.6,
        help="the share of the way from dlib's weights to the learnt ones",
    )
    parser.add_argument("--contrast", type=float, default=0.05)
    parser.add_argument(
        "--spread", type=float, default=1, help="how far other photos lie from known ones"
    )
    parser.add_argument("--share", type=float, default=0.15, help="of examples that are PEOPLE's")
    parser.add_argument(
        "--without",
        type=Path,
        help="a file with names of PEOPLE, one a line, to leave out altogether",
    )
    parser.add_argument(
        "--keep", type=int, default=7, help="first convolutions that stay as they are"
    )
    parser.add_argument(
        "--photos", type=float, default=1, help="the share of strangers to learn from"
    )
    parser.add_argument(
        "--known", type=float, default=1, help="the share of PEOPLE to learn from"
    )
    parser.add_argument(
        "--every", type=int, default=500, help="steps from one line of the log to the next"
    )
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    cv2.setNumThreads(1)
    options.output.mkdir(parents=True, exist_ok=True)

    teacher = Encoder(MODELS).eval().to(memory_format=torch.channels_last)
    strangers, people = Faces(options.strangers, SIDE), Faces(options.people, SIDE)
    bare, of = sure_photos(strangers)
    known = taught(teacher, strangers, bare, options.strangers / "taught.npz")
    if options.photos < 1:
        bare = bare[: int(len(bare) * options.photos)]
        known = known[: len(bare)]
        few = set(bare.tolist())
        of = {row: photo for row, photo in of.items() if photo in few}
    examples, centres = of_strangers(strangers, bare, of, known, 0)
    people_bare, people_of = sure_photos(people)
    people_known = taught(teacher, people, people_bare, options.people / "taught.npz")
    without = set(options.without.read_text().split()) if options.without else set()
    names = sorted({person(people.rows[row]) for row in people_bare} - without)
    left_out = [each for at, each in enumerate(names) if at % LEFT_OUT == 0]
    learnt = [each for at, each in enumerate(names) if at % LEFT_OUT]
    learnt = learnt[: int(len(learnt) * options.known)]
    (options.output / "left-out.txt").write_text("".join(f"{each}\n" for each in left_out))
    more, more_centres, changes = of_people(
        people,
        people_bare,
        people_of,
        people_known,
        len(centres),
        learnt,
    )
    compared = [
        Compared(people, people_bare, people_of, people_known, names)
        for names in (learnt, left_out)
    ]
    model = json.loads((MODELS / "face-impostors.json").read_text())
    crowded = np.frombuffer(base64.b64decode(model["crowding"]["centres"]), np.float32)
    crowded = crowded.reshape(-1, EMBEDDING)

    def judged(net: nn.Module) -> tuple[np.ndarray, list[float]]:
        """The metric that suits an encoder, by the people learnt from, and its figures, by those left out."""
        known, unknown = (embeddings(net, each.pixels, each.covered) for each in compared)
        own = compared[0].metric(known)
        return own, compared[1].figures(unknown, own, crowded)

    centres = torch.from_numpy(np.concatenate([centres, more_centres]).astype(np.float32))
    changes = torch.from_numpy(changes.astype(np.float32))
    print(
        f"{len(bare)} strangers, {len(more_centres)} people with {len(more.rows)} chips", flush=True
    )
    straight = straight_chips(options.output / "straightener.pt", strangers, of, options.seed)
    _, before = judged(teacher)
    own, straightened = judged(nn.Sequential(straight, teacher))
    for name, figures in (("dlib", before), ("dlib, straight chips", straightened)):
        print(
            f"{name}: TAR at FAR 1e-2, 1e-3, 1e-4, enrolled bare and both ways:",
            *(f"{each:.4f}" for each in figures),
            flush=True,
        )
    own = torch.from_numpy(own)
    centres, changes = centres @ own, changes @ own

    net = Encoder(MODELS).to(memory_format=torch.channels_last)
    net.keep(options.keep)
    mean = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.999))
    learning = [each for each in net.parameters() if each.requires_grad]
    # A step is a share of what a layer's weights are: those of dlib's layers differ a hundredfold.
    groups = [{"params": [each], "size": each.square().mean().sqrt().item()} for each in learning]
    optimiser = torch.optim.Adam(groups)
    first, checkpoint = 0, options.output / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        mean.load_state_dict(state["mean"])
        optimiser.load_state_dict(state["optimiser"])
        first = state["step"]
    log = (options.output / "log.csv").open("a" if first else "w", newline="", buffering=1)
    lines = csv.writer(log, lineterminator="\n")
    if not first:
        lines.writerow(
            [
                "step",
                "distance",
                "cross_entropy",
                "tar_1e-2",
                "tar_1e-3",
                "tar_1e-4",
                "both_1e-2",
                "both_1e-3",
                "both_1e-4",
            ]
        )
        lines.writerow([0, "", "", *(f"{each:.4f}" for each in before)])
    batches = Batches(
        straight, [examples, more], [1 - options.share, options.share], options.batch, options.seed
    )

    began, sums = time.monotonic(), np.zeros(2)
    for step in range(first + 1, options.steps + 1):
        rng = np.random.default_rng([options.seed, 2, step])
        values, targets, places = batches.at(step)
        for group in optimiser.param_groups:
            group["lr"] = group["size"] * rate_at(step, options.steps, options.rate)
        net.train()
        with torch.autocast("cpu", torch.bfloat16):
            found = net(values.contiguous(memory_format=torch.channels_last))
        found, targets = found.float() @ own, targets @ own
        near = ((found - targets) ** 2).sum(1).mean()
        # Strangers have one photo each. Where another one of theirs might lie is learnt from the people who have several; without
        # this the network learns to know photos again.
        chosen = torch.from_numpy(rng.integers(len(changes), size=len(centres)))
        others = centres + options.spread * changes[chosen]
        distances = (found**2).sum(1, keepdim=True) + (others**2).sum(1) - 2 * found @ others.T
        contrast = F.cross_entropy(-SHARPNESS * distances, places)
        optimiser.zero_grad(set_to_none=True)
        (near + options.contrast * contrast).backward()
        nn.utils.clip_grad_norm_(learning, 1.0)
        optimiser.step()
        mean.update_parameters(net)
        sums += near.item(), contrast.item()
        if step % options.every == 0 or step == options.steps:
            _, figures = judged(
                nn.Sequential(straight, blended(teacher, mean.module, options.learnt))
            )
            sums /= (step - first - 1) % options.every + 1
            lines.writerow([step, *(f"{each:.4f}" for each in [*sums, *figures])])
            print(
                f"step {step}: distance {sums[0]:.4f}, cross-entropy {sums[1]:.3f}; TAR",
                *(f"{each:.4f}" for each in figures),
                f"; {time.monotonic() - began:.0f} s",
                flush=True,
            )
            sums = np.zeros(2)
            torch.save(
                {
                    "net": net.state_dict(),
                    "mean": mean.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "step": step,
                },
                options.output / "writing.pt",
            )
            (options.output / "writing.pt").replace(checkpoint)

    net = blended(teacher, mean.module, options.learnt)
    torch.save(net.state_dict(), options.output / "periocular-encoder.pt")
    rng = np.random.default_rng(options.seed)
    chosen = examples.rows[~examples.bare]
    seen = np.stack(
        [strangers.pixels[row] for row in rng.choice(chosen, min(512, len(chosen)), replace=False)]
    )
    export(
        Deployed(straight, net),
        seen,
        options.output / "periocular-encoder.onnx",
        ("chips", "embeddings"),
        kept="/straightener/",
    )
    print("done", flush=True)


if __name__ == "__main__":
    main()
