"""A way through a bad network between two peers on this machine: UDP, passed on by a script.

Nothing is patched: each side is told the path's addresses in place of the other's, so STUN, DTLS,
sound, pictures and what is asked for again all go the same bad way, in both directions.
"""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass
from typing import Any

HOST = "127.0.0.1"
_CANDIDATE = re.compile(r"(a=candidate:\S+ 1 udp \d+ )(\S+) (\d+)( typ host[^\r\n]*)", re.I)

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Trouble:
    """``loss``: share of the packets, each way. ``delay_s`` for each, and up to ``jitter_s`` more.

    ``bits_per_s`` (0: no limit) with at most ``queue_s`` of waiting; what is more is lost.
    """

    loss: float = 0.0
    delay_s: float = 0.0
    jitter_s: float = 0.0
    bits_per_s: int = 0
    queue_s: float = 0.5
    cut: bool = False


class _Way(asyncio.DatagramProtocol):
    """One direction: what comes in here goes out there."""

    def __init__(self, path: Path, dice: random.Random) -> None:
        self._path, self._dice = path, dice
        self._free_s = 0.0
        self.peer: Address | None = None  # who sends to this door
        self.out: _Way
        self.transport: asyncio.DatagramTransport
        self.passed = self.lost = 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.peer = addr
        wait_s = self._wait_s(len(data))
        if wait_s is None:
            self.lost += 1
            return
        self.passed += 1
        asyncio.get_running_loop().call_later(wait_s, self._on, data)

    def _wait_s(self, size: int) -> float | None:
        trouble = self._path.trouble
        if trouble.cut or self._dice.random() < trouble.loss:
            return None
        wait_s = trouble.delay_s + self._dice.random() * trouble.jitter_s
        if trouble.bits_per_s:
            now_s = asyncio.get_running_loop().time()
            free_s = max(now_s, self._free_s) + 8 * size / trouble.bits_per_s
            if free_s - now_s > trouble.queue_s:
                return None
            self._free_s = free_s
            wait_s += free_s - now_s
        return wait_s

    def _on(self, data: bytes) -> None:
        if self.out.peer is not None and not self.out.transport.is_closing():
            self.out.transport.sendto(data, self.out.peer)


class Path:
    """``trouble`` may change at any time. The same seed loses the same packets."""

    def __init__(self, trouble: Trouble | None = None, seed: int = 7) -> None:
        self.trouble = trouble or Trouble()
        self.up = _Way(self, random.Random(seed))  # the learner's packets come in here
        self.down = _Way(self, random.Random(seed + 1))
        self.up.out, self.down.out = self.down, self.up

    async def __aenter__(self) -> Path:
        loop = asyncio.get_running_loop()
        for way in (self.up, self.down):
            await loop.create_datagram_endpoint(lambda way=way: way, local_addr=(HOST, 0))
        return self

    async def __aexit__(self, *error: object) -> None:
        for way in (self.up, self.down):
            way.transport.close()

    def offer(self, sdp: str) -> str:
        """What the server is told: the learner is at our lower door."""
        return self._instead(sdp, self.up, self.down.port)

    def answer(self, sdp: str) -> str:
        """What the learner is told: the server is at our upper door."""
        return self._instead(sdp, self.down, self.up.port)

    def _instead(self, sdp: str, way: _Way, port: int) -> str:
        _, ip, there, _ = _CANDIDATE.findall(sdp)[0]
        way.peer = (ip, int(there))
        return _CANDIDATE.sub(rf"\g<1>{HOST} {port}\4", sdp)
