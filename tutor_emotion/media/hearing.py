"""Sound leaves the event loop in pieces, and comes out as what was said. See sampling.py."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np
from av import AudioFrame

from tutor_emotion.core.types import SAMPLE_RATE_HZ
from tutor_emotion.media.decoding import Arrivals, Encoded, TrackDecoder, each, too_many
from tutor_emotion.media.placing import Placed, SoundPlacer, contiguous
from tutor_emotion.media.pool import Strand
from tutor_emotion.media.speech import Ear, Heard

PIECE_S = 0.1  # sound goes to the pool in pieces of this length: fewer hops, and still prompt
EARLY_S = 0.004  # a piece may be this short of it
SILENT_END_S = 0.7  # no sound for so long ends what was being said


class _Talk:
    """What waits of one unbroken stretch of sound, and all that was made of what came before."""

    def __init__(self, arrivals: Arrivals, ear: Ear) -> None:
        self.waiting: deque[Encoded] = deque()
        self.ear = ear
        self.end_s: float | None = None  # when it was noticed that nothing came any more
        self._piece_s: float | None = None  # media time at which the next piece begins
        self._newest_s: float | None = None
        self.decoder = TrackDecoder(arrivals)
        self._arrivals = arrivals
        self._placer = SoundPlacer()

    def lay_down(self, encoded: Encoded) -> bool:
        """Whether with this frame a piece of PIECE_S waits: it is as long as the one before it."""
        self.waiting.append(encoded)
        media_s, before_s = encoded.media_s, self._newest_s
        self._newest_s = media_s
        if self._piece_s is None:
            self._piece_s = media_s
        length_s = 0.0 if before_s is None else media_s - before_s
        if 0 <= media_s + length_s - self._piece_s < PIECE_S - EARLY_S:
            return False
        self._piece_s = None
        return True

    def overflow(self) -> None:
        """Give up what waits."""
        lost = list(each(self.waiting))
        self._arrivals.dropped += len(lost)
        self._arrivals.overflow_s += lost[-1].media_s - lost[0].media_s if lost else 0.0

    def decode(self, encoded: Encoded) -> list[tuple[AudioFrame, float]]:
        return [(frame, encoded.at_s) for frame in self.decoder.decode(encoded)]

    def listen(self, frames: Sequence[tuple[AudioFrame, float]]) -> list[Heard]:
        """Place the frames, and hear what continues as one piece."""
        heard: list[Heard] = []
        piece: list[Placed] = []
        for frame, at_s in contiguous(frames):
            placed = self._placer.place(frame, at_s)
            if placed is None:
                continue
            if placed.fresh:
                heard += self._hear(piece)
                heard.append(self.ear.end(placed.start_s))
                piece = []
            piece.append(placed)
            self._arrivals.gap_s += placed.gap / SAMPLE_RATE_HZ
            self._arrivals.heard_s += (placed.samples.size - placed.gap) / SAMPLE_RATE_HZ
        return heard + self._hear(piece)

    def _hear(self, piece: list[Placed]) -> list[Heard]:
        if not piece:
            return []
        samples = np.concatenate([placed.samples for placed in piece])
        return [self.ear.hear(piece[0].start_s, samples, sum(placed.gap for placed in piece))]


class SoundSampler:
    """Sound frames are placed on one line and heard, in order, in pieces of about 0.1 s.

    ``deliver`` is called in the pool, under ``lock``.
    """

    def __init__(
        self,
        make_ear: Callable[[], Ear],
        *,
        pool: Executor,
        lock: threading.Lock,
        deliver: Callable[[Heard], None],
    ) -> None:
        self._make_ear = make_ear
        self._lock = lock
        self._deliver = deliver
        self._strand = Strand(pool, self._turn)
        self._last_s = float("-inf")
        self.arrivals = Arrivals()
        self.speaking = False
        self._talk = _Talk(self.arrivals, make_ear())

    @property
    def busy(self) -> bool:
        return self._strand.busy

    @property
    def newest_s(self) -> float | None:
        """When the newest frame that could be decoded had arrived, since the last ``forget``."""
        return self._talk.decoder.newest_s

    def take(self, codec: Any, frame: Any, at_s: float) -> None:
        """An encoded frame that arrived at ``at_s`` (session clock). On the event loop."""
        self.arrivals.arrived += 1
        self._last_s = at_s
        if too_many(self._talk.waiting, at_s):
            # Whole seconds are missing then, and what is being said has an end.
            self._talk.overflow()
        if self._talk.lay_down(Encoded(codec, frame, at_s)):
            self._strand.wake()

    def forget(self) -> None:
        """Nothing of what came so far is heard any more, and its decoder ends."""
        with self._lock:
            self.speaking = False
            self._talk = _Talk(self.arrivals, self._make_ear())

    def resume(self) -> None:
        """What comes now is heard again."""

    def tick(self, now_s: float) -> None:
        """Sound that stopped coming ends what was being said."""
        if self.speaking and now_s - self._last_s > SILENT_END_S:
            self._talk.end_s = now_s
            self._strand.wake()

    def _turn(self) -> None:
        talk = self._talk
        frames: list[tuple[AudioFrame, float]] = []
        for encoded in each(talk.waiting):
            if talk is not self._talk:
                return
            frames += talk.decode(encoded)
        heard = talk.listen(frames)
        if talk.end_s is not None:
            heard.append(talk.ear.end(talk.end_s))
            talk.end_s = None
        with self._lock:
            if talk is not self._talk:
                return
            self.arrivals.sampled += len(frames)
            for one in heard:
                self.speaking = one.speaking
                self._deliver(one)
