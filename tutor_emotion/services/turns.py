"""What one learner asks of this process keeps its order: who came first is first.

A locked SQLite does not know who waited first, and a request that a browser has given up goes on
here: without turns, an older yes could follow a newer no.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

from tutor_emotion.errors import database_away
from tutor_emotion.models import LearnerId

LIMIT_S = 20.0  # as long as one waits for a lock of the database
_LOCK = Lock()
_WAITING: dict[LearnerId, deque[Event]] = {}


@contextmanager
def in_turn(learner_id: LearnerId, limit_s: float = LIMIT_S) -> Iterator[None]:
    """Enter after everybody who came before for this learner has left.

    Raises:
        Unavailable: ``database_away``, after ``limit_s`` seconds; nothing was entered.
    """
    mine = Event()
    with _LOCK:
        waiting = _WAITING.setdefault(learner_id, deque())
        waiting.append(mine)
        waiting[0].set()
    try:
        if not mine.wait(limit_s):
            raise database_away()
        yield
    finally:
        with _LOCK:
            waiting.remove(mine)
            if waiting:
                waiting[0].set()
            else:
                del _WAITING[learner_id]
