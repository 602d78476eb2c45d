"""From evidence to an Estimate, and back: the arithmetic that all estimators share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from tutor_emotion.core.config import EngineConfig, Five
from tutor_emotion.core.types import STATES, Estimate, Evidence, Modality, Reading

RULES = "rules/1"  # the model's name where the weights are the tables of this package


def estimate(
    modality: Modality,
    at_s: float,
    evidence: Sequence[Evidence],
    config: EngineConfig,
    *,
    quality: float = 1.0,
    window_s: float | None = None,
    hop_s: float = 0.0,
    n_valid: int = 1,
    model: str = RULES,
) -> Estimate:
    """The prior moved by the evidence; no evidence, no probabilities."""
    kept = tuple(item for item in evidence if item.nats)
    return Estimate(
        modality,
        at_s,
        _moved(config.fusion.prior, kept) if kept else None,
        max(0.0, min(1.0, quality)),
        window_s,
        hop_s,
        n_valid,
        model,
        kept,
    )


def _moved(prior: Five, evidence: Sequence[Evidence]) -> Five:
    nats = dict.fromkeys(STATES, 0.0)
    for item in evidence:
        nats[item.state] += item.nats
    top = max(nats.values())
    weights = [p * math.exp(nats[s] - top) for p, s in zip(prior, STATES, strict=True)]
    total = sum(weights)
    a, b, c, d, e = (w / total for w in weights)
    return a, b, c, d, e


def explained(given: Estimate, config: EngineConfig) -> Estimate:
    """An Estimate from outside: made safe, and with how it leans as evidence if it has none.

    Probabilities that are no distribution, and a quality that is no number, become *no evidence*.
    """
    quality = given.quality if math.isfinite(given.quality) else 0.0
    safe = replace(given, quality=max(0.0, min(1.0, quality)))
    p = _distribution(given.probabilities)
    if p is None:
        return replace(safe, probabilities=None, evidence=())
    if given.evidence:
        kept = tuple(e for e in given.evidence if math.isfinite(e.nats))
        return replace(safe, probabilities=p, evidence=kept)
    return replace(safe, probabilities=p, evidence=_as_evidence(safe, p, config.fusion.prior))


def from_probabilities(reading: Reading, config: EngineConfig) -> Estimate | None:
    """A Reading whose labels are our states (a model that was trained on them), or None."""
    labels = reading.probabilities
    if labels is None or not set(labels) >= set(STATES):
        return None
    a, b, c, d, e = (labels[s] for s in STATES)
    span = max(0.0, reading.end_s - reading.start_s)
    window_s = config.fusion.face_window_s if reading.modality == "face" else None
    return explained(
        Estimate(
            reading.modality,
            reading.end_s,
            (a, b, c, d, e),
            reading.quality,
            window_s,
            span,
            reading.n_valid,
            reading.model,
        ),
        config,
    )


def _distribution(p: Sequence[float] | None) -> Five | None:
    if p is None or len(p) != len(STATES) or not all(math.isfinite(v) and v >= 0 for v in p):
        return None
    total = sum(p)
    if not 0 < total < math.inf:
        return None
    a, b, c, d, e = (v / total for v in p)
    return a, b, c, d, e


def _as_evidence(given: Estimate, p: Five, prior: Five) -> tuple[Evidence, ...]:
    nats = [math.log(max(v, 1e-4) / pi) for v, pi in zip(p, prior, strict=True)]
    return tuple(
        Evidence(given.modality, f"leans_{state}", v / pi, "times", state, n, given.at_s)
        for state, v, n, pi in zip(STATES, p, nats, prior, strict=True)
        if n
    )
