"""How good probabilities are, in numpy: they are (n, k), rows that sum to 1; truth (n,) in 0..k-1.

What is unweighted or macro is a mean over the classes that the truth holds: a class without a
single example has no recall, and counting it as 0 or 1 would be an invention.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tutor_emotion.errors import BadInput

Floats = NDArray[np.float64]
Classes = NDArray[np.intp]

BINS = 15
LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE = 0.05, 20.0
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class: ``n`` examples; what a division by nothing leaves undefined is None."""

    n: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """By bins of the top probability: its mean, the share that was right, how many (bins,)."""

    confidence: Floats
    accuracy: Floats
    n: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """The share of errors (risk) among the surest shares (coverage) of all inputs; ``area`` is the
    mean risk over all coverages (AURC, Geifman & El-Yaniv 2017), 0 at best."""

    coverage: Floats
    risk: Floats
    area: float


def checked(probabilities: Floats, truth: Classes) -> tuple[Floats, Classes]:
    """The same as float64 and integers.

    Raises:
        BadInput: ``bad_predictions``: no rows, shapes that do not fit, NaN, a class out of range.
    """
    p, t = np.asarray(probabilities, dtype=np.float64), np.asarray(truth)
    if p.ndim != 2 or t.shape != p.shape[:1] or not p.size:
        raise BadInput("bad_predictions", f"Predictions {p.shape} do not fit truth {t.shape}.")
    if not np.isfinite(p).all():
        row = int(np.flatnonzero(~np.isfinite(p).all(1))[0])
        raise BadInput("bad_predictions", f"Row {row} of the predictions is not finite.")
    if t.dtype.kind not in "iu" or t.min() < 0 or t.max() >= p.shape[1]:
        raise BadInput("bad_predictions", f"The truth is not all classes 0 to {p.shape[1] - 1}.")
    return p, t.astype(np.intp)


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Logits (n, k) → probabilities; a temperature over 1 makes them less sure."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    powers = np.exp(scaled - scaled.max(1, keepdims=True))
    out: Floats = powers / powers.sum(1, keepdims=True)
    return out


# --- right or wrong ------------------------------------------------------------------------------


def accuracy(probabilities: Floats, truth: Classes) -> float:
    """The share whose most probable class is the true one."""
    p, t = checked(probabilities, truth)
    return float((p.argmax(1) == t).mean())


def confusion(probabilities: Floats, truth: Classes) -> NDArray[np.intp]:
    """(k, k) counts: a row a true class, a column a predicted one."""
    p, t = checked(probabilities, truth)
    k = p.shape[1]
    return np.bincount(t * k + p.argmax(1), minlength=k * k).reshape(k, k)


def recalls(probabilities: Floats, truth: Classes) -> Floats:
    """The recall of each class (k,), NaN where it has no example."""
    counts = confusion(probabilities, truth)
    return _shares(counts.diagonal(), counts.sum(1))


def uar(probabilities: Floats, truth: Classes) -> float:
    """Unweighted average recall over the classes that the truth holds."""
    return float(np.nanmean(recalls(probabilities, truth)))


def per_class(probabilities: Floats, truth: Classes) -> tuple[ClassScore, ...]:
    """Precision, recall and F1 of each class, in order."""
    counts = confusion(probabilities, truth)
    hit, shown, said = counts.diagonal(), counts.sum(1), counts.sum(0)
    f1 = np.where(shown > 0, _shares(2 * hit, shown + said), np.nan)
    columns = (_shares(hit, said), _shares(hit, shown), f1)
    return tuple(
        ClassScore(int(n), *(None if math.isnan(v) else float(v) for v in values))
        for n, *values in zip(shown, *columns, strict=True)
    )


def macro_f1(probabilities: Floats, truth: Classes) -> float:
    """The mean F1 over the classes that the truth holds."""
    scores = per_class(probabilities, truth)
    return float(np.mean([score.f1 for score in scores if score.f1 is not None]))


