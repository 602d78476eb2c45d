"""A browser's end of a websocket, straight to a consumer (channels' own wants daphne)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser

from tutor_emotion.live import tickets
from tutor_emotion.protocol import SUBPROTOCOL


def _ticket(path: str, user: Any) -> str:
    return tickets.issue("/".join(path.strip("/").split("/")[-2:]), user.pk)


class Wire(ApplicationCommunicator):
    """The ASGI messages of one websocket."""

    def __init__(
        self,
        application: Any,
        path: str,
        user: Any,
        *,
        ticket: str | None = None,
        origin: str = "",
    ) -> None:
        """With a ticket of this user for this room, as a page of ours fetches it, or `ticket`."""
        scope = {
            "type": "websocket",
            "path": path,
            "headers": [(b"origin", origin.encode())] if origin else [],
            "user": user,
            "subprotocols": [SUBPROTOCOL, _ticket(path, user) if ticket is None else ticket],
        }
        super().__init__(application, scope)

    async def open(self) -> None:
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(timeout=5))["type"] == "websocket.accept"

    async def close(self) -> None:
        """As a closed tab does."""
        if not self.future.done():
            await self.send_input({"type": "websocket.disconnect", "code": 1001})
        await self.wait(timeout=5)

    async def send_to(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        content = {"text": text_data} if bytes_data is None else {"bytes": bytes_data}
        await self.send_input({"type": "websocket.receive", **content})

    async def receive(self, timeout_s: float) -> dict[str, Any]:
        """The next message; ``{"type": "close", "code": …}`` where the socket closes.

        Raises TimeoutError when none comes; the consumer is ended then.
        """
        output = await self.receive_output(timeout=timeout_s)
        if output["type"] == "websocket.close":
            return {"type": "close", "code": output["code"]}
        message: dict[str, Any] = json.loads(output["text"])
        return message


class Socket:
    """What a teacher's page may do with an open websocket."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    async def say(self, message: str | bytes | dict[str, Any]) -> None:
        if isinstance(message, bytes):
            await self.wire.send_to(bytes_data=message)
        else:
            await self.wire.send_to(message if isinstance(message, str) else json.dumps(message))

    async def hear(self, timeout_s: float = 3) -> dict[str, Any]:
        """The next message, which is not the end."""
        message = await self.wire.receive(timeout_s)
        assert message["type"] != "close", message
        return message

    async def hear_until_closed(self, timeout_s: float = 5) -> tuple[list[dict[str, Any]], int]:
        """All messages until the other side closes, and its code."""
        heard = []
        while (message := await self.wire.receive(timeout_s))["type"] != "close":
            heard.append(message)
        return heard, int(message["code"])

    async def silent(self, for_s: float) -> bool:
        return bool(await self.wire.receive_nothing(timeout=for_s))


@asynccontextmanager
async def open_socket(application: Any, path: str, user: Any) -> AsyncIterator[Socket]:
    """A websocket of ``user`` that was accepted."""
    wire = Wire(application, path, user)
    await wire.open()
    try:
        yield Socket(wire)
    finally:
        await wire.close()


class LearnerSocket:
    """The socket of one session, as the learner's page uses it. No user: nobody is signed in."""

    def __init__(self, session_id: Any, user: Any | None) -> None:
        from tutor_emotion.routing import websocket_urlpatterns

        path = f"/ws/tutor-emotion/session/{session_id}/"
        self.wire = Wire(URLRouter(websocket_urlpatterns), path, user or AnonymousUser())

    async def open(self) -> dict[str, Any]:
        """The first message: a welcome, or the error that says why not."""
        await self.wire.open()
        return await self.next()

    async def close(self) -> None:
        await self.wire.close()

    async def send(self, type_: str, **fields: Any) -> None:
        await self.raw(json.dumps({"type": type_, **fields}))

    async def raw(self, text: str) -> None:
        await self.wire.send_to(text)

    async def next(self, seconds: float = 3) -> dict[str, Any]:
        return await self.wire.receive(seconds)

    async def until(self, type_: str, seconds: float = 3) -> dict[str, Any]:
        """The next message of this type; others before it are let go by."""
        while (message := await self.wire.receive(seconds))["type"] != type_:
            assert message["type"] != "close", message
        return message
