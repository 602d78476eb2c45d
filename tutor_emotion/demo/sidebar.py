"""The admin's sidebar in django-unfold: by what one does, not by app."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutor_emotion import services
from tutor_emotion.admin.course import classroom_url
from tutor_emotion.admin.fairness import may_compare
from tutor_emotion.admin.operating import may_operate

MOST_CLASSROOMS = 8  # more are in the list of courses
_PEOPLE = _("People")
# Group, and in it: model, symbol (of Material Symbols, which unfold carries).
_GROUPS: tuple[tuple[Any, tuple[tuple[str, str], ...]], ...] = (
    (
        _("Courses and policy"),
        (
            ("tutor_emotion.Course", "menu_book"),
            ("tutor_emotion.Experiment", "science"),
            ("tutor_emotion.MessageEdit", "chat"),
            ("tutor_emotion.LexiconEdit", "dictionary"),
        ),
    ),
    (
        _PEOPLE,
        (
            ("tutor_emotion.KillSwitch", "power_settings_new"),
            ("tutor_emotion.MedicalDecision", "medical_information"),
            ("tutor_emotion.School", "apartment"),
            ("tutor_emotion.SchoolClass", "groups"),
            ("tutor_emotion.Enrolment", "how_to_reg"),
            ("tutor_emotion.LearnerRecord", "cake"),
            ("tutor_emotion.GuardianLink", "family_restroom"),
            ("auth.User", "person"),
            ("auth.Group", "badge"),
        ),
    ),
    (
        _("Content"),
        (
            ("tutor_emotion_lessons.LessonCourse", "auto_stories"),
            ("tutor_emotion_lessons.Lesson", "school"),
            ("tutor_emotion_lessons.Step", "checklist"),
            ("tutor_emotion_lessons.Skill", "psychology"),
        ),
    ),
    (
        _("Records"),
        (
            ("tutor_emotion.Session", "history_edu"),
            ("tutor_emotion.AffectSignalRecord", "notifications"),
            ("tutor_emotion.AdaptationRecord", "tips_and_updates"),
            ("tutor_emotion.Consent", "fact_check"),
            ("tutor_emotion.LedgerEntry", "link"),
            ("tutor_emotion.ErasureRequest", "person_remove"),
            ("tutor_emotion.ErasureRecord", "task_alt"),
            ("tutor_emotion_lessons.Attempt", "edit_note"),
            ("tutor_emotion_lessons.LessonAdaptation", "swap_horiz"),
            ("tutor_emotion_lessons.Mastery", "spa"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar: what this person may see, the live classrooms of their courses first."""
    groups = [_classrooms(request)]
    for title, models in _GROUPS:
        items = [item for label, icon in models if (item := _item(request, label, icon))]
        if title == _PEOPLE and may_compare(request.user):
            items.append(
                {
                    "title": _("Fairness"),
                    "icon": "balance",
                    "link": reverse("admin:tutor_emotion_fairness"),
                }
            )
        if title == _PEOPLE and may_operate(request.user):
            link = reverse("admin:tutor_emotion_operator")
            items.append({"title": _("How it runs"), "icon": "monitor_heart", "link": link})
        groups.append({"title": title, "items": items, "separator": True})
    return [group for group in groups if group["items"]]


def _classrooms(request: HttpRequest) -> dict[str, Any]:
    courses = services.courses_of(request.user)[:MOST_CLASSROOMS]
    return {
        "title": _("Classroom"),
        "items": [
            {"title": course.title, "icon": "sensors", "link": url}
            for course in courses
            if (url := classroom_url(course))
        ],
    }


def _item(request: HttpRequest, label: str, icon: str) -> dict[str, Any] | None:
    app, _dot, name = label.partition(".")
    try:
        model = apps.get_model(label)
    except LookupError:
        return None
    shown = admin.site._registry.get(model)
    if shown is None or not shown.has_module_permission(request):
        return None
    link = reverse(f"admin:{app}_{name.lower()}_changelist")
    title = str(model._meta.verbose_name_plural)
    return {"title": title[:1].upper() + title[1:], "icon": icon, "link": link}


def icon(_request: HttpRequest) -> str:
    """The address of the site's sign."""
    return static("demo/icon.svg")


def script(_request: HttpRequest) -> str:
    """The address of what we add to unfold's pages."""
    return static("demo/admin.js")
