"""What a lesson is made of, and what a learner did in it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutor_emotion.models.sealed import Inside, SealedModel

ANSWER_KINDS = ("number", "fraction", "expression", "choice", "several", "order", "text")
FORMS = ("any", "lowest", "mixed", "over", "equivalent", "expanded", "factored", "simplest")
# Variants with a question of their own, and variants that only show something.
ITEM_KINDS = ("easier_item", "similar_item", "harder_item", "prerequisite_item")
# A right answer to one of these shows the skill of the step itself; an easier one only leads to it.
SOLVING_KINDS = ("similar_item", "harder_item")
SHOW_KINDS = ("segmented", "hint", "worked_step", "extra_example")
VARIANT_KINDS = SHOW_KINDS + ITEM_KINDS


def _choices(words: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


class LessonCourse(models.Model):
    """What learners read about a course. ``key`` is the key of the plugin's Course."""

    key = models.SlugField(_("key"), max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    language = models.CharField(_("language of the text"), max_length=20, default="en")
    description = models.TextField(_("description"), blank=True)

    class Meta:
        ordering: ClassVar = ["title"]
        verbose_name = _("course of lessons")
        verbose_name_plural = _("courses of lessons")

    def __str__(self) -> str:
        return self.title


class Skill(models.Model):
    """What steps practise. ``parameters`` are those of its knowledge tracing that differ.

    Its prerequisite item is a Variant: one for all steps that practise it.
    """

    course_key = models.SlugField(_("course key"), max_length=100)
    key = models.SlugField(_("key"), max_length=60)
    name = models.CharField(_("name"), max_length=300)
    prerequisites = models.JSONField(_("comes after"), default=list, blank=True)
    parameters = models.JSONField(
        _("knowledge tracing"),
        default=dict,
        blank=True,
        help_text=_("p_known, p_learn, p_slip, p_guess; empty: the defaults"),
    )

    class Meta:
        ordering: ClassVar = ["course_key", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["course_key", "key"], name="lessons_one_skill_key_a_course"
            )
        ]
        verbose_name = _("skill")
        verbose_name_plural = _("skills")

    def __str__(self) -> str:
        return self.name


class Lesson(models.Model):
    """Steps in an order. ``course_key`` is the plugin's Course key, ``slug`` its lesson name."""

    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    course_key = models.SlugField(_("course key"), max_length=100)
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    language = models.CharField(_("language of the text"), max_length=20, default="en")
    order = models.PositiveIntegerField(_("order"), default=0)
    introduction = models.TextField(_("introduction"), blank=True)

    class Meta:
        ordering: ClassVar = ["course_key", "order", "slug"]
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """A prompt in Markdown and its answer. An empty ``answer_kind`` asks nothing."""

    prompt = models.TextField(_("text"), help_text=_("Markdown; $3/4$ and ```picture blocks"))
    difficulty = models.FloatField(
        _("difficulty"), default=0.5, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)]
    )
    expected_s = models.FloatField(_("usual seconds"), null=True, blank=True)
    answer_kind = models.CharField(max_length=12, choices=_choices(ANSWER_KINDS), blank=True)
    answer = models.CharField(
        max_length=1000, blank=True, help_text=_("keys with a space between them")
    )
    accept = models.JSONField(default=list, blank=True, help_text=_("other forms of a text"))
    tolerance = models.CharField(max_length=20, blank=True, help_text=_("exact, as in 1/100"))
    form = models.CharField(max_length=12, choices=_choices(FORMS), default="any")
    bottom = models.PositiveIntegerField(null=True, blank=True)
    variables = models.JSONField(
        default=list, blank=True, help_text=_("letters; empty: those of the answer")
    )
    choices = models.JSONField(default=list, blank=True, help_text=_("list of key and text"))
    mistakes = models.JSONField(default=list, blank=True, help_text=_("list of answer and says"))

    class Meta:
        abstract = True


class Step(Question):
    """One question of a lesson. ``strategy`` is one line on how to go about it."""

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveIntegerField(_("order"))
    slug = models.SlugField(_("slug"), max_length=60)
    title = models.CharField(_("title"), max_length=120)
    skill = models.SlugField(_("skill"), max_length=60)
    strategy = models.CharField(_("strategy"), max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["lesson", "order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lesson", "slug"], name="lessons_one_slug_a_lesson")
        ]
        verbose_name = _("step")
        verbose_name_plural = _("steps")

    def __str__(self) -> str:
        return self.title


