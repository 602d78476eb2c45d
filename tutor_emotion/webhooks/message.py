"""Kind a webhook says: ids and kinds, signed as Standard Webhooks (v1) has it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tutor_emotion.models import AdaptationRecord, AffectSignalRecord
from tutor_emotion.services import learner_record

Kind: TypeAlias = Literal["affect_signal", "adaptation"]
Record: TypeAlias = AffectSignalRecord | AdaptationRecord


@dataclass(frozen=True, slots=True)
class Message:
    """``id`` is the same in every attempt, so that a receiver can know what it has had."""

    id: str
    body: bytes


def message_of(kind: Kind, pk: int) -> Message | None:
    """The message about one row, or None where the row, or its learner's key, is gone."""
    rows = AffectSignalRecord if kind == "affect_signal" else AdaptationRecord
    row = rows.objects.select_related("session__course").filter(pk=pk).first()
    if row is None:
        return None
    session = row.session
    said = {
        "type": f"{kind}.{row.edge if isinstance(row, AffectSignalRecord) else row.mode}",
        "timestamp": row.created_at.isoformat(),
        "data": {
            "id": pk,
            "kind": row.kind,
            "session": str(session.pk),
            "course": session.course.key,
            "lesson": session.lesson,
            "learner": str(learner_record(session.learner_id).pseudonym),
        },
    }
    return Message(f"{kind}_{pk}", json.dumps(said, separators=(",", ":")).encode())


def headers_of(message: Message, secret: bytes, at_unix_s: int) -> dict[str, str]:
    """Standard Webhooks: HMAC-SHA256 over id, time and body."""
    signed = b".".join([message.id.encode(), str(at_unix_s).encode(), message.body])
    mac = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "tutor_emotion",
        "webhook-id": message.id,
        "webhook-timestamp": str(at_unix_s),
        "webhook-signature": f"v1,{mac}",
    }
