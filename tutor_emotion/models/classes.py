"""Who learns together, and who teaches them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tutor_emotion.models.course import Course

ROLES = ("teacher", "co_teacher")


class School(models.Model):
    """Classes under one roof. ``contact`` is a human being whom a learner in distress can reach."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    contact = models.CharField(
        _("somebody to talk to"),
        max_length=300,
        blank=True,
        help_text=_(
            "Shown to a learner whose words sound like danger, together with a flag to the "
            "teacher: a name and how to reach them. Nothing else is answered automatically."
        ),
    )
    admins: models.ManyToManyField[models.Model, models.Model] = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="tutor_emotion_schools",
        blank=True,
        verbose_name=_("school admins"),
    )
    history = HistoricalRecords(m2m_fields=[admins])

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("school")
        verbose_name_plural = _("schools")

    def __str__(self) -> str:
        return self.name


class SchoolClass(models.Model):
    """Learners who take a course together, and who teaches them."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="classes")
    school = models.ForeignKey(
        School, on_delete=models.CASCADE, related_name="classes", null=True, blank=True
    )
    name = models.CharField(_("name"), max_length=100)
    history = HistoricalRecords()

    class Meta:
        ordering: ClassVar = ["course", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "name"], name="one_class_name_a_course")
        ]
        verbose_name = _("class")
        verbose_name_plural = _("classes")

    def __str__(self) -> str:
        return f"{self.name} · {self.course}"


class ClassRole(models.Model):
    """Somebody teaches this class, and so sees its learners and no others."""

    school_class = models.ForeignKey(SchoolClass, on_delete=models.CASCADE, related_name="roles")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tutor_emotion_roles"
    )
    role = models.CharField(_("role"), max_length=12, choices=[(r, r) for r in ROLES])
    history = HistoricalRecords()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school_class", "user"], name="one_role_a_class")
        ]
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return f"{self.user} · {self.school_class}"


class Enrolment(models.Model):
    """A learner is in a class."""

    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.CASCADE, related_name="enrolments"
    )
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tutor_emotion_enrolments"
    )
    history = HistoricalRecords()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school_class", "learner"], name="enrolled_once")
        ]
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")

    def __str__(self) -> str:
        return f"{self.learner} · {self.school_class}"
