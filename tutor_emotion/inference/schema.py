"""The version of what crosses between web process and worker: Windows one way, Readings back.

Raise ``SCHEMA`` with every change of the one or the other that a process of the last version would
read wrongly, or not at all. Three fields are the envelope and stay for good: ``schema``, ``seq``
and ``reply_to``. So each side can tell that it met another version, and say so with a code.
"""

from __future__ import annotations

import logging
import time
from typing import Any, Literal, TypeAlias

from tutor_emotion import faults
from tutor_emotion.errors import BadInput
from tutor_emotion.telemetry import metrics

SCHEMA = 1
What: TypeAlias = Literal["a Window", "Readings"]
AGAIN_S = 60.0  # between two lines of a log that say the same

log = logging.getLogger(__name__)
_told_at_s: dict[tuple[What, int], float] = {}


class SchemaMismatch(BadInput):
    """What came is of another version: ``theirs``, 0 where it names none."""

    def __init__(self, what: What, theirs: int) -> None:
        behind = (what == "a Window") == (theirs < SCHEMA)
        side = "web processes are" if behind else "worker is"
        super().__init__(
            "schema_mismatch",
            f"{what} of schema {theirs} came, ours is {SCHEMA}.",
            hint=f"The {side} older: replace what runs the older release (docs/operations.md).",
        )
        self.what: What = what
        self.theirs = theirs


def schema_of(said: Any) -> int:
    """The version that a message names; 0 where it names none, as before there was one."""
    return said if isinstance(said, int) and not isinstance(said, bool) else 0


def tell(error: SchemaMismatch) -> None:
    """Count it, and write it down: once a minute for each version that is met."""
    if error.what == "a Window":
        metrics.WINDOWS_UNREADABLE.labels(why="schema").inc()
    else:
        metrics.READINGS.labels(what="schema").inc()
    key, now_s = (error.what, error.theirs), time.monotonic()
    if now_s - _told_at_s.get(key, -AGAIN_S) >= AGAIN_S:
        _told_at_s[key] = now_s
        faults.refused(log, "what crosses between web and worker", error.code, error.hint)
