"""Who looked at whom: kept for the learner, who can read it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutor_emotion.models.classes import SchoolClass
from tutor_emotion.models.course import Course

PAGES = (
    ("timeline", _("the timeline of a session")),
    ("classroom", _("the live classroom")),
    ("report", _("a file of results, with names")),
    ("copy", _("a copy of all that is kept of you")),
    ("record", _("a record in the administration")),
    ("list", _("a list in the administration")),
)
VIEWER_ROLES = (
    ("teacher", _("teacher of your class")),
    ("co_teacher", _("co-teacher of your class")),
    ("course_teacher", _("teacher of the course")),
    ("school_admin", _("administrator of your school")),
    ("owner", _("administrator of this site")),
)


class Look(models.Model):
    """Somebody saw a page with a learner on it; again within ten minutes is the same row.

    A classroom that was opened is one row for each class that it showed, with no ``learner``; with
    no class either, it showed everybody in the course.
    """

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("who looked"),
    )
    role = models.CharField(_("as"), max_length=20, choices=VIEWER_ROLES, blank=True)
    page = models.CharField(_("page"), max_length=10, choices=PAGES)
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="tutor_emotion_looks",
        null=True,
        db_index=False,
        verbose_name=_("learner"),
    )
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="looks", null=True, verbose_name=_("course")
    )
    school_class = models.ForeignKey(
        SchoolClass,
        on_delete=models.CASCADE,
        related_name="looks",
        null=True,
        verbose_name=_("class"),
    )
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    count = models.PositiveIntegerField(_("times"), default=1)

    class Meta:
        ordering: ClassVar = ["-last_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["learner", "-last_at"], name="looks_at_a_learner"),
            models.Index(fields=["by", "page", "-last_at"], name="looks_of_somebody"),
            models.Index(fields=["-last_at", "-id"], name="newest_looks"),
        ]
        verbose_name = _("look")
        verbose_name_plural = _("looks")

    def __str__(self) -> str:
        return f"{self.page} · {self.last_at:%Y-%m-%d %H:%M}"
