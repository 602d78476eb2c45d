"""When a chore was last done, in Valkey: what does it has no metrics of its own that are scraped.

A command of a nightly timer ends before anybody asks it. Lost with a restart of Valkey, which keeps
nothing on a disk; the next run sets it again.
"""

from __future__ import annotations

import logging
import time
from typing import Literal, TypeAlias, get_args

import redis

from tutor_emotion import shared

log = logging.getLogger(__name__)
Chore: TypeAlias = Literal["prune", "verify_ledger"]
CHORES: tuple[Chore, ...] = get_args(Chore)


def done(chore: Chore) -> None:
    """It was done now, and well. A Valkey that is away loses the mark, never the chore."""
    try:
        shared.mark(f"done:{chore}", time.time())
    except redis.RedisError as error:
        log.warning("the mark of a chore is lost: %s", type(error).__name__)


def last_done() -> dict[Chore, float]:
    """Unix seconds of each that was done.

    Raises:
        redis.RedisError: the server is away.
    """
    found = shared.marked([f"done:{chore}" for chore in CHORES])
    return {chore: at for chore, at in zip(CHORES, found, strict=True) if at is not None}
