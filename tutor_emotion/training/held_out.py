"""What weights are worth to learners who were not there: folds, AUC, calibration to the prior."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from tutor_emotion.training import refit
from tutor_emotion.training.refit import Design, Floats, Ints, Support

BINS = 15
DRAWS = 1000
_COLDEST, _HOTTEST = 0.25, 8.0


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, and where 95 % of the bootstrap's draws lie."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """P(struggle) by bins: what was said, what was so, the share of moments (bins,); the ECE."""

    said: Floats
    so: Floats
    share: Floats
    ece: float


def folds(group: Ints, n: int, draw: np.random.Generator) -> list[NDArray[np.bool_]]:
    """Masks of ``n`` folds that share no member of ``group``; fewer where there are fewer."""
    members = draw.permutation(np.unique(group))
    return [np.isin(group, part) for part in np.array_split(members, n) if len(part)]


def ratios(
    data: Design, on: Support, prior: Floats, group: Ints, n: int, draw: np.random.Generator
) -> Floats:
    """(n, 5) nats for each moment from weights that have not seen its fold.

    How strongly the prior holds is chosen within each fold's own learners. ``group`` is the
    learner; a group for each moment is the random split that flatters (docs/calibration.md).
    """
    out = np.zeros((len(data.kind), len(prior)))
    for mask in folds(group, n, draw):
        seen = data.rows(~mask)
        strength = refit.strongest(seen, on, prior, folds(group[~mask], max(2, n - 1), draw))
        found = refit.fit(seen, on, prior, strength)
        out[mask] = refit.log_ratios(data.rows(mask), on, found.nats)
    return out


def to_prior(data: Design, prior: Floats) -> Floats:
    """(n,) weights of mean 1 under which each label is as frequent as ``prior`` has it.

    Labels come when somebody taps, not when the clock ticks; calibration is to the states as they
    are (§6: a prior is refitted by pi_site / pi_train).
    """
    observed = np.bincount(data.kind) / len(data.kind)
    weight = (data.share * prior).sum(1) / observed[data.kind]
    out: Floats = weight / weight.mean()
    return out


def temperature(data: Design, found: Floats, prior: Floats) -> float:
    """The temperature of the nats (n, 5) under which the labels are likeliest (Guo et al. 2017)."""
    weight = to_prior(data, prior)

    def loss(log_t: float) -> float:
        p = (refit.served(found, prior, math.exp(log_t)) * data.share).sum(1)
        return float(-(weight * np.log(np.maximum(p, 1e-300))).mean())

    bounds = (math.log(_COLDEST), math.log(_HOTTEST))
    return math.exp(float(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def reliability(said: Floats, so: NDArray[np.bool_], weight: Floats) -> Reliability:
    """How often it was so, by what was said, in equal-width bins of a probability (n,)."""
    at = np.clip(np.ceil(said * BINS).astype(np.intp) - 1, 0, BINS - 1)
    total = np.bincount(at, weight, BINS)
    safe = np.where(total > 0, total, np.nan)
    mean_said, mean_so = (np.bincount(at, weight * v, BINS) / safe for v in (said, so))
    share = total / total.sum()
    ece = float(np.nansum(np.abs(mean_said - mean_so) * share))
    return Reliability(mean_said, mean_so, share, ece)


def auc(
    score: Floats,
    positive: NDArray[np.bool_],
    group: Ints,
    draw: np.random.Generator,
    wider: float = 1.0,
) -> Interval | None:
    """The chance that a positive scores above a negative, ties as half; None without both.

    The interval is a percentile bootstrap over learners: one learner's moments are not independent.
    It is made ``wider`` about the value by that factor.
    """
    if positive.all() or not positive.any():
        return None
    order = np.argsort(score, kind="stable")
    tie = np.concatenate([[True], np.diff(score[order]) > 0]).nonzero()[0]
    _, member = np.unique(group[order], return_inverse=True)
    is_positive = positive[order]
    value = _auc(np.ones((1, len(score))), is_positive, tie)[0]
    n = int(member.max()) + 1
    found: list[Floats] = []
    for size in _parts(DRAWS, 100):
        counts = draw.multinomial(n, np.full(n, 1 / n), size=size)
        found.append(_auc(counts[:, member].astype(float), is_positive, tie))
    low, high = np.nanquantile(np.concatenate(found), [0.025, 0.975])
    return Interval(
        float(value),
        float(max(0.0, value - wider * (value - low))),
        float(min(1.0, value + wider * (high - value))),
    )


def of_folds(n: int) -> float:
    """How much wider an interval is where ``n`` folds were each scored by a fit to the others.

    Those fits share their learners, which a bootstrap of the scores does not see: the variance is
    (1/n + test/train) where it would be 1/n (Nadeau & Bengio 2003).
    """
    return math.sqrt(1 + n / (n - 1))


def _auc(weight: Floats, positive: NDArray[np.bool_], tie: Ints) -> Floats:
    """(draws, n) weights in order of score, (ties,) where each run of equal scores begins."""
    above = np.add.reduceat(weight * positive, tie, axis=1)
    below = np.add.reduceat(weight * ~positive, tie, axis=1)
    beaten = np.cumsum(below, axis=1) - below / 2
    pairs = above.sum(1) * below.sum(1)
    out: Floats = (above * beaten).sum(1) / np.where(pairs > 0, pairs, np.nan)
    return out


def weight_intervals(
    data: Design,
    on: Support,
    prior: Floats,
    strength: float,
    begin: refit.Fit,
    draws: int,
    draw: np.random.Generator,
) -> tuple[Floats, Floats]:
    """(weights,), (weights,): 95 % of refits to learners drawn again, at one strength."""
    n = int(data.group.max()) + 1
    rows = [np.flatnonzero(data.group == g) for g in range(n)]
    found = []
    for _ in range(draws):
        chosen = np.concatenate([rows[g] for g in draw.integers(n, size=n)])
        found.append(refit.fit(data.rows(chosen), on, prior, strength, begin).nats)
    low, high = np.quantile(np.array(found), [0.025, 0.975], axis=0)
    return low, high


def _parts(n: int, size: int) -> Sequence[int]:
    return [min(size, n - i) for i in range(0, n, size)]
