"""How the learner works: one answer, hint request or idle gap, one vote (§9.2; features from §3).

Misses in a row are the best single cue that there is, and need no sensor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import vote
from tutor_emotion.core.measures import Usual
from tutor_emotion.core.types import Answer, Estimate, Evidence, HintRequest, Idle, State
from tutor_emotion.core.work import Work


@dataclass(frozen=True, slots=True)
class Cue:
    """What one cue gives to one state. ``measure`` and ``unit`` name it in the evidence."""

    measure: str
    unit: str
    state: State
    nats: float


# What the nth miss on a step says: the increments of §9.2 summed up to it (confused, frustrated);
# engaged is of the worked example of §9's reference.
MISSES: Mapping[int, tuple[Cue, ...]] = {
    1: (
        Cue("misses_on_step", "answers", "confused", 0.55),
        Cue("misses_on_step", "answers", "engaged", -0.28),
    ),
    2: (
        Cue("misses_on_step", "answers", "confused", 1.00),
        Cue("misses_on_step", "answers", "frustrated", 0.35),
        Cue("misses_on_step", "answers", "engaged", -0.60),
    ),
    3: (
        Cue("misses_on_step", "answers", "confused", 1.45),
        Cue("misses_on_step", "answers", "frustrated", 0.85),
        Cue("misses_on_step", "answers", "engaged", -0.97),
    ),
}
SAME_WRONG = Cue("same_wrong_answer", "answers", "confused", 0.25)
FAST_RETRY = Cue("fast_after_error", "s", "frustrated", 0.40)
BROKEN_RUN = Cue("broken_success_run", "answers", "frustrated", 0.25)
SURPRISE = Cue("misses_on_easy_items", "share", "bored", 0.40)
RAPID = Cue("rapid_answer", "s", "bored", 0.30)
CORRECT = Cue("correct_answer", "s", "engaged", 0.40)
RESOLVED = (
    Cue("correct_after_miss", "answers", "engaged", 0.30),
    Cue("correct_after_miss", "answers", "confused", -0.60),
)
HEDGED = Cue("correct_but_unsure", "answers", "confused", 0.40)
HINT_AFTER_TRY = Cue("hint_after_try", "hints", "confused", 0.35)
ANSWER_DEMAND = Cue("asked_for_the_answer", "hints", "frustrated", 0.30)
IDLE = Cue("idle_gap", "s", "bored", 0.50)

_FIRST_MISS_NEEDS_Z = 0.0
_NORMAL_Z = 1.0
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
    timing = response_measure(answer, after)
    known = usual.get(timing[0]) if timing else None
    z = known.z(timing[1], config.baseline.z_clip) if timing and known else None
    items = (
        _right(answer, before, z) if answer.correct else _wrong(answer, before, after, z, config)
    )
    evidence = [] if answer.revealed else [_item(cue, value, at_s) for cue, value in items]
    return vote.estimate("interaction", at_s, evidence, config)


def asked(hint: HintRequest, before: Work, at_s: float, config: EngineConfig) -> Estimate:
    """What a hint request speaks for."""
    evidence = []
    same_step = hint.step == before.step
    if same_step and before.attempts:
        evidence.append(_item(HINT_AFTER_TRY, float(hint.level), at_s))
    hurried = (
        same_step
        and before.hints > 0
        and before.last_hint_s is not None
        and (at_s - before.last_hint_s < config.estimators.demand_gap_s)
    )
    if hurried or (hint.bottom_out and not (same_step and before.attempts)):
        evidence.append(_item(ANSWER_DEMAND, float(hint.level), at_s))
    return vote.estimate("interaction", at_s, evidence, config)


def idled(
    idle: Idle, before: Work, usual: Mapping[str, Usual], at_s: float, config: EngineConfig
) -> Estimate:
    """What an idle gap speaks for: once for each gap, and nothing while a draft is being typed."""
    least_s = config.estimators.idle_s
    own = usual.get("ln_time")
    if own is not None:
        least_s = max(least_s, math.exp(min(8.0, own.centre + 2 * own.scale)))
    new = before.idle_from_s is None or at_s - idle.idle_s > before.idle_from_s + 1.0
    counts = idle.idle_s > least_s and new and before.busy != "typing"
    evidence = [_item(IDLE, idle.idle_s, at_s)] if counts else []
    return vote.estimate("interaction", at_s, evidence, config)


def _right(answer: Answer, before: Work, z: float | None) -> Iterator[tuple[Cue, float]]:
    if z is None or abs(z) <= _NORMAL_Z:
        yield CORRECT, answer.took_s
    if before.misses:
        for cue in RESOLVED:
            yield cue, float(before.misses)
    if answer.hedged:
        yield HEDGED, 1.0


def _wrong(
    answer: Answer, before: Work, after: Work, z: float | None, config: EngineConfig
) -> Iterator[tuple[Cue, float]]:
    limits = config.estimators
    n = min(after.misses, max(MISSES))
    # A quick first miss is a slip; a second one is not.
    if n > 1 or z is None or z > _FIRST_MISS_NEEDS_Z:
        for cue in MISSES.get(n, ()):
            yield cue, float(after.misses)
    if before.misses and _same(answer.answer, before.last_wrong):
        yield SAME_WRONG, 1.0
    if before.misses and z is not None and z < limits.fast_z:
        yield FAST_RETRY, answer.took_s
    if before.run_correct >= limits.success_run:
        yield BROKEN_RUN, float(before.run_correct)
    easy = answer.expected_p is not None and before.difficulty <= limits.easy_up_to
    if easy and sum(after.surprises) < limits.surprise_below and len(after.surprises) > 1:
        yield SURPRISE, sum(after.surprises)
    if before.expected_s and 0 < answer.took_s < limits.rapid_share * before.expected_s:
        yield RAPID, answer.took_s


def _item(cue: Cue, value: float, at_s: float) -> Evidence:
    return Evidence("interaction", cue.measure, value, cue.unit, cue.state, cue.nats, at_s)


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
