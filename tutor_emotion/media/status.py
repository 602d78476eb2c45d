"""How a peer is doing, as a pure state machine: what is known, and the time, give the status."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tutor_emotion.core.types import Modality

MediaState: TypeAlias = Literal["connecting", "live", "stalled", "failed", "closed", "paused"]
ENDED: frozenset[MediaState] = frozenset({"failed", "closed"})
MISSING = {"face": "no_video", "voice": "no_sound"}


@dataclass(frozen=True, slots=True)
class PeerStatus:
    """``in_use``: the modalities whose media arrives now. ``reason``: a code, or empty.

    ``no_frames``, ``no_video``, ``no_sound``, ``connect_timeout``, ``connection_failed``,
    ``connection_closed``, ``stalled_too_long``, ``revoked``, ``stopped`` (by the learner), or the
    code of the error that ended it.
    """

    media: MediaState
    in_use: frozenset[Modality] = frozenset()
    reason: str = ""


@dataclass(slots=True)
class Watch:
    """Notices what aiortc does not tell: a peer that never comes, a track that went silent."""

    began_s: float
    connect_timeout_s: float
    frame_watchdog_s: float
    stalled_close_s: float
    wanted: set[Modality] = field(default_factory=set)
    unsent: frozenset[Modality] = frozenset()  # the page keeps it back: the line is too narrow
    connected_s: float | None = None
    paused: bool = False
    seen_s: dict[Modality, float] = field(default_factory=dict)
    _ended: PeerStatus | None = None

    def end(self, media: Literal["failed", "closed"], reason: str = "") -> None:
        """The first end stands."""
        if self._ended is None:
            self._ended = PeerStatus(media, frozenset(), reason)

    def connect(self, now_s: float) -> None:
        if self.connected_s is None:
            self.connected_s = now_s

    def pause(self, paused: bool, now_s: float) -> None:
        """After a pause the watchdog begins anew."""
        if self.paused and not paused:
            self.connected_s = None if self.connected_s is None else now_s
            self.seen_s.clear()
        self.paused = paused

    @property
    def due(self) -> frozenset[Modality]:
        """What should be arriving."""
        return frozenset(self.wanted - self.unsent)

    def sends(self, sent: frozenset[Modality], now_s: float) -> None:
        """What the page sends from now on; what it sends again has a moment to come."""
        for modality in self.unsent & sent:
            self.seen_s[modality] = now_s
        self.unsent = frozenset(self.wanted - sent)

    def saw(self, modality: Modality, now_s: float) -> None:
        self.seen_s[modality] = now_s

    def status(self, now_s: float) -> PeerStatus:
        """The status at ``now_s``; a limit that has passed ends the peer."""
        self._check(now_s)
        if self._ended is not None:
            return self._ended
        if self.paused and self.connected_s is not None:
            return PeerStatus("paused")
        flowing = frozenset(m for m in self.due if self._silent_s(m, now_s) is not None)
        if not flowing:
            waiting = self.connected_s is None or self._all_silent_s(now_s) < self.frame_watchdog_s
            return (
                PeerStatus("connecting") if waiting else PeerStatus("stalled", reason="no_frames")
            )
        lacking = sorted(self.due - flowing)
        grown = self.connected_s is not None and now_s - self.connected_s > self.frame_watchdog_s
        return PeerStatus("live", flowing, MISSING[lacking[0]] if lacking and grown else "")

    def _check(self, now_s: float) -> None:
        if self.connected_s is None:
            if now_s - self.began_s > self.connect_timeout_s:
                self.end("failed", "connect_timeout")
        elif not self.wanted:
            self.end("closed", "revoked")
        elif not self.paused and self._all_silent_s(now_s) > self.stalled_close_s:
            self.end("closed", "stalled_too_long")

    def _silent_s(self, modality: Modality, now_s: float) -> float | None:
        """How long it has been silent; None if from the start, or longer than we wait."""
        seen_s = self.seen_s.get(modality)
        if seen_s is None or now_s - seen_s >= self.frame_watchdog_s:
            return None
        return now_s - seen_s

    def _all_silent_s(self, now_s: float) -> float:
        seen = [self.seen_s[m] for m in self.due if m in self.seen_s]
        return now_s - max([*seen, self.connected_s or self.began_s])
