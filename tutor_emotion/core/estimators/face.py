"""The face over its last 20 s, against the learner's own usual face (§9.2; signs from §1).

The face tells effort from ease and not much more: the lowered brow is shared by confusion,
frustration and plain concentration. So its weights are small, and it never raises a signal alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import vote
from tutor_emotion.core.measures import FACE_CUES, Usual, face_cues, finite
from tutor_emotion.core.types import Estimate, Evidence, Reading, State

# (state, cue, nats per unit of z)
WEIGHTS: tuple[tuple[State, str, float], ...] = (
    ("confused", "brow_lowered", 0.30),
    ("confused", "eyes_squinted", 0.15),
    ("confused", "inner_brow_raised", 0.10),
    ("frustrated", "brow_lowered", 0.20),
    ("frustrated", "dimples", 0.20),
    ("frustrated", "lips_pressed", 0.15),
    ("frustrated", "outer_brow_raised", 0.10),
    ("bored", "motion", -0.10),
    ("engaged", "nearness", 0.15),
)
# (state, cue, nats per share above the learner's usual share)
SHARES: tuple[tuple[State, str, float], ...] = (
    ("bored", "eyes_closed", 0.30),
    ("bored", "looking_away", 0.25),
    ("engaged", "looking_away", -0.30),
    ("engaged", "eyes_closed", -0.15),
)
SMILE_AFTER_CORRECT: tuple[State, str, float] = ("engaged", "smile", 0.25)
# What a turned head still shows.
_ANY_POSE = frozenset({"looking_away", "motion"})
_MOUTH = frozenset(name for name, cue in FACE_CUES.items() if cue.mouth)
_LEAST_LEARNED_S = 0.2


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
    """The glances of the last window, oldest first, and what the newest one added."""

    glances: tuple[Glance, ...] = ()
    hop_s: float = 0.0


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


def observe(face: Face, seen: Glance, config: EngineConfig) -> Face:
    """With this glance; one that is not newer than the last is not counted again."""
    last_s = face.glances[-1].end_s if face.glances else -math.inf
    if seen.end_s <= last_s:
        return Face(face.glances, 0.0)
    after = seen.end_s - config.fusion.face_window_s
    kept = tuple(g for g in face.glances if g.end_s > after)
    return Face((*kept[-119:], seen), min(seen.end_s - last_s, seen.valid_s))


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
    weights = (*WEIGHTS, SMILE_AFTER_CORRECT) if smiled else WEIGHTS
    clip = config.baseline.z_clip
    items = [
        _item(state, cue, means[cue], usual[cue], weight * usual[cue].z(means[cue], clip), at_s)
        for state, cue, weight in weights
        if cue in means
    ]
    return items + [
        _item(state, cue, means[cue], usual[cue], weight * _above(means[cue], usual[cue]), at_s)
        for state, cue, weight in SHARES
        if cue in means
    ]


def _above(share: float, usual: Usual) -> float:
    return max(0.0, min(1.0, share - usual.centre))


def _item(state: State, cue: str, value: float, usual: Usual, nats: float, at_s: float) -> Evidence:
    return Evidence("face", cue, value, FACE_CUES[cue].unit, state, nats, at_s, usual.centre)


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
