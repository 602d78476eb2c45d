"""Which row of the table holds now, and on what that rests (§9.6)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tutor_emotion.core import pace as paces
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.pace import Pace
from tutor_emotion.core.plans import CAUSES, Situation
from tutor_emotion.core.types import AffectSignal, Evidence
from tutor_emotion.core.work import Performance, Work


@dataclass(frozen=True, slots=True)
class Moment:
    """What pacing decides upon.

    ``submitted``: the learner has just handed something in; ``asked_s``: when they last said
    themselves that they are stuck. ``unsure``: a correct answer with a hedge was just given.
    ``grounded``: something besides the face lately spoke for struggle, or the work does.
    """

    now_s: float
    work: Work
    signals: Sequence[AffectSignal]  # raised now
    raised: Sequence[AffectSignal]  # raised in this very step
    submitted: bool = False
    asked_s: float = -math.inf
    unsure: bool = False
    grounded: bool = False


def band(moment: Moment, config: EngineConfig) -> Performance:
    """The column; who is not known yet is treated as in between."""
    known = moment.work.performance(spin(moment) is not None, config)
    return "mid" if known == "unknown" else known


def spin(moment: Moment) -> AffectSignal | None:
    """The wheel-spin signal of the skill that the learner is at."""
    skill = moment.work.skill
    return next((s for s in moment.signals if s.kind == "wheelspin" and s.skill == skill), None)


def situation(
    moment: Moment, performance: Performance, pace: Pace, twice: bool, config: EngineConfig
) -> Situation | None:
    """The first row that holds, the weightiest first. ``twice``: unresolved again and again."""
    if config.follows == "affect":
        return (
            _of_signals(moment, performance, twice, config)
            or _of_waiting(moment, pace, config)
            or _of_doubt(moment)
            or _of_success(moment, performance, pace, config)
        )
    return (
        _of_work(moment, config)
        or _of_waiting(moment, pace, config)
        or _of_success(moment, performance, pace, config)
    )


def _of_signals(
    moment: Moment, performance: Performance, twice: bool, config: EngineConfig
) -> Situation | None:
    rules, work = config.pacing, moment.work
    raised = {s.kind: s for s in moment.signals if s.kind != "wheelspin"}
    spinning, suspect = spin(moment), raised.get("struggle.suspect")
    blocked = work.misses >= rules.act_after_misses and not work.solved
    long = suspect is not None and moment.now_s - suspect.since_s >= rules.act_after_s
    if "frustrated" in raised and "unresolved" in raised and twice:
        return "setback"
    if spinning is not None and spinning.level == "confirmed":
        return "spinning"
    if "frustrated" in raised:
        return "frustrated"
    if "unresolved" in raised or "struggle.strong" in raised:
        return "unresolved"
    if moment.unsure:
        return "unsure"
    if suspect and (blocked or long or asked(moment, config)):
        return "suspect"
    if spinning is not None:
        return "practising"
    if "bored" in raised:
        acc6 = work.acc6
        hard = performance == "low" and acc6 is not None and acc6 < rules.overtaxed_below
        return "overtaxed" if hard else "bored"
    return None


def _of_work(moment: Moment, config: EngineConfig) -> Situation | None:
    """The counted facts alone: no belief, no message and no tap has a say."""
    work, spinning = moment.work, spin(moment)
    if spinning is not None and spinning.level == "confirmed":
        return "spinning"
    if not work.solved and work.misses >= config.detector.unresolved_misses:
        return "unresolved"
    if not work.solved and work.misses >= config.pacing.act_after_misses:
        return "suspect"
    return "practising" if spinning is not None else None


def _of_waiting(moment: Moment, pace: Pace, config: EngineConfig) -> Situation | None:
    work = moment.work
    if work.solved or work.busy == "playing":
        return None
    return "waiting" if idle_s(moment) >= paces.wait_s(pace, work, config) else None


def _of_doubt(moment: Moment) -> Situation | None:
    kinds = {s.kind for s in moment.signals}
    return "early" if kinds & {"struggle.suspect", "confused"} else None


def _of_success(
    moment: Moment, performance: Performance, pace: Pace, config: EngineConfig
) -> Situation | None:
    run = paces.run_since(pace, moment.work)
    fast = performance == "high" and run >= config.pacing.faster_after_correct
    return "flow" if fast else None


def asked(moment: Moment, config: EngineConfig) -> bool:
    """Whether the learner has lately said themselves that they are stuck, where that counts."""
    lately = moment.now_s - moment.asked_s <= config.interruption.offer_lives_s
    return lately and config.follows == "affect"


def idle_s(moment: Moment) -> float:
    """For how long nothing was done on the step that is shown."""
    shown_s = moment.work.shown_s
    return 0.0 if shown_s is None else moment.now_s - max(shown_s, moment.work.last_action_s)


def cause(of: Situation, moment: Moment, config: EngineConfig) -> AffectSignal | None:
    """The signal that an Adaptation is put down to; work alone is put down to none but its own."""
    wanted = CAUSES[of] if config.follows == "affect" else ("wheelspin",)
    for kind in CAUSES[of]:
        for signal in moment.signals:
            ours = kind != "wheelspin" or signal.skill == moment.work.skill
            if signal.kind == kind and kind in wanted and ours:
                return signal
    return None


def counted(of: Situation, moment: Moment) -> tuple[Evidence, ...]:
    """What a situation rests on where no signal is behind it."""
    work, now_s = moment.work, moment.now_s
    if of == "waiting":
        idle = idle_s(moment)
        return (Evidence("interaction", "idle_gap", idle, "s", "bored", 0.0, now_s),)
    if of in ("unresolved", "suspect") and work.misses:
        n = float(work.misses)
        return (Evidence("interaction", "misses_on_step", n, "answers", "confused", 0.0, now_s),)
    return ()
