"""A browser's end of a websocket, straight to a consumer (channels' own wants daphne)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.testing import ApplicationCommunicator


class Socket:
    """What a browser may do with an open websocket."""

    def __init__(self, communicator: ApplicationCommunicator) -> None:
        self._communicator = communicator

    async def say(self, message: str | bytes | dict[str, Any]) -> None:
        kind = "bytes" if isinstance(message, bytes) else "text"
        content = json.dumps(message) if isinstance(message, dict) else message
        await self._communicator.send_input({"type": "websocket.receive", kind: content})

    async def hear(self, timeout_s: float = 3) -> dict[str, Any]:
        """The next message. Raises TimeoutError when none comes."""
        output = await self._output(timeout_s)
        assert output["type"] == "websocket.send", output
        message: dict[str, Any] = json.loads(output["text"])
        return message

    async def closed(self, timeout_s: float = 3) -> int:
        """The code with which we are closed."""
        output = await self._output(timeout_s)
        assert output["type"] == "websocket.close", output
        return int(output["code"])

    async def hear_until_closed(self, timeout_s: float = 5) -> tuple[list[dict[str, Any]], int]:
        """All messages until the other side closes, and its code."""
        heard = []
        while (output := await self._output(timeout_s))["type"] == "websocket.send":
            heard.append(json.loads(output["text"]))
        return heard, int(output["code"])

    async def silent(self, for_s: float) -> bool:
        return bool(await self._communicator.receive_nothing(timeout=for_s))

    async def _output(self, timeout_s: float) -> Any:
        return await self._communicator.receive_output(timeout=timeout_s)


@asynccontextmanager
async def open_socket(application: Any, path: str, user: Any) -> AsyncIterator[Socket]:
    """A websocket of ``user`` that was accepted; it closes at the end, as a closed tab does."""
    scope = {"type": "websocket", "path": path, "headers": [], "user": user, "subprotocols": []}
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "websocket.connect"})
    assert (await communicator.receive_output(timeout=5))["type"] == "websocket.accept"
    try:
        yield Socket(communicator)
    finally:
        await communicator.send_input({"type": "websocket.disconnect", "code": 1001})
        await communicator.wait(timeout=5)
