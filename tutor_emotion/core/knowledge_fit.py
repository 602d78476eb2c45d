"""The parameters of knowledge tracing that answers speak for: EM over a two-state Markov chain.

Learners are rows and answers columns of one array, so an iteration is some ten numpy operations a
column. Bounded to where the model means what it says: slip and guess below one half (beyond it
Baker, Corbett & Aleven 2008 call it degenerate).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.core.knowledge import DEFAULT, Knowledge
from tutor_emotion.errors import BadInput

Floats = NDArray[np.float64]

# The error of a fit falls with the root of the number of learners (Coetzee 2014); what these few
# leave open is what the intervals say.
MIN_LEARNERS = 30
MIN_ANSWERS = 150
MAX_ANSWERS = 100  # of one learner; practice beyond it says little and one array holds them all
LOWEST = (0.01, 0.001, 0.001, 0.001)
HIGHEST = (0.99, 0.6, 0.49, 0.49)

# Where EM begins: the defaults, and the corners that local optima were seen in.
_STARTS = (
    astuple(DEFAULT),
    (0.1, 0.3, 0.05, 0.1),
    (0.5, 0.1, 0.1, 0.3),
    (0.7, 0.05, 0.25, 0.2),
    (0.3, 0.02, 0.05, 0.45),
)
_FIRST_ROUND = 25
_ROUNDS = 3_000
_STILL = 1e-6  # the last step of every parameter
_STEP = 1e-3  # of the second differences, in logits
_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Answers:
    """``right`` and ``given`` are (learners, columns); a row's answers stand at its beginning."""

    right: NDArray[np.bool_]
    given: NDArray[np.bool_]

    @property
    def learners(self) -> int:
        return int(self.right.shape[0])

    @property
    def total(self) -> int:
        return int(self.given.sum())

    def of(self, rows: NDArray[np.bool_]) -> Answers:
        return Answers(self.right[rows], self.given[rows])


@dataclass(frozen=True, slots=True)
class Fit:
    """``intervals``: 95 % of each parameter, None for one that lies at its bound.

    ``log_likelihood`` is in nats, over all answers.
    """

    knowledge: Knowledge
    intervals: dict[str, tuple[float, float] | None]
    log_likelihood: float
    learners: int
    answers: int
    rounds: int
    settled: bool


def answers_of(sequences: Sequence[Sequence[bool]]) -> Answers:
    """One learner's answers in their order each, the first MAX_ANSWERS; empty ones count nothing.

    Raises:
        BadInput: ``too_few_answers``.
    """
    kept = [list(one)[:MAX_ANSWERS] for one in sequences if len(one)]
    total = sum(map(len, kept))
    if len(kept) < MIN_LEARNERS or total < MIN_ANSWERS:
        raise BadInput(
            "too_few_answers",
            f"{total} answers of {len(kept)} learners are too few to fit a skill.",
            hint=f"It takes {MIN_ANSWERS} answers of {MIN_LEARNERS} learners; keep the defaults.",
        )
    right = np.zeros((len(kept), max(map(len, kept))), bool)
    given = np.zeros_like(right)
    for row, one in enumerate(kept):
        right[row, : len(one)] = one
        given[row, : len(one)] = True
    return Answers(right, given)


def fit(answers: Answers) -> Fit:
    """The most likely parameters, from several fixed beginnings; the same answers, the same fit.

    Raises:
        BadInput: ``all_alike``, where every answer is right or every one is wrong.
    """
    share = answers.right[answers.given].mean()
    if share in (0.0, 1.0):
        raise BadInput(
            "all_alike",
            "Every answer is the same: nothing tells knowing from guessing.",
            hint="Keep the defaults until there are others.",
        )
    first = [_climb(answers, np.array(start), _FIRST_ROUND) for start in _STARTS]
    best = max(first, key=lambda found: found[1])[0]
    at, likelihood, rounds = _climb(answers, best, _ROUNDS)
    return Fit(
        Knowledge(*map(float, at)),
        _intervals(answers, at),
        likelihood,
        answers.learners,
        answers.total,
        rounds,
        settled=rounds < _ROUNDS,
    )


def predictions(answers: Answers, knowledge: Knowledge) -> Floats:
    """The probability that each answer is right, from the learner's earlier ones alone.

    (learners, columns); what was not given is 0.5 and means nothing.
    """
    return np.where(answers.given, _forward(answers, np.array(astuple(knowledge)))[2], 0.5)


# --- expectation and maximisation ----------------------------------------------------------------


