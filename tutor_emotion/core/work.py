"""What the learner has done so far: the facts that estimators, detector and pacing share.

Pure bookkeeping of events, no opinion. One item is one showing of a step; an opportunity of a
skill is the first answer to an item (Beck & Gong 2013).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.types import Activity, Answer, Event, HintRequest, Idle, StepShown

Performance: TypeAlias = Literal["low", "mid", "high", "unknown"]

_RECENT = 6  # acc6
_EWMA = 1 - 2 / (_RECENT + 1)
_SURPRISES = 4
_REMEMBERED_STEPS = 32
_REMEMBERED_SKILLS = 64


@dataclass(frozen=True, slots=True)
class Skill:
    """Opportunities of one skill. ``mastered`` stays once ``run`` was long enough."""

    opportunities: int = 0
    correct: int = 0
    run: int = 0
    mastered: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    step: str = ""
    skill: str = ""
    title: str = ""  # of the step
    skill_title: str = ""
    difficulty: float = 0.5
    expected_s: float | None = None
    shown_s: float | None = None
    attempts: int = 0  # on this item
    misses: int = 0  # on this step
    hints: int = 0  # on this step
    solved: bool = False
    impasse_turns: int = 0  # messages of confusion on this step
    last_wrong: str = ""
    last_error_s: float | None = None  # on this step
    last_answer_s: float | None = None
    last_correct_s: float | None = None
    last_hint_s: float | None = None
    last_action_s: float = 0.0
    answers: int = 0
    run_correct: int = 0
    recent: tuple[bool, ...] = ()  # first answers to items, newest first
    surprises: tuple[float, ...] = ()  # newest first
    idle_from_s: float | None = None  # the gap that was last reported
    skills: Mapping[str, Skill] = field(default_factory=dict)
    left_misses: Mapping[str, int] = field(default_factory=dict)
    busy: Literal["typing", "speaking", "playing", "none"] = "none"
    busy_s: float | None = None  # when ``busy`` was last said

    @property
    def acc6(self) -> float | None:
        """Exponentially weighted share of correct first answers, last six; None before any."""
        if not self.recent:
            return None
        weights = [_EWMA**k for k in range(len(self.recent))]
        right = sum(w for w, correct in zip(weights, self.recent, strict=True) if correct)
        return right / sum(weights)

    @property
    def current(self) -> Skill:
        return self.skills.get(self.skill, Skill())

    def performance(self, wheelspin: bool, config: EngineConfig) -> Performance:
        """The band of §9.6; unknown before there are enough answers."""
        if wheelspin:
            return "low"
        acc6 = self.acc6
        if acc6 is None or self.answers < config.pacing.known_after_answers:
            return "unknown"
        if acc6 < config.pacing.low_below:
            return "low"
        return "high" if acc6 >= config.pacing.high_from and self.run_correct else "mid"


def observe(work: Work, event: Event, at_s: float, config: EngineConfig) -> Work:
    """The facts after ``event``, which counts as having happened at ``at_s``."""
    if isinstance(event, StepShown):
        return _shown(work, event, at_s)
    if isinstance(event, Answer):
        return _answered(work, event, at_s, config)
    if isinstance(event, HintRequest):
        hints = work.hints + 1 if event.step == work.step else work.hints
        return replace(work, hints=hints, last_hint_s=at_s, last_action_s=at_s)
    if isinstance(event, Idle):
        return replace(work, idle_from_s=at_s - event.idle_s)
    if isinstance(event, Activity):
        acted = at_s if event.busy in ("typing", "speaking") else work.last_action_s
        # `none` repeated is still the same pause.
        busy_s = work.busy_s if event.busy == work.busy == "none" else at_s
        return replace(work, busy=event.busy, busy_s=busy_s, last_action_s=acted)
    return replace(work, last_action_s=at_s)


def sane(event: Event) -> Event:
    """The event without numbers that cannot be; 0 stands for a time that is not known."""
    if isinstance(event, Answer):
        return replace(
            event, took_s=_time(event.took_s) or 0.0, expected_p=_share(event.expected_p)
        )
    if isinstance(event, StepShown):
        difficulty = _share(event.difficulty)
        return replace(
            event,
            difficulty=0.5 if difficulty is None else difficulty,
            expected_s=_time(event.expected_s),
        )
    if isinstance(event, Idle):
        return replace(event, idle_s=_time(event.idle_s) or 0.0)
    return event


def _time(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) or value <= 0 else value


def _share(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else min(1.0, max(0.0, value))


def facing(work: Work, event: Answer, at_s: float) -> Work:
    """The facts with the learner at the step of this answer, had nobody said that it was shown."""
    if event.step == work.step and not work.solved:
        return work
    return _shown(work, StepShown(at_s, event.step, event.skill), at_s)


def _shown(work: Work, event: StepShown, at_s: float) -> Work:
    if event.step == work.step and not work.solved and work.attempts:
        named = _named(work, event)
        return replace(named, skill=event.skill, shown_s=at_s, last_action_s=at_s)
    left = _remember(work)
    return replace(
        _named(work, event),
        step=event.step,
        skill=event.skill,
        difficulty=event.difficulty,
        expected_s=event.expected_s,
        shown_s=at_s,
        attempts=1 if left.get(event.step) else 0,  # coming back is no new opportunity
        misses=left.get(event.step, 0),
        hints=0,
        solved=False,
        impasse_turns=0,
        last_wrong="",
        last_error_s=None,
        last_action_s=at_s,
        left_misses=left,
    )


def _named(work: Work, event: StepShown) -> Work:
    """With the titles of what is shown; one that was given once need not be given again."""
    same_step, same_skill = event.step == work.step, event.skill == work.skill
    return replace(
        work,
        title=event.title or (work.title if same_step else ""),
        skill_title=event.skill_title or (work.skill_title if same_skill else ""),
    )


def _remember(work: Work) -> Mapping[str, int]:
    left = {k: v for k, v in work.left_misses.items() if k != work.step}
    if work.misses and not work.solved:
        left[work.step] = work.misses
    return dict(list(left.items())[-_REMEMBERED_STEPS:])


def _answered(work: Work, event: Answer, at_s: float, config: EngineConfig) -> Work:
    work = facing(work, event, at_s)
    title = work.skill_title if event.skill == work.skill else ""
    seen = replace(
        work, skill=event.skill, skill_title=title, last_answer_s=at_s, last_action_s=at_s
    )
    if event.revealed:  # shows nothing of what the learner can do
        return replace(seen, solved=event.correct)
    counted = replace(
        seen,
        attempts=work.attempts + 1,
        answers=work.answers + 1,
        recent=work.recent if work.attempts else (event.correct, *work.recent)[:_RECENT],
        surprises=_surprises(work, event),
        skills=_practised(work, event, config) if work.attempts == 0 else work.skills,
    )
    if event.correct:
        return replace(
            counted,
            solved=True,
            last_correct_s=at_s,
            run_correct=work.run_correct + 1,
            impasse_turns=0,
        )
    return replace(
        counted,
        misses=work.misses + 1,
        last_wrong=event.answer,
        last_error_s=at_s,
        run_correct=0,
    )


def _surprises(work: Work, event: Answer) -> tuple[float, ...]:
    if event.expected_p is None:
        return work.surprises
    return (float(event.correct) - event.expected_p, *work.surprises)[:_SURPRISES]


def _practised(work: Work, event: Answer, config: EngineConfig) -> Mapping[str, Skill]:
    before = work.skills.get(event.skill, Skill())
    run = before.run + 1 if event.correct else 0
    now = Skill(
        before.opportunities + 1,
        before.correct + event.correct,
        run,
        before.mastered or run >= config.detector.mastery_run,
    )
    others = {k: v for k, v in work.skills.items() if k != event.skill}
    return dict([*list(others.items())[-_REMEMBERED_SKILLS:], (event.skill, now)])
