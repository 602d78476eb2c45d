"""Pacings compared, and what came of it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tutor_emotion.models.course import Course
from tutor_emotion.models.sessions import Session


class Experiment(models.Model):
    """Pacings compared in one course. Who gets which follows from ``salt`` and who they are.

    ``arms`` is a list of ``{"name", "pacing"}``; ``unit`` is what is assigned as a whole.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="experiments")
    name = models.CharField(_("name"), max_length=100)
    unit = models.CharField(
        _("assigned by"),
        max_length=10,
        choices=[("learner", _("learner")), ("class", _("class"))],
        default="learner",
    )
    arms = models.JSONField(_("compared"), default=list)
    salt = models.UUIDField(default=uuid.uuid4, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering: ClassVar = ["-started_at", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["course"],
                condition=models.Q(started_at__isnull=False, ended_at__isnull=True),
                name="one_running_experiment_a_course",
            )
        ]
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")

    def __str__(self) -> str:
        return self.name


class Exposure(models.Model):
    """A learner met an arm: written when a session begins under it, the first time and every time.

    ``unit_key`` is the learner or class that was assigned.
    """

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="exposures", db_index=False
    )
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tutor_emotion_exposures"
    )
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="exposure")
    unit_key = models.CharField(max_length=80)
    arm = models.CharField(max_length=60)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["experiment", "learner"]),
            models.Index(fields=["at"], name="exposures_by_age"),
        ]
        verbose_name = _("exposure")
        verbose_name_plural = _("exposures")

    def __str__(self) -> str:
        return self.arm


class DelayedItem(models.Model):
    """An item answered long after its skill was learned: the outcome that experiments compare."""

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tutor_emotion_delayed"
    )
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="delayed_items", db_index=False
    )
    skill = models.CharField(max_length=100)
    item = models.CharField(max_length=100)
    correct = models.BooleanField()
    delay_s = models.FloatField(help_text=_("since the skill was learned"))
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["course", "at"]),
            models.Index(fields=["at"], name="delayed_items_by_age"),
        ]
        verbose_name = _("delayed item")
        verbose_name_plural = _("delayed items")

    def __str__(self) -> str:
        return self.item
