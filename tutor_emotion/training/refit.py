"""One modality's weights from labelled moments: logistic regression that shrinks to the prior.

    P(state | x) = softmax(b + W x),   W ~ Normal(W_prior, ...),   b free

and a label that leaves two states open counts as either. Served is softmax(log pi + W x): the
intercept b takes up how often each state was *labelled*, which is not how often it *is* (Prentice &
Pyke 1979: slopes stand under sampling by outcome, intercepts do not), so it is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from tutor_emotion.core.states import StatesModel, Weight
from tutor_emotion.core.types import STATES, Modality, State
from tutor_emotion.training.labelled import Moment

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]

# Moments that the prior weighs as much as; the last leaves it as it is.
STRENGTHS = (1.0, 10.0, 100.0, 1000.0, 1e6)
_INTERCEPT_SD = 5.0  # nats; wide, it only keeps a state that nobody named from minus infinity
_LEAST_SD = 0.05  # of a regressor that was hardly seen to vary
_STEPS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The moments of one modality as arrays.

    ``x`` (n, measures) are regressors times quality, as the engine weighs them; ``share`` (n, 5) is
    the chance that each state is given this row's label; ``group`` (n,) the learner, as a number;
    ``kind`` (n,) which of the different labels, as a number.
    """

    x: Floats
    share: Floats
    group: Ints
    kind: Ints

    def rows(self, chosen: Ints | NDArray[np.bool_]) -> Design:
        return Design(self.x[chosen], self.share[chosen], self.group[chosen], self.kind[chosen])

    @property
    def struggles(self) -> NDArray[np.bool_]:
        return named(self, ("confused", "frustrated"))


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """Which weights there are: the pairs of state and measure that the prior names, (weights,)."""

    weights: tuple[Weight, ...]
    columns: tuple[str, ...]
    state: Ints
    column: Ints

    @property
    def nats(self) -> Floats:
        return np.array([w.nats for w in self.weights])

    def full(self, nats: Floats) -> Floats:
        """(weights,) → (5, measures)."""
        out = np.zeros((len(STATES), len(self.columns)))
        out[self.state, self.column] = nats
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    nats: Floats  # (weights,)
    intercept: Floats  # (5,)


def feature(weight: Weight) -> str:
    """How a weight's regressor is named in a labelled moment."""
    return f"{weight.measure}:{weight.form}"


def support(model: StatesModel, modality: Modality) -> Support:
    weights = tuple(w for w in model.weights if w.modality == modality)
    columns = tuple(dict.fromkeys(feature(w) for w in weights))
    return Support(
        weights,
        columns,
        np.array([STATES.index(w.state) for w in weights], dtype=np.intp),
        np.array([columns.index(feature(w)) for w in weights], dtype=np.intp),
    )


def design(moments: Sequence[Moment], modality: Modality, columns: Sequence[str]) -> Design:
    """The moments at which the modality was there."""
    here = [m for m in moments if modality in m.features]
    kinds = sorted({tuple(s in m.label for s in STATES) for m in here}, reverse=True)
    open_to = np.array(kinds, dtype=float).reshape(-1, len(STATES))
    # No data say which of two labels that both fit a state is given: each is as likely.
    share = open_to / np.maximum(open_to.sum(0), 1.0)
    kind = np.array([kinds.index(tuple(s in m.label for s in STATES)) for m in here], dtype=np.intp)
    x = [
        [m.features[modality].get(c, 0.0) * m.quality.get(modality, 1.0) for c in columns]
        for m in here
    ]
    _, group = np.unique([m.learner for m in here], return_inverse=True)
    return Design(
        np.array(x, dtype=float).reshape(len(here), len(columns)),
        share[kind],
        group.astype(np.intp),
        kind,
    )


def named(data: Design, states: Sequence[State]) -> NDArray[np.bool_]:
    """(n,) whether the label leaves nothing but ``states`` open."""
    others = [i for i, s in enumerate(STATES) if s not in states]
    out: NDArray[np.bool_] = np.all(data.share[:, others] <= 0, axis=1)
    return out


