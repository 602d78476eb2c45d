"""The demonstration host's own page: which lesson, which classroom."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tutor_emotion import services
from tutor_emotion.lessons.models import Lesson
from tutor_emotion.lessons.progress import due_skills
from tutor_emotion.lessons.services import solved_steps


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Lessons for everybody who is signed in; classrooms for those who teach."""
    context: dict[str, Any] = {"lessons": [], "courses": []}
    if request.user.is_authenticated:
        pk = request.user.pk
        context["lessons"] = [
            {"lesson": row, "total": row.steps.count(), "solved": len(solved_steps(pk, row))}
            for row in Lesson.objects.all()
        ]
        context["due"] = due_skills(pk)
        context["courses"] = services.courses_of(request.user)
    return render(request, "demo/home.html", context)
