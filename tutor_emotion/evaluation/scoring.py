"""From a model's answers to every figure that `manage.py evaluate` prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation import metrics
from tutor_emotion.evaluation.data import Item
from tutor_emotion.evaluation.metrics import Classes, Floats

ABSTAIN_BELOW = 0.40  # as the engine's FusionConfig.ambiguous_below
GAP_FLAGGED = 0.10
CURVE_POINTS = 101
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model said of ``items``: ``logits`` (n, k) over ``classes`` before its temperature,
    ``truth`` (n,). Where ``answered`` (n,) is False the model itself gave no answer."""

    items: tuple[Item, ...]
    classes: tuple[str, ...]
    logits: Floats
    truth: Classes
    temperature: float = 1.0
    answered: NDArray[np.bool_] | None = None

    def __getitem__(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Answers:
        at = np.arange(len(self.items))[rows]
        return replace(
            self,
            items=tuple(self.items[i] for i in at),
            logits=self.logits[at],
            truth=self.truth[at],
            answered=None if self.answered is None else self.answered[at],
        )


@dataclass(frozen=True, slots=True)
class Slice:
    """The figures of one subject or group. ``coverage``: the share that is answered.
    ``positive_rate``: the share answered as one of the classes that count as positive,
    ``false_positive_rate``: the same among those that are none (None: there are none)."""

    n: int
    accuracy: float
    uar: float
    coverage: float
    positive_rate: float
    false_positive_rate: float | None


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
    answers, refitted = _refitted(answers, options)
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
    by_group = _slices([item.group for item in answers.items], p, answers, kept, options)
    by_subject = _slices(subjects, p, answers, kept, options)
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
        **refitted,
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
        "gaps": {"group": gaps(by_group), "subject": gaps(by_subject)},
        "positive": sorted(options.positive & set(classes)),
        "abstention": _abstention(kept, answered, wrong, options.abstain_below),
        "risk_coverage": _curve(curve),
    }
    return Scored(figures, classes, p, raw, truth, curve, recall_low, recall_high)


# --- a temperature fitted on half of the subjects ------------------------------------------------


def _refitted(answers: Answers, options: Options) -> tuple[Answers, dict[str, Any]]:
    """The half that is measured, with the temperature that fits the other half."""
    parts = {item.part for item in answers.items}
    if parts == {""} and options.split_seed is None:
        return answers, {}
    if parts - {""} and options.split_seed is not None:
        raise BadInput(
            "split_given_twice", "The list has a column split already; leave out --split."
        )
    if "" in parts and len(parts) > 1:
        at = next(item for item in answers.items if not item.part)
        raise BadInput("bad_list", f"{at.where}: no split, though other rows have one.")
    subjects = np.array([item.subject for item in answers.items])
    if not all(subjects):
        at = next(item for item in answers.items if not item.subject)
        raise BadInput(
            "split_subjects_unknown",
            f"The subject of {at.where} is unknown, so one person could be on both sides of a "
            "split: its figures would be too good.",
            hint="Give a CSV with a column subject, or evaluate without a split.",
        )
    fitting = _fitting_half(answers.items, subjects, options.split_seed)
    if fitting.all() or not fitting.any():
        raise BadInput("split_one_subject", "A split needs at least one subject on each side.")
    fit, test = answers[fitting], answers[~fitting]
    own = metrics.softmax(test.logits, test.temperature)
    temperature = metrics.fit_temperature(fit.logits, fit.truth)
    refitted = {
        "split": {
            "seed": options.split_seed,
            "n_calibration": len(fit.items),
            "subjects_calibration": sorted({item.subject for item in fit.items}),
            "subjects_test": sorted({item.subject for item in test.items}),
            "temperature_shipped": test.temperature,
            "ece_shipped": metrics.ece(own, test.truth),
        }
    }
    return replace(test, temperature=temperature), refitted


def _fitting_half(
    items: Sequence[Item], subjects: NDArray[np.str_], seed: int | None
) -> NDArray[np.bool_]:
    if seed is not None:
        people = np.unique(subjects)
        chosen = np.random.default_rng(seed).permutation(people)[: len(people) // 2]
        return np.isin(subjects, chosen)
    fitting = np.array([item.part == "calibration" for item in items])
    both = sorted(set(subjects[fitting]) & set(subjects[~fitting]))
    if both:
        one = [item for item in items if item.subject == both[0]]
        rows = [
            min((i for i in one if i.part == part), key=lambda i: i.row)
            for part in ("calibration", "test")
        ]
        raise BadInput(
            "split_subject_on_both_sides",
            f"{rows[0].where} and {rows[1].where}: one subject on both sides of the split.",
            hint="Split by subject: a model that has met a person is not tested on them.",
        )
    return fitting


# --- classes -------------------------------------------------------------------------------------


def _present(answers: Answers) -> tuple[Answers, bool, float]:
    """With the classes that the data holds only, whether any was dropped, and the accuracy among
    all of the model's classes."""
    p = metrics.softmax(answers.logits, answers.temperature)
    unrestricted = metrics.accuracy(p, answers.truth)
    held = np.unique(answers.truth)
    if len(held) == len(answers.classes):
        return answers, False, unrestricted
    kept = replace(
        answers,
        classes=tuple(answers.classes[c] for c in held),
        logits=answers.logits[:, held],
        truth=np.searchsorted(held, answers.truth),
    )
    return kept, True, unrestricted


# --- groups --------------------------------------------------------------------------------------


def _slices(
    names: Sequence[str], p: Floats, answers: Answers, kept: NDArray[np.bool_], options: Options
) -> dict[str, Slice]:
    """The figures of each name; empty where no input has one."""
    if not any(names):
        return {}
    of = np.array([name or UNKNOWN for name in names])
    positive = np.isin(np.array(answers.classes), list(options.positive))
    said, is_so = positive[p.argmax(1)], positive[answers.truth]
    found = {}
    for name in sorted(set(of)):
        rows = of == name
        none = rows & ~is_so
        found[str(name)] = Slice(
            n=int(rows.sum()),
            accuracy=metrics.accuracy(p[rows], answers.truth[rows]),
            uar=metrics.uar(p[rows], answers.truth[rows]),
            coverage=float(kept[rows].mean()),
            positive_rate=float(said[rows].mean()),
            false_positive_rate=float(said[none].mean()) if none.any() else None,
        )
    return found


def gaps(slices: Mapping[str, Slice]) -> dict[str, Any] | None:
    """The largest difference of each figure between two of them; None below two. ``flagged`` names
    the figures that differ by more than 0.10. Who is unknown is no group."""
    slices = {name: one for name, one in slices.items() if name != UNKNOWN}
    if len(slices) < 2:
        return None
    found: dict[str, float] = {}
    for name in ("accuracy", "uar", "coverage", "positive_rate", "false_positive_rate"):
        values = [v for v in (getattr(one, name) for one in slices.values()) if v is not None]
        if len(values) > 1:
            found[name] = max(values) - min(values)
    return {
        **found,
        "flagged": [name for name, gap in found.items() if gap > GAP_FLAGGED],
        "smallest_n": min(one.n for one in slices.values()),
    }


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
