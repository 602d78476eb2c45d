"""From what was measured to evidence, and from evidence to an Estimate: what all estimators share.

The weights are ``config.states``. An Estimate's evidence always adds up to what it says: summed by
state, its nats are the log-likelihood ratio of the Estimate's probabilities to the prior.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tutor_emotion.core.config import FLOOR_P, EngineConfig, Five
from tutor_emotion.core.measures import FACE_CUES, FACTS, SHOWN_AS, VOICE_UNITS, Usual
from tutor_emotion.core.states import Form
from tutor_emotion.core.types import STATES, Estimate, Evidence, Modality, Reading

_UNITS: Mapping[str, str] = {**{name: c.unit for name, c in FACE_CUES.items()}, **VOICE_UNITS}
_SAME = 1e-12  # nats; what is less is rounding


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is so, with the value that is shown beside it (and what it usually is)."""

    value: float = 1.0
    usual: float | None = None
    z: float | None = None


# --- what was measured → evidence ----------------------------------------------------------------


def sensed(
    modality: Modality,
    found: Mapping[str, float],
    usual: Mapping[str, Usual],
    at_s: float,
    config: EngineConfig,
    *,
    held_s: Mapping[str, float] | None = None,
    after_correct: bool = False,
) -> list[Evidence]:
    """What the measures ``found`` weigh against the learner's ``usual``.

    ``held_s`` is for how long each has been out of the usual; ``after_correct`` whether a correct
    answer has just been given.
    """
    evidence = []
    for weight in config.states.of(modality):
        name = weight.measure
        if name not in found or name not in usual:
            continue
        if weight.form == "after_correct" and not after_correct:
            continue
        value, own = found[name], usual[name]
        z = own.z(value, config.baseline.z_clip)
        nats = weight.nats * _amount(weight.form, value - own.centre, z)
        for_s = held_s.get(name) if held_s else None
        evidence.append(
            Evidence(
                modality, name, value, _UNITS[name], weight.state, nats, at_s, own.centre, z, for_s
            )
        )
    return evidence


def _amount(form: Form, above: float, z: float) -> float:
    if form == "above":
        return max(0.0, min(1.0, above))
    return max(0.0, abs(z) - 1) if form == "beyond" else z


def facts(
    modality: Modality, found: Mapping[str, Fact], at_s: float, config: EngineConfig
) -> list[Evidence]:
    """What the facts ``found`` weigh."""
    units = FACTS[modality]
    return [
        Evidence(
            modality,
            SHOWN_AS.get(weight.measure, weight.measure),
            fact.value,
            units[weight.measure],
            weight.state,
            weight.nats,
            at_s,
            fact.usual,
            fact.z,
        )
        for weight in config.states.of(modality)
        if (fact := found.get(weight.measure)) is not None
    ]


# --- evidence → an Estimate ----------------------------------------------------------------------


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
    model: str = "",
) -> Estimate:
    """The prior moved by the evidence, under the modality's rule; no evidence, no probabilities.

    ``model`` is what measured (empty where nothing had to); the states model's name is added.
    """
    rule = config.states.rule(modality)
    kept = [item for item in evidence if item.nats and rule.on]
    if rule.temperature != 1:
        kept = [replace(item, nats=item.nats / rule.temperature) for item in kept]
    return Estimate(
        modality,
        at_s,
        _moved(config.fusion.prior, kept) if kept else None,
        max(0.0, min(1.0, quality)) if rule.on else 0.0,
        window_s,
        hop_s,
        n_valid,
        f"{model} {config.states.name}".lstrip(),
        tuple(kept),
    )


def _moved(prior: Five, evidence: Sequence[Evidence]) -> Five:
    nats = _sums(evidence)
    top = max(nats)
    weights = [p * math.exp(n - top) for p, n in zip(prior, nats, strict=True)]
    total = sum(weights)
    a, b, c, d, e = (w / total for w in weights)
    return a, b, c, d, e


def _sums(evidence: Sequence[Evidence]) -> list[float]:
    nats = dict.fromkeys(STATES, 0.0)
    for item in evidence:
        nats[item.state] += item.nats
    return list(nats.values())


# --- Estimates from outside ----------------------------------------------------------------------


def explained(given: Estimate, config: EngineConfig) -> Estimate:
    """An Estimate from outside: made safe, and with how it leans as evidence for what it does not
    explain itself.

    Probabilities that are no distribution, and a quality that is no number, become *no evidence*.
    """
    quality = given.quality if math.isfinite(given.quality) else 0.0
    safe = replace(given, quality=max(0.0, min(1.0, quality)))
    p = _distribution(given.probabilities)
    if p is None:
        return replace(safe, probabilities=None, evidence=())
    kept = tuple(e for e in given.evidence if math.isfinite(e.nats))
    rest = _unexplained(safe, p, kept, config.fusion.prior)
    return replace(safe, probabilities=p, evidence=kept + rest)


def from_probabilities(reading: Reading, config: EngineConfig) -> Estimate | None:
    """A Reading whose labels are our states (a model that was trained on them), or None.

    It has its own calibration, so no temperature; but a modality that is off is off.
    """
    labels = reading.probabilities
    if labels is None or not set(labels) >= set(STATES):
        return None
    a, b, c, d, e = (labels[s] for s in STATES)
    on = config.states.rule(reading.modality).on
    span = max(0.0, reading.end_s - reading.start_s)
    window_s = config.fusion.face_window_s if reading.modality == "face" else None
    return explained(
        Estimate(
            reading.modality,
            reading.end_s,
            (a, b, c, d, e) if on else None,
            reading.quality if on else 0.0,
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
    shares = [v / total for v in p]
    if min(shares) < FLOOR_P:  # a certainty has no finite ratio that evidence could add up to
        shares = [FLOOR_P + (1 - len(shares) * FLOOR_P) * v for v in shares]
    a, b, c, d, e = shares
    return a, b, c, d, e


def _unexplained(
    given: Estimate, p: Five, evidence: Sequence[Evidence], prior: Five
) -> tuple[Evidence, ...]:
    """How the Estimate leans beyond its own evidence, one item a state."""
    ratio = [math.log(v / pi) for v, pi in zip(p, prior, strict=True)]
    rest = [r - n for r, n in zip(ratio, _sums(evidence), strict=True)]
    if evidence:  # what all states share is no lean
        shared = sum(r * pi for r, pi in zip(rest, prior, strict=True))
        rest = [r - shared for r in rest]
    return tuple(
        Evidence(given.modality, f"leans_{s}", math.exp(n), "times", s, n, given.at_s)
        for s, n in zip(STATES, rest, strict=True)
        if abs(n) > _SAME
    )
