"""A web process says that it lives, and with how many sessions: every few seconds, by a thread.

Who is heard no longer, and was not told to stop, has died; the operator's page says so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from functools import cache

import redis

from tutor_emotion import __version__, beats, redis_url
from tutor_emotion.beats import ALIVE_S, BEAT_S, Beat
from tutor_emotion.conf import get_settings
from tutor_emotion.inference.schema import SCHEMA
from tutor_emotion.inference.shared_clock import SharedClock
from tutor_emotion.lately import process_name
from tutor_emotion.live.draining import DRAIN, LAST_WORDS
from tutor_emotion.live.student import SESSIONS
from tutor_emotion.telemetry import metrics

GOODBYE_S = 1.0
log = logging.getLogger(__name__)
# Counters by code or by reason: what an operator calls a refusal, and under which label.
_REFUSALS = ((metrics.SOCKETS_REFUSED, "code"), (metrics.CONSENT_REFUSALS, "reason"))


class Beating:
    """This process's beats; ``start`` them once it serves."""

    def __init__(self) -> None:
        self._since_s = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye: who ends in order is nobody who died. Waits for that ``GOODBYE_S``."""
        self._ended.set()
        self._thread.join(GOODBYE_S)

    def beat(self, now_s: float) -> Beat:
        """What this process says; ``now_s`` is Valkey's."""
        courses = SESSIONS.by_course()
        return Beat(
            "web",
            process_name(),
            __version__,
            SCHEMA,
            time.monotonic() - self._since_s,
            now_s,
            now_s + ALIVE_S,
            sessions=courses.total(),
            courses=dict(courses),
            draining=DRAIN.begun,
            refused=dict(refusals()),
        )

    def _run(self) -> None:
        while not self._ended.is_set():
            self._say()
            self._ended.wait(BEAT_S)
        self._say()

    def _say(self) -> None:
        try:
            with redis_url.connect(get_settings().REDIS_URL, **beats.OPTIONS) as client:
                pipe = client.pipeline(transaction=True)
                if self._ended.is_set():
                    beats.remove(pipe, "web", process_name())
                else:
                    beats.put(pipe, self.beat(SharedClock().heard(client.time())))
                pipe.execute()
        except (OSError, redis.RedisError) as error:
            log.warning("no heartbeat: %s", type(error).__name__)


def refusals() -> Counter[str]:
    """What this process has refused since it started, by code."""
    found: Counter[str] = Counter()
    for counter, label in _REFUSALS:
        for family in counter.collect():
            for sample in family.samples:
                if sample.name.endswith("_total") and sample.value:
                    found[sample.labels[label]] += int(sample.value)
    return found


@cache
def begin() -> Beating:
    """Beat from now on, in this process; a second call changes nothing."""
    beating = Beating()
    beating.start()
    LAST_WORDS.append(beating.stop)
    return beating
