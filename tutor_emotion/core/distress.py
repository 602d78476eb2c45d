"""Trouble that help does not end: then nothing automatic helps, and a person is called.

Sustained is what lasts ``distress_after_s`` although help was offered, or twice as long where none
could be, while the learner goes on working; or several annoyed messages. None of the figures is
from a study: they are so long that a hard step is no emergency, and a lesson hour no torment.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.types import AffectSignal, Evidence, SignalKind

_TROUBLE: tuple[SignalKind, ...] = ("frustrated", "unresolved")


@dataclass(frozen=True, slots=True)
class Distress:
    """``since_s``: since when there is trouble (None: there is none), ``seen_s`` when it was last
    seen. ``offers``: how often help was offered meanwhile. ``annoyed_s``: annoyed messages."""

    since_s: float | None = None
    seen_s: float = -math.inf
    offers: int = 0
    annoyed_s: tuple[float, ...] = ()


def watch(
    state: Distress, signals: Sequence[AffectSignal], now_s: float, config: EngineConfig
) -> Distress:
    """After ``signals``, which are raised now."""
    if any(s.kind in _TROUBLE for s in signals):
        since_s = now_s if state.since_s is None else state.since_s
        return replace(state, since_s=since_s, seen_s=now_s)
    if state.since_s is not None and now_s - state.seen_s > config.pacing.distress_gap_s:
        return replace(state, since_s=None, offers=0)
    return state


def annoyed(state: Distress, at_s: float, config: EngineConfig) -> Distress:
    """After a message that says in words that it is too much."""
    most = config.pacing.distress_messages
    return replace(state, annoyed_s=(*state.annoyed_s, at_s)[-most:])


def offered(state: Distress) -> Distress:
    """After an offer of help."""
    return state if state.since_s is None else replace(state, offers=state.offers + 1)


def sustained(
    state: Distress, now_s: float, last_action_s: float, config: EngineConfig
) -> tuple[Evidence, ...] | None:
    """What was counted, if it is time for a person; else None."""
    rules = config.pacing
    lately = [t for t in state.annoyed_s if now_s - t <= rules.distress_messages_in_s]
    if len(lately) >= rules.distress_messages:
        n = float(len(lately))
        return (Evidence("text", "says_annoyed", n, "messages", "frustrated", 0.0, now_s),)
    if state.since_s is None or now_s - last_action_s > rules.distress_active_s:
        return None
    lasted_s = now_s - state.since_s
    if lasted_s >= rules.distress_after_s * (1 if state.offers else 2):
        return (Evidence("interaction", "trouble_lasts", lasted_s, "s", "confused", 0.0, now_s),)
    return None


def begin_anew(state: Distress, now_s: float) -> Distress:
    """After a person was called: what counts from now on is new."""
    return Distress(since_s=None if state.since_s is None else now_s, seen_s=state.seen_s)
