"""From a page or a command to sessions that run: read again what you may do."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import redis
from asgiref.sync import async_to_sync

from tutor_emotion.live import push

log = logging.getLogger(__name__)


def tell_courses(course_keys: Iterable[str]) -> bool:
    """Live sessions of these courses ask the gate again. Whether the message could be sent.

    Where it could not, they ask by themselves within ten seconds. Call it after commit.
    """
    try:
        async_to_sync(_tell)(list(course_keys))
    except (OSError, redis.RedisError) as error:
        log.warning("sessions could not be told: %s", type(error).__name__)
        return False
    return True


async def _tell(course_keys: list[str]) -> None:
    for key in course_keys:
        await push.policy_changed(key)
