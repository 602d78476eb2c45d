"""Courses and their policy."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

# Who decides the pace: signals and performance, performance alone, or nobody.
PACINGS = ("affect", "performance", "none")


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
    history = HistoricalRecords(m2m_fields=[teachers])

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
    pacing = models.CharField(
        _("what the pace follows"),
        max_length=12,
        choices=[
            ("affect", _("signals and answers")),
            ("performance", _("answers alone")),
            ("none", _("nothing: the lesson never adapts")),
        ],
        default="affect",
    )
    parameters = models.JSONField(
        _("parameters"),
        default=dict,
        blank=True,
        help_text=_("Every other number of the engine that differs from its default."),
    )
    keep_events_days = models.PositiveIntegerField(
        _("days to keep what was answered"),
        default=8,
        validators=[MaxValueValidator(365)],
        help_text=_(
            "For timelines of earlier sessions, reports and trying out another policy. 0: only "
            "while a session runs."
        ),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")

    def __str__(self) -> str:
        return str(self.course)


class MessageEdit(models.Model):
    """A school's own words for a message of an offer, one a line, in one language."""

    key = models.CharField(_("message"), max_length=60)
    language = models.CharField(_("language"), max_length=20)
    lines = models.TextField(_("words"), help_text=_("One a line; they take turns."))
    updated_at = models.DateTimeField(auto_now=True)
    history = HistoricalRecords()

    class Meta:
        ordering: ClassVar = ["key", "language"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "language"], name="one_edit_a_message")
        ]
        verbose_name = _("message of offers")
        verbose_name_plural = _("messages of offers")

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"


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
