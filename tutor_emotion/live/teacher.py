"""The classroom's socket: who may look, whom they see, and a page that is not flooded."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import redis
from channels.db import database_sync_to_async

from tutor_emotion import faults
from tutor_emotion.errors import BadInput, NotAllowed, TutorEmotionError, Unavailable, messages_away
from tutor_emotion.live import push
from tutor_emotion.live.classroom import Classroom
from tutor_emotion.live.door import Door, as_message
from tutor_emotion.live.entry import Entry, enter
from tutor_emotion.live.listening import Listening
from tutor_emotion.live.parcels import parcels
from tutor_emotion.protocol import (
    Acknowledge,
    ClassroomMessage,
    LearnerRow,
    LearnersMessage,
    Ping,
    Pong,
    Resync,
    parse_from_teacher,
)

log = logging.getLogger(__name__)

GATHER_S = 0.5  # how long live sessions may take to answer before the class is shown
COALESCE_S = 0.4
RESYNC_S = 30.0
AGAIN_S = 2.0  # the whole class is not asked for more often, however much is lost


class TeacherConsumer(Door):
    """Message types of the channel layer are method names: ``classroom.rows`` → ``classroom_rows``.

    Closes with 4401 (not signed in) or 4403 (not a teacher here; also where there is no such
    course, so that nobody learns which courses exist; a superuser gets 4404).
    """

    whose = "classroom"
    entry: Entry | None = None
    sender: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        await self.accept()
        self.room = Classroom()
        self.listening = Listening()
        self.seq = 0
        self.resync_s = self.asked_s = self.shown_s = 0.0
        try:
            await self.admit(f"classroom/{self.scope['url_route']['kwargs']['course']}")
            self.entry = await self._enter()
            with _bus():
                await self.channel_layer.group_add(
                    push.classroom_group(self.entry.key), self.channel_name
                )
        except TutorEmotionError as error:
            await self.refuse(error)
            return
        self.sender = asyncio.create_task(self._keep_current())

    async def leave(self) -> None:
        entry, self.entry = self.entry, None
        if self.sender is not None:
            self.sender.cancel()
        if entry is not None:
            with suppress(Unavailable), _bus():
                await self.channel_layer.group_discard(
                    push.classroom_group(entry.key), self.channel_name
                )

    async def _enter(self, *, again: bool = False) -> Entry:
        key = self.scope["url_route"]["kwargs"]["course"]
        entry: Entry = await database_sync_to_async(enter)(key, self.scope["user"].pk, again=again)
        return entry

    # --- to the browser -------------------------------------------------------------------------

    async def _keep_current(self) -> None:
        try:
            await self._show()
        except Exception as error:  # noqa: BLE001 better a new start than an old class
            faults.note(log, "the classroom's sender", error)
            await self.close(1011)  # the page comes back by itself

    async def _show(self) -> None:
        """The whole class once, then what changed, at most one message each ``COALESCE_S``."""
        await self._gather()
        await self._send_class()
        while self.entry is not None:
            await asyncio.sleep(COALESCE_S)
            now_s = time.monotonic()
            if now_s >= self.resync_s or self.listening.fell_silent(now_s):
                await self._look_again()
            changed, left = self.room.take_changes(time.monotonic())
            if changed or left:
                await self._send_changes(parcels(changed) or [[]], left)

    async def _gather(self) -> None:
        """Ask every live session for its row. Those that do not answer are away."""
        self.asked_s = time.monotonic()
        self.resync_s = self.asked_s + RESYNC_S
        if self.entry is None:
            return
        self.room.begin_roll_call()
        try:
            with _bus():
                await push.ask_rows(self.entry.key, self.channel_name)
        except Unavailable:
            return  # nobody was asked; the next round will
        await asyncio.sleep(GATHER_S)
        self.room.end_roll_call()

    async def _look_again(self) -> None:
        """What was lost on the way comes back silently; so does a permission that was taken."""
        await self._check_entry()
        await self._gather()

    async def _check_entry(self) -> None:
        try:
            self.entry = await self._enter(again=True)
        except TutorEmotionError as error:
            self.entry = None
            await self.refuse(error)
        else:
            self.room.keep_only(self.entry.sees)

    async def _send_class(self) -> None:
        entry = self.entry
        if entry is None:
            return
        self.shown_s = time.monotonic()
        first, *rest = parcels(self.room.take_all(self.shown_s)) or [[]]
        self.seq += 1
        await self.send_message(
            ClassroomMessage(
                seq=self.seq,
                parts=len(rest),
                course=entry.key,
                title=entry.title,
                paused=entry.paused,
                classes=list(entry.classes),
                learners=first,
            )
        )
        await self._send_changes(rest, [])

    async def _send_changes(self, rows: list[list[LearnerRow]], left: list[str]) -> None:
        for some in rows:
            self.seq += 1
            await self.send_message(LearnersMessage(seq=self.seq, changed=some, left=left))
            left = []

    # --- from the browser -----------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.entry is None:
            return
        now_s = time.monotonic()
        try:
            if not self.limit.allows(now_s):
                raise BadInput(
                    "too_many_messages", "More than 50 messages in a second.", hint="Send fewer."
                )
            if text_data is None:
                raise BadInput("bad_message", "Messages are JSON text.")
            await self._handle(self.entry, parse_from_teacher(text_data))
        except TutorEmotionError as error:
            if self.limit.exhausted:
                await self.refuse(error)
            elif self.limit.may_complain():
                await self.send_message(as_message(error))

    async def _handle(self, entry: Entry, message: Ping | Acknowledge | Resync) -> None:
        match message:
            case Ping():
                await self.send_message(Pong(sent_s=message.sent_s, server_time_s=time.time()))
            case Resync():
                if time.monotonic() - self.shown_s >= AGAIN_S:
                    await self._send_class()
            case Acknowledge():
                # The rows are those of this course alone: a stranger's session is not among them.
                if message.session not in self.room:
                    raise NotAllowed(
                        "unknown_session", "There is no such learner in this class now."
                    )
                with _bus():
                    await push.acknowledge(message.session, entry.teacher if message.on_it else "")

    # --- from the channel layer ------------------------------------------------------------------

    async def classroom_rows(self, message: dict[str, Any]) -> None:
        now_s = time.monotonic()
        if not self.listening.heard(message["origin"], message["seq"], now_s):
            # Something was lost. Ask, and soon again should it be the answer that is lost.
            self.resync_s = min(self.resync_s, max(now_s, self.asked_s + AGAIN_S))
        self._take(message["rows"], now_s)
        for session in message["left"]:
            self.room.left(session)

    async def classroom_present(self, message: dict[str, Any]) -> None:
        now_s = time.monotonic()
        self.listening.answered(message["origin"], message["seq"], now_s)
        self._take(message["rows"], now_s)

    def _take(self, rows: list[dict[str, Any]], now_s: float) -> None:
        """Rows of learners whom this teacher does not see go no further than here."""
        if self.entry is None:
            return
        for item in rows:
            learner = item["learner"]
            if self.entry.sees(learner):
                classes = self.entry.roster.get(learner, [])
                self.room.heard(LearnerRow(**item["row"] | {"classes": classes}), now_s, learner)

    async def classroom_policy(self, _: dict[str, Any]) -> None:
        """The policy or the teachers of the course changed: look, and show the class anew."""
        await self._check_entry()
        self.resync_s = 0.0  # learners who are seen from now on are not known yet
        await self._send_class()


@contextmanager
def _bus() -> Iterator[None]:
    """What the channel layer throws when its server is away, as an error that says so."""
    try:
        yield
    except (OSError, redis.RedisError):
        raise messages_away() from None
