"""Whether a fit of knowledge tracing is worth having, on learners that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.core.knowledge import DEFAULT, Knowledge
from tutor_emotion.core.knowledge_fit import Answers, fit, predictions
from tutor_emotion.evaluation.metrics import binary_auc

FOLDS = 5
_TINY = 1e-6

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Held:
    """``nats``: mean log-likelihood of a held-out answer. ``auc`` is None where all are alike."""

    nats: float
    auc: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same held-out answers under three beliefs.

    ``constant`` says the share of right answers of the other learners, each time; it puts no
    answer above another, so its AUC is one half.
    """

    fitted: Held
    default: Held
    constant: Held

    @property
    def worth_it(self) -> bool:
        """Whether the fit tells unseen learners better than the defaults and than the constant."""
        return self.fitted.nats > max(self.default.nats, self.constant.nats)


def compare(answers: Answers, base: Knowledge = DEFAULT) -> Comparison:
    """Five folds of learners, by their place, so that the same answers give the same figures.

    Raises:
        BadInput: ``all_alike``, where a fold leaves answers that are all the same.
    """
    fold = np.arange(answers.learners) % FOLDS
    fitted, constant = np.empty(answers.right.shape), np.empty(answers.right.shape)
    for each in range(FOLDS):
        held, others = answers.of(fold == each), answers.of(fold != each)
        fitted[fold == each] = predictions(held, fit(others).knowledge)
        constant[fold == each] = others.right[others.given].mean()
    return Comparison(
        _held(answers, fitted),
        _held(answers, predictions(answers, base)),
        Held(_held(answers, constant).nats, 0.5),
    )


def _held(answers: Answers, predicted: Floats) -> Held:
    right = answers.right[answers.given]
    p = np.clip(predicted[answers.given], _TINY, 1 - _TINY)
    nats = float(np.log(np.where(right, p, 1 - p)).mean())
    return Held(nats, binary_auc(p, right))
