"""The face over its last 20 s, against the learner's own usual face (§9.2; signs from §1).

The face tells effort from ease and not much more: the lowered brow is shared by confusion,
frustration and plain concentration. So its weights are small, and it never raises a signal alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import vote
from tutor_emotion.core.measures import FACE_CUES, Usual, face_cues, finite
from tutor_emotion.core.types import Estimate, Evidence, Reading

# What a turned head still shows.
_ANY_POSE = frozenset({"looking_away", "motion"})
_MOUTH = frozenset(name for name, cue in FACE_CUES.items() if cue.mouth)
_LEAST_LEARNED_S = 0.2
_HELD_Z = 1.0
_HELD_GAP_S = 3.0  # [D] longer unseen, and nobody knows whether it was held


@dataclass(frozen=True, slots=True)
class Glance:
    """One Reading as it is remembered: seconds valid, quality, and its cues."""

    end_s: float
    valid_s: float
    quality: float
    n_valid: int
    cues: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Face:
    """The glances of the last window, oldest first, and what the newest one added.

    ``held``: the cues that are over one standard deviation from the usual now, each with its side
    (+1 above, -1 below) and since when without a break.
    """

    glances: tuple[Glance, ...] = ()
    hop_s: float = 0.0
    held: Mapping[str, tuple[int, float]] = field(default_factory=dict)


def glance(reading: Reading, config: EngineConfig) -> Glance | None:
    """What this Reading shows; None if it shows nothing that can be used."""
    start_s, end_s, quality = (
        finite_time(v) for v in (reading.start_s, reading.end_s, reading.quality)
    )
    if start_s is None or end_s is None or not quality or reading.n_valid <= 0:
        return None
    limits = config.estimators
    span_s = max(0.0, min(5.0, end_s - start_s))
    full = limits.face_frames_a_second * span_s
    valid_s = span_s * min(1.0, reading.n_valid / full) if full > 0 else 0.0
    if valid_s <= 0:
        return None
    cues = face_cues(reading.measures)
    if _turned(reading.measures, config):
        cues = {name: value for name, value in cues.items() if name in _ANY_POSE}
    if (finite(reading.measures.get("jawOpen")) or 0.0) > limits.face_jaw_open_max:
        cues = {name: value for name, value in cues.items() if name not in _MOUTH}
    return Glance(end_s, valid_s, max(0.0, min(1.0, quality)), reading.n_valid, cues)


def learnable(seen: Glance) -> bool:
    """Whether the baseline may learn from it."""
    return seen.valid_s >= _LEAST_LEARNED_S and bool(seen.cues)


def observe(face: Face, seen: Glance, usual: Mapping[str, Usual], config: EngineConfig) -> Face:
    """With this glance; one that is not newer than the last is not counted again."""
    last_s = face.glances[-1].end_s if face.glances else -math.inf
    if seen.end_s <= last_s:
        return replace(face, hop_s=0.0)
    after = seen.end_s - config.fusion.face_window_s
    kept = tuple(g for g in face.glances if g.end_s > after)
    before = face.held if seen.end_s - last_s <= seen.valid_s + _HELD_GAP_S else {}
    return Face(
        (*kept[-119:], seen),
        min(seen.end_s - last_s, seen.valid_s),
        _held(before, seen, usual, config),
    )


def _held(
    before: Mapping[str, tuple[int, float]],
    seen: Glance,
    usual: Mapping[str, Usual],
    config: EngineConfig,
) -> Mapping[str, tuple[int, float]]:
    held = {}
    for cue, value in seen.cues.items():
        z = usual[cue].z(value, config.baseline.z_clip)
        side = 1 if z > 0 else -1
        if abs(z) > _HELD_Z:
            known = before.get(cue)
            goes_on = known is not None and known[0] == side
            held[cue] = known if known and goes_on else (side, seen.end_s - seen.valid_s)
    return held


def estimate(
    face: Face,
    usual: Mapping[str, Usual],
    model: str,
    config: EngineConfig,
    last_correct_s: float | None = None,
) -> Estimate:
    """What the glances together speak for. Under 8 s valid: no evidence."""
    at_s = face.glances[-1].end_s if face.glances else 0.0
    valid_s = sum(g.valid_s for g in face.glances)
    window_s = config.fusion.face_window_s
    evidence: list[Evidence] = []
    quality = 0.0
    if valid_s >= config.estimators.face_needs_s:
        quality = sum(g.quality * g.valid_s for g in face.glances) / max(valid_s, window_s)
        smiled = last_correct_s is not None and (
            at_s - last_correct_s <= config.estimators.smile_after_correct_s
        )
        evidence = _weigh(face, usual, at_s, config, smiled)
    return vote.estimate(
        "face",
        at_s,
        evidence,
        config,
        quality=quality,
        window_s=window_s,
        hop_s=face.hop_s,
        n_valid=sum(g.n_valid for g in face.glances),
        model=model,
    )


def _weigh(
    face: Face, usual: Mapping[str, Usual], at_s: float, config: EngineConfig, smiled: bool
) -> list[Evidence]:
    means = _means(face.glances)
    held_s = {
        cue: at_s - since_s
        for cue, (side, since_s) in face.held.items()
        if cue in means and side * (means[cue] - usual[cue].centre) > 0
    }
    return vote.sensed("face", means, usual, at_s, config, held_s=held_s, after_correct=smiled)


def _means(glances: tuple[Glance, ...]) -> dict[str, float]:
    sums: dict[str, float] = {}
    weights: dict[str, float] = {}
    for seen in glances:
        weight = seen.valid_s * seen.quality
        for name, value in seen.cues.items():
            sums[name] = sums.get(name, 0.0) + weight * value
            weights[name] = weights.get(name, 0.0) + weight
    return {name: total / weights[name] for name, total in sums.items() if weights[name] > 0}


def _turned(measures: Mapping[str, float], config: EngineConfig) -> bool:
    yaw, pitch = finite(measures.get("yaw_deg")), finite(measures.get("pitch_deg"))
    limits = config.estimators
    return (yaw is not None and abs(yaw) > limits.face_max_yaw_deg) or (
        pitch is not None and abs(pitch) > limits.face_max_pitch_deg
    )


def finite_time(value: float) -> float | None:
    """A number that is one, without the bounds of a measure (a session may last an hour)."""
    return float(value) if math.isfinite(value) else None