def fit(data: Design, on: Support, prior: Floats, strength: float, begin: Fit | None = None) -> Fit:
    """The most probable weights (MAP) where the prior counts as ``strength`` moments.

    The penalty is on nats for one standard deviation of the regressor, so that a share, a z and a
    fact are held alike: ``strength / 2 * sum((sd * (w - w_prior))**2)``.
    """
    k, centre = len(STATES), np.log(prior)
    sd = np.maximum(data.x.std(0), _LEAST_SD)
    x, unit = data.x / sd, sd[on.column]  # one unit of each parameter then moves as much
    start = on.nats * unit
    log_share = np.log(np.maximum(data.share, 1e-300))

    def loss(theta: Floats) -> tuple[float, Floats]:
        b, w = theta[:k], theta[k:]
        log_p = _log_softmax(b + x @ on.full(w).T)
        joint = log_p + log_share
        top = joint.max(1, keepdims=True)
        parts = np.exp(joint - top)
        total = parts.sum(1, keepdims=True)
        pull = np.exp(log_p) - parts / total
        off, from_prior = (b - centre) / _INTERCEPT_SD, w - start
        value = -(top + np.log(total)).sum() + 0.5 * (off**2).sum()
        value += 0.5 * strength * (from_prior**2).sum()
        slopes = (pull.T @ x)[on.state, on.column] + strength * from_prior
        return float(value), np.concatenate([pull.sum(0) + off / _INTERCEPT_SD, slopes])

    first = np.concatenate(
        [begin.intercept, begin.nats * unit] if begin else [centre, start],
    )
    found = minimize(
        loss, first, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS, "ftol": 1e-8}
    )
    return Fit(found.x[k:] / unit, found.x[:k])


def log_likelihood(data: Design, on: Support, fitted: Fit) -> float:
    """Mean log-probability of the labels as they were sampled, in nats."""
    log_p = _log_softmax(fitted.intercept + data.x @ on.full(fitted.nats).T)
    p = (np.exp(log_p) * data.share).sum(1)
    return float(np.log(np.maximum(p, 1e-300)).mean())


def log_ratios(data: Design, on: Support, nats: Floats) -> Floats:
    """(n, 5) what the modality gives to each state, in nats: the served model, no intercept."""
    out: Floats = data.x @ on.full(nats).T
    return out


def served(ratios: Floats, prior: Floats, temperature: float = 1.0) -> Floats:
    """(n, 5) nats → probabilities, as an Estimate has them."""
    out: Floats = np.exp(_log_softmax(np.log(prior) + ratios / temperature))
    return out


def strongest(
    data: Design, on: Support, prior: Floats, folds: Sequence[NDArray[np.bool_]]
) -> float:
    """The strength of the prior under which held-out folds are likeliest."""
    totals = dict.fromkeys(STRENGTHS, 0.0)
    for held_out in folds:
        seen, unseen = data.rows(~held_out), data.rows(held_out)
        if not len(unseen.kind) or not len(seen.kind):
            continue
        found: Fit | None = None
        for strength in reversed(STRENGTHS):
            found = fit(seen, on, prior, strength, found)
            totals[strength] += log_likelihood(unseen, on, found) * len(unseen.kind)
    return max(reversed(STRENGTHS), key=lambda s: totals[s])


def replaced(on: Support, nats: Floats, digits: int = 4) -> tuple[Weight, ...]:
    """The weights with other nats."""
    return tuple(
        Weight(w.modality, w.state, w.measure, w.form, round(float(n), digits))
        for w, n in zip(on.weights, nats, strict=True)
    )


def by_name(weights: Sequence[Weight]) -> Mapping[tuple[Modality, State, str], float]:
    return {(w.modality, w.state, feature(w)): w.nats for w in weights}


def _log_softmax(z: Floats) -> Floats:
    z = z - z.max(1, keepdims=True)
    out: Floats = z - np.log(np.exp(z).sum(1, keepdims=True))
    return out
