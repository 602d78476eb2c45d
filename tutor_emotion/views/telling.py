"""Live sessions hear at once of a consent that was given or taken back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial

import redis
from asgiref.sync import async_to_sync
from django.db import transaction

from tutor_emotion import services
from tutor_emotion.core.types import Modality
from tutor_emotion.live import push
from tutor_emotion.models import LearnerId

log = logging.getLogger(__name__)


def tell_sessions(course_id: int, learner_id: LearnerId, choices: Mapping[Modality, bool]) -> None:
    """After commit, also where the host wraps each request in a transaction: who looks, sees it.

    ``choices``: what was chosen; each no is acted upon before anything is read again.
    """
    taken_back = [modality for modality, given in choices.items() if not given]
    transaction.on_commit(partial(_tell, course_id, learner_id, taken_back))


def _tell(course_id: int, learner_id: LearnerId, taken_back: list[Modality]) -> None:
    ids = services.open_session_ids(course_id, learner_id)
    try:
        async_to_sync(push.consent_changed)(ids, taken_back)
    except (OSError, redis.RedisError) as error:
        # What was chosen is kept all the same; live sessions ask the gate again by themselves.
        log.warning("consent_changed was not delivered: %s", type(error).__name__)
