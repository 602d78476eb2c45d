"""A track's encoded frames, as aiortc has put them together, and what becomes of each."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from av import FFmpegError

from tutor_emotion import faults
from tutor_emotion.media import tuning

logger = logging.getLogger(__name__)

MAX_WAITING_S = 3.0
MAX_WAITING = 256


def nobody() -> None:
    """Asks nobody for a key frame."""


class Encoded(NamedTuple):
    """A frame of ``codec`` that arrived whole at ``at_s`` (session clock).

    ``due``: the picture in it is wanted; every other one is decoded only because the next needs it.
    """

    codec: Any
    frame: Any
    at_s: float
    due: bool = True

    @property
    def media_s(self) -> float:
        return float(self.frame.timestamp / self.codec.clockRate)


@dataclass(slots=True)
class Arrivals:
    """What became of a track's frames, counted from its beginning.

    ``arrived`` whole from the network while it was in use, ``unused`` while it was not. Of the
    arrived ones ``not_due`` were not wanted; they are decoded for the sake of the next. ``failed``
    the decoder refused, ``dropped`` never reached it (we were too slow). Of the ``decoded`` ones
    ``sampled`` were looked at, or heard, and ``overtaken`` wanted, but a newer one was there when
    their turn came. Sound also in seconds: heard, lost on the way (``gap_s``), dropped by us
    (``overflow_s``). The difference of two copies tells of the time between.
    """

    arrived: int = 0
    unused: int = 0
    decoded: int = 0
    failed: int = 0
    dropped: int = 0
    sampled: int = 0
    not_due: int = 0
    overtaken: int = 0
    heard_s: float = 0.0
    gap_s: float = 0.0
    overflow_s: float = 0.0


class TrackDecoder:
    """Decodes one track in order. ``ask_key`` is called when only a key frame helps."""

    def __init__(self, arrivals: Arrivals, ask_key: Callable[[], None] = nobody) -> None:
        self.newest_s: float | None = None  # when the newest one that was decoded had arrived
        self._arrivals = arrivals
        self._ask_key = ask_key
        self._decoder: Any = None
        self._name = ""
        self._noted = False

    def decode(self, encoded: Encoded) -> list[Any]:
        """Frames of PyAV; none when it cannot be decoded.

        The decoder keeps what it knows then: begun afresh, it would refuse everything until the
        next key frame.
        """
        if not encoded.frame.data:  # padding; FFmpeg would take it for the end of all
            return []
        try:
            if encoded.codec.name != self._name:
                self._decoder = tuning.make_decoder(encoded.codec)
                self._name = encoded.codec.name
            frames: list[Any] = self._decoder.decode(encoded.frame)
        except FFmpegError:
            self._fail()
            return []
        except Exception as error:  # noqa: BLE001 a stranger's bytes must not end a learner's track
            self._fail()
            self._decoder, self._name = None, ""
            if not self._noted:
                self._noted = True
                faults.note(logger, "decoding a frame", error)
            return []
        self._arrivals.decoded += 1
        self.newest_s = encoded.at_s
        return frames

    def _fail(self) -> None:
        self._arrivals.failed += 1
        self._ask_key()


def too_many(waiting: deque[Encoded], now_s: float) -> bool:
    """Whether the pool is so far behind that what waits is not worth its while."""
    if len(waiting) >= MAX_WAITING:
        return True
    try:
        return now_s - waiting[0].at_s > MAX_WAITING_S
    except IndexError:  # a turn took the last one meanwhile
        return False


def each(waiting: deque[Encoded]) -> Iterator[Encoded]:
    """Takes out what waits, and what comes meanwhile; the event loop may clear it at any moment."""
    while True:
        try:
            yield waiting.popleft()
        except IndexError:
            return
