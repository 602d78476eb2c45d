"""What the detector remembers: which modality lately spoke for which state, and why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.types import Estimate, Evidence, Modality, State

_KEPT_S = 120.0
_MOST_REASONS = 6
_HURRIES = frozenset({"rapid_answer", "fast_after_error", "asked_for_the_answer"})
_MOST_HURRIES = 3
STRUGGLE: tuple[State, ...] = ("confused", "frustrated")
NOT_THE_FACE: tuple[Modality, ...] = ("voice", "text", "interaction", "self_report")


@dataclass(frozen=True, slots=True)
class Memory:
    """``cues``: when a modality last spoke for a state. ``reasons``: the newest evidence by what
    was measured. ``models``: which model each modality's Estimates came from. ``hurried_s``: when
    the last three hurried answers or hints came."""

    cues: Mapping[tuple[Modality, State], float] = field(default_factory=dict)
    reasons: Mapping[tuple[Modality, str, State], Evidence] = field(default_factory=dict)
    models: Mapping[Modality, str] = field(default_factory=dict)
    hurried_s: tuple[float, ...] = ()

    def spoke(
        self,
        states: Sequence[State],
        now_s: float,
        within_s: float,
        modalities: Iterable[Modality] = NOT_THE_FACE,
    ) -> bool:
        """Whether one of ``modalities`` spoke for one of ``states`` in the last ``within_s``."""
        return any(
            now_s - self.cues.get((m, s), -math.inf) <= within_s for m in modalities for s in states
        )

    def measured(self, measure: str, now_s: float, within_s: float) -> bool:
        """Whether this was measured in the last ``within_s``."""
        return any(
            key[1] == measure and now_s - item.at_s <= within_s
            for key, item in self.reasons.items()
        )

    def hurried(self, now_s: float, within_s: float) -> tuple[float, ...]:
        """When the hurried answers and hints of the last ``within_s`` came; three at most."""
        return tuple(at_s for at_s in self.hurried_s if now_s - at_s <= within_s)

    def speaking_for(self, states: Sequence[State], config: EngineConfig) -> tuple[Evidence, ...]:
        """The weightiest of what lately spoke for ``states``, one item for each measure."""
        best: dict[tuple[Modality, str], Evidence] = {}
        for item in self.reasons.values():
            if item.state in states and item.nats > 0 and item.modality in config.modalities:
                key = (item.modality, item.measure)
                if key not in best or best[key].nats < item.nats:
                    best[key] = item
        return tuple(sorted(best.values(), key=lambda e: -e.nats)[:_MOST_REASONS])

    def models_of(self, evidence: Iterable[Evidence]) -> tuple[str, ...]:
        found = {self.models[e.modality] for e in evidence if e.modality in self.models}
        return tuple(sorted(found))


def observe(memory: Memory, given: Estimate, config: EngineConfig) -> Memory:
    """With what an Estimate spoke for."""
    if given.probabilities is None or given.quality <= 0 or not given.evidence:
        return memory
    cues, reasons = dict(memory.cues), dict(memory.reasons)
    sums: dict[State, float] = {}
    for item in given.evidence:
        sums[item.state] = sums.get(item.state, 0.0) + item.nats
        reasons[given.modality, item.measure, item.state] = replace(item, modality=given.modality)
    for name, nats in sums.items():
        if nats * given.quality >= config.detector.cue_min_nats:
            cues[given.modality, name] = given.at_s
    hurried_s = memory.hurried_s
    if any(item.measure in _HURRIES for item in given.evidence):
        hurried_s = (*hurried_s, given.at_s)[-_MOST_HURRIES:]
    return Memory(cues, reasons, {**memory.models, given.modality: given.model}, hurried_s)


def without(memory: Memory, modality: Modality) -> Memory:
    """As if this modality had never spoken."""
    return Memory(
        {key: at_s for key, at_s in memory.cues.items() if key[0] != modality},
        {key: item for key, item in memory.reasons.items() if key[0] != modality},
        {name: model for name, model in memory.models.items() if name != modality},
        () if modality == "interaction" else memory.hurried_s,
    )


def forget(memory: Memory, now_s: float) -> Memory:
    """Without the reasons that are older than two minutes."""
    oldest = now_s - _KEPT_S
    if all(item.at_s >= oldest for item in memory.reasons.values()):
        return memory
    kept = {key: item for key, item in memory.reasons.items() if item.at_s >= oldest}
    return replace(memory, reasons=kept)
