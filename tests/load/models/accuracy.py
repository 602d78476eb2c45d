"""How right each net is, on the pictures as they are and as poor webcams would show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.load.models.nets import COMMON, Net, Probabilities, common
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation import metrics, webcam
from tutor_emotion.evaluation.ferplus import Faces, majority, plurality

CLEAN = "clean"
CONDITIONS = (CLEAN, *webcam.CHANGES)
Classes = NDArray[np.intp]
Tick = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Pictures whose plurality is an expression: ``by_plurality`` 0..7; ``by_majority`` the same
    by the rule of FER+'s authors, -1 where that leaves the picture out."""

    images: NDArray[np.uint8]
    by_plurality: Classes
    by_majority: Classes


@dataclass(frozen=True, slots=True)
class Score:
    """``ece_scaled``: after one temperature for the net, fitted to its answers on the clean
    pictures, so that a peer is not blamed for what a number can mend."""

    n: int
    accuracy: float
    uar: float
    ece: float
    ece_scaled: float
    n_majority: int
    accuracy_majority: float | None


def judged(faces: Faces, limit: int = 0) -> Judged:
    """Of FER+; at most ``limit`` of them, evenly taken, where it is given.

    Raises:
        BadInput: ``data_empty``.
    """
    most = plurality(faces.votes)
    rows = np.flatnonzero(most >= 0)
    if limit and limit < len(rows):
        rows = rows[np.linspace(0, len(rows) - 1, limit).astype(np.intp)]
    if not len(rows) or not (most[rows] < len(COMMON)).any():
        raise BadInput("data_empty", "No picture's plurality is an expression that all nets know.")
    return Judged(faces.images[rows], most[rows], majority(faces.votes)[rows])


def conditions(images: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Every condition and the pictures under it, each made once for all nets."""
    for name in CONDITIONS:
        yield name, images if name == CLEAN else webcam.degraded(images, name)


def best_way(net: Net, pictures: Judged, tick: Tick) -> tuple[str, dict[str, float]]:
    """The preparation under which it is right most often on the clean pictures (of equals, its
    own); and how often under each."""
    if len(net.ways) == 1:
        return net.own_way, {}
    known = pictures.by_plurality < len(COMMON)
    found = {}
    for way in net.ways:
        tick(f"{net.name}: {way}")
        answers = common(net.look(pictures.images[known], way))
        found[way] = metrics.accuracy(answers, pictures.by_plurality[known])
    return max(found, key=lambda way: found[way]), found


def answers(
    nets: Sequence[Net], ways: dict[str, str], pictures: Judged, tick: Tick
) -> dict[str, dict[str, Probabilities]]:
    """By condition, then by net: (n, 7 or 8)."""
    result: dict[str, dict[str, Probabilities]] = {}
    for condition, images in conditions(pictures.images):
        result[condition] = {}
        for net in nets:
            tick(f"{net.name}: {condition}")
            result[condition][net.name] = net.look(images, ways[net.name])
    return result


def scores(
    found: dict[str, dict[str, Probabilities]], pictures: Judged, *, classes: int
) -> dict[str, dict[str, dict[str, Any]]]:
    """By net, then by condition. With 7 classes all nets, without the pictures of contempt; with
    8, those that know contempt."""
    known = pictures.by_plurality < classes
    most, clear = pictures.by_plurality[known], pictures.by_majority[known]
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for name, clean in found[CLEAN].items():
        if clean.shape[1] < classes:
            continue
        temperature = metrics.fit_temperature(_logits(_columns(clean, classes)[known]), most)
        result[name] = {
            condition: asdict(
                _score(_columns(by_net[name], classes)[known], most, clear, temperature)
            )
            for condition, by_net in found.items()
        }
    return result


def margins(
    found: dict[str, dict[str, Probabilities]], pictures: Judged, name: str
) -> dict[str, dict[str, dict[str, float]]]:
    """How much more often ``name`` is right than each other net on the same picture (7 classes):
    difference of accuracy, and its 95 % interval (normal, of paired differences)."""
    known = pictures.by_plurality < len(COMMON)
    most = pictures.by_plurality[known]
    result: dict[str, dict[str, dict[str, float]]] = {}
    for condition, by_net in found.items():
        right = {net: common(p)[known].argmax(1) == most for net, p in by_net.items()}
        for net in right.keys() - {name}:
            gap = right[name].astype(np.float64) - right[net]
            half = 1.96 * float(gap.std()) / sqrt(len(gap))
            mean = float(gap.mean())
            result.setdefault(net, {})[condition] = {
                "difference": mean, "low": mean - half, "high": mean + half,
            }  # fmt: skip
    return result


def _columns(probabilities: Probabilities, classes: int) -> Probabilities:
    return common(probabilities) if classes == len(COMMON) else probabilities


def _logits(probabilities: Probabilities) -> Probabilities:
    logits: Probabilities = np.log(probabilities.clip(1e-12))
    return logits


def _score(p: Probabilities, most: Classes, clear: Classes, temperature: float) -> Score:
    known = clear >= 0
    return Score(
        len(most),
        metrics.accuracy(p, most),
        metrics.uar(p, most),
        metrics.ece(p, most),
        metrics.ece(metrics.softmax(_logits(p), temperature), most),
        int(known.sum()),
        metrics.accuracy(p[known], clear[known]) if known.any() else None,
    )
