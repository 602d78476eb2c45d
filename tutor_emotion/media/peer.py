"""One learner's RTCPeerConnection: answers an offer, receives, never sends, and ends cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from aiortc import (
    RTCConfiguration,
    RTCIceCandidate,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.exceptions import OperationError

from tutor_emotion import faults
from tutor_emotion.core.types import Modality, Window, WindowSpec
from tutor_emotion.errors import BadInput, TutorEmotionError, Unavailable
from tutor_emotion.media import tuning
from tutor_emotion.media.config import PeerConfig, peer_config
from tutor_emotion.media.offer import (
    MODALITY_OF,
    Offer,
    bad_sdp,
    modest_answer,
    parse_candidate,
    vet_offer,
)
from tutor_emotion.media.senses import Senses
from tutor_emotion.media.status import ENDED, PeerStatus, Watch

__all__ = ["Peer", "PeerConfig", "PeerStatus", "peer_config"]

logger = logging.getLogger(__name__)

MAX_CANDIDATES = 64
CLOSE_LIMIT_S = 5.0


class Peer:
    """Belongs to one websocket. One offer, one answer; a changed network needs a new Peer.

    ``clock`` is the session clock in seconds. ``on_status`` is called on the event loop, each time
    that the status changes.
    """

    def __init__(
        self,
        *,
        spec: WindowSpec,
        clock: Callable[[], float],
        config: PeerConfig,
        on_status: Callable[[PeerStatus], None],
    ) -> None:
        self._senses = Senses(spec, config)
        self._clock = clock
        self._config = config
        self._on_status = on_status
        self._status = PeerStatus("connecting")
        self._watch = Watch(
            clock(), config.connect_timeout_s, config.frame_watchdog_s, config.stalled_close_s
        )
        self._pc: RTCPeerConnection | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._candidates = 0
        self._closing: asyncio.Task[None] | None = None

    @property
    def status(self) -> PeerStatus:
        return self._status

    @property
    def speaking(self) -> bool:
        """Whether the learner speaks now."""
        return self._senses.speaking

    async def answer(self, sdp: str, modalities: frozenset[Modality]) -> str:
        """The SDP answer to an offer; only ``modalities`` that it has tracks for will be received.

        Raises:
            BadInput: ``bad_sdp``, ``sdp_too_large``, ``too_many_tracks``, ``unsupported_codec``,
                ``media_not_allowed``.
            Unavailable: ``weights_missing``; ``peer_closed`` if it was closed meanwhile.
        """
        if self._pc is not None or self._closing is not None:
            raise bad_sdp("this connection has had its offer; open a new one")
        offer = vet_offer(sdp, modalities)
        tuning.install()
        servers = [RTCIceServer(**server) for server in self._config.ice_servers]
        self._pc = pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        try:
            await self._senses.open(offer.receiving)
            await asyncio.wait_for(self._negotiate(pc, offer), self._config.connect_timeout_s)
            self._must_be_open()
        except BaseException as error:
            await self._give_up(error)
            raise
        self._watch.began_s = self._clock()
        self._watch.wanted = set(offer.receiving)
        self._senses.use(offer.receiving)
        self._spawn(self._keep_watch())
        return modest_answer(
            pc.localDescription.sdp,
            video_kbps=self._config.video_kbps,
            audio_kbps=self._config.audio_kbps,
            ptime_ms=self._config.audio_ptime_ms,
        )

    async def add_candidate(
        self, candidate: str, sdp_mid: str | None, sdp_mline_index: int | None
    ) -> None:
        """A trickled ICE candidate; empty is the end of them.

        Raises:
            BadInput: ``bad_candidate``.
        """
        if self._pc is None:
            raise BadInput("bad_candidate", "A candidate came before its offer.")
        if self._closing is not None:
            return
        if not candidate.strip():
            await self._add(None)
            return
        self._candidates += 1
        if self._candidates > MAX_CANDIDATES:
            raise BadInput("bad_candidate", f"More than {MAX_CANDIDATES} ICE candidates.")
        parsed = parse_candidate(candidate)
        if sdp_mid is None and sdp_mline_index is None:
            raise BadInput("bad_candidate", "An ICE candidate names its media section.")
        parsed.sdpMid, parsed.sdpMLineIndex = sdp_mid, sdp_mline_index
        if parsed.ip.endswith(".local"):
            self._spawn(self._add_quietly(parsed))
        else:
            await self._add(parsed)

    def pause(self, paused: bool) -> None:
        """Media is dropped unseen while paused; what was gathered is forgotten."""
        self._watch.pause(paused, self._clock())
        self._use()

    def drop(self, modality: Modality) -> None:
        """Consent was revoked: nothing of it is looked at or kept; its decoder ends."""
        self._watch.wanted.discard(modality)
        self._spawn(self._stop_receiving(modality))
        self._use()

    def sends(self, sent: frozenset[Modality]) -> None:
        """What the page sends now, of what it offered; the rest is off, and nobody waits for it."""
        self._watch.sends(sent, self._clock())
        self._use()

    def cut(self, now_s: float) -> Window:
        """The Window of the last hop; called once a hop, whatever has happened to the media."""
        return self._senses.cut(now_s)

    async def close(self) -> None:
        """End it: sockets, threads and buffers are given back. Twice is the same as once."""
        if self._closing is None:
            self._watch.end("closed")
            self._senses.use(())  # at once: the rest takes its time
            self._closing = asyncio.ensure_future(self._shut())
        await asyncio.shield(self._closing)

    # --- the negotiation ---------------------------------------------------------------------

    async def _negotiate(self, pc: RTCPeerConnection, offer: Offer) -> None:
        pc.on("connectionstatechange", self._on_connection)
        with tuning.loopback_only(self._config.loopback_only):
            try:
                await pc.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
                transceivers = pc.getTransceivers()
                for transceiver in transceivers:
                    self._receive(transceiver)
                for transport in {t.receiver.transport for t in transceivers}:
                    tuning.receive_at_once(transport)
                await pc.setLocalDescription(await pc.createAnswer())
            except OperationError as error:
                raise BadInput("unsupported_codec", "No codec in common.") from error
            except Exception as error:  # aiortc shows a bad SDP as any exception
                logger.info("offer_refused: %s", type(error).__name__)
                raise bad_sdp("it is not consistent") from error
        for candidate in offer.hidden_candidates:
            self._spawn(self._add_quietly(candidate))

    def _must_be_open(self) -> None:
        if self._closing is not None:
            raise Unavailable("peer_closed", "The connection was closed meanwhile.")

    async def _give_up(self, error: BaseException) -> None:
        code = error.code if isinstance(error, TutorEmotionError) else "connection_failed"
        self._watch.end("failed", code)
        await self.close()

    async def _add_quietly(self, candidate: RTCIceCandidate) -> None:
        """A name that is resolved over multicast takes up to a second, and may be nobody's."""
        with contextlib.suppress(BadInput):
            await self._add(candidate)

    async def _add(self, candidate: RTCIceCandidate | None) -> None:
        if self._pc is None:
            return
        try:
            with tuning.loopback_only(self._config.loopback_only):
                await self._pc.addIceCandidate(candidate)
        except (ValueError, OSError) as error:
            raise BadInput("bad_candidate", "The ICE candidate cannot be used.") from error

    def _use(self) -> None:
        self._senses.use(() if self._watch.paused else self._watch.due)
        self._report()

    # --- the media ---------------------------------------------------------------------------

    def _receive(self, transceiver: RTCRtpTransceiver) -> None:
        """What arrives on this track goes to the senses, encoded, and is never left to pile up."""
        receiver, modality = transceiver.receiver, MODALITY_OF[transceiver.kind]
        if receiver.track is None:  # a section that is turned off
            return

        def take(codec: Any, frame: Any) -> None:
            self._senses.take(modality, codec, frame, self._clock())

        inlet = tuning.Inlet(take, lambda: self._senses.end(modality))
        ask_key = tuning.divert(receiver, inlet)
        tuning.mend_losses(receiver, transceiver.kind)
        if modality == "face":
            self._senses.ask_key_by(ask_key)

    async def _stop_receiving(self, modality: Modality) -> None:
        """Ends the track; what arrives later goes nowhere."""
        for transceiver in self._pc.getTransceivers() if self._pc is not None else []:
            if MODALITY_OF[transceiver.kind] == modality:
                await transceiver.receiver.stop()

    # --- the end -----------------------------------------------------------------------------

    def _on_connection(self) -> None:
        if self._pc is None or self._closing is not None:
            return
        state = self._pc.connectionState
        if state == "connected":
            self._watch.connect(self._clock())
        elif state == "failed":
            self._watch.end("failed", "connection_failed")
        elif state == "closed":
            self._watch.end("closed", "connection_closed")
        self._report()

    async def _keep_watch(self) -> None:
        tick_s = min(0.25, self._config.frame_watchdog_s / 4, self._config.connect_timeout_s / 4)
        while self._status.media not in ENDED:
            await asyncio.sleep(tick_s)
            self._report()

    def _report(self) -> None:
        """Tell a changed status; an ended peer gives its resources back."""
        for modality, at_s in self._senses.newest():
            self._watch.saw(modality, at_s)
        status = self._watch.status(self._clock())
        if status != self._status:
            self._status = status
            self._on_status(status)
        if status.media in ENDED and self._closing is None and self._pc is not None:
            self._closing = asyncio.ensure_future(self._shut())

    async def _shut(self) -> None:
        pc, self._pc = self._pc, None
        self._report()
        tasks = [t for t in self._tasks if t is not asyncio.current_task()]
        if pc is not None:
            try:
                await asyncio.wait_for(pc.close(), CLOSE_LIMIT_S)
            except Exception as error:  # noqa: BLE001 the rest must still end
                faults.note(logger, "closing a peer", error)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._senses.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            faults.note(logger, "a task of a peer", error)
