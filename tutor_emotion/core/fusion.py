"""Evidence of all modalities into one belief: caps, tempering, held budgets, forward filter.

§9.3 and §9.4. A modality that is missing gives zero, never *neutral*; overlapping windows vote
once (the largest single source of error, §6); a cue that never ends saturates at its budget.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.core.config import FLOOR_P, EngineConfig, Five, FusionConfig
from tutor_emotion.core.seconds import Seconds
from tutor_emotion.core.types import STATES, AffectState, Estimate, Modality

_ZERO: Five = (0.0, 0.0, 0.0, 0.0, 0.0)
_STRUGGLE = (STATES.index("confused"), STATES.index("frustrated"))


@dataclass(frozen=True, slots=True)
class Fusion:
    """The filter's state.

    ``held`` are nats by modality and state, leaking; ``voted_s`` is up to when a modality with
    overlapping windows has voted; ``covered`` are the seconds that anything spoke for.
    """

    p: Five
    at_s: float
    covered: Seconds
    evidence_nats: float = 0.0
    held: Mapping[Modality, Five] = field(default_factory=dict)
    voted_s: Mapping[Modality, float] = field(default_factory=dict)
    began_s: float = 0.0
    silent_s: float = 0.0  # since the last evidence


def start(config: EngineConfig, at_s: float = 0.0) -> Fusion:
    return Fusion(config.fusion.prior, at_s, Seconds(config.fusion.coverage_s), began_s=at_s)


def predict(state: Fusion, now_s: float, config: EngineConfig) -> Fusion:
    """The belief drifted on to ``now_s`` without evidence; the prior after ``max_predict_s``."""
    dt = now_s - state.at_s
    if not dt > 0:
        return state
    settings = config.fusion
    covered, silent_s = state.covered.at(now_s), state.silent_s + dt
    if silent_s > settings.max_predict_s:
        return replace(
            state,
            p=settings.prior,
            at_s=now_s,
            covered=covered,
            evidence_nats=0.0,
            held={},
            silent_s=silent_s,
        )
    keep = math.exp(-dt / settings.leak_s)
    return replace(
        state,
        p=_five((np.array(state.p) @ transition(settings, dt)).tolist()),
        at_s=now_s,
        covered=covered,
        evidence_nats=state.evidence_nats * keep,
        held={m: _five(h * keep for h in held) for m, held in state.held.items()},
        silent_s=silent_s,
    )


def update(state: Fusion, given: Estimate, config: EngineConfig) -> Fusion:
    """The belief after one Estimate, at the time that ``predict`` brought it to."""
    settings, modality = config.fusion, given.modality
    if given.probabilities is None or given.quality <= 0:
        return state
    weight, voted_s = _vote(state, given, settings)
    weight *= given.quality
    if weight <= 0:
        return state
    cap, budget = settings.cap_nats.of(modality), settings.budget_nats.of(modality)
    ratio = _log_ratio(given.probabilities, settings.prior)
    before = state.held.get(modality, _ZERO)
    after = [_clip(h + _clip(r, cap) * weight, budget) for h, r in zip(before, ratio, strict=True)]
    added = [a - b for a, b in zip(after, before, strict=True)]
    start_s, end_s = _covers(given, settings, state.at_s)
    return replace(
        state,
        p=_posterior(state.p, added),
        evidence_nats=state.evidence_nats
        + sum(abs(a) * pi for a, pi in zip(added, settings.prior, strict=True)),
        held={**state.held, modality: _five(after)},
        voted_s={**state.voted_s, modality: voted_s},
        covered=state.covered.mark(start_s, end_s),
        silent_s=0.0,
    )


def without(state: Fusion, modality: Modality, config: EngineConfig) -> Fusion:
    """What this modality holds is taken out of the belief again."""
    held = state.held.get(modality, _ZERO)
    weighed = sum(abs(h) * pi for h, pi in zip(held, config.fusion.prior, strict=True))
    return replace(
        state,
        p=_posterior(state.p, [-h for h in held]),
        evidence_nats=max(0.0, state.evidence_nats - weighed),
        held={m: five for m, five in state.held.items() if m != modality},
        voted_s={m: at_s for m, at_s in state.voted_s.items() if m != modality},
    )


def belief(state: Fusion, config: EngineConfig) -> AffectState:
    """What is believed now. ``given``: nats on struggle that each modality still holds."""
    settings, p = config.fusion, state.p
    entropy = -sum(v * math.log(v) for v in p if v > 0) / math.log(len(p))
    seen_s = min(float(settings.coverage_s), max(1.0, state.at_s - state.began_s))
    weights = [settings.prior[i] for i in _STRUGGLE]
    return AffectState(
        at_s=state.at_s,
        probabilities=p,
        entropy=max(0.0, entropy),
        evidence_nats=state.evidence_nats,
        abstain=state.evidence_nats < settings.abstain_below_nats,
        ambiguous=max(p) < settings.ambiguous_below,
        coverage=min(1.0, state.covered.count() / seen_s),
        given={
            m: sum(held[i] * w for i, w in zip(_STRUGGLE, weights, strict=True)) / sum(weights)
            for m, held in state.held.items()
        },
    )


def _vote(state: Fusion, given: Estimate, settings: FusionConfig) -> tuple[float, float]:
    """How much of a vote this is (0..1), and up to when its modality has voted then."""
    last_s = state.voted_s.get(given.modality, -math.inf)
    window_s = given.window_s
    if given.modality == "face":
        window_s = settings.face_window_s
    if window_s is None:
        return 1.0, max(last_s, given.at_s)
    # hop / window, where the hop cannot be longer than what is new since the last vote.
    hop_s = min(given.hop_s, given.at_s - last_s)
    if not (window_s > 0 and hop_s > 0 and math.isfinite(given.at_s)):
        return 0.0, last_s
    return min(1.0, hop_s / window_s), given.at_s


def _log_ratio(p: Five, prior: Five) -> list[float]:
    """Log-likelihood ratios in nats: the training prior taken out, centred under it."""
    ratio = [math.log(max(FLOOR_P, min(1.0, v)) / pi) for v, pi in zip(p, prior, strict=True)]
    centre = sum(r * pi for r, pi in zip(ratio, prior, strict=True))
    return [r - centre for r in ratio]


def _posterior(p: Five, nats: list[float]) -> Five:
    top = max(nats)
    weights = [v * math.exp(n - top) for v, n in zip(p, nats, strict=True)]
    total = sum(weights)
    return _five(w / total for w in weights)


def _covers(given: Estimate, settings: FusionConfig, now_s: float) -> tuple[float, float]:
    """The seconds that an Estimate speaks for: its hop, or for an event the grain of labels."""
    span_s = settings.event_covers_s if given.window_s is None else given.hop_s
    end_s = min(given.at_s, now_s)
    return end_s - min(span_s, float(settings.coverage_s)), end_s


def _clip(value: float, bound: float) -> float:
    return max(-bound, min(bound, value))


def _five(values: Iterable[float]) -> Five:
    a, b, c, d, e = values
    return a, b, c, d, e


# --- the drift -----------------------------------------------------------------------------------


def generator(settings: FusionConfig) -> NDArray[np.float64]:
    """Rates per second (5, 5): mean dwell as given, the prior exactly stationary.

    Sinkhorn balancing of the flows: what leaves a state in a second comes back in a second.
    """
    flow = np.array(settings.jumps) * np.array(settings.prior)[:, None]
    np.fill_diagonal(flow, 0.0)
    out = np.array(settings.prior) / np.array(settings.dwell_s)
    for _ in range(10_000):
        flow *= (out / flow.sum(axis=1))[:, None]
        flow *= out / flow.sum(axis=0)
        if np.abs(flow.sum(axis=1) - out).max() < 1e-17:
            break
    rates: NDArray[np.float64] = flow / np.array(settings.prior)[:, None]
    rates -= np.diag(rates.sum(axis=1))
    return rates


def transition(settings: FusionConfig, dt_s: float) -> NDArray[np.float64]:
    """P(dt) = expm(Q dt) by uniformisation, (5, 5), rows sum to 1; ``dt_s`` in 0..max_predict_s.

    Exact to rounding: sums of positive terms only; the powers are computed once for a config.
    """
    rate, powers, log_factorials = _powers(settings)
    mean = rate * min(max(dt_s, 0.0), settings.max_predict_s)
    if mean == 0:
        return np.eye(len(STATES))
    k = np.arange(len(log_factorials))
    weights = np.exp(k * math.log(mean) - mean - log_factorials)
    weights /= weights.sum()
    return cast("NDArray[np.float64]", (weights @ powers).reshape(len(STATES), len(STATES)))


@lru_cache(maxsize=16)
def _powers(
    settings: FusionConfig,
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    rates = generator(settings)
    rate = float(-rates.diagonal().min())
    step = np.eye(len(STATES)) + rates / rate
    mean = rate * settings.max_predict_s
    terms = math.ceil(mean + 12 * math.sqrt(mean) + 20)  # beyond: less than 1e-16 of Poisson
    powers = [np.eye(len(STATES))]
    for _ in range(terms - 1):
        powers.append(powers[-1] @ step)
    stacked = np.array(powers).reshape(terms, -1)
    stacked.setflags(write=False)
    return rate, stacked, np.array([math.lgamma(n + 1) for n in range(terms)])
