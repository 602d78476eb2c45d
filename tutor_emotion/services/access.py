"""Who may look into which course."""

from __future__ import annotations

from typing import Any

from tutor_emotion.models import Course


def may_teach(course: Course, user: Any) -> bool:
    """Whether this user may see the classroom of this course."""
    return bool(user.is_superuser or course.teachers.filter(pk=user.pk).exists())
