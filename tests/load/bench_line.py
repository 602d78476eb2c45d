"""From what ``make bench`` measured to the figures that count: its tables and its last line."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.load.capacity import slope

# The goal of the whole product is for so many on two cores, and at most so late.
GOAL_LEARNERS, GOAL_P95_MS = 12, 1000.0
GOAL_STREAMS = 40  # received on one core, without the nets
SITE = ("web", "worker", "valkey")
MB_PER_MIB = 1.048576


def line(result: Mapping[str, Any]) -> dict[str, Any]:
    """The last line: what others read. ``None`` is what was not measured."""
    climb = result["climb"]
    best = carried(climb)
    at = judged(climb)
    profile = result.get("profile") or {}
    return {
        "ingest_ratio": (result.get("ingest") or {}).get("ingest_ratio"),
        "streams_a_core": (result.get("ingest") or {}).get("streams_without_a_lost_frame"),
        "learners": best["count"] if best else 0,
        "p95_ms": at["p95_ms"] if at else None,
        "p95_at_learners": at["count"] if at else None,
        "faces_read": at["faces_read"] if at else None,
        "learners_per_core": per_core(best) if best else None,
        "web_mb_per_learner": megabytes_a_learner(climb),
        "push_ms": (result.get("push") or {}).get("kept_loop_ms"),
        "cpu_split": cpu_split(profile) if profile else None,
        "cores": os.cpu_count(),
        "load": climb[0]["load"] if climb else None,
    }


def linear(ingest: Mapping[str, Any] | None) -> bool | None:
    """Whether a stream costs at most a tenth more where there are most of them than where least."""
    steps = sorted((ingest or {}).get("steps", ()), key=lambda step: int(step["streams"]))
    if len(steps) < 2:
        return None
    return bool(steps[-1]["each_pct"] <= 1.1 * steps[0]["each_pct"])


def carried(climb: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The greatest step that passed."""
    passed = [step for step in climb if not step["failed"]]
    return max(passed, key=lambda step: int(step["count"]), default=None)


def judged(climb: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The step of the goal's size, or the greatest that passed below it."""
    small = [step for step in climb if step["count"] <= GOAL_LEARNERS]
    return carried(small) or (small[0] if small else None)


def per_core(step: Mapping[str, Any]) -> float:
    """Learners for each core that the whole site used, all its processes together."""
    return round(step["count"] / sum(step["cpu"].get(role, 0.0) for role in SITE), 1)


def megabytes_a_learner(climb: Iterable[Mapping[str, Any]]) -> float | None:
    """By how much the web process grows with each learner: a slope over the steps, in 10^6 bytes.

    The first learner brings the detectors with them, so nobody is no point of this line.
    """
    points = [(step["count"], step["rss_mib"]["web"]) for step in climb]
    mib = slope(points)
    return None if mib is None else round(mib * MB_PER_MIB, 2)


def cpu_split(profile: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Shares of the processor time of all of the site's processes; they sum to 1."""
    whole: Counter[str] = Counter()
    for role, parts in profile.items():
        for part, seconds in parts.items():
            whole["Valkey" if role == "valkey" else part] += seconds  # type: ignore[assignment]
    total = whole.total() or 1.0
    return {part: round(seconds / total, 3) for part, seconds in whole.most_common()}


def goals(result: Mapping[str, Any]) -> list[tuple[str, bool | None]]:
    """Each goal in words, and whether it is met; None where it was not measured."""
    last = line(result)
    at_goal = next((s for s in result["climb"] if s["count"] == GOAL_LEARNERS), None)
    served = None if at_goal is None or at_goal["p95_ms"] is None else not at_goal["failed"]

    def met(value: float | None, limit: float) -> bool | None:
        return None if value is None else value <= limit

    return [
        ("the web process at most 0.8 times a stock receiver", met(last["ingest_ratio"], 0.8)),
        (
            f"{GOAL_STREAMS} streams on one core without a lost frame, the nets left out",
            None if last["streams_a_core"] is None else last["streams_a_core"] >= GOAL_STREAMS,
        ),
        ("each of them at most as dear as one of ten", linear(result.get("ingest"))),
        (
            f"{GOAL_LEARNERS} learners with p95 of at most {GOAL_P95_MS:.0f} ms",
            served and met(at_goal["p95_ms"] if at_goal else None, GOAL_P95_MS),
        ),
        ("under 6 MB a learner in the web process", met(last["web_mb_per_learner"], 6.0)),
        ("at most 1 ms a push", met(last["push_ms"], 1.0)),
    ]
