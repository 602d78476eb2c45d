"""The lesson's page. It works as a plain form; the script makes it quicker and quieter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.lessons import services
from tutor_emotion.lessons.feedback import feedback_html
from tutor_emotion.lessons.marking import MAX_CHOICES, as_text
from tutor_emotion.lessons.models import Lesson
from tutor_emotion.lessons.presenting import skills_of, step_content

MAX_KEPT_CHARS = 2_000  # of what was written, in the form that is shown again


@require_GET
@login_required
@never_cache
def lesson(request: HttpRequest, lesson: str) -> HttpResponse:
    """One step: the one asked for by ``?step=``, else the first that is not solved."""
    row = get_object_or_404(Lesson, slug=lesson)
    return _step_page(request, row, request.GET.get("step", ""))


def _step_page(
    request: HttpRequest, row: Lesson, wanted: str, answers: Sequence[str] = ()
) -> HttpResponse:
    """``answers`` are what the learner has written or chosen before, and finds again."""
    steps = list(row.steps.prefetch_related("variants"))
    slugs = [step.slug for step in steps]
    solved = services.solved_steps(_learner_id(request), row)
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
        shown = step_content(steps[position], skills_of(row))
        places = len(shown["item"]["choices"])
        context["step"] = shown
        context["position"] = position + 1
        context["is_solved"] = current in solved
        context["following"] = services.next_step(slugs, solved, after=current)
        context["attempt"] = uuid4()
        context["answers"] = answers
        context["places"] = [*answers, *[""] * places][:places]
    return render(request, "tutor_emotion_lessons/lesson.html", context)


def _page(lesson: Lesson, solved: list[str], current: str | None) -> dict[str, Any]:
    """What the script must know besides the content."""
    urls = {
        name: reverse(f"tutor_emotion_lessons:{name}", args=[lesson.slug])
        for name in ("content", "answer", "carried_out")
    }
    urls["home"] = resolve_url(settings.LOGIN_REDIRECT_URL)
    urls["math"] = static("tutor_emotion/dist/math.js")
    return {"solved": solved, "current": current, "urls": urls}


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def answer_form(request: HttpRequest, lesson: str, step: str) -> HttpResponse:
    """The form without a script: mark it, then show the step again with a word about it.

    What was written stays in the form until it is right.
    """
    row = get_object_or_404(Lesson, slug=lesson)
    back = f"{reverse('tutor_emotion_lessons:lesson', args=[row.slug])}?step={step}#lesson-step"
    if request.method == "GET":  # a reloaded page, or somebody who had to sign in first
        return redirect(back)
    answers = [answer[:MAX_KEPT_CHARS] for answer in request.POST.getlist("answer")[:MAX_CHOICES]]
    given = services.AnswerGiven(
        _attempt(request),
        step,
        None,
        as_text(answers),
        took_s=0.0,
        version=request.POST.get("version", ""),
    )
    try:
        answered = services.mark_answer(_learner_id(request), row, given)
    except TutorEmotionError as error:
        messages.error(request, _fault(error, answers), extra_tags="lesson")
        return _step_page(request, row, step, answers)
    marked = answered.marked
    level = messages.SUCCESS if marked.correct else messages.INFO
    words = feedback_html(marked, given.client_id, answered.item.answer_kind)
    messages.add_message(request, level, words, extra_tags="lesson html")
    return redirect(back) if marked.correct else _step_page(request, row, step, answers)


def _attempt(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("attempt", ""))
    except ValueError:
        return uuid4()


def _fault(error: TutorEmotionError, answers: Sequence[str]) -> str:
    """What is wrong; with what was written, where its own form is gone."""
    words = f"{error.message} {error.hint}".strip()
    if error.code != "unknown_step" or not as_text(answers).strip():
        return words
    return words + " " + _("You had written: %(answer)s") % {"answer": as_text(answers)}


def _learner_id(request: HttpRequest) -> Any:
    return request.user.pk
