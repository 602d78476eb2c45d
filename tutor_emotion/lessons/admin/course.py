"""A course: its words, its lessons and skills, and the way in and out as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutor_emotion import api as plugin
from tutor_emotion.admin.theme import TextInput
from tutor_emotion.lessons.admin import transfer
from tutor_emotion.lessons.admin.lesson import clean_text
from tutor_emotion.lessons.admin.question import markdown_box
from tutor_emotion.lessons.admin.writers import Written
from tutor_emotion.lessons.models import Lesson, LessonCourse, Skill

if TYPE_CHECKING:
    _Form = forms.ModelForm[LessonCourse]
else:
    _Form = forms.ModelForm


class LessonCourseForm(_Form):
    class Meta:
        model = LessonCourse
        fields = ("title", "key", "summary", "language", "description")
        widgets: ClassVar = {
            "title": TextInput(attrs={"dir": "auto"}),
            "key": TextInput(attrs={"dir": "ltr", "spellcheck": "false"}),
            "summary": TextInput(attrs={"dir": "auto"}),
            "language": TextInput(attrs={"dir": "ltr"}),
            "description": markdown_box(5),
        }
        help_texts: ClassVar = {
            "title": gettext_lazy("Example: Fractions"),
            "key": gettext_lazy("By this the course is known everywhere; it stays as it is."),
            "summary": gettext_lazy("One line."),
            "language": gettext_lazy("Of the text. Example: en, de, ar"),
            "description": gettext_lazy("Markdown, a few lines. May be empty."),
        }

    def clean_description(self) -> str:
        return clean_text(self.cleaned_data["description"])


@admin.register(LessonCourse)
class LessonCourseAdmin(Written):
    key_path = "key"
    form = LessonCourseForm
    list_display = ("title", "key", "language", "lessons_count")
    search_fields = ("title", "key")
    prepopulated_fields: ClassVar = {"key": ("title",)}
    change_form_template = "tutor_emotion_lessons/admin/course.html"
    change_list_template = "tutor_emotion_lessons/admin/courses.html"
    fieldsets = (
        (None, {"fields": LessonCourseForm.Meta.fields}),
        (gettext_lazy("What is in it"), {"fields": ("lessons_list", "skills_list")}),
    )

    class Media:
        css: ClassVar = {"all": ("tutor_emotion/admin.css", "tutor_emotion_lessons/authoring.css")}

    # --- who may ---

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new course has no teacher yet, so the site makes it."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # its lessons do not hang on this row; take them out one by one

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key", "lessons_list", "skills_list") if obj else ("lessons_list", "skills_list")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields

    # --- what it shows ---

    @admin.display(description=gettext_lazy("lessons"))
    def lessons_count(self, course: LessonCourse) -> int:
        return Lesson.objects.filter(course_key=course.key).count()

    @admin.display(description=gettext_lazy("Lessons"))
    def lessons_list(self, course: LessonCourse) -> SafeString:
        rows = Lesson.objects.filter(course_key=course.key)
        return _links(course, "lesson", [(row.pk, row.title) for row in rows], _("Add a lesson"))

    @admin.display(description=gettext_lazy("Skills"))
    def skills_list(self, course: LessonCourse) -> SafeString:
        rows = Skill.objects.filter(course_key=course.key)
        return _links(course, "skill", [(row.pk, row.name) for row in rows], _("Add a skill"))

    # --- writing, and the two doors ---

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        old = LessonCourse.objects.filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        plugin.ensure_course(obj.key, obj.title)
        if old and old.language != obj.language:  # lessons that spoke as the course did still do
            rows = Lesson.objects.filter(course_key=obj.key, language=old.language)
            rows.update(language=obj.language)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        doors = transfer.Doors(self)
        own = [
            path("import/", wrap(doors.bring), name="tutor_emotion_lessons_import"),
            path("<int:pk>/export/", wrap(doors.take), name="tutor_emotion_lessons_export"),
        ]
        return own + super().get_urls()


def _links(course: LessonCourse, model: str, rows: list[tuple[Any, str]], add: str) -> SafeString:
    if not course.pk:
        return format_html("{}", _("Save the course first."))
    name = f"admin:tutor_emotion_lessons_{model}"
    items = format_html_join(
        "",
        '<li><a href="{}">{}</a></li>',
        ((reverse(f"{name}_change", args=[pk]), title) for pk, title in rows),
    )
    return format_html(
        '<ul class="te-steps">{}</ul><a class="te-add" href="{}?course_key={}">{}</a>',
        items,
        reverse(f"{name}_add"),
        course.key,
        add,
    )
