"""A replay, counted: how often a learner would have been noticed, and spoken to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.engine import EngineInput
from tutor_emotion.core.replay import LONGEST_S, at_s_of, steps
from tutor_emotion.core.types import AdaptationKind, SignalKind


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something would have been noticed, and the learner spoken to, by kind."""

    alarms: Mapping[SignalKind, int]
    offers: Mapping[AdaptationKind, int]


def tally(
    inputs: Iterable[EngineInput],
    config: EngineConfig,
    *,
    offered: Mapping[int, AdaptationKind] | None = None,
    longest_s: float = LONGEST_S,
) -> Tally:
    """The signals raised (but ``recovered``, which is good news) and the offers made, by kind.

    Inputs later than ``longest_s`` are left out.
    """
    kept = [item for item in inputs if at_s_of(item) <= longest_s]
    alarms: Counter[SignalKind] = Counter()
    offers: Counter[AdaptationKind] = Counter()
    for done in steps(kept, config, offered=offered):
        alarms.update(s.kind for s in done.signals if is_alarm(s.kind, s.edge))
        offers.update(a.kind for a in done.adaptations if a.mode == "offer")
    return Tally(alarms, offers)


def is_alarm(kind: str, edge: str) -> bool:
    """Whether a signal says that something is wrong, for the first time."""
    return edge == "raised" and kind != "recovered"
