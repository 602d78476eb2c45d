"""What the plugin keeps: courses and their policy, consent, sessions, signals, adaptations.

Never kept: frames, sound, crops, Readings, Estimates, nor the probabilities of the states (a signal
has one confidence).
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, TypeAlias

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutor_emotion.core.types import ADAPTATION_KINDS, MODALITIES, SIGNAL_KINDS

# A consent of its own: keeping labelled moments, to measure whether the product is right at all.
CALIBRATION = "calibration"
# Primary keys of the host's user model: an integer, a UUID, or whatever the host chose.
LearnerId: TypeAlias = Any


class Course(models.Model):
    """A course of the host platform, known to us by its key alone."""

    key = models.SlugField(_("key"), max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=200)
    teachers: models.ManyToManyField[models.Model, models.Model] = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="tutor_emotion_courses",
        blank=True,
        verbose_name=_("teachers"),
    )

    class Meta:
        ordering: ClassVar = ["title"]
        verbose_name = _("course")
        verbose_name_plural = _("courses")

    def __str__(self) -> str:
        return self.title


def _probability(default: float, label: Any, help_text: Any) -> models.FloatField[float, float]:
    return models.FloatField(
        label,
        default=default,
        help_text=help_text,
        validators=[MinValueValidator(0.05), MaxValueValidator(0.99)],
    )


class Policy(models.Model):
    """What a teacher lets the plugin do in a course. Defaults: docs/engine.md."""

    course = models.OneToOneField(Course, on_delete=models.CASCADE, related_name="policy")
    paused = models.BooleanField(
        _("pause everything"),
        default=False,
        help_text=_("No sensor is read, no offer is made, in the whole course, at once."),
    )
    use_face = models.BooleanField(_("face"), default=True)
    use_voice = models.BooleanField(_("voice"), default=True)
    use_text = models.BooleanField(_("typed messages"), default=True)
    use_interaction = models.BooleanField(_("answers, hints and time"), default=True)
    use_self_report = models.BooleanField(_("the learner's own taps"), default=True)
    suspect_on = _probability(
        0.45, _("may be struggling, from"), _("Lower: earlier, more often wrong.")
    )
    strong_on = _probability(
        0.60, _("very likely struggling, from"), _("Lower: earlier, more often wrong.")
    )
    frustrated_on = _probability(0.35, _("frustrated, from"), _("Also needs misses or a message."))
    bored_on = _probability(0.40, _("bored, from"), _("Also needs a sign in the work itself."))
    offer_every_s = models.PositiveIntegerField(
        _("seconds between offers"), default=120, validators=[MinValueValidator(30)]
    )
    offers_in_10_min = models.PositiveIntegerField(
        _("offers in ten minutes"), default=3, validators=[MaxValueValidator(20)]
    )
    offers_in_hour = models.PositiveIntegerField(
        _("offers in an hour"), default=8, validators=[MaxValueValidator(60)]
    )
    quiet_pace = models.BooleanField(
        _("change the pace quietly"),
        default=True,
        help_text=_("Smaller segments and more examples without asking first."),
    )
    adaptations = models.JSONField(
        _("allowed adaptations"),
        default=list,
        blank=True,
        help_text=_("Empty: all of them."),
    )
    collect_labels = models.BooleanField(
        _("keep labelled moments"),
        default=False,
        help_text=_(
            "When a learner taps how it goes, what was measured just then is kept with it, to find "
            "out how often we are right. Only of learners who agree to that separately."
        ),
    )
    keep_labels_days = models.PositiveIntegerField(
        _("days to keep labelled moments"),
        default=180,
        validators=[MinValueValidator(1), MaxValueValidator(1095)],
    )

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")

    def __str__(self) -> str:
        return str(self.course)


class Consent(models.Model):
    """One learner's yes for one modality (or ``calibration``, which is none) in one course.

    A no is the absence of a live row.
    """

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tutor_emotion_consents"
    )
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="consents")
    modality = models.CharField(max_length=20, choices=[(m, m) for m in (*MODALITIES, CALIBRATION)])
    text_version = models.CharField(max_length=40)
    granted_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["learner", "course", "modality"],
                condition=models.Q(revoked_at__isnull=True),
                name="one_live_consent",
            )
        ]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return f"{self.modality} ({'live' if self.revoked_at is None else 'revoked'})"


class Session(models.Model):
    """One learner's time with one lesson."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tutor_emotion_sessions"
    )
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="sessions")
    lesson = models.CharField(max_length=100)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # How many sockets it has had; the newest one has it.
    sockets = models.PositiveIntegerField(default=0)
    estimates = models.PositiveIntegerField(default=0)
    windows = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-started_at"]
        indexes: ClassVar = [models.Index(fields=["course", "ended_at"])]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return str(self.id)


class AffectSignalRecord(models.Model):
    """A signal that was raised or cleared, with the measured reasons for it."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=30, choices=[(k, k) for k in SIGNAL_KINDS])
    edge = models.CharField(max_length=10, choices=[("raised", "raised"), ("cleared", "cleared")])
    at_s = models.FloatField(help_text=_("seconds since the session began"))
    confidence = models.FloatField()
    coverage = models.FloatField()
    skill = models.CharField(max_length=100, blank=True)
    level = models.CharField(max_length=20, blank=True)
    evidence = models.JSONField(default=list)
    models_used = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        verbose_name = _("affect signal")
        verbose_name_plural = _("affect signals")

    def __str__(self) -> str:
        return f"{self.kind} {self.edge}"


class AdaptationRecord(models.Model):
    """What the policy decided, and what came of it."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="adaptations")
    number = models.PositiveIntegerField(help_text=_("the id within its session"))
    kind = models.CharField(max_length=30, choices=[(k, k) for k in ADAPTATION_KINDS])
    mode = models.CharField(max_length=10)
    signal = models.CharField(max_length=30, blank=True)
    at_s = models.FloatField()
    evidence = models.JSONField(default=list)
    outcome = models.CharField(max_length=10, blank=True)
    choice = models.CharField(max_length=30, blank=True)
    outcome_at_s = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "number"], name="one_number_a_session")
        ]
        verbose_name = _("adaptation")
        verbose_name_plural = _("adaptations")

    def __str__(self) -> str:
        return f"{self.kind} ({self.mode})"


class LexiconEdit(models.Model):
    """What a school adds to the phrases of typed messages, and removes. One row a site."""

    text = models.TextField(
        _("phrases"),
        blank=True,
        help_text=_(
            "Two parts, [add] and [remove], each with lists of phrases by kind: confused, annoyed, "
            "bored, resolved, hedges, safety. Phrases that alarm a person cannot be removed."
        ),
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("phrases of typed messages")
        verbose_name_plural = _("phrases of typed messages")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class LabelledMoment(models.Model):
    """What a learner said of themselves, with what was measured just then.

    ``features`` are regressors by modality (standard deviations, shares and facts, one each; see
    ``docs/calibration.md``): no media, no raw measures, no course over time. Gone after
    ``Policy.keep_labels_days``, and at once when the consent for it is taken back.
    """

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tutor_emotion_moments"
    )
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="moments")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="moments")
    at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=20, choices=[("self_report", "self_report")])
    label = models.CharField(max_length=20)
    features = models.JSONField(default=dict)
    quality = models.JSONField(default=dict)
    models_used = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [models.Index(fields=["course", "at"])]
        verbose_name = _("labelled moment")
        verbose_name_plural = _("labelled moments")

    def __str__(self) -> str:
        return f"{self.label} ({self.source})"
