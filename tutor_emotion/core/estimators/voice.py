"""One utterance, one vote, against the learner's own way of speaking (§9.2; signs from §2).

Silence is no evidence. Loudness is not used: a browser's automatic gain makes it meaningless.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import vote
from tutor_emotion.core.measures import Usual, finite, voice_measures
from tutor_emotion.core.types import Estimate, Reading


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
    evidence = vote.sensed("voice", found, usual, reading.end_s, config)
    quality = reading.quality if math.isfinite(reading.quality) else 0.0
    return vote.estimate(
        "voice", reading.end_s, evidence, config, quality=quality, model=reading.model
    )
