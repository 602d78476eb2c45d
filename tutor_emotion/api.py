"""What a host's Python code may call.

The other half is Django's: connect to ``tutor_emotion.signals.affect_signal`` and ``adaptation``.
For a lesson engine that has none of its own there are knowledge tracing (``Knowledge``), the rule
of wheel-spinning, and what a pace changes (``pace_effects``); experiments compare what
``record_delayed_item`` is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis
from asgiref.sync import async_to_sync
from pydantic import BaseModel

from tutor_emotion import services
from tutor_emotion.core.config import DetectorConfig
from tutor_emotion.core.detector import wheelspin_level
from tutor_emotion.core.knowledge import Knowledge, knowledge_from
from tutor_emotion.core.knowledge_fit import Fit, answers_of, fit
from tutor_emotion.core.work import Skill
from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.evaluation.tracing import Comparison, compare
from tutor_emotion.live import push
from tutor_emotion.models import Course, LearnerId
from tutor_emotion.protocol import EventMessage, parse_from_learner
from tutor_emotion.services import pace_effects, record_delayed_item

__all__ = [
    "FittedKnowledge",
    "Knowledge",
    "areport",
    "course_keys_written_by",
    "ensure_course",
    "fit_knowledge",
    "knowledge_from",
    "learners_seen_by",
    "pace_effects",
    "record_delayed_item",
    "report",
    "wheelspinning",
]


def wheelspinning(opportunities: int, right: int, *, mastered: bool) -> str:
    """`confirmed`, `warn` or nothing, by the engine's own rule and its defaults.

    ``opportunities`` of one skill, the first answer to an item each, of which ``right`` were right.
    """
    skill = Skill(opportunities, right, mastered=mastered)
    return wheelspin_level(skill, DetectorConfig())


@dataclass(frozen=True, slots=True)
class FittedKnowledge:
    """``held_out``: how well it tells learners that it was not fitted to."""

    fit: Fit
    held_out: Comparison


def fit_knowledge(sequences: Sequence[Sequence[bool]]) -> FittedKnowledge:
    """The parameters of one skill that its answers speak for.

    ``sequences``: for each learner whether their answers were right, in their order; the first
    answer to an item each.

    Raises:
        BadInput: ``too_few_answers``, ``all_alike``.
    """
    answers = answers_of(sequences)
    return FittedKnowledge(fit(answers), compare(answers))


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


def ensure_course(key: str, title: str) -> bool:
    """A course of this key is known to the plugin; whether it was made just now.

    A course that is there keeps its title, its teachers and its policy.
    """
    return Course.objects.get_or_create(key=key, defaults={"title": title})[1]


def course_keys_written_by(user: Any) -> frozenset[str]:
    """Keys of the courses whose lessons this user may write: those of all whose classes they teach.

    The same people who may set a course's policy: either binds everybody in it.
    """
    courses = services.courses_of(user)
    return frozenset(c.key for c in courses if services.may_set_policy(c, user))


def learners_seen_by(user: Any) -> dict[str, frozenset[LearnerId] | None]:
    """Key of each course that this user may look into → whom they see there; None is everybody.

    What a lesson engine shows of learners to a teacher goes by this.
    """
    courses = services.courses_of(user)
    return {course.key: services.learners_seen(course, user) for course in courses}
