"""Erasing a learner who may be at it right now: the rows, then the sockets that are live."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction

from tutor_emotion import services
from tutor_emotion.live import push
from tutor_emotion.live.door import AWAY

log = logging.getLogger(__name__)


def erase(user: Any, *, delete_user: bool = False) -> services.Erased:
    """Erase everything of ``user``; their live sessions end as soon as that is committed.

    A Window of theirs that waits in Valkey goes with its socket, and within seconds in any case.
    """
    erased = services.erase_learner(user, delete_user=delete_user)
    transaction.on_commit(partial(_end, erased.sessions))
    return erased


def _end(session_ids: tuple[str, ...]) -> None:
    try:
        async_to_sync(push.erased)(session_ids)
    except AWAY as error:
        # The rows are gone all the same; within seconds the sessions find no consent any more.
        log.warning("live sessions were not told of an erasure: %s", type(error).__name__)
