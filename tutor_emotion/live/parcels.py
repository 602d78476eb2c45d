"""Rows in messages that are not larger than the protocol allows."""

from __future__ import annotations

from collections.abc import Iterable

from tutor_emotion.protocol import MAX_MESSAGE_BYTES, LearnerRow

_ENVELOPE_BYTES = 16 * 1024  # everything beside the rows: a title, the classes, who left


def parcels(rows: Iterable[LearnerRow]) -> list[list[LearnerRow]]:
    """The rows in their order, in as few messages as they fit into; none for no rows."""
    out: list[list[LearnerRow]] = []
    room = 0
    for row in rows:
        size = len(row.model_dump_json().encode()) + 1
        if not out or size > room:
            out.append([])
            room = MAX_MESSAGE_BYTES - _ENVELOPE_BYTES
        out[-1].append(row)
        room -= size
    return out
