"""A learner's time with a lesson: consent, what was done, noticed and offered."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, TypeAlias

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutor_emotion.core.types import ADAPTATION_KINDS, MODALITIES, Modality
from tutor_emotion.models.course import Course
from tutor_emotion.models.sealed import ERASED, Inside, SealedModel

# A consent of its own: keeping labelled moments, to measure whether the product is right at all.
CALIBRATION = "calibration"
# Primary keys of the host's user model: an integer, a UUID, or whatever the host chose.
LearnerId: TypeAlias = Any


# Whose yes it is. A release is a guardian's (or an adult learner's own) with a typed signature.
CONSENT_BY = (
    ("learner", _("the learner")),
    ("guardian", _("a parent or guardian")),
    ("release", _("a written release")),
)


class Consent(models.Model):
    """One yes for one modality (or ``calibration``, which is none) of one learner in one course.

    A no is the absence of a live row. The learner's own yes is always needed; the law may want a
    guardian's beside it, which ends by itself at ``until``.
    """

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tutor_emotion_consents"
    )
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="consents")
    modality = models.CharField(max_length=20, choices=[(m, m) for m in (*MODALITIES, CALIBRATION)])
    by = models.CharField(_("by"), max_length=10, choices=CONSENT_BY, default="learner")
    text_version = models.CharField(max_length=40)
    granted_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(_("ends by itself"), null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["learner", "course", "modality", "by"],
                condition=models.Q(revoked_at__isnull=True),
                name="one_live_consent",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["-granted_at", "-id"], name="newest_consents"),
            models.Index(
                fields=["revoked_at"],
                condition=models.Q(revoked_at__isnull=False),
                name="consents_taken_back",
            ),
        ]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return f"{self.modality} ({'live' if self.revoked_at is None else 'revoked'})"


class Session(models.Model):
    """One learner's time with one lesson."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Of a foreign key with which an index begins there is no other one.
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="tutor_emotion_sessions",
        db_index=False,
    )
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="sessions", db_index=False
    )
    lesson = models.CharField(max_length=100)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # How many sockets it has had; the newest one has it.
    sockets = models.PositiveIntegerField(default=0)
    estimates = models.PositiveIntegerField(default=0)
    windows = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-started_at"]
        indexes: ClassVar = [
            models.Index(fields=["course", "ended_at"]),
            models.Index(fields=["course", "started_at"], name="sessions_of_a_course"),
            models.Index(fields=["learner", "-started_at"], name="sessions_of_a_learner"),
            models.Index(fields=["-started_at", "-id"], name="newest_sessions"),
        ]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return str(self.id)


class EventRecord(SealedModel):
    """What a learner did in a lesson, as the engine heard it: for timelines, reports and replays.

    ``kind`` is the event's class (``Answer``, ``HintRequest``, …), ``data`` its other fields. Typed
    text, sensors and what came of them are never among them. Kept for ``Policy.keep_events_days``.
    """

    OWNER = "session__learner"

    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    # The page's own number of it within the session: sent twice, it is there once.
    number = models.PositiveIntegerField(null=True, editable=False)
    kind = models.CharField(max_length=20)
    at_s = models.FloatField(help_text=_("seconds since the session began"))
    step = models.CharField(max_length=100, blank=True)
    skill = models.CharField(max_length=100, blank=True)
    correct = models.BooleanField(null=True)
    took_s = models.FloatField(null=True)
    data: Inside[dict[str, Any]] = Inside(dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["session", "at_s", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "number"], name="one_event_a_number")
        ]
        indexes: ClassVar = [models.Index(fields=["session", "at_s"])]
        verbose_name = _("event of a lesson")
        verbose_name_plural = _("events of lessons")

    def __str__(self) -> str:
        return self.kind


class AffectSignalRecord(SealedModel):
    """A signal that was raised or cleared, with the measured reasons for it."""

    OWNER = "session__learner"

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="signals")
    # Made when it is noticed: written twice, because nobody heard that it was, it is there once.
    key = models.UUIDField(null=True, unique=True, editable=False)
    kind: Inside[str] = Inside(lambda: ERASED)
    edge = models.CharField(max_length=10, choices=[("raised", "raised"), ("cleared", "cleared")])
    at_s = models.FloatField(help_text=_("seconds since the session began"))
    confidence: Inside[float] = Inside(float)
    coverage: Inside[float] = Inside(float)
    skill = models.CharField(max_length=100, blank=True)
    level: Inside[str] = Inside(str)
    evidence: Inside[list[dict[str, Any]]] = Inside(list)
    models_used: Inside[list[str]] = Inside(list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="newest_signals")]
        verbose_name = _("affect signal")
        verbose_name_plural = _("affect signals")

    def __str__(self) -> str:
        return f"{self.kind} {self.edge}"


class AdaptationRecord(SealedModel):
    """What the policy decided, and what came of it."""

    OWNER = "session__learner"

    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="adaptations", db_index=False
    )
    number = models.PositiveIntegerField(help_text=_("the id within its session"))
    kind = models.CharField(max_length=30, choices=[(k, k) for k in ADAPTATION_KINDS])
    mode = models.CharField(max_length=10)
    signal: Inside[str] = Inside(str)
    message: Inside[str] = Inside(str)
    step = models.CharField(max_length=100, blank=True)
    skill = models.CharField(max_length=100, blank=True)
    at_s = models.FloatField()
    evidence: Inside[list[dict[str, Any]]] = Inside(list)
    outcome = models.CharField(max_length=10, blank=True)
    helped = models.BooleanField(null=True, help_text=_("the next answer was right"))
    choice = models.CharField(max_length=30, blank=True)
    outcome_at_s = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "number"], name="one_number_a_session")
        ]
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="newest_adaptations")]
        verbose_name = _("adaptation")
        verbose_name_plural = _("adaptations")

    def __str__(self) -> str:
        return f"{self.kind} ({self.mode})"


class LabelledMoment(SealedModel):
    """What a learner said of themselves, with what was measured just then.

    ``features`` are regressors by modality (standard deviations, shares and facts, one each; see
    ``docs/calibration.md``): no media, no raw measures, no course over time. Gone after
    ``Policy.keep_labels_days``, and at once when the consent for it is taken back.
    """

    OWNER = "learner"

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tutor_emotion_moments"
    )
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="moments", db_index=False
    )
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="moments")
    at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=20, choices=[("self_report", "self_report")])
    label: Inside[str] = Inside(lambda: ERASED)
    features: Inside[dict[Modality, dict[str, float]]] = Inside(dict)
    quality: Inside[dict[Modality, float]] = Inside(dict)
    models_used: Inside[dict[Modality, str]] = Inside(dict)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [models.Index(fields=["course", "at"])]
        verbose_name = _("labelled moment")
        verbose_name_plural = _("labelled moments")

    def __str__(self) -> str:
        return f"{self.label} ({self.source})"
