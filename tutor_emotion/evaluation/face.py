"""The expression net on labelled pictures: FER+ with its raters' votes, folders, lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation import ferplus, metrics
from tutor_emotion.evaluation.answers import Answers
from tutor_emotion.evaluation.data import PICTURES, Item
from tutor_emotion.evaluation.framing import Framer, small_grey
from tutor_emotion.evaluation.job import (
    Job,
    Outcome,
    Reader,
    learned_from,
    model_of,
    refuse_skipped,
    stamp,
)
from tutor_emotion.evaluation.label_map import ours
from tutor_emotion.evaluation.pictures import read_picture
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.face.expressing import Expressions
from tutor_emotion.nets.face.expression import EXPRESSIONS

# What would speak for struggle, and so is compared between groups.
NEGATIVE = frozenset({"sadness", "anger", "disgust", "fear", "contempt"})
CHUNK = 64


def run(job: Job) -> Outcome:
    """Errors as ``Job.listing``, ``read_faces``, ``label_map.ours``, ``model_of``."""
    model = model_of(job, "expression")
    device = choose_device(job.device)
    nets = _Nets(
        Expressions(model, device),
        device,
        tuple(model.config.labels),
        model.config.temperature,
    )
    outcome = _votes(job, nets) if job.path.suffix.lower() == ".npz" else _files(job, nets)
    notes = (*outcome.notes, *learned_from(job, model))
    return replace(outcome, model=stamp(model), notes=notes)


@dataclass(frozen=True, slots=True, eq=False)
class _Nets:
    expressions: Expressions
    device: torch.device
    classes: tuple[str, ...]
    temperature: float

    def logits(self, grey: Tensor) -> metrics.Floats:
        """(n, 1, 48, 48) in 0..1 → (n, k)."""
        return np.asarray(self.expressions.logits(grey).double().numpy(force=True))

    def answers(
        self, kept: Sequence[tuple[Item, str]], logits: Sequence[metrics.Floats]
    ) -> Answers:
        return Answers(
            tuple(item for item, _ in kept),
            self.classes,
            np.concatenate([np.empty((0, len(self.classes))), *logits]),
            np.array([self.classes.index(label) for _, label in kept], dtype=np.intp),
            self.temperature,
        )


# --- FER+ ----------------------------------------------------------------------------------------


def _votes(job: Job, nets: _Nets) -> Outcome:
    """By the rule of FER+'s authors; beside it, by the plain plurality of the raters."""
    faces = ferplus.read_faces(job.path)
    clear, most = ferplus.majority(faces.votes), ferplus.plurality(faces.votes)
    items = [
        Item(str(faces.names[row]), EXPRESSIONS[most[row]], row=int(row))
        for row in np.flatnonzero(most >= 0)
    ]
    if not items:
        raise BadInput("data_empty", f"{job.path.name}: no picture's majority is an expression.")
    named, left_out = ours(items, nets.classes, job.kind, job.label_map())
    rows = np.array([item.row for item, _ in named])
    parts = [rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK)]
    logits = np.concatenate(
        [
            nets.logits(small_grey(faces.images[part], nets.device))
            for part in job.progress("pictures", parts)
        ]
    )
    judged = clear[rows] >= 0
    if not judged.any():
        raise BadInput("data_empty", f"{job.path.name}: no picture has a majority.")
    flat = faces.images.reshape(len(faces), -1)
    extra = {
        **_by_plurality(logits, nets.classes, most[rows]),
        "repeated_pictures": len(flat) - len(np.unique(flat, axis=0)),
    }
    for why, count in (
        ("unknown or not a face", int((most < 0).sum())),
        ("no majority", int((~judged).sum())),
    ):
        if count:
            left_out[why] = count
    kept = [pair for pair, is_judged in zip(named, judged, strict=True) if is_judged]
    answers = nets.answers(kept, [logits[judged]])
    return Outcome(answers, {}, NEGATIVE, left_out=left_out, extra=extra)


def _by_plurality(
    logits: metrics.Floats, classes: Sequence[str], most: NDArray[np.intp]
) -> dict[str, Any]:
    place = np.array([classes.index(name) for name in EXPRESSIONS])
    p, truth = metrics.softmax(logits), place[most]
    return {
        "accuracy_plurality": metrics.accuracy(p, truth),
        "uar_plurality": metrics.uar(p, truth),
        "n_plurality": len(truth),
    }


# --- pictures in files ---------------------------------------------------------------------------


def _files(job: Job, nets: _Nets) -> Outcome:
    listing = job.listing(PICTURES)
    refuse_skipped(job, listing.skipped)
    named, left_out = ours(listing.items, nets.classes, job.kind, job.label_map(listing))
    reader, framer = Reader(job.strict), Framer(job.weights_dir, nets.device)
    kept: list[tuple[Item, str]] = []
    logits: list[metrics.Floats] = []
    for at in job.progress("pictures", list(range(0, len(named), CHUNK))):
        read = [(pair, reader.read(pair[0], read_picture)) for pair in named[at : at + CHUNK]]
        pictures = [(pair, picture) for pair, picture in read if picture is not None]
        if pictures:
            kept += [pair for pair, _ in pictures]
            logits.append(nets.logits(framer.frame([picture for _, picture in pictures])))
    skipped = (*listing.skipped, *reader.skipped)
    return Outcome(
        nets.answers(kept, logits),
        {},
        NEGATIVE,
        skipped,
        left_out,
        (*listing.notes, *framer.notes()),
        {"repeated_pictures": listing.repeated, "framed": framer.counts()},
    )
