"""One utterance, one vote, against the learner's own way of speaking (§9.2; signs from §2).

Silence is no evidence. Loudness is not used: a browser's automatic gain makes it meaningless.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import vote
from tutor_emotion.core.measures import VOICE_UNITS, Usual, finite, voice_measures
from tutor_emotion.core.types import Estimate, Evidence, Reading, State

# (state, measure, nats per unit of z)
WEIGHTS: tuple[tuple[State, str, float], ...] = (
    ("confused", "onset_s", 0.25),
    ("confused", "pause_ratio", 0.20),
    ("confused", "f0_slope_st_s", 0.20),
    ("confused", "filler_s", 0.25),
    ("confused", "rate_hz", -0.15),
    ("frustrated", "duration_s", 0.15),
    ("bored", "f0_iqr_st", -0.20),
    ("bored", "rate_hz", -0.15),
    ("engaged", "rate_hz", 0.15),
    ("engaged", "f0_iqr_st", 0.10),
)
# Frustration changes the pitch range, but each person's in their own direction: what is beyond one
# standard deviation counts, either way.
UNUSUAL: tuple[tuple[State, str, float], ...] = (("frustrated", "f0_iqr_st", 0.20),)


def measured(reading: Reading, prompt_s: float | None, config: EngineConfig) -> dict[str, float]:
    """The measures of an utterance that is fit to be weighed; empty if it is not.

    ``prompt_s`` is when something was last put to the learner and not answered aloud yet: from
    there the onset delay is counted.
    """
    limits = config.estimators
    found = voice_measures(reading.measures)
    length_s = found.get("duration_s", reading.end_s - reading.start_s)
    voiced_s = finite(reading.measures.get("voiced_s"))
    if not limits.voice_min_s <= length_s <= limits.voice_max_s:
        return {}
    if voiced_s is not None and voiced_s < limits.voice_min_voiced_s:
        return {}
    if prompt_s is not None and 0 <= reading.start_s - prompt_s <= limits.onset_max_s:
        found["onset_s"] = reading.start_s - prompt_s
    return found


def estimate(
    reading: Reading,
    found: Mapping[str, float],
    usual: Mapping[str, Usual],
    config: EngineConfig,
) -> Estimate:
    """What this utterance speaks for."""
    clip, at_s = config.baseline.z_clip, reading.end_s
    z = {name: usual[name].z(value, clip) for name, value in found.items() if name in usual}
    evidence = [
        _item(state, name, found[name], usual[name], weight * z[name], at_s)
        for state, name, weight in WEIGHTS
        if name in z
    ] + [
        _item(state, name, found[name], usual[name], weight * max(0.0, abs(z[name]) - 1), at_s)
        for state, name, weight in UNUSUAL
        if name in z
    ]
    quality = reading.quality if math.isfinite(reading.quality) else 0.0
    return vote.estimate("voice", at_s, evidence, config, quality=quality, model=reading.model)


def _item(
    state: State, name: str, value: float, usual: Usual, nats: float, at_s: float
) -> Evidence:
    return Evidence("voice", name, value, VOICE_UNITS[name], state, nats, at_s, usual.centre)
