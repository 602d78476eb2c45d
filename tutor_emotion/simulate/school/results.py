"""Many learners to figures: each with its interval, and against the same learners elsewhere.

Intervals are of a bootstrap over learners (95 %, percentiles); in each resample every configuration
has the same learners, so a difference is one of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tutor_emotion.core.types import STATES
from tutor_emotion.simulate.school.cohort import Cohort, Floats
from tutor_emotion.simulate.school.judging import ASKED, SIGNALS, Counts

RESAMPLES = 1000
# Those that sense nothing; and those that lack one thing, to say what it brings.
REFERENCES = ("none", "performance_only", "unknown", "interaction", "without_face", "without_voice")
RATIOS: Mapping[str, tuple[str, str]] = {
    "alarms_per_hour": ("alarms", "hours"),
    "precision": ("right_alarms", "alarms"),
    "recall": ("met", "episodes"),
    "offers_per_hour": ("offers", "hours"),
    "flags_per_hour": ("flags", "hours"),
    "taken_share": ("taken", "offers"),
    "practice_per_hour": ("practice", "hours"),
    "practice_precision": ("right_practice", "practice"),
    "precision_at_once": ("right_at_once", "alarms"),
    "precision_by_chance": ("seconds_soon", "seconds"),
    "suspect_per_hour": ("raised_struggle.suspect", "hours"),
    "suspect_precision": ("right_struggle.suspect", "raised_struggle.suspect"),
    "suspect_precision_at_once": ("at_once_struggle.suspect", "raised_struggle.suspect"),
    "strong_precision_at_once": ("at_once_struggle.strong", "raised_struggle.strong"),
    "struggle_share": ("struggling_s", "seconds"),
    "episodes_per_hour": ("episodes", "hours"),
    "mastered_share": ("mastered", "learners"),
    "known_share": ("known", "learners"),
    "right_share": ("right_items", "items"),
    "spun_share": ("spun", "skills_begun"),
}
TIMES = ("delay_s", "time_to_mastery_s", "time_restricted_mean_s")
MAIN = ("alarms_per_hour", "precision", "recall", "delay_s", "time_to_mastery_s")
_OTHERS = tuple(name for name in (*RATIOS, *TIMES) if name not in MAIN)
COMPARED = (
    *MAIN,
    "precision_at_once",
    "time_restricted_mean_s",
    "mastered_share",
    "known_share",
    "struggle_share",
    "suspect_per_hour",
    "suspect_precision",
    "suspect_precision_at_once",
    "strong_precision_at_once",
)


def figures(cohort: Cohort, seconds: int, weights: Floats) -> dict[str, Floats]:
    """Every figure under each row of ``weights``, how often each learner counts (rows, learners).

    NaN where one is undefined, inf where fewer than half were done.
    """
    out = {}
    for name, (above, below) in RATIOS.items():
        n, d = weights @ cohort.each(above), weights @ cohort.each(below)
        out[name] = np.divide(n, d, out=np.full(len(d), np.nan), where=d > 0)
    out["delay_s"] = weighted_median(cohort.delays_s, weights[:, cohort.whose])
    out["time_to_mastery_s"] = weighted_median(cohort.mastered_s, weights)
    within = np.minimum(cohort.mastered_s, seconds)
    out["time_restricted_mean_s"] = weights @ within / weights.sum(1)
    return out


def weighted_median(values: Floats, weights: Floats) -> Floats:
    """The lower median of ``values`` (n,) under each row of ``weights`` (rows, n)."""
    if not len(values):
        return np.full(len(weights), np.nan)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1)
    total = reached[:, -1]
    middle = values[order][(reached >= total[:, None] / 2).argmax(1)]
    return np.where(total > 0, middle, np.nan)


def summarise(cohorts: Mapping[str, Cohort], seconds: int, seed: int) -> dict[str, dict[str, Any]]:
    """Each configuration's figures; None where one is undefined (no alarm, fewer than half done).

    ``interval``: by figure. ``against``: by reference and figure the difference with its interval.
    """
    learners = len(next(iter(cohorts.values())))
    everyone = np.ones((1, learners))
    whole = {name: figures(cohort, seconds, everyone) for name, cohort in cohorts.items()}
    drawn = _resampled(cohorts, seconds, seed)
    return {
        name: {
            **{k: _number(whole[name][k][0]) for k in (*MAIN, *_OTHERS)},
            "interval": {k: _interval(drawn[name][k]) for k in (*MAIN, *_OTHERS)},
            "against": {
                other: {
                    k: {
                        "difference": _number(_less(whole[name][k], whole[other][k])[0]),
                        "interval": _interval(_less(drawn[name][k], drawn[other][k])),
                    }
                    for k in COMPARED
                }
                for other in REFERENCES
                if other in cohorts and other != name
            },
            "signals": _signals(cohort),
            "auc": _aucs(cohort),
            "states": {
                state: _number(cohort.total(f"in_{state}") / cohort.total("seconds"))
                for state in STATES
            },
        }
        for name, cohort in cohorts.items()
    }


def auc(apart: Counts) -> float | None:
    """Area under the ROC curve from counts (truth no/yes, bin); a tie is half."""
    no, yes = apart[0].astype(float), apart[1].astype(float)
    if not no.sum() or not yes.sum():
        return None
    below = np.cumsum(no) - no
    return float((yes * (below + no / 2)).sum() / (yes.sum() * no.sum()))


def _resampled(
    cohorts: Mapping[str, Cohort], seconds: int, seed: int
) -> dict[str, dict[str, Floats]]:
    learners = len(next(iter(cohorts.values())))
    rng = np.random.default_rng([seed, 1])
    parts: dict[str, dict[str, list[Floats]]] = {name: {} for name in cohorts}
    for rows in _chunks(learners):
        weights = rng.multinomial(learners, np.full(learners, 1 / learners), rows).astype(float)
        for name, cohort in cohorts.items():
            for figure, values in figures(cohort, seconds, weights).items():
                parts[name].setdefault(figure, []).append(values)
    return {
        name: {figure: np.concatenate(values) for figure, values in by_figure.items()}
        for name, by_figure in parts.items()
    }


def _chunks(learners: int) -> Iterator[int]:
    """Rows of weights at a time, so that many learners fit in memory."""
    rows, left = max(1, 1_000_000 // learners), RESAMPLES
    while left > 0:
        yield min(rows, left)
        left -= rows


def _less(values: Floats, others: Floats) -> Floats:
    """Their difference; undefined where neither came to an end."""
    with np.errstate(invalid="ignore"):
        return values - others


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def _interval(values: Floats) -> list[float | None] | None:
    """None unless nearly every resample has the figure; an end that is not reached is None."""
    known = values[~np.isnan(values)]
    if len(known) < 0.95 * len(values):
        return None
    low, high = np.percentile(known, (2.5, 97.5), method="nearest")
    return [_number(low), _number(high)]


def _signals(cohort: Cohort) -> dict[str, dict[str, float | None]]:
    out: dict[str, dict[str, float | None]] = {}
    for kind in SIGNALS:
        raised, right, at_once = (
            cohort.total(f"{what}_{kind}") for what in ("raised", "right", "at_once")
        )
        out[kind] = {
            "per_hour": _number(raised / cohort.total("hours")),
            "precision": _number(right / raised) if raised else None,
            "precision_at_once": _number(at_once / raised) if raised else None,
        }
    return out


def _aucs(cohort: Cohort) -> dict[str, dict[str, float | None]]:
    """Of each source that said anything, by what was asked of it."""
    out: dict[str, dict[str, float | None]] = {}
    for source, seen in cohort.seen.items():
        if seen.any():
            found = {asked: auc(seen[k]) for k, asked in enumerate(ASKED)}
            out[source] = {k: None if v is None else _number(v) for k, v in found.items()}
    return out
