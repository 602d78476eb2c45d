"""The classroom's socket: who may look, and a class that never says more than once a second."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import redis
from channels.db import database_sync_to_async
from django.contrib.auth import get_user_model

from tutor_emotion.errors import BadInput, NotAllowed, TutorEmotionError, Unavailable
from tutor_emotion.live import push
from tutor_emotion.live.classroom import Classroom
from tutor_emotion.live.door import Door, as_message, away
from tutor_emotion.models import Course
from tutor_emotion.protocol import (
    Acknowledge,
    ClassroomMessage,
    LearnerRow,
    Ping,
    Pong,
    parse_from_teacher,
)
from tutor_emotion.services import may_teach, policy_of

log = logging.getLogger(__name__)

GATHER_S = 0.5  # how long live sessions may take to answer before the class is shown
COALESCE_S = 1.0
RESYNC_S = 30.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What the door found: the course, and who is looking."""

    key: str
    title: str
    paused: bool
    teacher: str


class TeacherConsumer(Door):
    """Message types of the channel layer are method names: ``classroom.row`` → ``classroom_row``.

    Closes with 4401 (not signed in) or 4403 (not a teacher here; also where there is no such
    course, so that nobody learns which courses exist; a superuser gets 4404).
    """

    entry: Entry | None = None
    sender: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        await self.accept()
        self.room = Classroom()
        try:
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

    async def _enter(self) -> Entry:
        user = self.scope.get("user")
        if user is None or not user.is_authenticated:
            raise NotAllowed("not_signed_in", "You are not signed in.", hint="Sign in again.")
        key = self.scope["url_route"]["kwargs"]["course"]
        entry: Entry = await _look_up(key, user.pk)
        return entry

    # --- to the browser -------------------------------------------------------------------------

    async def _keep_current(self) -> None:
        try:
            await self._show()
        except Exception:  # whatever it is: better a new start than an old class
            log.exception("the classroom's sender failed")
            await self.close(1011)  # the page comes back by itself

    async def _show(self) -> None:
        """The whole class once, then what changed, at most one message a second."""
        await self._gather()
        await self._send_class()
        next_resync_s = time.monotonic() + RESYNC_S
        while self.entry is not None:
            await asyncio.sleep(COALESCE_S)
            if time.monotonic() >= next_resync_s:
                next_resync_s = time.monotonic() + RESYNC_S
                await self._look_again()
            message = self.room.take_changes(time.monotonic())
            if message is not None:
                await self.send_message(message)

    async def _gather(self) -> None:
        """Ask every live session for its row. Those that do not answer are away."""
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
            self.entry = await self._enter()
        except TutorEmotionError as error:
            self.entry = None
            await self.refuse(error)

    async def _send_class(self) -> None:
        if self.entry is None:
            return
        await self.send_message(
            ClassroomMessage(
                course=self.entry.key,
                title=self.entry.title,
                paused=self.entry.paused,
                learners=self.room.take_all(time.monotonic()),
            )
        )

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

    async def _handle(self, entry: Entry, message: Ping | Acknowledge) -> None:
        match message:
            case Ping():
                await self.send_message(Pong(sent_s=message.sent_s, server_time_s=time.time()))
            case Acknowledge():
                # The rows are those of this course alone: a stranger's session is not among them.
                if message.session not in self.room:
                    raise NotAllowed(
                        "unknown_session", "There is no such learner in this class now."
                    )
                with _bus():
                    await push.acknowledge(message.session, entry.teacher if message.on_it else "")

    # --- from the channel layer ------------------------------------------------------------------

    async def classroom_row(self, message: dict[str, Any]) -> None:
        self.room.heard(LearnerRow(**message["row"]), time.monotonic())

    async def classroom_left(self, message: dict[str, Any]) -> None:
        self.room.left(message["session"])

    async def classroom_policy(self, _: dict[str, Any]) -> None:
        """The policy or the teachers of the course changed: look, and show the class anew."""
        await self._check_entry()
        await self._send_class()


@database_sync_to_async  # type: ignore[untyped-decorator]
def _look_up(course_key: str, user_pk: Any) -> Entry:
    """The course, if this user may look into it now; asked afresh, as both may have changed."""
    user = get_user_model().objects.filter(pk=user_pk, is_active=True).first()
    if user is None:
        raise NotAllowed("not_signed_in", "You are not signed in.", hint="Sign in again.")
    course = Course.objects.filter(key=course_key).first()
    if course is None and user.is_superuser:
        raise NotAllowed("unknown_course", "There is no such course.")
    if course is None or not may_teach(course, user):
        raise NotAllowed("not_your_course", "You do not teach a course of this name.")
    name = user.get_full_name() or user.get_username()
    return Entry(course.key, course.title, policy_of(course).paused, name)


@contextmanager
def _bus() -> Iterator[None]:
    """What the channel layer throws when its server is away, as an error that says so."""
    try:
        yield
    except (OSError, redis.RedisError):
        raise away() from None
