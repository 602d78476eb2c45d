"""What the learner says with one tap, and what they do with an offer (§9.2, §9.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import vote
from tutor_emotion.core.types import Estimate, SelfReport, SignalKind, State

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
    evidence = vote.facts("self_report", {f"said_{report.feeling}": vote.Fact()}, at_s, config)
    return vote.estimate("self_report", at_s, evidence, config)


def replied(
    signal: SignalKind | None,
    outcome: Literal["taken", "dismissed", "ignored", "wrong"],
    at_s: float,
    config: EngineConfig,
) -> Estimate:
    """Verify by offer: help that is taken was needed, "I'm fine" says that it was not."""
    asked = ASKED_AFTER.get(signal, ()) if signal else ()
    evidence = vote.facts("self_report", {f"offer_{outcome}": vote.Fact()}, at_s, config)
    return vote.estimate(
        "self_report", at_s, [item for item in evidence if item.state in asked], config
    )
