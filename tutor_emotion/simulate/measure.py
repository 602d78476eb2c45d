"""What is measured of a simulated learner, and how it is put into one result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.protocol import AdaptationMessage, Pong, SessionSummary, WindowReport


@dataclass
class ServerClock:
    """The server's clock less ours, from the ping that came back soonest."""

    offset_s: float = 0.0
    round_trip_s: float = float("inf")

    def add(self, pong: Pong, now_s: float) -> None:
        """``now_s`` is our unix time when the pong came."""
        round_trip_s = now_s - pong.sent_s
        if 0 <= round_trip_s < self.round_trip_s:
            self.round_trip_s = round_trip_s
            self.offset_s = pong.server_time_s - (pong.sent_s + now_s) / 2

    def ours(self, server_s: float) -> float:
        """A time of the server on our clock."""
        return server_s - self.offset_s


@dataclass
class Traffic:
    """What went between one learner and the server: payloads, without IP and UDP or TCP headers.

    ``media_…`` is all of the WebRTC connection (SRTP, RTCP, DTLS). ``lost`` are packets that the
    receiver missed, by its own reports.
    """

    seconds: float = 0.0
    frames: int = 0
    packets: int = 0
    lost: int = 0
    media_out_bytes: int = 0
    media_in_bytes: int = 0
    socket_out_bytes: int = 0
    socket_in_bytes: int = 0


@dataclass
class Measure:
    """One learner. Times in seconds, delays in milliseconds."""

    learner: str
    connect_s: float | None = None
    lost: bool = False
    left: bool = False
    error: TutorEmotionError | None = None
    estimates: int = 0
    face: Counter[str] = field(default_factory=Counter)
    voice: Counter[str] = field(default_factory=Counter)
    latency_ms: list[float] = field(default_factory=list)
    signals: list[dict[str, Any]] = field(default_factory=list)
    adaptations: list[dict[str, Any]] = field(default_factory=list)
    complaints: Counter[str] = field(default_factory=Counter)
    traffic: Traffic = field(default_factory=Traffic)
    read: int = 0
    _seen: set[int] = field(default_factory=set)

    def window(self, report: WindowReport, taken_at_s: float | None, clock: ServerClock) -> None:
        """Count a Window once; ``taken_at_s`` is our unix time at its newest frame's capture."""
        if report.seq not in self._seen:
            self._seen.add(report.seq)
            self.face[report.face] += 1
            self.voice[report.voice] += 1
        if report.estimated_at_s is None:
            return
        self.estimates += 1
        self.read += 1
        if taken_at_s is not None:
            delay_s = clock.ours(report.estimated_at_s) - taken_at_s
            self.latency_ms.append(1000 * delay_s)

    def adaptation(self, message: AdaptationMessage) -> None:
        """One that came over the socket; the session's own record replaces it at the end."""
        self.adaptations.append(
            {"id": message.id, "kind": message.kind, "mode": message.mode, "outcome": ""}
        )

    def covered_by(self, summary: SessionSummary) -> bool:
        """Whether a summary already has the counts that we saw ourselves."""
        windows = sum(summary.windows.values())
        return windows >= 2 * len(self._seen) and summary.estimates >= self.estimates

    def summary(self, summary: SessionSummary) -> None:
        """What the session recorded: signals, and Adaptations with what became of them.

        Its Windows (``face:ok`` …) are all that were cut; those that gave way to a newer one were
        never reported to us.
        """
        self.signals = summary.signals
        self.adaptations = summary.adaptations
        self.estimates = max(self.estimates, summary.estimates)
        if self.covered_by(summary):
            self.face, self.voice = (
                Counter(_of_sensor(summary.windows, sensor)) for sensor in ("face", "voice")
            )

    def failed(self, error: TutorEmotionError) -> None:
        """An error ended it: before it was connected, or (``lost``) after."""
        self.error = error
        self.lost = self.connect_s is not None


def _of_sensor(windows: dict[str, int], sensor: str) -> dict[str, int]:
    prefix = f"{sensor}:"
    return {k.removeprefix(prefix): n for k, n in windows.items() if k.startswith(prefix)}


def percentile(values: Sequence[float], share: float) -> float | None:
    """By linear interpolation between ranks; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def result(measures: Sequence[Measure]) -> dict[str, Any]:
    """One object for one learner or many.

    ``connect_seconds`` is the slowest learner's; counts are sums; ``windows_read`` are the Windows
    whose Estimate came; ``latency_ms`` is over all
    Windows of all learners. ``learners`` is there when there are several.
    """
    times = [m.connect_s for m in measures if m.connect_s is not None]
    whole = {
        "connected": len(times),
        "lost": sum(m.lost for m in measures),
        "connect_seconds": _rounded(max(times, default=None), 3),
        "estimates": sum(m.estimates for m in measures),
        "signals": [_of(m, row, measures) for m in measures for row in m.signals],
        "adaptations": [_of(m, row, measures) for m in measures for row in m.adaptations],
        "windows": {
            "face": dict(sum((m.face for m in measures), Counter())),
            "voice": dict(sum((m.voice for m in measures), Counter())),
        },
        "windows_read": sum(m.read for m in measures),
        "traffic": {
            part.name: round(sum(getattr(m.traffic, part.name) for m in measures), 3)
            for part in fields(Traffic)
        },
        "latency_ms": _latency([value for m in measures for value in m.latency_ms]),
        "complaints": dict(sum((m.complaints for m in measures), Counter())),
        "errors": sorted({m.error.code for m in measures if m.error is not None}),
    }
    if len(measures) > 1:
        whole["learners"] = [{"learner": m.learner, **result([m])} for m in measures]
    return whole


def _of(measure: Measure, row: dict[str, Any], measures: Sequence[Measure]) -> dict[str, Any]:
    return {"learner": measure.learner, **row} if len(measures) > 1 else row


def _latency(values: Sequence[float]) -> dict[str, float | None]:
    return {
        "p50": _rounded(percentile(values, 0.50), 1),
        "p95": _rounded(percentile(values, 0.95), 1),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
