"""How the learner works: one answer, hint request or idle gap, one vote (§9.2; features from §3).

Misses in a row are the best single cue that there is, and need no sensor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import vote
from tutor_emotion.core.measures import MISSES, Usual
from tutor_emotion.core.types import Answer, Estimate, HintRequest, Idle
from tutor_emotion.core.work import Work

_FIRST_MISS_NEEDS_Z = 0.0
_NORMAL_Z = 1.0
_MOST_LN_S = 8.0  # ln of about 50 minutes
_SHORT_ANSWER = 6  # in shorter ones a single character is another answer: 1/4 is not 3/4


def response_measure(answer: Answer, work: Work) -> tuple[str, float] | None:
    """The response time as a measure of the baseline (name, value), adjusted for the item."""
    if answer.took_s <= 0 or answer.revealed:
        return None
    if work.expected_s:
        return "ln_time_to_expected", math.log(answer.took_s / work.expected_s)
    return "ln_time", math.log(answer.took_s)


def answered(
    answer: Answer,
    before: Work,
    after: Work,
    usual: Mapping[str, Usual],
    at_s: float,
    config: EngineConfig,
) -> Estimate:
    """What this answer speaks for; a revealed one says nothing.

    ``before`` and ``after`` are the facts around it, ``before`` on the same step.
    """
    if answer.revealed:
        return vote.estimate("interaction", at_s, (), config)
    took = _took(answer, after, usual, config)
    found = (
        _right(answer, before, took)
        if answer.correct
        else _wrong(answer, before, after, took, config)
    )
    evidence = vote.facts("interaction", dict(found), at_s, config)
    return vote.estimate("interaction", at_s, evidence, config)


def asked(hint: HintRequest, before: Work, at_s: float, config: EngineConfig) -> Estimate:
    """What a hint request speaks for."""
    found = {}
    level = vote.Fact(float(hint.level))
    same_step = hint.step == before.step
    if same_step and before.attempts:
        found["hint_after_try"] = level
    hurried = (
        same_step
        and before.hints > 0
        and before.last_hint_s is not None
        and (at_s - before.last_hint_s < config.estimators.demand_gap_s)
    )
    if hurried or (hint.bottom_out and not (same_step and before.attempts)):
        found["asked_for_the_answer"] = level
    evidence = vote.facts("interaction", found, at_s, config)
    return vote.estimate("interaction", at_s, evidence, config)


def idled(
    idle: Idle, before: Work, usual: Mapping[str, Usual], at_s: float, config: EngineConfig
) -> Estimate:
    """What an idle gap speaks for: once for each gap, and nothing while a draft is being typed."""
    least_s = config.estimators.idle_s
    own = usual.get("ln_time")
    if own is not None:
        least_s = max(least_s, math.exp(min(_MOST_LN_S, own.centre + 2 * own.scale)))
    new = before.idle_from_s is None or at_s - idle.idle_s > before.idle_from_s + 1.0
    counts = idle.idle_s > least_s and new and before.busy != "typing"
    found = {"idle_gap": vote.Fact(idle.idle_s)} if counts else {}
    evidence = vote.facts("interaction", found, at_s, config)
    return vote.estimate("interaction", at_s, evidence, config)


def _took(
    answer: Answer, work: Work, usual: Mapping[str, Usual], config: EngineConfig
) -> vote.Fact:
    """The time the answer took in seconds, against the learner's own (where that is known)."""
    timing = response_measure(answer, work)
    own = usual.get(timing[0]) if timing else None
    if timing is None or own is None:
        return vote.Fact(answer.took_s)
    expected_s = work.expected_s if timing[0] == "ln_time_to_expected" else None
    usual_s = math.exp(min(_MOST_LN_S, own.centre)) * (expected_s or 1.0)
    return vote.Fact(answer.took_s, usual_s, own.z(timing[1], config.baseline.z_clip))


def _right(answer: Answer, before: Work, took: vote.Fact) -> Iterator[tuple[str, vote.Fact]]:
    if took.z is None or abs(took.z) <= _NORMAL_Z:
        yield "correct_answer", took
    if before.misses:
        yield "correct_after_miss", vote.Fact(float(before.misses))
    if answer.hedged:
        yield "correct_but_unsure", vote.Fact()


def _wrong(
    answer: Answer, before: Work, after: Work, took: vote.Fact, config: EngineConfig
) -> Iterator[tuple[str, vote.Fact]]:
    limits, z = config.estimators, took.z
    n = min(after.misses, len(MISSES))
    # A quick first miss is a slip; a second one is not.
    if n > 1 or (n == 1 and (z is None or z > _FIRST_MISS_NEEDS_Z)):
        yield MISSES[n - 1], vote.Fact(float(after.misses))
    if before.misses and _same(answer.answer, before.last_wrong):
        yield "same_wrong_answer", vote.Fact()
    if before.misses and z is not None and z < limits.fast_z:
        yield "fast_after_error", took
    if before.run_correct >= limits.success_run:
        yield "broken_success_run", vote.Fact(float(before.run_correct))
    easy = answer.expected_p is not None and before.difficulty <= limits.easy_up_to
    if easy and sum(after.surprises) < limits.surprise_below and len(after.surprises) > 1:
        yield "misses_on_easy_items", vote.Fact(sum(after.surprises))
    if before.expected_s and 0 < answer.took_s < limits.rapid_share * before.expected_s:
        yield "rapid_answer", took


def _same(answer: str, before: str) -> bool:
    """The same wrong answer, or one slip of the keyboard away from it."""
    if not answer or not before:
        return False
    if answer == before:
        return True
    if min(len(answer), len(before)) < _SHORT_ANSWER or abs(len(answer) - len(before)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(answer, before, strict=False)) if a != b), None)
    if start is None:
        return True
    rest_a, rest_b = answer[start:], before[start:]
    return rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:]
