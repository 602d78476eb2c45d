"""Whom a learner may talk to when a person is called."""

from __future__ import annotations

from tutor_emotion.conf import get_settings
from tutor_emotion.models import LearnerId, SchoolClass


def contact_for(course_id: int, learner_id: LearnerId) -> str:
    """The contact of the school of the learner's class; else the site's; empty: nobody is set.

    Of several classes of the course it is the first by name whose school has one.
    """
    theirs = SchoolClass.objects.filter(
        course_id=course_id, enrolments__learner_id=learner_id
    ).exclude(school=None)
    texts = theirs.order_by("name", "pk").values_list("school__contact", flat=True)
    found = next((text.strip() for text in texts if text.strip()), "")
    return found or get_settings().CONTACT.strip()
