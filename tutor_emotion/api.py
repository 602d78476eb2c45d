"""What a host's Python code may call.

The other half is Django's: connect to ``tutor_emotion.signals.affect_signal`` and ``adaptation``.
``Knowledge`` is a skill's knowledge tracing, for a lesson engine that has none of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import redis
from asgiref.sync import async_to_sync
from pydantic import BaseModel

from tutor_emotion.core.knowledge import Knowledge, knowledge_from
from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.live import push
from tutor_emotion.protocol import EventMessage, parse_from_learner

__all__ = ["Knowledge", "areport", "knowledge_from", "report"]


async def areport(session_id: str, event: Mapping[str, Any]) -> None:
    """Report an event (answer, hint, idle …) for a live session from the host's server.

    ``event`` is an EventMessage as a dictionary. A session that is not live loses it.

    Raises:
        BadInput: ``bad_message``, ``not_an_event``.
        Unavailable: ``messages_away``; reporting it again later is up to the host.
    """
    text = json.dumps(dict(event))
    message: BaseModel = parse_from_learner(text)
    if not isinstance(message, EventMessage):
        raise BadInput("not_an_event", "This message is not an event of a lesson.")
    try:
        await push.event(session_id, text)
    except (OSError, redis.RedisError):
        raise Unavailable("messages_away", "Live messages cannot be delivered just now.") from None


def report(session_id: str, event: Mapping[str, Any]) -> None:
    """``areport`` for synchronous code."""
    async_to_sync(areport)(session_id, event)
