"""The only sender: everything that crosses the channel layer leaves here.

What is sent may be lost (a full inbox, a broker that restarts), so nothing relies on it: rows are
numbered and asked for again, Windows come every second, policies are re-read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from channels.layers import get_channel_layer

from tutor_emotion.inference import schema
from tutor_emotion.models import LearnerId
from tutor_emotion.protocol import LearnerRow
from tutor_emotion.telemetry import traces


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


def row_of(learner_id: LearnerId, row: LearnerRow) -> dict[str, Any]:
    """A row as it crosses the layer; whose it is decides which teachers may see it."""
    return {"learner": str(learner_id), "row": row.model_dump()}


async def rows(
    course_key: str, origin: str, seq: int, changed: Sequence[Mapping[str, Any]], left: list[str]
) -> None:
    """Rows that changed, of sessions in the process ``origin``: its ``seq``-th message of these."""
    message = {"type": "classroom.rows", "origin": origin, "seq": seq, "rows": list(changed)}
    await _to_group(classroom_group(course_key), {**message, "left": left})


async def rows_to(
    reply_channel: str, origin: str, seq: int, present: Sequence[Mapping[str, Any]]
) -> None:
    """All rows of a process for one teacher who asked, as of its ``seq``-th message."""
    message = {"type": "classroom.present", "origin": origin, "seq": seq, "rows": list(present)}
    await _to_channel(reply_channel, message)


async def ask_rows(course_key: str, reply_channel: str) -> None:
    """Ask for the rows of every live session of a course; they come on ``reply_channel``."""
    await _to_group(course_group(course_key), {"type": "session.row", "reply": reply_channel})


async def acknowledge(session_id: str, by: str) -> None:
    """A teacher is on it (``by`` is the name to show; empty takes it back)."""
    await _to_group(session_group(session_id), {"type": "session.acknowledge", "by": by})


async def policy_changed(course_key: str) -> None:
    """A course's policy, or the law's profile, changed: live sessions read it again."""
    await _to_group(course_group(course_key), {"type": "session.policy"})
    await _to_group(classroom_group(course_key), {"type": "classroom.policy"})


async def consent_changed(session_ids: Sequence[str], taken_back: Sequence[str] = ()) -> None:
    """A consent was given or taken back: live sessions let go of the modalities in ``taken_back``
    at once, and read again what is allowed."""
    message = {"type": "session.consent", "taken_back": list(taken_back)}
    for session_id in session_ids:
        await _to_group(session_group(session_id), message)


async def erased(session_ids: Sequence[str]) -> None:
    """These sessions are gone with their learner: their sockets close."""
    for session_id in session_ids:
        await _to_group(session_group(session_id), {"type": "session.erased"})


async def take_over(session_id: str, number: int) -> None:
    """Socket ``number`` of this session took it; any older one closes."""
    await _to_group(session_group(session_id), {"type": "session.replaced", "by": number})


async def event(session_id: str, text: str) -> None:
    """An event that the host's server reports for a live session, as a wire message."""
    await _to_group(session_group(session_id), {"type": "session.event", "text": text})


async def readings(
    channel: str, seq: int, items: Sequence[Mapping[str, Any]], trace: str = ""
) -> None:
    """What a worker read of one Window, to the socket that queued it; ``trace``: its
    ``traceparent``, where it is traced."""
    message = {"type": "session.readings", "schema": schema.SCHEMA, "seq": seq}
    with traces.span_of("push.readings", trace):
        message |= {"trace": traces.here()} if trace else {}
        await _to_channel(channel, {**message, "readings": [dict(item) for item in items]})


async def reason(channel: str, seq: int, claims: Sequence[str], model: str) -> None:
    """What a worker can say of why, of one Window, to the socket that asked."""
    message = {"type": "session.reason", "seq": seq, "claims": list(claims), "model": model}
    await _to_channel(channel, message)