def _climb(answers: Answers, at: Floats, rounds: int) -> tuple[Floats, float, int]:
    """EM until it stands still; (parameters, their log-likelihood, rounds)."""
    done, still = 0, False
    while done < rounds and not still:
        moved = _round(answers, at)
        still = bool(np.abs(moved - at).max() < _STILL)
        at, done = moved, done + 1
    return at, _log_likelihood(answers, at), done


def _round(answers: Answers, at: Floats) -> Floats:
    """One step of EM. Each parameter's own best is a share, so its bound is its best within."""
    known, knew, _ = _forward(answers, at)
    if_known, if_not = _evidence(answers, at)
    learn = at[1]
    columns = answers.right.shape[1]
    knows = np.empty_like(knew)  # in the light of all answers
    later_known, later_not = np.ones(answers.learners), np.ones(answers.learners)
    learned, chances = 0.0, 0.0
    for t in reversed(range(columns)):
        knows[:, t] = knew[:, t] * later_known
        seen = known[:, t] * if_known[:, t] + (1 - known[:, t]) * if_not[:, t]
        by_known = if_known[:, t] * later_known / seen
        by_not = if_not[:, t] * later_not / seen
        if t:
            came = answers.given[:, t]
            before = 1 - knew[:, t - 1]
            learned += float((before * learn * by_known)[came].sum())
            chances += float((before * (learn * by_known + (1 - learn) * by_not))[came].sum())
        later_known, later_not = by_known, learn * by_known + (1 - learn) * by_not
    wrong, given = answers.given & ~answers.right, answers.given
    shares = (
        knows[:, 0].mean(),
        learned / chances if chances else learn,
        knows[wrong].sum() / max(knows[given].sum(), 1e-300),
        (1 - knows)[answers.right].sum() / max((1 - knows)[given].sum(), 1e-300),
    )
    return np.clip(shares, LOWEST, HIGHEST)


def _forward(answers: Answers, at: Floats) -> tuple[Floats, Floats, Floats]:
    """Known before each answer, known after it (before it taught), and P(right) before it."""
    p_known, learn, slip, guess = at
    if_known, if_not = _evidence(answers, at)
    before, after = np.empty(answers.right.shape), np.empty(answers.right.shape)
    p = np.full(answers.learners, p_known)
    for t in range(answers.right.shape[1]):
        before[:, t] = p
        joint = p * if_known[:, t]
        after[:, t] = joint / (joint + (1 - p) * if_not[:, t])
        p = after[:, t] + (1 - after[:, t]) * learn
    return before, after, before * (1 - slip) + (1 - before) * guess


def _evidence(answers: Answers, at: Floats) -> tuple[Floats, Floats]:
    """The probability of what was seen, if the skill is known and if it is not."""
    _, _, slip, guess = at
    if_known = np.where(answers.right, 1 - slip, slip)
    if_not = np.where(answers.right, guess, 1 - guess)
    return np.where(answers.given, if_known, 1.0), np.where(answers.given, if_not, 1.0)


def _log_likelihood(answers: Answers, at: Floats) -> float:
    p = _forward(answers, at)[2]
    return float(np.log(np.where(answers.right, p, 1 - p)[answers.given]).sum())


# --- how sure ------------------------------------------------------------------------------------


def _intervals(answers: Answers, at: Floats) -> dict[str, tuple[float, float] | None]:
    """95 %, from the curvature of the likelihood in logits; parameters at a bound stand still."""
    names = [each.name for each in fields(Knowledge)]
    inside = (at > np.array(LOWEST) * 1.01) & (at < np.array(HIGHEST) * 0.999)
    free = np.flatnonzero(inside)
    found: dict[str, tuple[float, float] | None] = dict.fromkeys(names)
    spread = _spread(answers, at, free)
    for place, index in enumerate(free):
        if spread is not None:
            logit, wide = math.log(at[index] / (1 - at[index])), _Z95 * spread[place]
            found[names[index]] = (_share(logit - wide), _share(logit + wide))
    return found


def _spread(answers: Answers, at: Floats, free: NDArray[np.intp]) -> Floats | None:
    """Standard errors of the logits; None where the likelihood is flat."""
    logits = np.log(at / (1 - at))

    def value(*steps: tuple[int, float]) -> float:
        moved = logits.copy()
        for place, step in steps:
            moved[free[place]] += step
        return _log_likelihood(answers, 1 / (1 + np.exp(-moved)))

    n, h = len(free), _STEP
    curve = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            bent = (
                value((i, h), (j, h))
                - value((i, h), (j, -h))
                - value((i, -h), (j, h))
                + value((i, -h), (j, -h))
            )
            curve[i, j] = curve[j, i] = -bent / (4 * h * h)
    if n == 0 or np.linalg.eigvalsh(curve).min() <= 1e-6:
        return None
    return np.sqrt(np.diag(np.linalg.inv(curve)))


def _share(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
