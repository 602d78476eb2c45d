"""What became of frames and sound, told to the metrics once a Window, not once a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tutor_emotion.core.types import Modality
from tutor_emotion.media.decoding import Arrivals
from tutor_emotion.telemetry import metrics

_FACE = (
    ("decoded", metrics.FRAMES),
    ("sampled", metrics.FRAMES_SAMPLED),
    ("not_due", metrics.FRAMES_DROPPED.labels(why="not_due")),
    ("overtaken", metrics.FRAMES_DROPPED.labels(why="replaced")),
    ("dropped", metrics.FRAMES_DROPPED.labels(why="replaced")),
    ("failed", metrics.FRAMES_DROPPED.labels(why="unreadable")),
    ("unused", metrics.FRAMES_DROPPED.labels(why="paused")),
)
_VOICE = (
    ("heard_s", metrics.SOUND_SECONDS),
    ("gap_s", metrics.SOUND_LOST_SECONDS.labels(why="gap")),
    ("overflow_s", metrics.SOUND_LOST_SECONDS.labels(why="overflow")),
)


class Teller:
    """Of one learner; remembers what it has told."""

    def __init__(self) -> None:
        self._told: dict[Modality, Arrivals] = {}

    def tell(self, arrivals: Mapping[Modality, Arrivals]) -> None:
        """Count what is new since the last time."""
        for modality, now in arrivals.items():
            before = self._told.get(modality, Arrivals())
            self._told[modality] = copy = replace(now)
            for name, counter in _FACE if modality == "face" else _VOICE:
                if (news := getattr(copy, name) - getattr(before, name)) > 0:
                    counter.inc(news)
