"""The demonstration host's own page: where to go on, which lesson, which classroom."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tutor_emotion import faults, services
from tutor_emotion.lessons.models import Attempt, Lesson, LessonCourse
from tutor_emotion.lessons.progress import due_skills
from tutor_emotion.lessons.services import solved_steps

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading:
    """How far a learner is in a lesson; in steps."""

    lesson: Lesson
    total: int
    solved: int


@dataclass(frozen=True)
class Shelf:
    """The lessons of one course, in their order."""

    title: str
    language: str
    lessons: tuple[Reading, ...]


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Lessons for everybody who is signed in; classrooms for those who teach."""
    context: dict[str, Any] = {"courses": []}
    if request.user.is_authenticated:
        pk = request.user.pk
        readings = [
            Reading(row, row.steps.count(), len(solved_steps(pk, row)))
            for row in Lesson.objects.all()
        ]
        context["shelves"] = shelves(readings)
        context["go_on"] = go_on(pk, readings)
        context["due"] = due_skills(pk)
        context["courses"] = services.courses_of(request.user)
    return render(request, "demo/home.html", context)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 Django's
    """Error 404. Django's own view reads the form first, and a broken one is then an error 500."""
    return render(request, "404.html", status=404)


def failed(_request: HttpRequest) -> HttpResponse:
    """Error 500 in plain words, with the number by which the log has it."""
    error = sys.exc_info()[1]
    number = faults.note(log, "a page", error) if error else ""
    # Without a request: what failed may be what the page's own dress asks for.
    return HttpResponse(render_to_string("500.html", {"number": number}), status=500)


def shelves(readings: Sequence[Reading]) -> list[Shelf]:
    """By course, in the order of their first lessons; a course without a text has its key."""
    courses = {course.key: course for course in LessonCourse.objects.all()}
    grouped: dict[str, list[Reading]] = {}
    for reading in readings:
        grouped.setdefault(reading.lesson.course_key, []).append(reading)
    return [
        Shelf(
            courses[key].title if key in courses else key,
            courses[key].language if key in courses else of[0].lesson.language,
            tuple(of),
        )
        for key, of in grouped.items()
    ]


def go_on(learner_id: Any, readings: Sequence[Reading]) -> Reading | None:
    """The lesson of the learner's newest answer, while there is something left in it."""
    attempts = Attempt.objects.filter(learner_id=learner_id).select_related("step")
    newest = attempts.order_by("-created_at").first()
    unfinished = {r.lesson.pk: r for r in readings if r.solved < r.total}
    return unfinished.get(newest.step.lesson_id) if newest else None
