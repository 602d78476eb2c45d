"""What a live session knows of its learner, and what outlives its socket."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from tutor_emotion.core import engine
from tutor_emotion.core.types import Estimate, Event, Modality
from tutor_emotion.live.outbox import Outbox
from tutor_emotion.live.told import Told


@dataclass
class Belief:
    """What a session knows, and what outlives its socket for ``SESSION_GRACE_S``, or until it is
    written down.

    ``left``: the number of the last socket that had it and is gone.
    ``learned_from``: the modalities that may have taught it something.
    ``estimates`` and ``windows`` are those that are not in the session's row yet; among the latter
    are the seconds in which it knew enough to speak, or not (``belief:known``, ``belief:unknown``).
    """

    state: engine.EngineState
    learned_from: frozenset[Modality] = frozenset()
    origin_s: float = field(default_factory=time.monotonic)
    estimates: int = 0
    windows: Counter[str] = field(default_factory=Counter)
    acknowledged_by: str = ""
    left: int = 0
    # Not written down yet, each with the page's own number where it has one.
    events: list[tuple[Event, int | None]] = field(default_factory=list)
    unsure: bool = False  # whether some of them may have been written, though nobody said so
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)  # of events and counts
    heard: int = 0  # the last number that the page gave
    kept: int = 0  # the last that it was told of
    spoke: dict[Modality, Estimate] = field(default_factory=dict)  # the newest of each modality
    told: Told = field(default_factory=Told)
    outbox: Outbox = field(default_factory=Outbox)

    def renumber(self, old: int, new: int) -> None:
        """An Adaptation was written down under another number than it was made with."""
        self.state = engine.renumber(self.state, old, new)
        self.told.renumbered(old, new)

    @property
    def written(self) -> bool:
        """Whether no event, and nothing that was noticed or decided, waits for the database."""
        return not self.events and not self.outbox.waiting