class Variant(Question):
    """Another way to meet a step. Hints are a ladder by ``order``; ITEM_KINDS are siblings.

    A ``prerequisite_item`` belongs to a skill, everything else to a step. ``help`` is the one hint
    of a sibling.
    """

    step = models.ForeignKey(
        Step, on_delete=models.CASCADE, related_name="variants", null=True, blank=True
    )
    of_skill = models.ForeignKey(
        Skill, on_delete=models.CASCADE, related_name="items", null=True, blank=True
    )
    kind = models.CharField(max_length=20, choices=_choices(VARIANT_KINDS))
    order = models.PositiveIntegerField(_("order"), default=0)
    help = models.CharField(_("help"), max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["step", "kind", "order"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["step", "kind", "order"], name="lessons_one_order_a_kind"
            ),
            models.UniqueConstraint(fields=["of_skill"], name="lessons_one_item_a_skill"),
            models.CheckConstraint(
                condition=models.Q(of_skill=None) ^ models.Q(step=None),
                name="lessons_of_a_step_or_a_skill",
            ),
        ]
        verbose_name = _("variant")
        verbose_name_plural = _("variants")

    def __str__(self) -> str:
        return f"{self.step or self.of_skill} · {self.kind.replace('_', ' ')}"


class Attempt(SealedModel):
    """One counted answer. ``client_id`` is made in the browser: posted twice, it counts once.

    ``hints`` and ``revealed``: what the learner had been shown of this very item when they
    answered. ``expected_p`` is what was believed before; None where the answer tells nothing.
    """

    OWNER = "learner"

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="lesson_attempts",
        db_index=False,
    )
    client_id = models.UUIDField(default=uuid.uuid4)
    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="attempts")
    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, related_name="attempts", null=True, blank=True
    )
    answer: Inside[str] = Inside(str)
    correct = models.BooleanField()
    verdict = models.CharField(max_length=20)
    took_s = models.FloatField(default=0.0)
    hints = models.PositiveSmallIntegerField(_("hints before it"), default=0)
    revealed = models.BooleanField(_("answer was shown"), default=False)
    expected_p = models.FloatField(_("expected"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["learner", "client_id"], name="lessons_attempt_counts_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["learner", "created_at"], name="lessons_newest_attempts"),
            models.Index(fields=["created_at", "id"], name="lessons_attempts_by_age"),
        ]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.step} · {self.verdict}"


class LessonAdaptation(models.Model):
    """What the plugin decided for a learner here, and what the lesson made of it.

    ``carried_out_at`` is set when the learner's page has shown it; ``recovered`` when the plugin
    later said that the learner is on the way again.
    """

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="lesson_adaptations"
    )
    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="adaptations")
    session = models.UUIDField()
    number = models.PositiveIntegerField(help_text=_("the id within its session"))
    kind = models.CharField(max_length=30)
    mode = models.CharField(max_length=10)
    carried_out_at = models.DateTimeField(null=True, blank=True)
    carried_out_as = models.CharField(max_length=30, blank=True)
    step = models.SlugField(max_length=60, blank=True, db_index=False)
    recovered = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "number"], name="lessons_one_number_a_session"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at", "id"], name="lessons_adaptations_by_age")
        ]
        verbose_name = _("adaptation in a lesson")
        verbose_name_plural = _("adaptations in lessons")

    def __str__(self) -> str:
        return f"{self.kind} ({self.mode})"


class Mastery(models.Model):
    """What a learner is believed to know of one skill, and when it is due again.

    ``p_known`` is the belief after the last answer (0 to 1). ``answers`` are those that count
    (docs/lessons.md), ``right`` the ones of them that were right without help. ``card`` is the
    scheduler's own state of a finished skill, empty before.
    """

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="lesson_masteries",
        db_index=False,
    )
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="masteries")
    p_known = models.FloatField()
    answers = models.PositiveIntegerField(default=0)
    right = models.PositiveIntegerField(default=0)
    run = models.PositiveIntegerField(default=0, help_text=_("right answers in a row"))
    mastered_at = models.DateTimeField(null=True, blank=True)
    card = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["learner", "skill"], name="lessons_one_mastery_a_skill")
        ]
        indexes: ClassVar = [
            models.Index(fields=["learner", "due_at"], name="lessons_due"),
            models.Index(fields=["updated_at"], name="lessons_masteries_by_age"),
        ]
        verbose_name = _("mastery")
        verbose_name_plural = _("masteries")

    def __str__(self) -> str:
        return f"{self.skill} · {self.p_known:.2f}"
