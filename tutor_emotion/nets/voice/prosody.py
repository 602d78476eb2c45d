"""How one utterance was said: melody, loudness, rate, pauses. Never what was said.

The set is the part of GeMAPS (Eyben et al. 2016) and of the timing measures (Pon-Barry 2008) that
survives a microphone's automatic gain and a codec. A measure that cannot be taken is left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tutor_emotion.core.types import SAMPLE_RATE_HZ, Utterance
from tutor_emotion.nets.voice.pitch import HOP_S, Flags, Floats, Pitch, runs, track

FULL_SCALE = 32768.0
MIN_S, MAX_S = 0.8, 10.0  # one breath group; outside, quality falls
ENOUGH_VOICED_S = 0.6
LONGEST_S = 30.0  # of more than this only the end is looked at
PAUSE_S = 0.20  # a shorter silence is a consonant
PAUSE_BELOW_DB = 25.0  # under the loud frames of the same utterance (their 95th percentile)
SILENCE_DB = -60.0
FINAL_S = 0.5
FINAL_MIN_FRAMES = 10
FILLER_S, FILLER_ST = 0.30, 1.0
CLIPPED_AT = 32_700
CLIPPED_SHARE = 0.02  # of the samples: nothing can be trusted


@dataclass(frozen=True, slots=True)
class Prosody:
    """``measures`` by name (units in ``docs/models.md``) and their ``quality`` 0..1."""

    measures: dict[str, float]
    quality: float


def is_readable(utterance: Utterance) -> bool:
    """Whether it is 16 kHz mono int16 with at least one window of sound and sane numbers."""
    samples = utterance.samples
    return (
        isinstance(samples, np.ndarray)
        and samples.dtype == np.int16
        and samples.ndim == 1
        and len(samples) >= SAMPLE_RATE_HZ // 10
        and all(math.isfinite(x) for x in (utterance.gap_share, utterance.quality))
    )


def measure(utterance: Utterance) -> Prosody:
    """The prosody of one readable utterance."""
    samples = utterance.samples[-round(LONGEST_S * SAMPLE_RATE_HZ) :]
    pitch = track(samples.astype(np.float64) / FULL_SCALE)
    voiced = np.isfinite(pitch.semitones)
    duration_s = len(utterance.samples) / SAMPLE_RATE_HZ
    voiced_s = float(voiced.sum()) * HOP_S
    measures = {"duration_s": duration_s, "voiced_s": voiced_s}
    if voiced.any():
        measures |= _melody(pitch, voiced)
        measures |= _timing(pitch, voiced)
    return Prosody(measures, _quality(utterance, duration_s, voiced_s))


def _melody(pitch: Pitch, voiced: Flags) -> dict[str, float]:
    semitones = pitch.semitones[voiced]
    low, median, high = np.percentile(semitones, (25, 50, 75))
    measures = {
        "f0_median_st": float(median),
        "f0_iqr_st": float(high - low),
        "energy_db": float(np.median(pitch.level_db[voiced])),
        "hnr_db": float(np.median(pitch.hnr_db[voiced])),
    }
    slope = _final_slope(pitch.semitones, voiced)
    return measures if slope is None else measures | {"f0_slope_st_s": slope}


def _final_slope(semitones: Floats, voiced: Flags) -> float | None:
    """Semitones a second over the last FINAL_S before the voice ends (least squares)."""
    last = int(np.flatnonzero(voiced)[-1])
    frames = np.arange(max(0, last + 1 - round(FINAL_S / HOP_S)), last + 1)
    frames = frames[voiced[frames]]
    if len(frames) < FINAL_MIN_FRAMES:
        return None
    return float(np.polyfit(frames * HOP_S, semitones[frames], 1)[0])


def _timing(pitch: Pitch, voiced: Flags) -> dict[str, float]:
    speaking = _speaking(pitch, voiced)
    first, last = np.flatnonzero(speaking)[[0, -1]]
    span_s = float(last + 1 - first) * HOP_S
    silences = [(end - start) * HOP_S for start, end in runs(~speaking[first : last + 1])]
    pauses = [s for s in silences if s >= PAUSE_S - HOP_S / 2]
    return {
        "rate_hz": len(runs(voiced)) / span_s,
        "pause_count": float(len(pauses)),
        "pause_ratio": sum(pauses) / span_s,
        "longest_pause_s": max(pauses, default=0.0),
        "filler_s": sum(_flat_s(pitch.semitones[a:b]) for a, b in runs(voiced)),
    }


def _speaking(pitch: Pitch, voiced: Flags) -> Flags:
    """Voiced, or loud beside the loud parts of this utterance: not a pause."""
    loud = float(np.percentile(pitch.level_db, 95))
    above: Flags = pitch.level_db > max(SILENCE_DB, loud - PAUSE_BELOW_DB)
    return voiced | above


def _flat_s(semitones: Floats) -> float:
    """Seconds of one voiced run in stretches of at least FILLER_S within FILLER_ST: "uhm"."""
    need = round(FILLER_S / HOP_S)
    start, flat = 0, 0
    while start + need <= len(semitones):
        spread = np.maximum.accumulate(semitones[start:]) - np.minimum.accumulate(semitones[start:])
        length = int(np.searchsorted(spread, FILLER_ST))
        if length >= need:
            flat += length
            start += length
        else:
            start += 1
    return flat * HOP_S


def _quality(utterance: Utterance, duration_s: float, voiced_s: float) -> float:
    """1 for a whole, unclipped breath group; the product of what is wrong with it."""
    clipped = float((np.abs(utterance.samples.astype(np.int32)) >= CLIPPED_AT).mean())
    parts = (
        utterance.quality,
        1.0 - utterance.gap_share,
        1.0 - clipped / CLIPPED_SHARE,
        voiced_s / ENOUGH_VOICED_S,
        duration_s / MIN_S,
        MAX_S / max(duration_s, 1e-6),
    )
    return math.prod(min(1.0, max(0.0, part)) for part in parts)
