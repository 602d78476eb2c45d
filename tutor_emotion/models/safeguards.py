"""What people decide against the machine, and the one narrow thing that they may decide for it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tutor_emotion.core.types import BIOMETRIC, MODALITIES
from tutor_emotion.models.classes import School
from tutor_emotion.models.course import Course

MODALITY_LABELS = (
    ("face", _("face")),
    ("voice", _("voice")),
    ("text", _("typed messages")),
    ("interaction", _("answers, hints and time")),
    ("self_report", _("the learner's own taps")),
)
assert tuple(name for name, _label in MODALITY_LABELS) == MODALITIES
MOST_REASON = 1000


class KillSwitch(models.Model):
    """Something is read of nobody any more, until a person lifts it.

    ``school`` empty: in every school. ``modality`` empty: everything, words of danger too.
    """

    school = models.ForeignKey(
        School,
        on_delete=models.CASCADE,
        related_name="kill_switches",
        null=True,
        blank=True,
        verbose_name=_("school"),
        help_text=_("Everybody who is in a class of it. Empty: everybody on this site."),
    )
    modality = models.CharField(
        _("what"),
        max_length=20,
        choices=MODALITY_LABELS,
        blank=True,
        help_text=_("Empty: everything."),
    )
    why = models.CharField(_("why"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("since"), auto_now_add=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        verbose_name=_("lifted by"),
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True)

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [models.Index(fields=["lifted_at"], name="switches_that_are_on")]
        permissions: ClassVar = [("operate_site", _("Can see how this site runs"))]
        verbose_name = _("kill switch")
        verbose_name_plural = _("kill switches")

    def __str__(self) -> str:
        return f"{self.school or _('every school')} · {self.modality or _('everything')}"


class MedicalDecision(models.Model):
    """A documented medical or safety reason for one modality, which two people must sign.

    It counts only under a profile that asks for one, and only until ``ends_on``.
    """

    document = models.CharField(
        _("document"),
        max_length=200,
        help_text=_("Reference of the document that holds the decision, as your school files it."),
    )
    reason = models.TextField(
        _("reason"),
        help_text=_("Medical or safety reasons alone: no names, and nothing of anybody's health."),
        validators=[MaxLengthValidator(MOST_REASON)],
    )
    modality = models.CharField(
        _("what"), max_length=20, choices=[m for m in MODALITY_LABELS if m[0] in BIOMETRIC]
    )
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("course")
    )
    school = models.ForeignKey(
        School, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("school")
    )
    ends_on = models.DateField(_("last day"), help_text=_("At most 90 days ahead."))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("written by"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(course__isnull=True) ^ models.Q(school__isnull=True),
                name="decided_for_a_course_or_a_school",
            )
        ]
        verbose_name = _("medical or safety decision")
        verbose_name_plural = _("medical or safety decisions")

    def __str__(self) -> str:
        return f"{self.document} · {self.course or self.school} · {self.modality}"


class DecisionSignature(models.Model):
    """Somebody who answers for the course or school has signed; it goes with their account."""

    decision = models.ForeignKey(
        MedicalDecision, on_delete=models.CASCADE, related_name="signatures"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "by"], name="one_signature_each")
        ]
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")

    def __str__(self) -> str:
        return f"{self.by} · {self.decision}"
