"""What a teacher's row needs to know of one learner now: facts and signals, no probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tutor_emotion.core.types import AffectSignal
from tutor_emotion.core.work import Performance


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a learner stands.

    ``signals``: raised now, each with ``since_s``. ``idle_s``: since they last did anything.
    ``on_step_s``: since the step was shown. ``confidence``: how much the belief rests on.
    ``title`` is the step's; both titles are empty where the lesson gave none.
    ``opportunities`` of the present skill, ``mastered`` if it had three in a row. ``run``: right
    answers in a row. ``hurried_s``: when hurried answers and hints came in the last three minutes,
    three at most. ``called``: why a person is being called now.
    """

    at_s: float
    signals: tuple[AffectSignal, ...]
    step: str
    skill: str
    title: str
    skill_title: str
    misses_on_step: int
    hints_on_step: int
    on_step_s: float
    idle_s: float
    performance: Performance
    opportunities: int
    mastered: bool
    run: int
    hurried_s: tuple[float, ...]
    pace: int
    coverage: float
    confidence: Literal["low", "medium", "high"]
    hidden: bool
    called: Literal["", "safety", "distress"] = ""
