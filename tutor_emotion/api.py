"""What a host's Python code may call.

The other half is Django's: connect to ``tutor_emotion.signals.affect_signal`` and ``adaptation``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from asgiref.sync import async_to_sync

from tutor_emotion.live import push
from tutor_emotion.protocol import parse_from_learner


async def areport(session_id: str, event: Mapping[str, Any]) -> None:
    """Report an event (answer, hint, idle …) for a live session from the host's server.

    ``event`` is an EventMessage as a dictionary. A session that is not live loses it.

    Raises:
        BadInput: ``bad_message``.
    """
    text = json.dumps(dict(event))
    parse_from_learner(text)
    await push.event(session_id, text)


def report(session_id: str, event: Mapping[str, Any]) -> None:
    """``areport`` for synchronous code."""
    async_to_sync(areport)(session_id, event)
