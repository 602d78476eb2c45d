"""A TCP proxy of our own: the balancer in front of the web servers, and the slow way to a database.

It runs on a thread with an event loop of its own, so that nothing that a test does holds it up.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

Target: TypeAlias = int | Path  # a port of this machine, or a socket in its files
CHUNK = 65_536


class Proxy:
    """Listens on ``port``; new connections go to ``target``, each chunk after ``delay_s``."""

    def __init__(self, port: int, target: Target) -> None:
        self.port, self.target = port, target
        self.delay_s = 0.0
        self._pairs: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True).start()
        self._do(self._listen())

    def close(self) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def cut(self) -> None:
        """Break every connection there is; new ones are taken."""
        self._do(self._cut())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _end(self) -> None:
        self._server.close()
        await self._cut()

    async def _cut(self) -> None:
        pairs = list(self._pairs)
        for pair in pairs:
            pair.cancel()
        await asyncio.gather(*pairs, return_exceptions=True)

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pairs.add(task)
        writers = [back]
        try:
            far, forth = await self._connect()
            writers.append(forth)
            await asyncio.wait(
                [asyncio.create_task(_pass_on(self, near, forth)),
                 asyncio.create_task(_pass_on(self, far, back))],
                return_when=asyncio.FIRST_COMPLETED,
            )  # fmt: skip
        except (OSError, asyncio.CancelledError):
            pass  # nobody listens there, or the connection is cut: who called sees it closed
        finally:
            self._pairs.discard(task)
            for writer in writers:
                writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.target, Path):
            return await asyncio.open_unix_connection(str(self.target))
        return await asyncio.open_connection("127.0.0.1", self.target)


async def _pass_on(proxy: Proxy, near: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await near.read(CHUNK):
            if proxy.delay_s:
                await asyncio.sleep(proxy.delay_s)
            far.write(chunk)
            await far.drain()
