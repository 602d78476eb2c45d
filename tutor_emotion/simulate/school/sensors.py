"""Camera and microphone of a simulated learner: Estimates as good as the literature's, no better.

A state moves four scores (one for each state but neutral); the error on them mostly stays, so that
a minute of face is not sixty witnesses. The Estimate is Bayes' rule on the scores of the moment.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tutor_emotion.core.config import FusionConfig
from tutor_emotion.core.types import Estimate
from tutor_emotion.simulate.school.figures import Sensing
from tutor_emotion.simulate.school.traits import Floats

HOP_S = 2
_WINDOW_S = 20.0
_LN_PRIOR = np.log(FusionConfig().prior)
FACE_MODEL, VOICE_MODEL = "simulated/face", "simulated/voice"
SETTLED = 0.87  # of a separation is shown on average, for states come and go


def separations(by_state: Sequence[float], alike: float) -> Floats:
    """Mean scores (5 states, 4 scores): engaged, confused, frustrated, bored; neutral is 0."""
    engaged, confused, frustrated, bored = by_state
    means: Floats = np.array(
        [
            [engaged, 0, 0, 0],
            [0, confused, alike * frustrated, 0],
            [0, alike * confused, frustrated, 0],
            [0, 0, 0, bored],
            [0, 0, 0, 0],
        ],
        float,
    )
    return means


def face_separations(sensing: Sensing, *, better: bool = False) -> Floats:
    return separations(sensing.better_face if better else sensing.face, sensing.alike)


def believed(scores: Floats, means: Floats) -> Floats:
    """P(state | scores) with unit noise and the engine's prior; scores (…, 4) → (…, 5)."""
    nats: Floats = scores @ means.T - 0.5 * (means**2).sum(1) + _LN_PRIOR
    odds: Floats = np.exp(nats - nats.max(-1, keepdims=True))
    shares: Floats = odds / odds.sum(-1, keepdims=True)
    return shares


class FaceSensor:
    """A face a second at most; often out of sight, and never independent of the last second."""

    def __init__(
        self, rng: np.random.Generator, seconds: int, sensing: Sensing, *, better: bool = False
    ) -> None:
        self._means = face_separations(sensing, better=better)
        # What a window shows of a state on average, as it takes time to show.
        self._shown = np.zeros(4)
        self._fade = 1 - math.exp(-1 / sensing.shows_s)
        self._settled = self._means * SETTLED
        self._noise = _error(rng, seconds, sensing)
        self._seen = _in_sight(rng, seconds, sensing)
        self._quality = min(0.98, max(0.4, float(rng.normal(sensing.quality, 0.1))))

    def second(self, now_s: int, state: int) -> Estimate | None:
        """The Estimate of this second, every ``HOP_S``; None while no face can be read."""
        self._shown += self._fade * (self._means[state] - self._shown)
        if now_s % HOP_S or not self._seen[now_s]:
            return None
        p = believed(self._shown + self._noise[now_s], self._settled)
        a, b, c, d, e = p.tolist()
        return Estimate(
            "face",
            float(now_s),
            (a, b, c, d, e),
            self._quality,
            _WINDOW_S,
            float(HOP_S),
            100,
            FACE_MODEL,
        )


class VoiceSensor:
    """One Estimate for each of a few utterances."""

    def __init__(self, rng: np.random.Generator, seconds: int, sensing: Sensing) -> None:
        self._means = separations(sensing.voice, sensing.alike)
        rate = sensing.utterances_h / 3600 * float(rng.gamma(1.0))
        self._speaks = rng.random(seconds + 1) < rate
        bias = rng.normal(0, math.sqrt(sensing.stays), 4)
        self._noise = bias + rng.normal(0, math.sqrt(1 - sensing.stays), (seconds + 1, 4))
        self._quality = sensing.voice_quality

    def second(self, now_s: int, state: int) -> Estimate | None:
        """The Estimate of the utterance that ends now, if one does."""
        if not self._speaks[now_s]:
            return None
        a, b, c, d, e = believed(self._means[state] + self._noise[now_s], self._means).tolist()
        return Estimate(
            "voice", float(now_s), (a, b, c, d, e), self._quality, None, 0.0, 1, VOICE_MODEL
        )


def _error(rng: np.random.Generator, seconds: int, sensing: Sensing) -> Floats:
    """(seconds + 1, 4), variance 1: what stays, what lingers, what is fast."""
    keep = math.exp(-1 / sensing.lingers_s)
    fast = 1 - sensing.stays - sensing.lingers
    stays = rng.normal(0, math.sqrt(sensing.stays), 4)
    pushes = rng.normal(0, math.sqrt(1 - keep**2), (seconds + 1, 4))
    slow = np.empty((seconds + 1, 4))
    slow[0] = rng.normal(0, 1, 4)
    for second in range(1, seconds + 1):
        slow[second] = keep * slow[second - 1] + pushes[second]
    quick = rng.normal(0, math.sqrt(fast), (seconds + 1, 4))
    return stays + math.sqrt(sensing.lingers) * slow + quick


def _in_sight(rng: np.random.Generator, seconds: int, sensing: Sensing) -> list[bool]:
    """When a face can be read: stretches in and out of sight, a share of the time by learner."""
    share = float(rng.beta(5 * sensing.available, 5 * (1 - sensing.available)))
    share = min(0.98, max(0.02, share))
    leave = 1 / sensing.available_s
    come = leave * share / (1 - share)
    seen = bool(rng.random() < share)
    out = []
    for draw in rng.random(seconds + 1):
        out.append(seen)
        if draw < (leave if seen else come):
            seen = not seen
    return out
