"""The lesson's page. It works as a plain form; the script makes it quicker and quieter."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.lessons import services
from tutor_emotion.lessons.feedback import feedback_html
from tutor_emotion.lessons.models import Lesson
from tutor_emotion.lessons.presenting import skills_of, step_content


@require_GET
@login_required
@never_cache
def lesson(request: HttpRequest, lesson: str) -> HttpResponse:
    """One step: the one asked for by ``?step=``, else the first that is not solved."""
    row = get_object_or_404(Lesson, slug=lesson)
    steps = list(row.steps.prefetch_related("variants"))
    slugs = [step.slug for step in steps]
    solved = services.solved_steps(_learner_id(request), row)
    wanted = request.GET.get("step", "")
    current = wanted if wanted in slugs else services.next_step(slugs, solved)
    context: dict[str, Any] = {
        "lesson": row,
        "number": len(solved),
        "total": len(slugs),
        "home": resolve_url(settings.LOGIN_REDIRECT_URL),
        "page": _page(row, [slug for slug in slugs if slug in solved], current),
    }
    if current is not None:
        position = slugs.index(current)
        context["step"] = step_content(steps[position], skills_of(row))
        context["position"] = position + 1
        context["is_solved"] = current in solved
        context["following"] = services.next_step(slugs, solved, after=current)
        context["attempt"] = uuid4()
    return render(request, "tutor_emotion_lessons/lesson.html", context)


def _page(lesson: Lesson, solved: list[str], current: str | None) -> dict[str, Any]:
    """What the script must know besides the content."""
    urls = {
        name: reverse(f"tutor_emotion_lessons:{name}", args=[lesson.slug])
        for name in ("content", "answer", "carried_out")
    }
    urls["home"] = resolve_url(settings.LOGIN_REDIRECT_URL)
    return {"solved": solved, "current": current, "urls": urls}


@require_POST
@login_required
@never_cache
def answer_form(request: HttpRequest, lesson: str, step: str) -> HttpResponse:
    """The form without a script: mark it, then show the step again with a word about it."""
    row = get_object_or_404(Lesson, slug=lesson)
    back = f"{reverse('tutor_emotion_lessons:lesson', args=[row.slug])}?step={step}#lesson-step"
    try:
        attempt = UUID(request.POST.get("attempt", ""))
    except ValueError:
        attempt = uuid4()
    given = services.AnswerGiven(attempt, step, None, request.POST.get("answer", ""), took_s=0.0)
    try:
        answered = services.mark_answer(_learner_id(request), row, given)
    except TutorEmotionError as error:
        messages.error(request, f"{error.message} {error.hint}".strip(), extra_tags="lesson")
    else:
        marked = answered.marked
        level = messages.SUCCESS if marked.correct else messages.INFO
        words = feedback_html(marked, attempt, answered.item.answer_kind)
        messages.add_message(request, level, words, extra_tags="lesson html")
    return redirect(back)


def _learner_id(request: HttpRequest) -> Any:
    return request.user.pk
