"""The only sender: everything that crosses the channel layer leaves here.

What is sent may be lost (a full inbox, a broker that restarts), so nothing relies on it: rows are
asked for again, Windows come every second, policies are re-read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from channels.layers import get_channel_layer

from tutor_emotion.protocol import LearnerRow


def _group(prefix: str, key: str) -> str:
    # Group names allow few characters and 100 of them; a course key may have others.
    return f"te.{prefix}.{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def classroom_group(course_key: str) -> str:
    """Teachers' sockets of a course."""
    return _group("classroom", course_key)


def course_group(course_key: str) -> str:
    """Live sessions of a course."""
    return _group("course", course_key)


def session_group(session_id: str) -> str:
    """The socket (and for a moment its successor) of one session."""
    return _group("session", session_id)


async def _to_group(group: str, message: Mapping[str, Any]) -> None:
    await get_channel_layer().group_send(group, dict(message))


async def _to_channel(channel: str, message: Mapping[str, Any]) -> None:
    await get_channel_layer().send(channel, dict(message))


async def row(course_key: str, learner: LearnerRow) -> None:
    """A learner's row changed."""
    message = {"type": "classroom.row", "row": learner.model_dump()}
    await _to_group(classroom_group(course_key), message)


async def row_to(reply_channel: str, learner: LearnerRow) -> None:
    """A learner's row for one teacher who asked."""
    await _to_channel(reply_channel, {"type": "classroom.row", "row": learner.model_dump()})


async def left(course_key: str, session_id: str) -> None:
    """A session ended."""
    await _to_group(classroom_group(course_key), {"type": "classroom.left", "session": session_id})


async def ask_rows(course_key: str, reply_channel: str) -> None:
    """Ask every live session of a course for its row; each answers on ``reply_channel``."""
    await _to_group(course_group(course_key), {"type": "session.row", "reply": reply_channel})


async def acknowledge(session_id: str, by: str) -> None:
    """A teacher is on it (``by`` is the name to show; empty takes it back)."""
    await _to_group(session_group(session_id), {"type": "session.acknowledge", "by": by})


async def policy_changed(course_key: str) -> None:
    """A course's policy, or the law's profile, changed: live sessions read it again."""
    await _to_group(course_group(course_key), {"type": "session.policy"})
    await _to_group(classroom_group(course_key), {"type": "classroom.policy"})


async def consent_changed(session_ids: Sequence[str]) -> None:
    """A learner gave or took back a consent: their live sessions read it again."""
    for session_id in session_ids:
        await _to_group(session_group(session_id), {"type": "session.policy"})


async def take_over(session_id: str, number: int) -> None:
    """Socket ``number`` of this session took it; any older one closes."""
    await _to_group(session_group(session_id), {"type": "session.replaced", "by": number})


async def event(session_id: str, text: str) -> None:
    """An event that the host's server reports for a live session, as a wire message."""
    await _to_group(session_group(session_id), {"type": "session.event", "text": text})


async def readings(channel: str, seq: int, items: Sequence[Mapping[str, Any]]) -> None:
    """What a worker read of one Window, to the socket that queued it."""
    await _to_channel(
        channel, {"type": "session.readings", "seq": seq, "readings": [dict(i) for i in items]}
    )
