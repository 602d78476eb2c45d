"""Rows on their way from this process's sessions to the classrooms, coalesced and numbered.

A channel layer delivers at most once. So each message of a process about a course has the next
number, and one comes at least every ``BEAT_S``: who misses a number, or hears nothing, asks anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tutor_emotion.live import push
from tutor_emotion.live.door import AWAY
from tutor_emotion.models import LearnerId
from tutor_emotion.protocol import LearnerRow

log = logging.getLogger(__name__)
FIRST_S = 0.05  # what changes together is sent together
EVERY_S = 0.2
BEAT_S = 5.0
ROWS_IN_MESSAGE = 100


@dataclass
class _Course:
    """``seq``: the number of the last message. ``sent_s``: when, on the monotonic clock."""

    seq: int = 0
    sent_s: float = 0.0
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    timer: asyncio.TimerHandle | None = None


class Board:
    """One a process (``origin``); everything here happens on its event loop."""

    def __init__(self) -> None:
        self.origin = uuid.uuid4().hex
        self._courses: dict[str, _Course] = {}
        self._sending: set[asyncio.Task[None]] = set()

    def seq(self, course_key: str) -> int:
        return self._of(course_key).seq

    def changed(self, course_key: str, learner_id: LearnerId, row: LearnerRow) -> None:
        """The newest row of a session; an older one that still waits is replaced."""
        course = self._of(course_key)
        course.left.discard(row.session)
        course.changed[row.session] = push.row_of(learner_id, row)
        self._schedule(course_key)

    def left(self, course_key: str, session_id: str) -> None:
        """A session ended."""
        course = self._of(course_key)
        course.changed.pop(session_id, None)
        course.left.add(session_id)
        self._schedule(course_key)

    def beat(self, course_key: str) -> None:
        """A session of this course is alive: say so, where nothing was said for a while."""
        if time.monotonic() - self._of(course_key).sent_s >= BEAT_S:
            self._schedule(course_key)

    def _of(self, course_key: str) -> _Course:
        return self._courses.setdefault(course_key, _Course())

    def _schedule(self, course_key: str) -> None:
        course = self._of(course_key)
        if course.timer is not None:
            return
        wait_s = max(FIRST_S, course.sent_s + EVERY_S - time.monotonic())
        loop = asyncio.get_running_loop()
        course.timer = loop.call_later(wait_s, self._begin_to_send, course_key)

    def _begin_to_send(self, course_key: str) -> None:
        task = asyncio.get_running_loop().create_task(self._send(course_key))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, course_key: str) -> None:
        course = self._of(course_key)
        course.timer, course.sent_s = None, time.monotonic()
        changed, left = list(course.changed.values()), sorted(course.left)
        course.changed.clear()
        course.left.clear()
        for some in in_parts(changed) or [[]]:
            course.seq += 1
            try:
                await push.rows(course_key, self.origin, course.seq, some, left)
            except AWAY as error:  # its number is missing now: who listens will ask
                log.warning("rows were lost: %s", type(error).__name__)
            left = []


def in_parts(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Rows in messages that a broker carries easily."""
    return list(_parts(iter(rows)))


def _parts(rows: Iterator[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    while some := list(islice(rows, ROWS_IN_MESSAGE)):
        yield some
