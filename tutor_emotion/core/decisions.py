"""What pacing knows of one session, and how one of its Adaptations is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.distress import Distress
from tutor_emotion.core.interruption import Interruptions
from tutor_emotion.core.pace import Pace
from tutor_emotion.core.plans import Situation
from tutor_emotion.core.situations import Moment, cause, counted
from tutor_emotion.core.types import (
    Adaptation,
    AdaptationKind,
    AffectSignal,
    Evidence,
    SignalKind,
)
from tutor_emotion.core.work import Work

_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Open:
    """An offer that may still be answered."""

    kind: AdaptationKind
    signal: SignalKind | None


@dataclass(frozen=True, slots=True)
class Pacing:
    """``done``: when a situation was last acted on, by step. ``unresolved_s``: when that signal was
    raised in the last ten minutes. ``called``: why a person was last called."""

    next_id: int = 1
    pace: Pace = field(default_factory=Pace)
    past: Interruptions = field(default_factory=Interruptions)
    open: Mapping[int, Open] = field(default_factory=dict)
    done: Mapping[tuple[Situation, str], float] = field(default_factory=dict)
    flags_s: Mapping[str, float] = field(default_factory=dict)
    unresolved_s: tuple[float, ...] = ()
    distress: Distress = field(default_factory=Distress)
    called: Literal["", "safety", "distress"] = ""


def because(
    state: Pacing,
    kind: AdaptationKind,
    mode: Literal["offer", "quiet", "teacher"],
    message: str,
    now: Situation | None,
    moment: Moment,
    config: EngineConfig,
) -> Adaptation:
    """One that is put down to the signal behind the situation, or else to what was counted."""
    signal = cause(now, moment, config) if now else None
    evidence = signal.evidence if signal else counted(now, moment) if now else ()
    return made(
        state, kind, mode, message, moment.now_s, moment.work, config,
        signal=signal, evidence=evidence[:_MOST_REASONS],
    )  # fmt: skip


def made(
    state: Pacing,
    kind: AdaptationKind,
    mode: Literal["offer", "quiet", "teacher"],
    message: str,
    at_s: float,
    work: Work,
    config: EngineConfig,
    *,
    signal: AffectSignal | None = None,
    evidence: tuple[Evidence, ...] = (),
) -> Adaptation:
    return Adaptation(
        id=state.next_id,
        kind=kind,
        mode=mode,
        at_s=at_s,
        expires_s=at_s + config.interruption.offer_lives_s,
        signal=signal.kind if signal else None,
        message=message,
        pace=state.pace.level,
        evidence=evidence,
        step=work.step,
        skill=work.skill,
    )
