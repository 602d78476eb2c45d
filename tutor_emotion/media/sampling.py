"""Newest wins: encoded frames leave the event loop here, and become what they showed or said.

Each track decodes, samples and looks in one turn in the pool. The event loop only lays down what
arrived, and nothing decoded comes back to it. What is forgotten in the middle of a turn is decoded
no further, looked at no more, and never delivered.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Protocol

from av import VideoFrame

from tutor_emotion.core.types import UInt8Image
from tutor_emotion.core.windows import FaceSeen
from tutor_emotion.media.decoding import (
    MAX_WAITING,
    Arrivals,
    Encoded,
    TrackDecoder,
    each,
    nobody,
    too_many,
)
from tutor_emotion.media.pixels import to_rgb
from tutor_emotion.media.pool import Strand

EARLY_S = 0.004  # a frame may be this early: media clocks tick in whole milliseconds


class Eye(Protocol):
    """Says what one picture shows."""

    def look(self, rgb: UInt8Image, *, at_s: float, media_s: float) -> FaceSeen: ...


class _Film:
    """What waits of one unbroken stretch of pictures, and the decoder that knows what came before.

    To forget it is to begin another.
    """

    def __init__(self, arrivals: Arrivals, eye: Eye, ask_key: Callable[[], None]) -> None:
        self.eye = eye
        self.waiting: deque[Encoded] = deque()
        self.due_s: float | None = None
        self.decoder = TrackDecoder(arrivals, ask_key)
        self._due: dict[int, Encoded] = {}  # by their timestamp

    def develop(self, encoded: Encoded) -> list[tuple[VideoFrame, Encoded]]:
        """The wanted pictures that this one brought out: a decoder may hold one back."""
        if encoded.due:
            self._due[encoded.frame.timestamp] = encoded
        frames = self.decoder.decode(encoded)
        wanted = [(f, self._due.pop(f.pts)) for f in frames if f.pts in self._due]
        if len(self._due) > MAX_WAITING:  # a decoder that swallows them
            self._due.clear()
        return wanted


class FaceSampler:
    """At most ``frames_per_s`` pictures a second by media time are looked at, newest first.

    ``deliver`` is called in the pool, under ``lock``.
    """

    def __init__(
        self,
        make_eye: Callable[[], Eye],
        *,
        frames_per_s: float,
        limits: tuple[int, int],
        pool: Executor,
        lock: threading.Lock,
        deliver: Callable[[FaceSeen], None],
    ) -> None:
        self._make_eye = make_eye
        self._interval_s = 1.0 / frames_per_s
        self._limits = limits
        self._lock = lock
        self._deliver = deliver
        self._strand = Strand(pool, self._turn)
        self.arrivals = Arrivals()
        self.ask_key: Callable[[], None] = nobody
        self._film = self._blank()

    @property
    def busy(self) -> bool:
        return self._strand.busy

    @property
    def newest_s(self) -> float | None:
        """When the newest frame that could be decoded had arrived, since the last ``forget``."""
        return self._film.decoder.newest_s

    def take(self, codec: Any, frame: Any, at_s: float) -> None:
        """An encoded frame that arrived at ``at_s`` (session clock). On the event loop."""
        self.arrivals.arrived += 1
        if too_many(self._film.waiting, at_s):
            # A key frame is cheaper than all that was missed.
            self.arrivals.dropped += len(self._film.waiting)
            self.forget()
            self.ask_key()
        due = self._is_due(frame.timestamp / codec.clockRate)
        self._film.waiting.append(Encoded(codec, frame, at_s, due))
        if due:
            self._strand.wake()
        else:
            self.arrivals.not_due += 1

    def forget(self) -> None:
        """Nothing of what came so far is looked at any more, and its decoder ends."""
        with self._lock:
            self._film = self._blank()

    def resume(self) -> None:
        """What comes now is looked at again; after a pause only a whole picture can be."""
        if self.arrivals.arrived:
            self.ask_key()

    def _blank(self) -> _Film:
        return _Film(self.arrivals, self._make_eye(), lambda: self.ask_key())

    def _is_due(self, media_s: float) -> bool:
        """Keeps to a grid, so that 12 frames a second still give 5; a jump begins a new grid."""
        interval_s, due_s = self._interval_s, self._film.due_s
        if due_s is not None and due_s - 2 * interval_s < media_s + EARLY_S < due_s:
            return False
        on_grid = due_s is not None and 0 <= media_s + EARLY_S - due_s < interval_s
        self._film.due_s = (due_s if on_grid and due_s is not None else media_s) + interval_s
        return True

    def _turn(self) -> None:
        film = self._film
        newest: tuple[VideoFrame, Encoded] | None = None
        for encoded in each(film.waiting):
            if film is not self._film:
                return
            for wanted in film.develop(encoded):
                self.arrivals.overtaken += newest is not None
                newest = wanted
        if newest is None or film is not self._film:
            return
        seen = _look(film.eye, *newest, self._limits)
        with self._lock:
            if film is self._film:
                self.arrivals.sampled += 1
                self._deliver(seen)


def _look(eye: Eye, frame: VideoFrame, encoded: Encoded, limits: tuple[int, int]) -> FaceSeen:
    try:
        rgb = to_rgb(frame, *limits)
    except ValueError:
        return FaceSeen(encoded.at_s, "too_small")  # a picture in which no face can be
    return eye.look(rgb, at_s=encoded.at_s, media_s=encoded.media_s)
