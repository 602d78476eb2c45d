"""``python -m tests.telemetry.cost``: what counting costs a web process, in processor time.

One learner's second with camera and microphone, as often as the code counts it: measured by the
process' own processor time, so that what else runs on the machine hardly matters.
"""

from __future__ import annotations

import json
import os
import time

import django

SECONDS = 20_000


def one_second() -> None:
    """All that is counted of one learner in one second, traces off."""
    from tutor_emotion.telemetry import metrics, traces

    for way, n in (("in", 1), ("out", 2)):
        for _ in range(n):
            metrics.SOCKET_MESSAGES.labels(room="learner", way=way).inc()
    metrics.EVENTS.labels(kind="Answer").inc()
    metrics.FRAMES.inc(10)
    metrics.FRAMES_SAMPLED.inc(5)
    metrics.FRAMES_DROPPED.labels(why="not_due").inc(5)
    metrics.SOUND_SECONDS.inc(1.0)
    metrics.SOUND_LOST_SECONDS.labels(why="gap").inc(0.02)
    for modality in ("face", "voice"):
        metrics.WINDOW_QUALITY.labels(modality=modality, quality="ok").inc()
        metrics.ESTIMATE_AGE.labels(modality=modality).observe(0.3)
        metrics.ESTIMATES.labels(modality=modality).inc()
    metrics.WINDOWS.labels(what="queued").inc()
    metrics.DOORBELLS.labels(what="rung").inc()
    metrics.READINGS.labels(what="taken").inc()
    for _ in range(3):
        with metrics.ENGINE_SECONDS.time():
            pass
    for _ in range(5):
        with traces.span("session.window", ""), traces.span_of("push.window", ""):
            pass


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_emotion.demo.settings")
    django.setup()
    from tutor_emotion.telemetry import exposition

    one_second()
    began = time.process_time()
    for _ in range(SECONDS):
        one_second()
    us = (time.process_time() - began) / SECONDS * 1e6
    began = time.process_time()
    for _ in range(20):
        text = exposition.text()
    scrape_ms = (time.process_time() - began) / 20 * 1e3
    said = {
        "us_a_learner_second": round(us, 1),
        "percent_of_a_core_at_40_learners": round(us * 40 / 1e4, 3),
        "scrape_ms": round(scrape_ms, 1),
        "scrape_kb": round(len(text) / 1e3),
        "load": os.getloadavg()[0],
    }
    print(json.dumps(said))  # noqa: T201


if __name__ == "__main__":
    main()
