"""What a simulated learner does on an open socket: connect, send media, act, answer offers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any, Literal, TypeAlias, TypeVar

from tutor_emotion.errors import TutorEmotionError, Unavailable
from tutor_emotion.protocol import (
    AdaptationMessage,
    ErrorMessage,
    MediaStop,
    OutcomeMessage,
    Ping,
    Pong,
    RtcAnswer,
    RtcOffer,
    Status,
    Welcome,
    WindowReport,
)
from tutor_emotion.simulate.client import Socket
from tutor_emotion.simulate.clips import Clip
from tutor_emotion.simulate.measure import Measure, ServerClock
from tutor_emotion.simulate.peer import Peer
from tutor_emotion.simulate.script import Line

Reply: TypeAlias = Literal["taken", "dismissed", "ignored"]
Said = TypeVar("Said")
CONNECT_LIMIT_S = 30.0
# The first pings come quickly: the least round trip of several is what sets the clock.
FIRST_PINGS, FIRST_PING_EVERY_S, PING_EVERY_S = 5, 0.05, 2.0
# How long a learner looks at an offer before deciding.
REPLY_AFTER_S = 2.0


class Visit:
    """From an open socket to its end. ``clicked`` is ``perf_counter`` at the learner's click."""

    def __init__(
        self,
        video: Clip | None,
        sound: Clip | None,
        script: Sequence[Line],
        offers: Reply,
        measure: Measure,
        clicked: float,
    ) -> None:
        self._clips = {"face": video, "voice": sound}
        self._script = script
        self._offers = offers
        self._measure = measure
        self._clicked = clicked
        self._clock = ServerClock()
        loop = asyncio.get_running_loop()
        self._welcome: asyncio.Future[Welcome] = loop.create_future()
        self._answer: asyncio.Future[RtcAnswer] = loop.create_future()
        self._live = asyncio.Event()
        self._complaint: TutorEmotionError | None = None
        self._peer: Peer | None = None
        self._socket: Socket
        self._group: asyncio.TaskGroup
        self._parts: list[asyncio.Task[None]] = []

    async def run(self, socket: Socket, seconds: float, stop: asyncio.Event) -> None:
        """Stay for ``seconds`` once connected, or until ``stop``.

        Raises:
            TutorEmotionError: what ended the visit before its time.
        """
        self._socket = socket
        try:
            async with asyncio.TaskGroup() as self._group:
                self._start(self._read())
                self._start(self._ping())
                stay = self._group.create_task(self._stay(seconds))
                leave = self._group.create_task(stop.wait())
                await asyncio.wait({stay, leave}, return_when=asyncio.FIRST_COMPLETED)
                for part in (stay, leave, *self._parts):
                    part.cancel()
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            await self._count()
            if self._peer is not None:
                await self._peer.close()

    async def _count(self) -> None:
        traffic = self._measure.traffic
        traffic.socket_out_bytes, traffic.socket_in_bytes = (
            self._socket.sent_bytes,
            self._socket.heard_bytes,
        )
        if self._measure.connect_s is not None:
            since_s = time.perf_counter() - self._clicked - self._measure.connect_s
            traffic.seconds = since_s
        if self._peer is not None:
            await self._peer.count(traffic)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._parts.append(self._group.create_task(work))

    async def _stay(self, seconds: float) -> None:
        await self._connect()
        self._measure.connect_s = time.perf_counter() - self._clicked
        self._start(self._act())
        await asyncio.sleep(seconds)

    # --- connecting -------------------------------------------------------------------------------

    async def _connect(self) -> None:
        """Until the server says that media is live; without media, until it says welcome."""
        welcome = await self._said(self._welcome)
        modalities: list[Literal["face", "voice"]] = [
            m for m in ("face", "voice") if m in welcome.allowed and self._clips[m] is not None
        ]
        if modalities:
            clips = [clip for m in modalities if (clip := self._clips[m]) is not None]
            peer = self._peer = Peer(clips, welcome.ice_servers)
            offer = RtcOffer(sdp=await peer.offer(), modalities=modalities)
            await self._socket.send(offer)
            await peer.accept((await self._said(self._answer)).sdp)
            await peer.play(CONNECT_LIMIT_S)
            await self._said(asyncio.ensure_future(self._live.wait()))
            self._start(self._watch(peer))

    async def _said(self, what: asyncio.Future[Said]) -> Said:
        """Wait for the server; where it complained of something instead, that is the error."""
        try:
            return await asyncio.wait_for(what, CONNECT_LIMIT_S)
        except TimeoutError:
            raise self._complaint or Unavailable(
                "no_answer",
                f"The server said nothing for {CONNECT_LIMIT_S:g} s.",
                hint="Look at the server's log.",
            ) from None

    # --- hearing ----------------------------------------------------------------------------------

    async def _read(self) -> None:
        async for message in self._socket.messages():
            self._hear(message)

    def _hear(self, message: Any) -> None:
        match message:
            case Welcome() if not self._welcome.done():
                self._welcome.set_result(message)
            case RtcAnswer() if not self._answer.done():
                self._answer.set_result(message)
            case Pong():
                self._clock.add(message, time.time())
            case Status():
                self._status(message)
            case WindowReport():
                self._measure.window(message, self._taken_at_s(message), self._clock)
            case AdaptationMessage():
                self._measure.adaptation(message)
                if message.mode == "offer":
                    self._start(self._reply(message))
            case ErrorMessage():
                self._complain(message)

    def _status(self, status: Status) -> None:
        if status.media == "live":
            self._live.set()
        elif status.media == "failed":
            raise Unavailable(status.reason or "media_failed", "The server gave up on our media.")
        elif status.media == "stalled":
            self._measure.complaints["stalled"] += 1

    def _taken_at_s(self, report: WindowReport) -> float | None:
        video = self._peer.video if self._peer is not None else None
        if video is None or report.newest_media_s is None:
            return None
        return video.taken_at_s(report.newest_media_s)

    def _complain(self, message: ErrorMessage) -> None:
        error = TutorEmotionError(
            message.code, message.message, hint=message.hint, retry=message.retry
        )
        # Nobody is there to put it right, so before we are connected every fault is the end.
        if message.fatal or self._measure.connect_s is None:
            raise error
        self._complaint = error
        self._measure.complaints[message.code] += 1

    # --- doing ------------------------------------------------------------------------------------

    async def _ping(self) -> None:
        await self._said(self._welcome)
        count = 0
        while True:
            await self._socket.send(Ping(sent_s=time.time()))
            count += 1
            await asyncio.sleep(FIRST_PING_EVERY_S if count < FIRST_PINGS else PING_EVERY_S)

    async def _act(self) -> None:
        """Play the script; its clock starts when the learner is connected."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        for line in self._script:
            await asyncio.sleep(max(0.0, start + line.after_s - loop.time()))
            if isinstance(line.message, MediaStop) and self._peer is not None:
                await self._peer.close()
            await self._socket.send(line.message)

    async def _reply(self, offer: AdaptationMessage) -> None:
        ignored = self._offers == "ignored"
        await asyncio.sleep(offer.expires_in_s if ignored else REPLY_AFTER_S)
        choice = offer.choices[0] if self._offers == "taken" and offer.choices else None
        reply = OutcomeMessage(adaptation=offer.id, outcome=self._offers, choice=choice)
        await self._socket.send(reply)

    async def _watch(self, peer: Peer) -> None:
        """A WebRTC connection that goes by itself is a lost one."""
        await peer.gone.wait()
        if not peer.closed:
            raise Unavailable("connection_lost", "The WebRTC connection closed.")
