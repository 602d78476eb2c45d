"""What the learner says with one tap, and what they do with an offer (§9.2, §9.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import vote
from tutor_emotion.core.types import Estimate, Evidence, SelfReport, SignalKind, State

_TAP = 2.5
_TAKEN = 1.1  # a likelihood ratio of 3
_REFUSED = -1.2  # a likelihood ratio of 0.3

FEELINGS: Mapping[str, tuple[tuple[State, float], ...]] = {
    "fine": (("confused", _REFUSED), ("frustrated", _REFUSED)),
    "confused": (("confused", _TAP),),
    "stuck": (("confused", _TAP), ("frustrated", _TAP)),
    "bored": (("bored", _TAP),),
}
# Which states an offer asked after, by the signal that it came from.
ASKED_AFTER: Mapping[SignalKind, tuple[State, ...]] = {
    "struggle.suspect": ("confused", "frustrated"),
    "struggle.strong": ("confused", "frustrated"),
    "confused": ("confused", "frustrated"),
    "frustrated": ("confused", "frustrated"),
    "unresolved": ("confused", "frustrated"),
    "wheelspin": ("confused", "frustrated"),
    "bored": ("bored",),
}


def tapped(report: SelfReport, at_s: float, config: EngineConfig) -> Estimate:
    """What a tap speaks for; a feeling that is not known says nothing."""
    measure = f"said_{report.feeling}"
    return vote.estimate(
        "self_report",
        at_s,
        [_item(measure, s, n, at_s) for s, n in FEELINGS.get(report.feeling, ())],
        config,
    )


def replied(
    signal: SignalKind | None,
    outcome: Literal["taken", "dismissed", "ignored", "wrong"],
    at_s: float,
    config: EngineConfig,
) -> Estimate:
    """Verify by offer: help that is taken was needed, "I'm fine" says that it was not."""
    nats = {"taken": _TAKEN, "dismissed": _REFUSED, "wrong": _REFUSED}.get(outcome, 0.0)
    states = ASKED_AFTER.get(signal, ()) if signal else ()
    measure = f"offer_{outcome}"
    return vote.estimate(
        "self_report", at_s, [_item(measure, s, nats, at_s) for s in states], config
    )


def _item(measure: str, state: State, nats: float, at_s: float) -> Evidence:
    return Evidence("self_report", measure, 1.0, "taps", state, nats, at_s)
