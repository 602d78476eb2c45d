"""One learner's camera and microphone: the peer, its Windows, and what became of each."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import BIOMETRIC, Modality, Reading, Window, WindowSpec
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference import queue
from tutor_emotion.live.asked import Asked
from tutor_emotion.media.peer import Peer, peer_config
from tutor_emotion.media.status import ENDED, PeerStatus
from tutor_emotion.protocol import WindowReport
from tutor_emotion.telemetry import metrics

MAX_PENDING = 16


@dataclass(frozen=True, slots=True)
class _Pending:
    """A Window under way: when it ended, what is said of it, and its newest moment of each sense
    (session clock)."""

    ended_s: float
    report: WindowReport
    newest_s: Mapping[str, float]


class Sensors:
    """Lives and dies with a socket. Without an offer it does nothing at all.

    ``reply_to`` is the channel to which the worker sends Readings, ``clock`` the session clock.
    """

    def __init__(
        self,
        reply_to: str,
        clock: Callable[[], float],
        on_status: Callable[[PeerStatus], None],
    ) -> None:
        self.windows: Counter[str] = Counter()
        self._reply_to = reply_to
        self._clock = clock
        self._on_status = on_status
        self.asked = Asked(reply_to, clock)
        self._slot = secrets.token_urlsafe(18)
        self._peer: Peer | None = None
        self._withheld: frozenset[Modality] = frozenset()  # what this peer may not read
        self._paused = False
        self._seq = 0
        self._forgotten = 0  # how often all that waited was let go of
        self._usual: tuple[float, ...] = ()  # how this learner usually sounds, as the Runner said
        self._pending: dict[int, _Pending] = {}  # Windows that a worker has or may take

    @property
    def active(self) -> bool:
        return self._peer is not None

    @property
    def speaking(self) -> bool:
        return self._peer is not None and not self._paused and self._peer.speaking

    async def answer(self, sdp: str, modalities: frozenset[Modality]) -> str:
        """Take an SDP offer, in place of any earlier peer. Errors as ``Peer.answer``."""
        await self.close()
        peer = Peer(
            spec=WindowSpec(frames_per_s=get_settings().FRAMES_PER_S),
            clock=self._clock,
            config=peer_config(get_settings()),
            on_status=lambda status: self._heard(peer, status),
        )
        metrics.PEERS.inc()
        self._peer, self._withheld = peer, BIOMETRIC - modalities
        try:
            answer = await peer.answer(sdp, modalities)
        except BaseException:
            await self.close()
            raise
        metrics.PEERS_OPENED.inc()
        peer.pause(self._paused)
        return answer

    async def add_candidate(self, candidate: str, mid: str | None, index: int | None) -> None:
        if self._peer is not None:
            await self._peer.add_candidate(candidate, mid, index)

    def sends(self, sent: frozenset[Modality]) -> None:
        """The page sends only these now, though more was agreed to: its line is too narrow."""
        if self._peer is not None:
            self._peer.sends(sent)
            level = "other" if "face" in sent else "sound_only"
            metrics.MEDIA_QUALITY_STEPS.labels(level=level, why="other").inc()

    async def pause(self, paused: bool) -> None:
        """While paused, media is dropped unseen and nothing of it waits."""
        self._paused = paused
        if self._peer is not None:
            self._peer.pause(paused)
        if paused:
            self._usual = ()
            await self._forget()

    async def restrict(self, allowed: frozenset[Modality]) -> None:
        """Drop what is no longer allowed; nothing of it is read from now on."""
        if self._peer is None:
            return
        if not allowed & BIOMETRIC:
            await self.close()
            return
        # The gate is asked every few seconds: only news may cost the Windows that wait.
        news = BIOMETRIC - allowed - self._withheld
        if news:
            self._withheld |= news
            if "voice" in news:
                self._usual = ()
            for modality in news:
                self._peer.drop(modality)
            await self._forget()

    async def close(self) -> None:
        """Leave no Window waiting, and free the peer's threads, sockets and memory."""
        peer, self._peer = self._peer, None
        self._usual = ()
        if peer is not None:
            await asyncio.gather(self._forget(), peer.close())

    async def tick(self) -> WindowReport | None:
        """Cut this second's Window and let it wait; a report where nothing can be read of it."""
        self.asked.tick()
        if self._peer is not None and self._peer.status.media in ENDED:
            await self.close()
        if self._peer is None or self._paused:
            return None
        now_s = self._clock()
        window = self._with_usual(replace(self._peer.cut(now_s), seq=self._seq))
        self._seq += 1
        self.windows.update((f"face:{window.face}", f"voice:{window.voice}"))
        metrics.WINDOW_QUALITY.labels(modality="face", quality=window.face).inc()
        metrics.WINDOW_QUALITY.labels(modality="voice", quality=window.voice).inc()
        report = _report(window)
        self._pending = {n: p for n, p in self._pending.items() if _fresh(p.ended_s, now_s)}
        if not window.usable or len(self._pending) >= MAX_PENDING:
            metrics.WINDOWS.labels(what="backlog" if window.usable else "unusable").inc()
            return report
        self._pending[window.seq] = _Pending(window.end_s, report, _newest(window))
        forgotten = self._forgotten
        try:
            await queue.put(self._slot, self._reply_to, window)
        except Unavailable:
            metrics.WINDOWS.labels(what="queue_away").inc()
            self._pending.pop(window.seq, None)
            return report
        if self._forgotten != forgotten:  # stopped, paused or revoked while it was on its way
            metrics.WINDOWS.labels(what="withdrawn").inc()
            await self._forget()
            return None
        metrics.WINDOWS.labels(what="queued").inc()
        self.asked.saw(window)
        queue.doorbell.ring()
        return None

    def arrived(
        self, seq: int, items: Iterable[Mapping[str, Any]]
    ) -> tuple[list[Reading], WindowReport | None]:
        """Readings that came back; empty when they are too late or no longer wanted."""
        pending, now_s = self._pending.pop(seq, None), self._clock()
        if pending is None or self._paused:
            metrics.READINGS.labels(what="unasked").inc()
            return [], None
        if not _fresh(pending.ended_s, now_s):
            metrics.READINGS.labels(what="late").inc()
            return [], None
        metrics.READINGS.labels(what="taken").inc()
        for modality, newest_s in pending.newest_s.items():
            metrics.ESTIMATE_AGE.labels(modality=modality).observe(now_s - newest_s)
        report: WindowReport | None = pending.report
        readings = [Reading(**item) for item in items]
        for reading in readings:
            if reading.modality == "voice" and reading.learned and "voice" not in self._withheld:
                self._usual = tuple(reading.learned)  # the newest stands
        if readings and report is not None:
            report = self._second_look(report, readings)
        return readings, report

    def _with_usual(self, window: Window) -> Window:
        said = tuple(replace(u, usual=self._usual) for u in window.utterances)
        return replace(window, utterances=said) if said else window

    def _second_look(self, report: WindowReport, readings: list[Reading]) -> WindowReport:
        """The detector is quick and takes a test picture for a face; the mesh does not."""
        news: dict[str, Any] = {"estimated_at_s": time.time()}
        faces = [r.n_valid for r in readings if r.modality == "face"]
        if faces and not any(faces) and report.face == "ok":
            news["face"] = "no_face"
            self.windows.update({"face:ok": -1, "face:no_face": 1})
        return report.model_copy(update=news)

    def _heard(self, peer: Peer, status: PeerStatus) -> None:
        if status.media in ENDED:  # each peer says it once
            metrics.PEERS.dec()
            metrics.PEERS_ENDED.labels(reason=status.reason or "closed").inc()
        # A peer that was replaced may still say that it closed.
        if peer is self._peer:
            self._on_status(status)

    async def _forget(self) -> None:
        self._forgotten += 1
        self._pending.clear()
        await self.asked.forget()
        try:
            await queue.drop(self._slot)
        except Unavailable:
            return  # the slot dies by its own seconds


def _fresh(ended_s: float, now_s: float) -> bool:
    return now_s - ended_s <= get_settings().READING_MAX_AGE_S


def _newest(window: Window) -> dict[str, float]:
    newest = {"face": [c.at_s for c in window.crops], "voice": [u.end_s for u in window.utterances]}
    return {modality: max(times) for modality, times in newest.items() if times}


def _report(window: Window) -> WindowReport:
    return WindowReport(
        seq=window.seq,
        face=window.face,
        voice=window.voice,
        newest_media_s=window.newest_media_s,
    )
