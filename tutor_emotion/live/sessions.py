"""Which sessions are live in this process, and whose beliefs wait for their learners."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from contextlib import suppress

from tutor_emotion import faults
from tutor_emotion.conf import get_settings
from tutor_emotion.live import draining, push
from tutor_emotion.live.belief import Belief
from tutor_emotion.live.board import Board, in_parts
from tutor_emotion.live.door import AWAY
from tutor_emotion.live.session import LiveSession, Send
from tutor_emotion.models import LearnerId, Session
from tutor_emotion.telemetry import metrics

log = logging.getLogger(__name__)
ANSWER_S = 0.05  # every session of a course is asked at once; they answer together
MAX_SESSIONS_OF_ONE = 4  # lessons that one learner may have open at once
WRITE_AGAIN_S = 1.0
WRITE_FOR_S = 300.0  # a database that is away for longer is somebody's work, and so is what is lost
MOST_UNWRITTEN = 1_000  # sessions that are held for it; some MB of what was noticed


class Sessions:
    """The live sessions of this process, and the beliefs that wait for their learners."""

    def __init__(self) -> None:
        self._live: dict[str, LiveSession] = {}
        self._waiting: dict[str, tuple[LiveSession, asyncio.TimerHandle]] = {}
        self._unwritten: set[LiveSession] = set()
        self.board = Board()
        self._asked: set[tuple[str, str]] = set()
        self._answers: set[asyncio.Task[None]] = set()

    def full(self, limit: int, besides: str) -> bool:
        """Whether there is no room, for a session that is not already here."""
        return len(self._live) >= limit and besides not in self._live

    def crowded(self, learner_id: LearnerId, besides: str) -> bool:
        """Whether this learner alone takes so many places that others would find none."""
        others = [s for s in self._live.values() if s.learner_id == learner_id and s.id != besides]
        return len(others) >= MAX_SESSIONS_OF_ONE

    def by_course(self) -> Counter[str]:
        """How many are live in each course, by its number; another thread may ask."""
        return Counter(str(live.course.pk) for live in list(self._live.values()))

    def take(self, session: Session, channel: str, send: Send) -> LiveSession:
        """Begin, or go on where an earlier socket of the same session stopped."""
        live = LiveSession(session, channel, send, self.board, self._belief(str(session.pk)))
        self._live[live.id] = live
        if live.resumed:
            metrics.SESSIONS_RESUMED.inc()
        self._count()
        return live

    def _count(self) -> None:
        metrics.SESSIONS.labels(state="live").set(len(self._live))
        metrics.SESSIONS.labels(state="waiting").set(len(self._waiting))

    def _belief(self, session_id: str) -> Belief | None:
        if (other := self._live.pop(session_id, None)) is not None:
            other.surrendered = True
            return other.belief
        if (waiting := self._waiting.pop(session_id, None)) is not None:
            before, timer = waiting
            timer.cancel()
            before.surrendered = True
            return before.belief
        return None

    async def leave(self, live: LiveSession) -> None:
        """A socket is gone: free its sensors at once, keep its belief for a while."""
        try:
            await live.stop()
        finally:
            if self._live.get(live.id) is live:
                del self._live[live.id]
            self._count()
        if live.surrendered:
            return
        live.belief.left = live.socket or live.belief.left
        self._keep(live)
        if len(self._unwritten) >= MOST_UNWRITTEN:
            await self._written(live)
            return
        self._unwritten.add(live)
        tried = asyncio.Event()
        task = asyncio.get_running_loop().create_task(self._write(live, tried))
        draining.DRAIN.waits_for(task)
        await tried.wait()

    async def _write(self, live: LiveSession, tried: asyncio.Event) -> None:
        """Until all of it is written, each second; then nobody holds it but for the grace.

        ``tried``: a socket waits for the first time alone, and its end does not end the rest.
        """
        until_s = time.monotonic() + WRITE_FOR_S
        try:
            while not await self._written(live):
                tried.set()
                if time.monotonic() >= until_s:
                    log.error("the end of a session was not written for too long, and is given up")
                    return
                await asyncio.sleep(WRITE_AGAIN_S)
                if live.surrendered:  # whoever has the belief now writes it down
                    return
        finally:
            tried.set()
            self._unwritten.discard(live)
            if self._grace_is_over(live):
                self._let_go(live)

    async def _written(self, live: LiveSession) -> bool:
        """Try it once. Whether nothing is left that may be written."""
        waited = len(live.belief.outbox.waiting)
        try:
            ended = await live.write_counts()
        except AWAY:
            return False
        except Exception as error:  # noqa: BLE001 the edge of a task
            faults.note(log, "the end of a session", error)
            # One that can never be written is left out now; without one the same would fail again.
            return len(live.belief.outbox.waiting) == waited
        if not ended:  # a newer socket has it, in this process or in another
            self._let_go(live)
        elif self._waits(live) and not self._grace_is_over(live):
            self.board.changed(live.course_key, live.learner_id, live.row(connected=False))
        return live.belief.written

    def _keep(self, live: LiveSession) -> None:
        grace_s = get_settings().SESSION_GRACE_S
        timer = asyncio.get_running_loop().call_later(grace_s, self._forget, live)
        self._waiting[live.id] = (live, timer)
        self._count()

    def _waits(self, live: LiveSession) -> bool:
        return live.id in self._waiting and self._waiting[live.id][0] is live

    def _grace_is_over(self, live: LiveSession) -> bool:
        now_s = asyncio.get_running_loop().time()
        return self._waits(live) and self._waiting[live.id][1].when() <= now_s

    def _let_go(self, live: LiveSession) -> None:
        if self._waits(live):
            _, timer = self._waiting.pop(live.id)
            timer.cancel()
            self._count()

    def _forget(self, live: LiveSession) -> None:
        if live not in self._unwritten:
            self._let_go(live)
        self.board.left(live.course_key, live.id)

    def asked_for_rows(self, course_key: str, reply_channel: str) -> None:
        """A classroom asks; the question reaches each session and is answered once for all."""
        question = (course_key, reply_channel)
        if question in self._asked:
            return
        self._asked.add(question)
        task = asyncio.get_running_loop().create_task(self._answer(course_key, reply_channel))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, course_key: str, reply_channel: str) -> None:
        await asyncio.sleep(ANSWER_S)
        self._asked.discard((course_key, reply_channel))
        here = [s for s in self._live.values() if s.course_key == course_key and s.socket]
        rows = [push.row_of(s.learner_id, s.row()) for s in here]
        with suppress(*AWAY):
            for some in in_parts(rows):
                await push.rows_to(
                    reply_channel, self.board.origin, self.board.seq(course_key), some
                )
