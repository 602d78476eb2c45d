"""Items answered long after their skill was learned: the outcome that experiments compare."""

from __future__ import annotations

import math

from tutor_emotion.errors import BadInput
from tutor_emotion.models import Course, DelayedItem, LearnerId

MAX_NAME_CHARS = 100


def record_delayed_item(
    course_key: str, learner_id: LearnerId, *, skill: str, item: str, correct: bool, delay_s: float
) -> DelayedItem:
    """Write down one answer to an item of a skill that was learned ``delay_s`` seconds ago.

    ``correct``: right at the first try, without help. A form posted twice is the caller's to tell.

    Raises:
        BadInput: ``unknown_course``, ``bad_delayed_item``.
    """
    course = Course.objects.filter(key=course_key).first()
    if course is None:
        raise BadInput("unknown_course", "There is no such course.")
    for name, value in (("skill", skill), ("item", item)):
        if not 0 < len(value) <= MAX_NAME_CHARS:
            raise BadInput(
                "bad_delayed_item", f"{name}: between 1 and {MAX_NAME_CHARS} characters."
            )
    if not (math.isfinite(delay_s) and delay_s >= 0):
        raise BadInput("bad_delayed_item", "delay_s: seconds, 0 or more.")
    return DelayedItem.objects.create(
        course=course,
        learner_id=learner_id,
        skill=skill,
        item=item,
        correct=correct,
        delay_s=delay_s,
    )
