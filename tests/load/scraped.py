"""How many faces the worker left out, by the metrics of the demonstration's processes."""

from __future__ import annotations

import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from tutor_emotion.telemetry.families import PREFIX

SAMPLED, DROPPED = f"{PREFIX}frames_sampled_total", f"{PREFIX}frames_dropped_total"


@dataclass(frozen=True)
class Faces:
    """``sampled`` by the web process; ``thinned`` of them by a worker that was too slow."""

    sampled: float = 0.0
    thinned: float = 0.0

    def read_since(self, before: Faces) -> float | None:
        """The share of pictures of the time between whose faces were read; None of none."""
        sampled = self.sampled - before.sampled
        return None if sampled <= 0 else round(1 - (self.thinned - before.thinned) / sampled, 3)


def faces(ports: Sequence[int]) -> Faces:
    """Of the processes that serve their metrics on these ports of loopback."""
    sampled = thinned = 0.0
    for port in ports:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == SAMPLED:
                    sampled += sample.value
                elif sample.name == DROPPED and sample.labels["why"] == "thinned":
                    thinned += sample.value
    return Faces(sampled, thinned)
