"""A worker that is too slow reads fewer faces of each Window, rather than fewer Windows, late."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from tutor_emotion.core.types import Window
from tutor_emotion.telemetry import metrics

# A Window waits for one batch at most before its own: with the ways there and back it is read in
# about a second.
BATCH_S = 0.35
NEWS = 0.1  # what one batch weighs in the mean of what a face costs
_THINNED = metrics.FRAMES_DROPPED.labels(why="thinned")


class Thinning:
    """Knows what a face has cost lately (with all that is read beside it), and thins by that.

    ``clock`` in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._face_s: float | None = None

    def thin(self, windows: Sequence[Window]) -> list[Window]:
        """The Windows, each with as many of its faces as can be read in ``BATCH_S``; one at least.

        Those that stay are spread evenly over the Window, and the newest is one of them.
        """
        faces = sum(len(window.crops) for window in windows)
        seen = sum(bool(window.crops) for window in windows)
        if self._face_s is None or faces * self._face_s <= BATCH_S:
            return list(windows)
        most = max(1, int(BATCH_S / self._face_s / seen))
        return [_thin(window, most) for window in windows]

    @contextmanager
    def timed(self, windows: Sequence[Window]) -> Iterator[None]:
        """Around the reading of these Windows. A batch that failed says nothing of its cost."""
        faces = sum(len(window.crops) for window in windows)
        began_s = self._clock()
        yield
        if not faces:
            return
        face_s = (self._clock() - began_s) / faces
        before_s = face_s if self._face_s is None else self._face_s
        self._face_s = before_s + NEWS * (face_s - before_s)


def _thin(window: Window, most: int) -> Window:
    count = len(window.crops)
    if count <= most:
        return window
    kept = tuple(window.crops[count - 1 - (count * back) // most] for back in reversed(range(most)))
    _THINNED.inc(count - most)
    # Its quality is a mean over what was sampled: what was left out on purpose must not lower it.
    sampled = max(most, round(window.frames_sampled * most / count))
    return replace(window, crops=kept, frames_sampled=sampled)
