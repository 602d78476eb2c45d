"""The demonstration's settings, and a worker that can be told to fail in the worst way.

On SIGUSR2 the next batch meets a Runner that raises with all that it was given in its words.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import Any

from tutor_emotion.demo.settings import *  # noqa: F403


class Indiscreet:
    """Fails once, then hands over to the Runner that was there before."""

    def __init__(self, worker: Any) -> None:
        self._worker, self._before = worker, worker.runner
        self.version, self.spec = worker.runner.version, worker.runner.spec

    def run(self, windows: Sequence[Any]) -> Any:
        if not any(window.crops for window in windows):
            return self._before.run(windows)
        self._worker.use(self._before)
        faces = [crop.pixels for window in windows for crop in window.crops]
        said = [u.samples.tolist() for window in windows for u in window.utterances]
        raise ValueError(f"{windows!r} {faces[0].tobytes()!r} {faces[0].tolist()} {said}")


def _fail_next(*_: Any) -> None:
    from tutor_emotion.inference import worker

    current = worker.current()
    current.use(Indiscreet(current))  # type: ignore[arg-type]


signal.signal(signal.SIGUSR2, _fail_next)
