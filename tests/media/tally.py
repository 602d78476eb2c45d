"""What a Peer's receivers hand to their decoders, and when."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

from tutor_emotion.media.peer import Peer
from tutor_emotion.media.tuning import JITTER_BUFFER

OPUS_HZ = 48_000


class Tally:
    """Of a connected Peer. Knows our buffers and aiortc's own, to compare them."""

    def __init__(self, peer: Peer) -> None:
        self.pictures_s: list[float] = []
        self.sounds: list[tuple[float, int]] = []  # when, and its timestamp at 48 kHz
        assert peer._pc is not None
        for transceiver in peer._pc.getTransceivers():
            saw = self._saw_picture if transceiver.kind == "video" else self._heard
            _listen(getattr(transceiver.receiver, JITTER_BUFFER), saw)

    def _saw_picture(self, timestamp: int) -> None:
        self.pictures_s.append(time.monotonic())

    def _heard(self, timestamp: int) -> None:
        self.sounds.append((time.monotonic(), timestamp))

    def longest_picture_gap_s(self, since_s: float) -> float:
        """Between two pictures, and until now."""
        at = [since_s, *(t for t in self.pictures_s if t >= since_s), time.monotonic()]
        return max(later - earlier for earlier, later in itertools.pairwise(at))

    def sound_missing(self, since_s: float) -> float:
        """The share of the frames that were due between the first and the last that came."""
        stamps = [stamp for at, stamp in self.sounds if at >= since_s]
        steps = [b - a for a, b in itertools.pairwise(stamps) if b > a]
        due = (stamps[-1] - stamps[0]) / min(steps) + 1
        return 1.0 - len(stamps) / due


def _listen(buffer: Any, saw: Callable[[int], None]) -> None:
    if hasattr(buffer, "deliver"):
        deliver = buffer.deliver

        def counted(payload_type: int, coded: Any) -> None:
            saw(coded.timestamp)
            deliver(payload_type, coded)

        buffer.deliver = counted
    else:
        add = buffer.add

        def added(packet: Any) -> Any:
            pli, frame = add(packet)
            if frame is not None:
                saw(frame.timestamp)
            return pli, frame

        buffer.add = added
