"""From a model's answers to every figure that `manage.py evaluate` prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation import metrics, slices, splits
from tutor_emotion.evaluation.answers import Answers
from tutor_emotion.evaluation.metrics import Classes, Floats

ABSTAIN_BELOW = 0.40  # as the engine's FusionConfig.ambiguous_below
CURVE_POINTS = 101


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Every figure, and what the pictures are drawn from. ``figures`` is what JSON shows."""

    figures: dict[str, Any]
    classes: tuple[str, ...]
    calibrated: Floats
    uncalibrated: Floats
    truth: Classes
    curve: metrics.RiskCoverage
    recall_low: Floats
    recall_high: Floats


@dataclass(frozen=True, slots=True)
class Options:
    """How to measure. ``positive``: the classes whose rate is compared between groups."""

    abstain_below: float = ABSTAIN_BELOW
    positive: frozenset[str] = field(default_factory=frozenset)
    split_seed: int | None = None
    draws: int = 1000


def score(answers: Answers, options: Options) -> Scored:
    """All figures of these answers.

    Raises:
        BadInput: ``data_empty``, ``split_subjects_unknown``, ``split_subject_on_both_sides``,
            ``split_one_subject``, ``bad_predictions``.
    """
    if not answers.items:
        raise BadInput("data_empty", "There is nothing to evaluate.")
    answers, split = splits.refitted(answers, options.split_seed)
    answers, restricted, unrestricted = _present(answers)
    truth, classes = answers.truth, answers.classes
    raw = metrics.softmax(answers.logits)
    p = metrics.softmax(answers.logits, answers.temperature)
    top = p.max(1)
    answered = np.ones(len(truth), bool) if answers.answered is None else answers.answered
    kept = answered & (top >= options.abstain_below)
    wrong = p.argmax(1) != truth
    curve = metrics.risk_by(np.where(answered, top, top - 1.0), wrong)
    subjects = [item.subject for item in answers.items]
    whole = subjects if all(subjects) else None

    def between(statistic: Callable[[Floats, Classes], float | Floats]) -> tuple[Floats, Floats]:
        return metrics.interval(statistic, p, truth, whole, draws=options.draws)

    counts = metrics.confusion(p, truth)
    recall_low, recall_high = metrics.share_interval(counts.diagonal(), counts.sum(1))
    if whole:  # few people or few inputs: whichever leaves more open
        low, high = between(metrics.recalls)
        recall_low, recall_high = np.fmin(recall_low, low), np.fmax(recall_high, high)
    scores = metrics.per_class(p, truth)
    by_group = slices.slices(
        [item.group for item in answers.items], p, answers, kept, options.positive
    )
    by_subject = slices.slices(subjects, p, answers, kept, options.positive)
    figures: dict[str, Any] = {
        "n": len(truth),
        "classes": list(classes),
        "restricted": restricted,
        "accuracy": metrics.accuracy(p, truth),
        "accuracy_interval": _pair(between(metrics.accuracy)),
        "accuracy_unrestricted": unrestricted,
        "uar": metrics.uar(p, truth),
        "uar_interval": _pair(between(metrics.uar)),
        "interval_over": "subjects" if whole else "inputs",
        "macro_f1": metrics.macro_f1(p, truth),
        "auc": metrics.auc(p, truth),
        "ece": metrics.ece(p, truth),
        "ece_uncalibrated": metrics.ece(raw, truth),
        "nll": metrics.nll(p, truth),
        "nll_uncalibrated": metrics.nll(raw, truth),
        "temperature": answers.temperature,
        **split,
        "per_class": {
            name: {
                **asdict(one),
                "auc": metrics.binary_auc(p[:, c], truth == c),
                "recall_interval": _pair((recall_low[c], recall_high[c])),
            }
            for c, (name, one) in enumerate(zip(classes, scores, strict=True))
        },
        "confusion": {"classes": list(classes), "counts": counts.tolist()},
        "by_group": {name: asdict(one) for name, one in by_group.items()},
        "by_subject": {name: asdict(one) for name, one in by_subject.items()},
        "gaps": {"group": slices.gaps(by_group), "subject": slices.gaps(by_subject)},
        "positive": sorted(options.positive & set(classes)),
        "abstention": _abstention(kept, answered, wrong, options.abstain_below),
        "risk_coverage": _curve(curve),
    }
    if answers.worded:
        _forget_sureness(figures)
    return Scored(figures, classes, p, raw, truth, curve, recall_low, recall_high)


# --- classes -------------------------------------------------------------------------------------


def _present(answers: Answers) -> tuple[Answers, bool, float]:
    """With the classes that the data holds only, whether any was dropped, and the accuracy among
    all of the model's classes."""
    p = metrics.softmax(answers.logits, answers.temperature)
    unrestricted = metrics.accuracy(p, answers.truth)
    held = np.unique(answers.truth)
    # Among one class alone every answer would be right.
    if answers.worded or len(held) in (1, len(answers.classes)):
        return answers, False, unrestricted
    kept = replace(
        answers,
        classes=tuple(answers.classes[c] for c in held),
        logits=answers.logits[:, held],
        truth=np.searchsorted(held, answers.truth),
    )
    return kept, True, unrestricted


# --- words ---------------------------------------------------------------------------------------


def _forget_sureness(figures: dict[str, Any]) -> None:
    """A word has no probability: what would be measured of it is not known."""
    for name in ("auc", "ece", "ece_uncalibrated", "nll", "nll_uncalibrated", "temperature"):
        figures[name] = None
    for one in figures["per_class"].values():
        one["auc"] = None
    figures["risk_coverage"] = {"area": None, "coverage": [], "risk": []}


# --- silence -------------------------------------------------------------------------------------


def _abstention(
    kept: NDArray[np.bool_], answered: NDArray[np.bool_], wrong: NDArray[np.bool_], below: float
) -> dict[str, Any]:
    return {
        "below": below,
        "share": float(1 - kept.mean()),
        "no_answer": int((~answered).sum()),
        "accuracy_answered": float(1 - wrong[kept].mean()) if kept.any() else None,
    }


def _curve(curve: metrics.RiskCoverage) -> dict[str, Any]:
    """The curve at a hundred places: enough to draw it, and not one number an input."""
    n = len(curve.risk)
    at = np.unique(np.linspace(0, n - 1, min(n, CURVE_POINTS)).round().astype(int))
    return {
        "area": curve.area,
        "coverage": curve.coverage[at].round(6).tolist(),
        "risk": curve.risk[at].round(6).tolist(),
    }


def _pair(low_high: tuple[Any, Any]) -> list[float] | None:
    low, high = (float(v) for v in low_high)
    return [low, high] if np.isfinite((low, high)).all() else None
