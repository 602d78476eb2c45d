"""Newest wins: frames and sound leave the event loop here, and come back as what they showed.

Each learner has at most one picture and one piece of sound in the pool; what arrives meanwhile
replaces the waiting picture, or joins the waiting sound.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Generic, TypeVar

import numpy as np
from av import AudioFrame, VideoFrame

from tutor_emotion import faults
from tutor_emotion.core.windows import FaceSeen
from tutor_emotion.media.cropping import FaceCropper
from tutor_emotion.media.pixels import to_rgb
from tutor_emotion.media.placing import Placed, SoundPlacer
from tutor_emotion.media.speech import Ear, Heard

logger = logging.getLogger(__name__)

PIECE_S = 0.1  # sound goes to the pool in pieces of this length: fewer hops, and still prompt
MAX_WAITING_S = 3.0
SILENT_END_S = 0.7  # no sound for so long ends what was being said
EARLY_S = 0.004  # a frame may be this early: media clocks tick in whole milliseconds

Result = TypeVar("Result")


class _OneAtATime(Generic[Result]):
    """One job in the pool; its result comes back on the loop, unless it was forgotten meanwhile."""

    def __init__(self, pool: Executor, deliver: Callable[[Result], None]) -> None:
        self._pool = pool
        self._deliver = deliver
        self._generation = 0
        self._running: asyncio.Future[Result] | None = None

    @property
    def busy(self) -> bool:
        return self._running is not None

    def forget(self) -> None:
        """The result of what runs now will be dropped."""
        self._generation += 1

    def start(self, job: Callable[[], Result], then: Callable[[], None]) -> None:
        generation = self._generation
        future = asyncio.get_running_loop().run_in_executor(self._pool, job)
        self._running = future

        def done(ended: asyncio.Future[Result]) -> None:
            self._running = None
            if ended.cancelled():
                return
            if (error := ended.exception()) is not None:
                faults.note(logger, "a job on media", error)
            elif generation == self._generation:
                self._deliver(ended.result())
            then()

        future.add_done_callback(done)


class FaceSampler:
    """At most ``frames_per_s`` pictures a second by media time go to the cropper, newest first."""

    def __init__(
        self,
        cropper: FaceCropper,
        *,
        frames_per_s: float,
        limits: tuple[int, int],
        pool: Executor,
        deliver: Callable[[FaceSeen], None],
    ) -> None:
        self._cropper = cropper
        self._interval_s = 1.0 / frames_per_s
        self._limits = limits
        self._jobs: _OneAtATime[FaceSeen | None] = _OneAtATime(pool, self._deliver_seen)
        self._deliver = deliver
        self._due_s: float | None = None
        self._waiting: tuple[VideoFrame, float, float] | None = None

    def offer(self, frame: VideoFrame, at_s: float) -> None:
        """A decoded frame that arrived at ``at_s`` (session clock)."""
        if frame.pts is None or frame.time_base is None:
            return
        media_s = float(frame.pts * frame.time_base)
        if not self._is_due(media_s):
            return
        self._waiting = (frame, at_s, media_s)
        self._next()

    def forget(self) -> None:
        self._waiting = None
        self._due_s = None
        self._jobs.forget()

    def _is_due(self, media_s: float) -> bool:
        """Keeps to a grid, so that 12 frames a second still give 5; a jump begins a new grid."""
        interval_s, due_s = self._interval_s, self._due_s
        if due_s is not None and due_s - 2 * interval_s < media_s + EARLY_S < due_s:
            return False
        on_grid = due_s is not None and 0 <= media_s + EARLY_S - due_s < interval_s
        self._due_s = (due_s if on_grid and due_s is not None else media_s) + interval_s
        return True

    def _next(self) -> None:
        if self._waiting is None or self._jobs.busy:
            return
        frame, at_s, media_s = self._waiting
        self._waiting = None
        self._jobs.start(lambda: self._look(frame, at_s, media_s), self._next)

    def _look(self, frame: VideoFrame, at_s: float, media_s: float) -> FaceSeen | None:
        try:
            rgb = to_rgb(frame, *self._limits)
        except ValueError:
            return FaceSeen(at_s, "too_small")  # a picture in which no face can be
        return self._cropper.look(rgb, at_s=at_s, media_s=media_s)

    def _deliver_seen(self, seen: FaceSeen | None) -> None:
        if seen is not None:
            self._deliver(seen)


class SoundSampler:
    """Sound frames are placed on one line and heard, in order, in pieces of about 0.1 s."""

    def __init__(
        self, make_ear: Callable[[], Ear], *, pool: Executor, deliver: Callable[[Heard], None]
    ) -> None:
        self._make_ear = make_ear
        self._deliver = deliver
        self._jobs: _OneAtATime[list[Heard]] = _OneAtATime(pool, self._deliver_all)
        self._waiting: deque[tuple[AudioFrame, float]] = deque()
        self._waiting_s = 0.0
        self._last_s = float("-inf")
        self.speaking = False
        self._afresh()

    def offer(self, frame: AudioFrame, at_s: float) -> None:
        """A decoded frame of any rate that arrived at ``at_s`` (session clock)."""
        self._last_s = at_s
        self._waiting.append((frame, at_s))
        self._waiting_s += _length_s(frame)
        while self._waiting_s > MAX_WAITING_S:
            self._waiting_s -= _length_s(self._waiting.popleft()[0])
        self._next()

    def forget(self) -> None:
        self._waiting.clear()
        self._waiting_s = 0.0
        self.speaking = False
        self._jobs.forget()
        self._afresh()

    def tick(self, now_s: float) -> None:
        """Sound that stopped coming ends what was being said."""
        if self.speaking and now_s - self._last_s > SILENT_END_S and not self._jobs.busy:
            ear = self._ear
            self._jobs.start(lambda: [ear.end(now_s)], self._next)

    def _afresh(self) -> None:
        self._placer, self._ear = SoundPlacer(), self._make_ear()

    def _next(self) -> None:
        if self._jobs.busy or self._waiting_s < PIECE_S:
            return
        frames = list(self._waiting)
        self._waiting.clear()
        self._waiting_s = 0.0
        placer, ear = self._placer, self._ear
        self._jobs.start(lambda: _listen(placer, ear, frames), self._next)

    def _deliver_all(self, heard: list[Heard]) -> None:
        for one in heard:
            self.speaking = one.speaking
            self._deliver(one)


def _length_s(frame: AudioFrame) -> float:
    return frame.samples / (frame.sample_rate or 48_000)


def _listen(placer: SoundPlacer, ear: Ear, frames: list[tuple[AudioFrame, float]]) -> list[Heard]:
    """Place the frames, and hear what continues as one piece."""
    heard: list[Heard] = []
    piece: list[Placed] = []
    for frame, at_s in frames:
        placed = placer.place(frame, at_s)
        if placed is None:
            continue
        if placed.fresh:
            heard += _hear(ear, piece)
            heard.append(ear.end(placed.start_s))
            piece = []
        piece.append(placed)
    return heard + _hear(ear, piece)


def _hear(ear: Ear, piece: list[Placed]) -> list[Heard]:
    if not piece:
        return []
    samples = np.concatenate([placed.samples for placed in piece])
    return [ear.hear(piece[0].start_s, samples, sum(placed.gap for placed in piece))]
