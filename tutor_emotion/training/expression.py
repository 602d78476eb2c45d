"""Trains the expression net on FER+: ``python -m tutor_emotion.training.expression``.

The target of a picture is how ten raters voted. It learns from pictures as webcams might have seen
them, and in the end from pictures that are nearly as they are. Nothing is chosen by the validation
split: a twentieth of the training pictures is held out for that, and for the temperature. The net
that is kept is the averaged one of the last epoch.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor, nn

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.evaluation import ferplus
from tutor_emotion.evaluation.ferplus import Faces, distribution, plurality, read_faces
from tutor_emotion.nets.face import expression as net_code
from tutor_emotion.nets.face.expression import Expression, ExpressionShape
from tutor_emotion.training import augment, faces, loop
from tutor_emotion.training.augment import Augmentation, augmented
from tutor_emotion.training.faces import trainable
from tutor_emotion.training.loop import Figures, Recipe, train
from tutor_emotion.training.plots import draw_curves
from tutor_emotion.training.provenance import provenance

TRAIN, VALID = "ferplus_train.npz", "ferplus_valid.npz"
HELD_OUT = 20  # every so manyth picture
SOURCES = (sys.modules[__name__], net_code, loop, augment, faces, ferplus)


@dataclass(frozen=True, slots=True)
class Stage:
    """One cycle of training on one kind of pictures."""

    name: str
    recipe: Recipe
    augmentation: Augmentation


STAGES = (
    Stage("webcam", Recipe(), Augmentation()),
    Stage(
        "plain",
        Recipe(epochs=8, rate=0.02, warm=0.15),
        Augmentation(
            rotate_deg=8.0,
            zoom=0.10,
            shift=0.05,
            light=0.2,
            p_blur=0.10,
            p_coarse=0.08,
            p_noise=0.12,
            p_blocks=0.10,
            p_hidden=0.10,
        ),
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains one seed into ``OUT/seed-N``; takes up a run that was stopped."""
    options = _parser().parse_args(arguments)
    try:
        train_one(options.data, options.out, options.seed, STAGES, options.threads)
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {TRAIN}, {VALID}")
    parser.add_argument("--out", type=Path, required=True, help="folder for runs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="more are faster, with other sums")
    return parser


def train_one(data: Path, out: Path, seed: int, stages: Sequence[Stage], threads: int) -> Path:
    """One seed's run; its folder, with ``run.json`` and the averaged weights in the last stage's
    ``last.pt``.

    Raises:
        BadInput: for data that cannot be used, or a folder with another run.
    """
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    learned, held_out = split(read_faces(data / TRAIN), read_faces(data / VALID))
    folder = out / f"seed-{seed}"
    # Before anything is trained: the code that runs is the one that is there now.
    made_by = provenance(
        [data / TRAIN, data / VALID],
        SOURCES,
        seed,
        {stage.name: asdict(stage.recipe) | asdict(stage.augmentation) for stage in stages},
    ) | {"last": stages[-1].name, "pictures": len(learned)}
    torch.manual_seed(seed)
    net: nn.Module = Expression(ExpressionShape())
    history: list[Figures] = []
    for stage in stages:
        feed = Feed(learned, stage.recipe.batch, stage.augmentation)
        net, figures = train(
            net,
            feed,
            feed.steps,
            lambda averaged: judge(averaged, held_out),
            stage.recipe,
            seed,
            folder / stage.name,
        )
        history += [line | {"epoch": line["epoch"] + len(history)} for line in figures]
    made_by["seconds"] = round(sum(line["seconds"] for line in history))
    (folder / "run.json").write_text(json.dumps(made_by, indent=1), encoding="utf-8")
    draw_curves(history, folder / "curves.png", f"Expression net, seed {seed}")
    return folder


def split(train_split: Faces, valid_split: Faces) -> tuple[Faces, Faces]:
    """(learned from, held out) of the training split, without what is also in the other."""
    usable = trainable(train_split, not_in=valid_split)
    held_out = np.arange(len(usable)) % HELD_OUT == 0
    return usable[~held_out], usable[held_out]


class Feed:
    """Batches of augmented pictures and their raters' votes, in an order of the epoch's own."""

    def __init__(self, faces: Faces, batch: int, how: Augmentation) -> None:
        self.images = torch.from_numpy(faces.images).unsqueeze(1)
        self.targets = torch.from_numpy(distribution(faces.votes))
        self.batch, self.how = batch, how
        self.steps = len(faces) // batch

    def __call__(self, generator: Generator) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.images), generator=generator)
        for step in range(self.steps):
            rows = order[step * self.batch : (step + 1) * self.batch]
            pictures = self.images[rows].float() / 255
            yield augmented(pictures, self.how, generator), self.targets[rows]


def judge(net: nn.Module, faces: Faces) -> Figures:
    """Accuracy and mean recall by the plurality of the votes."""
    truth = plurality(faces.votes)
    said = logits(net, faces).argmax(1)
    recalls = [(said[truth == label] == label).mean() for label in np.unique(truth)]
    return {"accuracy": float((said == truth).mean()), "uar": float(np.mean(recalls))}


@torch.inference_mode()
def logits(net: nn.Module, faces: Faces) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """(n, 8)."""
    net.eval()
    pictures = torch.from_numpy(faces.images).unsqueeze(1)
    parts = [
        net((part.float() / 255).contiguous(memory_format=torch.channels_last))
        for part in torch.split(pictures, 256)
    ]
    found: np.ndarray[tuple[int, int], np.dtype[np.float32]] = torch.cat(parts).numpy()
    return found


if __name__ == "__main__":
    sys.exit(main())
