"""A recording for each cell of the table of §9.6: what leads a learner there, second by second.

The band comes from four items before (``worked``), each of its own skill; they end at 100 s, and a
fifth is shown at 105 s that usually takes so long that nobody waits for it in vain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import Any

from tutor_emotion.core import replay
from tutor_emotion.core.config import FusionConfig
from tutor_emotion.core.plans import Situation
from tutor_emotion.core.types import (
    STATES,
    Answer,
    Estimate,
    SelfReport,
    State,
    StepShown,
    TextMessage,
)
from tutor_emotion.core.work import Performance

BEFORE = {"low": "----", "almost": "---+", "mid": "-+-+", "good": "++++", "high": "-+++"}
PRIOR_P = FusionConfig().prior
DONT_GET_IT = "i dont get it"
STUPID = "this is stupid"


@dataclass(frozen=True)
class Script:
    """``tail_s``: how long it goes on after the last event."""

    events: list[Any]
    tail_s: float = 5.0

    @property
    def lines(self) -> list[str]:
        return [replay.line(event) for event in self.events]


def worked(band: str, *then: Any, expected_s: float = 300.0, tail_s: float = 5.0) -> Script:
    """Four items with the marks of ``BEFORE``, and then the step ``s1``."""
    before: list[Any] = []
    for n, mark in enumerate(BEFORE[band]):
        shown_s = 25.0 * n
        before += [
            StepShown(shown_s, f"b{n}", f"k{n}", 0.5, 60.0),
            Answer(shown_s + 24, f"b{n}", f"k{n}", mark == "+", 24.0, f"{n}"),
        ]
    return Script([*before, StepShown(105, "s1", "adding", 0.5, expected_s), *then], tail_s)


def says(at_s: float, text: str) -> TextMessage:
    return TextMessage(at_s, text)


def misses(*at_s: float, step: str = "s1") -> list[Answer]:
    return [Answer(t, step, "adding", False, 330.0, f"{t}") for t in at_s]


def right(at_s: float, *, step: str = "s1", hedged: bool = False) -> Answer:
    return Answer(at_s, step, "adding", True, 30.0, "1/2", hedged=hedged)


def nudge(state: State, nats: float, *at_s: float) -> list[Estimate]:
    """An outside Estimate of how the learner works that speaks for ``state``, by so many nats."""
    odds = {s: p * exp(nats if s == state else 0.0) for s, p in zip(STATES, PRIOR_P, strict=True)}
    a, b, c, d, e = (odds[s] / sum(odds.values()) for s in STATES)
    return [
        Estimate("interaction", t, (a, b, c, d, e), 1.0, None, 0, 1, "test/1") for t in at_s
    ]  # fmt: skip


def many(marks: str) -> Script:
    """Items of one skill, 30 s each."""
    events: list[Any] = []
    for n, mark in enumerate(marks):
        events += [
            StepShown(30.0 * n, f"i{n}", "adding", 0.5, 60.0),
            Answer(30.0 * n + 29, f"i{n}", "adding", mark == "+", 29.0, f"{n}"),
        ]
    return Script(events)


PUZZLED = [says(125, DONT_GET_IT), *nudge("confused", 1.1, 126)]
STILL_PUZZLED = [*PUZZLED, *nudge("confused", 0.35, *range(136, 172, 9))]
ANNOYED = [
    says(130, STUPID),
    *nudge("frustrated", 1.4, 131),
    *nudge("frustrated", 0.5, 132, 138, 144),
]
# Two messages of confusion, solved, and on the next step a long hard time: unresolved twice.
TWICE: list[Any] = [
    says(125, DONT_GET_IT),
    says(132, "still confused"),
    right(160),
    StepShown(165, "s2", "adding", 0.5, 900.0),
    says(300, STUPID),
    *nudge("frustrated", 1.4, 301, 303),
    *nudge("frustrated", 0.6, *range(310, 440, 10)),
]
BORED = [SelfReport(120, "bored"), says(125, "this is boring"), *nudge("bored", 0.5, 150, 170)]

SCRIPTS: Mapping[tuple[Situation, Performance], Script] = {
    ("early", "low"): worked("low", *PUZZLED, tail_s=25),
    ("early", "mid"): worked("mid", *PUZZLED, tail_s=25),
    ("early", "high"): worked("high", *PUZZLED, tail_s=25),
    ("suspect", "low"): worked("low", *misses(130, 140), tail_s=20),
    ("suspect", "mid"): worked("good", *misses(130, 140), tail_s=20),
    ("suspect", "high"): worked("high", *STILL_PUZZLED, tail_s=8),
    ("unresolved", "low"): worked("low", *misses(130, 140, 150)),
    ("unresolved", "mid"): worked("good", *misses(130, 140, 150)),
    ("unresolved", "high"): worked("high", says(125, DONT_GET_IT), says(132, "still confused")),
    ("frustrated", "low"): worked("low", *ANNOYED, tail_s=20),
    ("frustrated", "mid"): worked("mid", *ANNOYED, tail_s=20),
    ("frustrated", "high"): worked("high", *ANNOYED, tail_s=20),
    ("setback", "low"): worked("low", *TWICE, tail_s=30),
    ("setback", "mid"): worked("mid", *TWICE, tail_s=30),
    ("setback", "high"): worked("high", *TWICE, tail_s=30),
    ("spinning", "low"): many("++-+-++-+-"),
    ("practising", "low"): many("++-+-+"),
    ("overtaxed", "low"): worked("low", *BORED, tail_s=20),
    ("bored", "low"): worked("almost", *BORED, tail_s=20),
    ("bored", "mid"): worked("mid", *BORED, tail_s=20),
    ("bored", "high"): worked("high", *BORED, tail_s=20),
    ("waiting", "low"): worked("low", expected_s=50, tail_s=60),
    ("waiting", "mid"): worked("mid", expected_s=50, tail_s=60),
    ("waiting", "high"): worked("high", expected_s=50, tail_s=60),
    ("unsure", "low"): worked("low", right(130, hedged=True)),
    ("unsure", "mid"): worked("mid", right(130, hedged=True)),
    ("unsure", "high"): worked("high", right(130, hedged=True)),
    ("flow", "high"): worked("good", right(130)),
}
