"""Which parameters cannot be; each fault names the parameter as ``parameters.py`` does."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

from tutor_emotion.core.parts import (
    DetectorConfig,
    EstimatorsConfig,
    FusionConfig,
    Level,
    PacingConfig,
)
from tutor_emotion.core.types import STATES
from tutor_emotion.errors import BadInput

_MAY_BE_NEGATIVE = {"fast_z", "surprise_below"}


def require(good: bool, name: str, must: str) -> None:
    """Raises BadInput ``bad_policy``, naming the parameter, unless ``good``."""
    if not good:
        hint = "See docs/parameters.md."
        raise BadInput("bad_policy", f"{name} is impossible: it {must}.", hint=hint)


def finite(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def only(chosen: frozenset[Any], all_of: tuple[Any, ...], name: str) -> None:
    require(chosen <= frozenset(all_of), name, f"holds only {', '.join(all_of)}")


def numbers(part: Any, name: str) -> None:
    """Every number of a part is one, and from 0 on where a negative one makes no sense."""
    for item in fields(part):
        value = getattr(part, item.name)
        if isinstance(value, (int, float)):
            least = -math.inf if item.name in _MAY_BE_NEGATIVE else 0
            good = finite(value) and value >= least
            require(good, f"{name}.{item.name}", "is a finite number from 0 on")


def fusion(part: FusionConfig) -> None:
    numbers(part, "fusion")
    for name in ("cap_nats", "budget_nats"):
        numbers(getattr(part, name), f"fusion.{name}")
    for name in ("leak_s", "face_window_s", "max_predict_s", "coverage_s"):
        require(getattr(part, name) > 0, f"fusion.{name}", "is more than 0")
    prior, dwell = part.prior, part.dwell_s
    good = len(prior) == len(STATES) and all(finite(p) and p > 0 for p in prior)
    require(good and abs(sum(prior) - 1) < 1e-6, "fusion.prior", "is five shares that sum to 1")
    good = len(dwell) == len(STATES) and all(finite(d) and 1 <= d <= 3600 for d in dwell)
    require(good, "fusion.dwell_s", "is five times of 1 s to 1 h")
    good = len(part.jumps) == len(STATES) and all(
        len(row) == len(STATES) and all(finite(v) and (v > 0 or i == j) for j, v in enumerate(row))
        for i, row in enumerate(part.jumps)
    )
    require(good, "fusion.jumps", "is five rows of five positive rates")
    # What leaves a state must come back from the others, or no generator has this prior.
    flow = [p / d for p, d in zip(prior, dwell, strict=True)]
    kept = 2 * max(flow) < sum(flow) * 0.999
    require(kept, "fusion.prior", "can be kept by the times of fusion.dwell_s")


def estimators(part: EstimatorsConfig) -> None:
    numbers(part, "estimators")
    good = part.voice_min_s <= part.voice_max_s
    require(good, "estimators.voice_min_s", "is at most estimators.voice_max_s")


def detector(part: DetectorConfig) -> None:
    for name in ("suspect", "strong", "confused", "frustrated", "bored"):
        level: Level = getattr(part, name)
        values = (level.on, level.off, level.dwell_s, level.cooldown_s)
        where = f"detector.{name}"
        require(all(finite(v) and v >= 0 for v in values), where, "holds finite numbers")
        require(0 < level.off < level.on < 1, f"{where}.off", "has 0 < off < on < 1")
    later = part.strong.on >= part.suspect.on
    require(later, "detector.strong.on", "begins no lower than detector.suspect.on")
    numbers(part, "detector")
    require(part.mastery_run >= 1, "detector.mastery_run", "is at least 1")
    require(
        0 < part.unresolved_for_s <= part.unresolved_of_s <= 600,
        "detector.unresolved_for_s",
        "is within detector.unresolved_of_s, at most 600",
    )
    require(
        part.wheelspin_warn_after <= part.wheelspin_confirmed_after,
        "detector.wheelspin_warn_after",
        "is at most detector.wheelspin_confirmed_after",
    )


def pacing(part: PacingConfig) -> None:
    numbers(part, "pacing")
    require(part.low_below <= part.high_from, "pacing.low_below", "is at most pacing.high_from")
    for name in ("segment_share", "wait_share", "examples_first", "items_before_review"):
        values = getattr(part, name)
        good = len(values) == 5 and all(finite(v) and v >= 0 for v in values)
        require(good, f"pacing.{name}", "is five finite numbers from 0 on, one for each pace")
