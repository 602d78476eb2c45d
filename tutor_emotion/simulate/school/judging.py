"""Alarms against the truth: what one learner's session in one configuration comes to, as counts.

An *alarm* is what somebody is told because the learner seems to struggle: an offer to the learner
or a flag to the teacher, for a signal of struggle or for misses on a step; both in the same second
are one. It is *right* if the learner struggles (truly confused or frustrated) in that second or in
the minute after it. What is said because of wheel-spinning, boredom or a long pause is no alarm
about struggle; for wheel-spinning it is right if the skill is truly not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.core.plans import DISTRESS_MESSAGE
from tutor_emotion.core.types import STATES, Adaptation, SignalKind
from tutor_emotion.simulate.school.mood import STRUGGLE
from tutor_emotion.simulate.school.session import Lived

WITHIN_S = 60
LONG_S = 30  # episodes shorter than that are not asked for
BINS = 100
SIGNALS: tuple[SignalKind, ...] = (
    "struggle.suspect",
    "struggle.strong",
    "confused",
    "frustrated",
    "unresolved",
)
JUDGED = ("belief", "face", "voice")  # whose probabilities are compared with the truth
ASKED = (*STATES[:4], "struggle")

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """``counts``: by name, what is summed over learners. ``seen``: for each of JUDGED how often a
    probability fell into a bin, by (question of ASKED, truth, bin)."""

    counts: dict[str, float]
    delays_s: tuple[int, ...]
    mastered_s: int | None
    seen: dict[str, Counts]


def judge(lived: Lived) -> Judged:
    truth = np.isin(lived.states, STRUGGLE)
    alarms = alarms_s(lived.adaptations)
    soon = within(truth)
    episodes = list(long_episodes(truth))
    delays = [d for d in (delay_s(start, end, alarms) for start, end in episodes) if d is not None]
    n = len(lived.states)
    of_state = np.bincount(lived.states, minlength=len(STATES))
    counts: dict[str, float] = {
        "learners": 1,
        "seconds": n,
        "hours": n / 3600,
        "alarms": len(alarms),
        "right_alarms": sum(bool(soon[t - 1]) for t in alarms),
        "right_at_once": sum(bool(truth[t - 1]) for t in alarms),
        "seconds_soon": int(soon.sum()),
        "struggling_s": int(truth.sum()),
        "episodes": len(episodes),
        "met": len(delays),
        "offers": sum(a.mode == "offer" for a in lived.adaptations),
        "flags": sum(a.mode == "teacher" for a in lived.adaptations),
        **{str(reply): count for reply, count in lived.replies.items()},
        "practice": len(lived.practice),
        "right_practice": sum(lived.practice),
        "mastered": lived.mastered_s is not None,
        "known": lived.known,
        "items": sum(lived.items),
        "right_items": lived.right,
        "skills_begun": sum(k > 0 for k in lived.items),
        "spun": lived.spun,
        **{f"in_{name}": int(of_state[k]) for k, name in enumerate(STATES)},
    }
    for kind in SIGNALS:
        raised = [s.at_s for s in lived.signals if s.kind == kind and s.edge == "raised"]
        counts[f"raised_{kind}"] = len(raised)
        counts[f"right_{kind}"] = sum(bool(soon[int(t) - 1]) for t in raised)
        counts[f"at_once_{kind}"] = sum(bool(truth[int(t) - 1]) for t in raised)
    return Judged(counts, tuple(delays), lived.mastered_s, _seen(lived))


def alarms_s(adaptations: Sequence[Adaptation]) -> list[int]:
    """The seconds in which somebody was told."""
    return sorted({int(a.at_s) for a in adaptations if a.mode != "quiet" and _of_struggle(a)})


def _of_struggle(adaptation: Adaptation) -> bool:
    if adaptation.signal is not None:
        return adaptation.signal in SIGNALS
    missed = any(item.measure == "misses_on_step" for item in adaptation.evidence)
    return missed or adaptation.message == DISTRESS_MESSAGE


def within(truth: NDArray[np.bool_], seconds: int = WITHIN_S) -> NDArray[np.bool_]:
    """Whether it is so in this second or one of the next ``seconds``."""
    ahead = np.concatenate([[0], np.cumsum(truth)])
    last = np.minimum(np.arange(len(truth)) + seconds + 1, len(truth))
    found: NDArray[np.bool_] = ahead[last] > ahead[np.arange(len(truth))]
    return found


def long_episodes(truth: NDArray[np.bool_], least_s: int = LONG_S) -> Iterator[tuple[int, int]]:
    """First and last second of each stretch of at least ``least_s``; seconds count from 1."""
    edges = np.diff(np.concatenate([[0], truth.astype(int), [0]]))
    for start, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        if end - start >= least_s:
            yield int(start) + 1, int(end)


def delay_s(start_s: int, end_s: int, alarms: Sequence[int]) -> int | None:
    """From an episode's start to the first alarm in it; None if there is none."""
    return next((t - start_s for t in alarms if start_s <= t <= end_s), None)


def _seen(lived: Lived) -> dict[str, Counts]:
    counts = {name: np.zeros((len(ASKED), 2, BINS), np.int64) for name in JUDGED}
    for glimpse in lived.glimpses:
        _count(counts["belief"], glimpse.probabilities, lived.states[glimpse.at_s - 1])
    for given in lived.estimates:
        if given.probabilities is not None:
            _count(counts[given.modality], given.probabilities, lived.states[int(given.at_s) - 1])
    return counts


def _count(into: Counts, p: Sequence[float], state: int) -> None:
    for k in range(len(ASKED) - 1):
        into[k, int(state == k), min(BINS - 1, int(p[k] * BINS))] += 1
    struggle = sum(p[k] for k in STRUGGLE)
    into[-1, int(state in STRUGGLE), min(BINS - 1, int(struggle * BINS))] += 1
