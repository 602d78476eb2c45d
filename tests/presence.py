"""Which processes live is said by threads of their own, that an earlier test may have left."""

from __future__ import annotations

import redis

from tutor_emotion import beats
from tutor_emotion.inference.queue import READERS, WORKERS

PRESENCE = {beats.KEY.encode(), READERS.encode(), WORKERS.encode()}


def keys_besides(valkey: redis.Redis) -> set[bytes]:
    """Keys of ours that say something else."""
    return set(valkey.keys("te:*")) - PRESENCE
