"""A Clip as a track of aiortc: in time, in a loop, and remembering when each frame was taken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import Packet

from tutor_emotion.simulate.clips import Clip


class ClipTrack(MediaStreamTrack):
    """Hands out a Clip's packets at their time, once ``gate`` is open.

    A receiver's media clock is 0 at the first frame that it got. aiortc asks a track for frames as
    soon as our own side of DTLS is up, a moment before the other side can read them; the gate
    holds the first frame back until both are, so that our frame 0 is the receiver's frame 0.
    """

    def __init__(
        self, clip: Clip, gate: asyncio.Event, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__()
        self.kind = clip.kind
        self._clip = clip
        self._gate = gate
        self._clock = clock
        self._start: float | None = None
        self._next = 0
        self._taken_at_s: list[float] = []

    @property
    def handed_out(self) -> int:
        """How many packets (of a camera: frames) were handed out."""
        return self._next

    async def recv(self) -> Any:
        """The next packet: VP8 or Opus, pts in the Clip's clock from 0, without a gap."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._gate.wait()
        loop = asyncio.get_running_loop()
        if self._start is None:
            self._start = loop.time()
        index = self._next
        self._next += 1
        due = self._start + index * self._clip.ticks / self._clip.clock_hz
        await asyncio.sleep(max(0.0, due - loop.time()))
        packet = Packet(self._clip.packets[index % len(self._clip.packets)])
        packet.pts = index * self._clip.ticks
        packet.time_base = Fraction(1, self._clip.clock_hz)
        if self.kind == "video":
            self._taken_at_s.append(self._clock())
        return packet

    def taken_at_s(self, media_s: float) -> float | None:
        """Unix time at which the frame with this media time was handed out; None if none was."""
        index = round(media_s * self._clip.clock_hz / self._clip.ticks)
        return self._taken_at_s[index] if 0 <= index < len(self._taken_at_s) else None
