"""A lesson: what it is called, and its steps in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutor_emotion.admin.theme import NumberInput, Select, TextInput
from tutor_emotion.lessons.admin.question import in_place, markdown_box
from tutor_emotion.lessons.admin.step import SLUG_HELP, SlugInput, clean_slug, step_link
from tutor_emotion.lessons.admin.writers import Written, course_choices
from tutor_emotion.lessons.content.checking import text_problems
from tutor_emotion.lessons.content.naming import RESERVED
from tutor_emotion.lessons.models import Lesson

if TYPE_CHECKING:
    _Form = forms.ModelForm[Lesson]
else:
    _Form = forms.ModelForm


def clean_text(text: str) -> str:
    """A Markdown text that may be empty."""
    if problems := [in_place(problem) for problem in text_problems(text, ("text",))]:
        raise forms.ValidationError(problems)
    return text


class LessonForm(_Form):
    courses: ClassVar[Any] = ()
    course_key = forms.ChoiceField(label=gettext_lazy("Course"), widget=Select)

    class Meta:
        model = Lesson
        fields = ("course_key", "title", "slug", "summary", "order", "language", "introduction")
        widgets: ClassVar = {
            "title": TextInput(attrs={"dir": "auto"}),
            "summary": TextInput(attrs={"dir": "auto"}),
            "language": TextInput(attrs={"dir": "ltr"}),
            "slug": SlugInput(),
            "order": NumberInput,
            "introduction": markdown_box(5),
        }
        help_texts: ClassVar = {
            "title": gettext_lazy("Example: Fractions: parts, sizes and sums"),
            "slug": SLUG_HELP,
            "summary": gettext_lazy("One line. Example: Compare fractions. 12 steps, 25 minutes."),
            "order": gettext_lazy("Lessons of a course are met in this order."),
            "language": gettext_lazy("Of the text of the lesson. Example: en, de, ar"),
            "introduction": gettext_lazy("Markdown. May be empty."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "course_key" in self.fields:
            self.fields["course_key"].choices = self.courses  # type: ignore[attr-defined]
        self.fields["summary"].required = True

    def clean_slug(self) -> str:
        slug = clean_slug(self.cleaned_data["slug"])
        if slug == RESERVED:
            raise forms.ValidationError(_("Another page has this address. Choose another name."))
        return slug

    def clean_introduction(self) -> str:
        return clean_text(self.cleaned_data["introduction"])


@admin.register(Lesson)
class LessonAdmin(Written):
    form = LessonForm
    list_display = ("title", "course_key", "order", "steps_count", "page")
    list_filter = ("course_key",)
    search_fields = ("title", "slug", "summary")
    prepopulated_fields: ClassVar = {"slug": ("title",)}
    fieldsets = (
        (None, {"fields": LessonForm.Meta.fields}),
        (gettext_lazy("Steps"), {"fields": ("steps_list",)}),
    )

    class Media:
        css: ClassVar = {"all": ("tutor_emotion/admin.css", "tutor_emotion_lessons/authoring.css")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lesson]:
        rows: QuerySet[Lesson] = super().get_queryset(request)
        return rows.annotate(count=Count("steps"))

    @admin.display(description=gettext_lazy("steps"))
    def steps_count(self, lesson: Any) -> int:
        return int(lesson.count)

    @admin.display(description=gettext_lazy("page"))
    def page(self, lesson: Lesson) -> SafeString:
        url = reverse("tutor_emotion_lessons:lesson", args=[lesson.slug])
        return format_html('<a href="{}">{}</a>', url, _("open"))

    @admin.display(description=gettext_lazy("Steps"))
    def steps_list(self, lesson: Lesson) -> SafeString:
        if not lesson.pk:
            return format_html("{}", _("Save the lesson first; then it gets its steps."))
        rows = format_html_join("", "<li>{}</li>", ((step_link(s),) for s in lesson.steps.all()))
        add = reverse("admin:tutor_emotion_lessons_step_add")
        return format_html(
            '<ol class="te-steps">{}</ol><a class="te-add" href="{}?lesson={}">{}</a>',
            rows,
            add,
            lesson.pk,
            _("Add a step"),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Learners' sessions are kept by the course and the name of the lesson."""
        return ("course_key", "slug", "steps_list") if obj else ("steps_list",)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        return type(made.__name__, (made,), {"courses": course_choices(request.user)})

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Answers of learners go with a lesson, so one that has some stays."""
        if isinstance(obj, Lesson) and obj.steps.filter(attempts__isnull=False).exists():
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {k: v for k, v in super().get_actions(request).items() if k != "delete_selected"}
