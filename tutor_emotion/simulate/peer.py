"""A simulated learner's RTCPeerConnection: it only sends, from Clips."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.stats import (
    RTCOutboundRtpStreamStats,
    RTCRemoteInboundRtpStreamStats,
    RTCTransportStats,
)

from tutor_emotion.errors import Unavailable
from tutor_emotion.protocol import IceServer
from tutor_emotion.simulate.clips import Clip
from tutor_emotion.simulate.measure import Traffic
from tutor_emotion.simulate.tracks import ClipTrack

# Between our DTLS being up and the first frame: the server's DTLS is up a round trip later.
SETTLE_S = 0.2
_CODECS = {"video": "video/VP8", "audio": "audio/opus"}


class Peer:
    """``offer`` → ``accept`` → ``connected`` → ``play``; ``gone`` is set when it is lost."""

    def __init__(self, clips: Sequence[Clip], ice_servers: Sequence[IceServer]) -> None:
        servers = [
            RTCIceServer(urls=s.urls, username=s.username, credential=s.credential)
            for s in ice_servers
        ]
        # An empty list, not None: aiortc's own default is a public server.
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._gate = asyncio.Event()
        self._connected = asyncio.Event()
        self.gone = asyncio.Event()
        self.closed = False  # by ourselves
        self._pc.on("connectionstatechange", self._changed)
        self.video: ClipTrack | None = None
        for clip in clips:
            self._add(clip)

    def _add(self, clip: Clip) -> None:
        track = ClipTrack(clip, self._gate)
        transceiver = self._pc.addTransceiver(track, direction="sendonly")
        known = RTCRtpSender.getCapabilities(clip.kind).codecs
        # The Clip's codec alone (and retransmission): its packets are ready made.
        transceiver.setCodecPreferences(
            [c for c in known if c.mimeType in (_CODECS[clip.kind], f"{clip.kind}/rtx")]
        )
        if clip.kind == "video":
            self.video = track

    def _changed(self) -> None:
        state = self._pc.connectionState
        if state == "connected":
            self._connected.set()
        elif state in ("failed", "closed"):
            self.gone.set()

    async def offer(self) -> str:
        """The SDP offer, with all candidates in it."""
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return str(self._pc.localDescription.sdp)

    async def accept(self, sdp: str) -> None:
        """Take the server's answer.

        Raises:
            Unavailable: ``bad_answer``.
        """
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))
        except (InvalidAccessError, InvalidStateError, OperationError, ValueError) as error:
            raise Unavailable("bad_answer", f"The server's answer is no use ({error}).") from None

    async def play(self, limit_s: float) -> None:
        """Wait for the connection, then let the media go.

        Raises:
            Unavailable: ``not_connected`` after ``limit_s`` seconds.
        """
        try:
            await asyncio.wait_for(self._connected.wait(), limit_s)
        except TimeoutError:
            raise Unavailable(
                "not_connected",
                f"No WebRTC connection within {limit_s:g} s.",
                hint="Is UDP between the two machines open, or a TURN server configured?",
            ) from None
        await asyncio.sleep(SETTLE_S)
        self._gate.set()

    async def count(self, traffic: Traffic) -> None:
        """Put what went over this connection so far into ``traffic``; call it before ``close``."""
        for stats in (await self._pc.getStats()).values():
            if isinstance(stats, RTCOutboundRtpStreamStats):
                traffic.packets += stats.packetsSent
            elif isinstance(stats, RTCRemoteInboundRtpStreamStats):
                traffic.lost += stats.packetsLost
            elif isinstance(stats, RTCTransportStats):
                traffic.media_out_bytes += stats.bytesSent
                traffic.media_in_bytes += stats.bytesReceived
        traffic.frames += self.video.handed_out if self.video is not None else 0

    async def close(self) -> None:
        self.closed = True
        self._gate.set()  # a sender that still waits for its first frame must be able to end
        await self._pc.close()
