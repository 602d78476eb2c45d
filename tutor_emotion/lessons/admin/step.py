"""A step as a teacher writes it: the question, its answer, and what stands around it."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tutor_emotion.admin.theme import NumberInput, Select, TextInput
from tutor_emotion.lessons.admin import preview
from tutor_emotion.lessons.admin.question import ANSWER_FIELDS, QuestionForm
from tutor_emotion.lessons.admin.variants import inlines
from tutor_emotion.lessons.admin.writers import Written, written_by
from tutor_emotion.lessons.content.checking import line_problems
from tutor_emotion.lessons.models import Lesson, Skill, Step

SLUG_HELP = gettext_lazy("Small letters a to z, digits and -. Part of the address; keep it.")


class SlugInput(TextInput):  # type: ignore[misc, valid-type]
    def __init__(self) -> None:
        super().__init__(attrs={"spellcheck": "false", "dir": "ltr", "autocapitalize": "off"})


def clean_slug(slug: str) -> str:
    """As the name of a file or a folder has it."""
    parts = slug.split("-")
    if all(part.isascii() and part.isalnum() and part == part.lower() for part in parts):
        return slug
    raise forms.ValidationError(_("Only small letters a to z, digits and single hyphens between."))


class StepForm(QuestionForm):
    """``course_keys`` are those that the person who fills it in may write."""

    course_keys: ClassVar[Any] = ()
    skill = forms.ChoiceField(
        label=gettext_lazy("Skill"),
        widget=Select,
        help_text=gettext_lazy("What it practises. Skills are made on the page of the course."),
    )

    class Meta(QuestionForm.Meta):
        model = Step
        fields = (
            "lesson",
            "order",
            "title",
            "slug",
            "skill",
            "difficulty",
            "expected_s",
            "prompt",
            "strategy",
            *ANSWER_FIELDS,
        )
        labels: ClassVar = {
            **QuestionForm.Meta.labels,
            "strategy": gettext_lazy("How to go about it"),
        }
        widgets: ClassVar = {
            **QuestionForm.Meta.widgets,
            "title": TextInput(attrs={"dir": "auto"}),
            "strategy": TextInput(attrs={"dir": "auto"}),
            "expected_s": NumberInput(attrs={"step": 5}),
            "slug": SlugInput(),
        }
        help_texts: ClassVar = {
            **QuestionForm.Meta.help_texts,
            "order": gettext_lazy("Steps are met in this order; the first is 0."),
            "title": gettext_lazy("Example: Name the shaded part"),
            "slug": SLUG_HELP,
            "expected_s": gettext_lazy("How long it usually takes, in seconds. Example: 40"),
            "strategy": gettext_lazy(
                "One line about the step, never about the person. "
                "Example: First count all the parts of the bar, then the shaded ones."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        skills = Skill.objects.filter(course_key__in=self.course_keys)
        rows = skills.values_list("course_key", "key", "name")
        self.skills = {(course, key) for course, key, _name in rows}
        grouped: dict[str, list[tuple[str, str]]] = {}
        for course, key, name in rows:
            grouped.setdefault(course, []).append((key, name))
        choices = [("", "–"), *(grouped.items() if len(grouped) > 1 else grouped.get("", []))]
        if len(grouped) == 1:
            choices += next(iter(grouped.values()))
        self.fields["skill"].choices = choices  # type: ignore[attr-defined]
        self.fields["expected_s"].required = True
        self.fields["strategy"].required = True

    def clean_slug(self) -> str:
        return clean_slug(self.cleaned_data["slug"])

    def clean_strategy(self) -> str:
        line: str = self.cleaned_data["strategy"]
        if problems := [problem.message for problem in line_problems(line, ("strategy",))]:
            raise forms.ValidationError(problems)
        return line

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        lesson, skill = data.get("lesson"), data.get("skill")
        if lesson and skill and (lesson.course_key, skill) not in self.skills:
            self.add_error("skill", _("This skill belongs to another course than the lesson."))
        return data


@admin.register(Step)
class StepAdmin(Written):
    key_path = "lesson__course_key"
    form = StepForm
    list_display = ("title", "lesson", "number", "skill", "difficulty")
    list_filter = ("lesson", "skill")
    list_select_related = ("lesson",)
    search_fields = ("title", "slug", "prompt")
    ordering = ("lesson__course_key", "lesson__order", "order")
    prepopulated_fields: ClassVar = {"slug": ("title",)}
    inlines = tuple(inlines())
    change_form_template = "tutor_emotion_lessons/admin/step.html"
    fieldsets = (
        (None, {"fields": ("lesson", ("order", "skill"), ("difficulty", "expected_s"))}),
        (
            gettext_lazy("The question"),
            {"fields": ("title", "slug", "prompt", "strategy")},
        ),
        (
            gettext_lazy("The answer"),
            {"fields": ANSWER_FIELDS, "classes": ("te-answer",)},
        ),
    )

    class Media:
        css: ClassVar = {
            "all": (
                "tutor_emotion/admin.css",
                "tutor_emotion_lessons/lesson.css",
                "tutor_emotion_lessons/authoring.css",
            )
        }
        js = ("tutor_emotion_lessons/authoring.js",)

    @admin.display(description=gettext_lazy("number"), ordering="order")
    def number(self, step: Step) -> int:
        return step.order + 1

    # --- the form ---

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        keys = (
            [obj.lesson.course_key]
            if obj
            else list(written_by(request.user).values_list("key", flat=True))
        )
        return type(made.__name__, (made,), {"course_keys": keys})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "lesson":
            kwargs["queryset"] = self._lessons(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _lessons(self, request: HttpRequest) -> QuerySet[Lesson]:
        return Lesson.objects.filter(course_key__in=written_by(request.user).values("key"))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new step comes last, and is as the one before it."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        asked_for = str(initial.get("lesson", ""))
        pk = int(asked_for) if re.fullmatch(r"[0-9]{1,12}", asked_for) else 0
        lesson = self._lessons(request).filter(pk=pk).first()
        last = lesson.steps.order_by("-order").first() if lesson else None
        if last:
            initial = {"skill": last.skill, "order": last.order + 1, "expected_s": 40, **initial}
        return initial

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Answers of learners go with a step, so a step that has some stays."""
        if isinstance(obj, Step) and obj.attempts.exists():
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {k: v for k, v in super().get_actions(request).items() if k != "delete_selected"}

    # --- the preview ---

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        show = wrap(require_POST(self.preview_view))
        name = "tutor_emotion_lessons_step_preview"
        own = [
            path("preview/", show, name=name),
            path("<int:pk>/preview/", show, name=f"{name}_of"),
        ]
        return own + super().get_urls()

    def preview_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        return preview.view(self, request, pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        site = self.admin_site.name
        name = f"{site}:tutor_emotion_lessons_step_preview"
        context["preview_url"] = reverse(f"{name}_of", args=[obj.pk]) if obj else reverse(name)
        context["page_url"] = preview.page_url(obj) if obj else ""
        return super().render_change_form(request, context, *args, **kwargs)


def step_link(step: Step) -> SafeString:
    """For lists of steps on other pages."""
    url = reverse("admin:tutor_emotion_lessons_step_change", args=[step.pk])
    return format_html('<a href="{}">{}</a>', url, step.title)
