"""What both sockets share: they say why, and neither a lost broker nor a bug leaves one ajar."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import redis
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from pydantic import BaseModel

from tutor_emotion import faults, rates
from tutor_emotion.conf import RateDoor
from tutor_emotion.errors import (
    BadInput,
    NotAllowed,
    TutorEmotionError,
    Unavailable,
    messages_away,
)
from tutor_emotion.live import tickets
from tutor_emotion.live.draining import DRAIN
from tutor_emotion.live.limits import RateLimit
from tutor_emotion.live.origin import is_ours
from tutor_emotion.protocol import MAX_MESSAGES_PER_S, SUBPROTOCOL, ErrorMessage, Move
from tutor_emotion.telemetry import metrics

log = logging.getLogger(__name__)
SEND_LIMIT_S = 5.0
AWAY = (DatabaseError, redis.RedisError, OSError)  # what may fail without ending the lesson
CLOSE_CODES = {
    "not_signed_in": 4401,
    "bad_ticket": 1008,  # below 4000: the browser comes again, with a new one
    "unknown_session": 4404,
    "unknown_course": 4404,
    "unknown_address": 4404,
    "session_replaced": 4409,
    "too_many_messages": 4429,
    "too_many_sessions": 4430,
    "server_full": 1013,
    "draining": 1013,
    "internal": 1011,
    "too_fast": 1013,
    "messages_away": 1013,
}


def part_of(error: BaseException) -> str:
    """Which part was away, as the metrics call it."""
    if isinstance(error, DatabaseError):
        return "database"
    return "broker" if isinstance(error, redis.RedisError) else "network"


def as_message(error: TutorEmotionError, *, fatal: bool = False) -> ErrorMessage:
    return ErrorMessage(
        code=error.code, message=error.message, hint=error.hint, retry=error.retry, fatal=fatal
    )


class Door(AsyncWebsocketConsumer):  # type: ignore[misc]
    """A websocket that answers every fault with a code, and always calls ``leave``."""

    accepted = False
    whose = "nowhere"  # the metrics name sockets so
    close_code = 1006  # how it ended, where nobody said so

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit = RateLimit(MAX_MESSAGES_PER_S)
        self._deaf = False
        self._heard = metrics.SOCKET_MESSAGES.labels(room=self.whose, way="in")
        self._said = metrics.SOCKET_MESSAGES.labels(room=self.whose, way="out")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        except AWAY as error:
            # Channels subscribes at the broker before anybody is asked in.
            log.warning("a socket could not enter: %s", type(error).__name__)
            if not self.accepted:
                self.base_send = send
                await self.accept()
                await self.refuse(messages_away())
        finally:
            # Channels calls `disconnect` only when the browser goes, not when a handler fails.
            self._count_end()
            try:
                await self.leave()
            finally:
                DRAIN.left(self)

    def _count_end(self) -> None:
        if self.accepted:
            metrics.SOCKETS.labels(room=self.whose).dec()
            metrics.SOCKETS_CLOSED.labels(room=self.whose, code=self.close_code).inc()

    async def accept(self, *args: Any, **kwargs: Any) -> None:
        self.accepted = True
        metrics.SOCKETS.labels(room=self.whose).inc()
        metrics.SOCKETS_OPENED.labels(room=self.whose).inc()
        ours = SUBPROTOCOL in self.scope.get("subprotocols", ())
        await super().accept(*args, subprotocol=SUBPROTOCOL if ours else None, **kwargs)

    async def admit(self, room: str) -> Any:
        """The user, from a page of this site, with a ticket for this room.

        Raises:
            NotAllowed: ``bad_origin``, ``not_signed_in``, ``bad_ticket``.
            Unavailable: ``messages_away``, ``draining``.
        """
        DRAIN.enter(self)
        if not is_ours(self.scope["headers"]):
            raise NotAllowed("bad_origin", "A page of another site opened this socket.")
        user = self.scope.get("user")
        if user is None or not user.is_authenticated:
            raise NotAllowed("not_signed_in", "You are not signed in.", hint="Sign in again.")
        await self.not_too_fast("sockets")
        shown = [said for said in self.scope.get("subprotocols", ()) if said != SUBPROTOCOL]
        await asyncio.to_thread(tickets.redeem, shown[0] if shown else "", room, user.pk)
        return user

    async def not_too_fast(self, door: RateDoor) -> None:
        """Raises TooFast, where this user or their address comes too often."""
        client = self.scope.get("client") or ("",)
        await asyncio.to_thread(rates.check, door, self.scope["user"].pk, str(client[0]))

    async def dispatch(self, message: dict[str, Any]) -> None:
        """One message lost is not the socket's end.

        Unlike Channels', this does not look after the database's connections at every message: one
        thread does that for all sockets, and one learner's slow write would silence everybody.
        ``database_sync_to_async`` does it where there is a query.
        """
        if message["type"] == "websocket.receive":
            self._heard.inc()
        try:
            await getattr(self, get_handler_name(message))(message)
        except AWAY as error:
            log.warning("%s was lost: %s", message["type"], type(error).__name__)
            if message["type"] == "websocket.disconnect":
                raise
            if message["type"] == "websocket.connect":
                await self.refuse(messages_away())
            elif message["type"] == "websocket.receive" and self.limit.may_complain():
                await self.send_message(as_message(messages_away()))
        except StopConsumer:
            raise
        except Exception as error:  # noqa: BLE001 the edge: a browser gets a code, never a traceback
            await self._broken(faults.note(log, "a message of a socket", error))

    async def _broken(self, number: str) -> None:
        """Give everything back and close; a page comes back by itself, to a new start."""
        if not self.accepted:
            await self.accept()
        with suppress(Exception):  # what is broken may not even be able to leave
            await self.leave()
        text, hint = "Something went wrong on our side.", f"Our log has it as {number}."
        await self.refuse(Unavailable("internal", text, hint=hint))

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        self.close_code = code or 1000
        async with asyncio.timeout(SEND_LIMIT_S):
            await super().close(code, reason)

    async def disconnect(self, code: int) -> None:
        if self.close_code == Door.close_code:  # not ours: the browser's
            self.close_code = code
        await self.leave()

    async def leave(self) -> None:
        """Give everything back; twice is the same as once."""

    async def send_message(self, message: BaseModel) -> None:
        """One message to the browser; a socket that is gone is noticed by ``disconnect``.

        A browser that takes nothing for ``SEND_LIMIT_S`` is told nothing more: TCP may hold a dead
        line open for minutes, and whoever sends would wait as long.
        """
        if self._deaf:
            return
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                await self.send(text_data=message.model_dump_json())
        except TimeoutError:
            self._deaf = True
        except (RuntimeError, OSError):
            return
        else:
            self._said.inc()

    async def move(self) -> None:
        """Ask the browser to open its next socket now; this one goes on until that is there."""
        await self.send_message(Move())

    async def refuse(self, error: TutorEmotionError) -> None:
        """Say why, and close."""
        metrics.SOCKETS_REFUSED.labels(room=self.whose, code=error.code).inc()
        await self.send_message(as_message(error, fatal=not error.retry))
        with suppress(RuntimeError, OSError):  # the browser was quicker
            await self.close(CLOSE_CODES.get(error.code, 4403))


class Nowhere(Door):
    """For addresses under our prefix that lead nowhere: without it they are an error 500."""

    async def connect(self) -> None:
        await self.accept()
        await self.refuse(BadInput("unknown_address", "There is no socket at this address."))