def _shares(part: NDArray[np.intp] | Floats, whole: NDArray[np.intp]) -> Floats:
    out: Floats = np.full(part.shape, np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out


# --- order ---------------------------------------------------------------------------------------


def binary_auc(scores: Floats, positive: NDArray[np.bool_]) -> float | None:
    """The chance that a positive scores above a negative, ties as half; None without both."""
    positive = np.asarray(positive, dtype=bool)
    n, n_positive = len(positive), int(positive.sum())
    if n_positive in (0, n):
        return None
    _, group, counts = np.unique(np.asarray(scores), return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[group]
    above = rank[positive].sum() - n_positive * (n_positive + 1) / 2
    return float(above / (n_positive * (n - n_positive)))


def auc(probabilities: Floats, truth: Classes) -> float | None:
    """One-vs-rest, the mean over the classes that the truth holds; None where it holds only one."""
    p, t = checked(probabilities, truth)
    found = [binary_auc(p[:, c], t == c) for c in range(p.shape[1])]
    known = [value for value in found if value is not None]
    return float(np.mean(known)) if known else None


# --- sureness ------------------------------------------------------------------------------------


def reliability(probabilities: Floats, truth: Classes, bins: int = BINS) -> Reliability:
    """How often the answer was right, by how probable it was said to be (equal-width bins)."""
    p, t = checked(probabilities, truth)
    top, right = p.max(1), p.argmax(1) == t
    # A bin is open below and closed above, as in Guo et al. 2017.
    at = np.clip(np.ceil(top * bins).astype(np.intp) - 1, 0, bins - 1)
    n = np.bincount(at, minlength=bins)
    return Reliability(
        _shares(np.bincount(at, top, bins), n), _shares(np.bincount(at, right, bins), n), n
    )


def ece(probabilities: Floats, truth: Classes, bins: int = BINS) -> float:
    """Expected calibration error of the top probability (Guo et al. 2017)."""
    found = reliability(probabilities, truth, bins)
    gaps = np.nan_to_num(np.abs(found.accuracy - found.confidence))
    return float((gaps * found.n).sum() / found.n.sum())


def nll(probabilities: Floats, truth: Classes) -> float:
    """Mean negative log-likelihood of the truth, in nats."""
    p, t = checked(probabilities, truth)
    return float(-np.log(np.maximum(p[np.arange(len(t)), t], _TINY)).mean())


def risk_coverage(probabilities: Floats, truth: Classes) -> RiskCoverage:
    """What the errors become if only the surest inputs are answered; ties share their errors."""
    p, t = checked(probabilities, truth)
    return risk_by(p.max(1), p.argmax(1) != t)


def risk_by(sureness: Floats, wrong: NDArray[np.bool_]) -> RiskCoverage:
    """As ``risk_coverage``, for any measure of sureness (n,)."""
    _, group, counts = np.unique(-np.asarray(sureness), return_inverse=True, return_counts=True)
    shared = np.bincount(group, wrong) / counts
    errors = np.repeat(shared, counts)
    upto = np.arange(1, len(errors) + 1)
    risk = np.cumsum(errors) / upto
    return RiskCoverage(upto / len(errors), risk, float(risk.mean()))


def fit_temperature(logits: Floats, truth: Classes) -> float:
    """The temperature under which the truth is likeliest (Guo et al. 2017), 0.05 to 20.

    The likelihood has one peak (it is concave in 1/T), so a golden section over log T finds it.
    """
    scores, t = checked(logits, truth)

    def loss(log_temperature: float) -> float:
        scaled = scores / math.exp(log_temperature)
        top = scaled.max(1)
        total = top + np.log(np.exp(scaled - top[:, None]).sum(1))
        return float((total - scaled[np.arange(len(t)), t]).mean())

    low, high = math.log(LOWEST_TEMPERATURE), math.log(HIGHEST_TEMPERATURE)
    return math.exp(_lowest(loss, low, high))


def _lowest(loss: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one valley is lowest, to 1e-6."""
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = loss(left), loss(right)
    while high - low > 1e-6:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = loss(right)
    return (low + high) / 2


# --- how far to trust a figure -------------------------------------------------------------------

_Z95 = 1.959964


def share_interval(hits: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    """The 95 % interval of a share by Wilson (1927): also where none or all of few were right."""
    h, m = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        p, pull = h / m, _Z95**2 / m
        middle = (p + pull / 2) / (1 + pull)
        half = _Z95 * np.sqrt(p * (1 - p) / m + pull / (4 * m)) / (1 + pull)
    return np.asarray(np.clip(middle - half, 0, 1)), np.asarray(np.clip(middle + half, 0, 1))


def interval(
    statistic: Callable[[Floats, Classes], float | Floats],
    probabilities: Floats,
    truth: Classes,
    subjects: Sequence[str] | NDArray[np.str_] | None = None,
    *,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[Floats, Floats]:
    """Percentile bootstrap of ``statistic``; whole subjects are drawn where they are known, since
    one person's inputs are not independent (Efron & Tibshirani 1993). → low, high, as its shape.
    """
    p, t = checked(probabilities, truth)
    draw = np.random.default_rng(seed)
    if subjects is None:
        rows = [np.array([i]) for i in range(len(t))]
    else:
        _, group = np.unique(np.asarray(subjects), return_inverse=True)
        order = np.argsort(group, kind="stable")
        rows = np.split(order, np.cumsum(np.bincount(group))[:-1])
    found = []
    for _ in range(draws):
        drawn = draw.integers(len(rows), size=len(rows))
        some = drawn if subjects is None else np.concatenate([rows[i] for i in drawn])
        found.append(statistic(p[some], t[some]))
    share = (1 - level) / 2
    with warnings.catch_warnings():  # a class without any example has no interval: NaN, rightly
        warnings.simplefilter("ignore", RuntimeWarning)
        low, high = np.nanquantile(np.array(found, dtype=np.float64), [share, 1 - share], axis=0)
    return np.asarray(low), np.asarray(high)
