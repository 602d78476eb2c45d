"""The lesson's page. It works as a plain form; the script makes it quicker and quieter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.templatetags.static import static
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.lessons import richtext, services
from tutor_emotion.lessons.feedback import feedback_html
from tutor_emotion.lessons.marking import MAX_CHOICES, as_text
from tutor_emotion.lessons.models import ITEM_KINDS, Lesson
from tutor_emotion.lessons.placing import Wish, place
from tutor_emotion.lessons.presenting import skills_of, step_content
from tutor_emotion.lessons.progress import picture_of

# What the page opens with where the learner has opened it by hand.
BY_HAND: dict[str, Any] = {
    "step": None,
    "item": "step",
    "reason": "by_hand",
    "skill": "",
    "examples": 0,
    "may_skip": False,
    "why": "",
}
MAX_SKIPPED = 64
MAX_KEPT_CHARS = 2_000  # of what was written, in the form that is shown again


@require_GET
@login_required
@never_cache
def progress(request: HttpRequest) -> HttpResponse:
    """A learner's own picture; nobody else's."""
    context = {
        "picture": picture_of(_learner_id(request)),
        "home": resolve_url(settings.LOGIN_REDIRECT_URL),
    }
    return render(request, "tutor_emotion_lessons/progress.html", context)


@require_GET
@login_required
@never_cache
def lesson(request: HttpRequest, lesson: str) -> HttpResponse:
    """One item: the one asked for by ``?step=`` and ``?item=``, else the one that is chosen."""
    row = get_object_or_404(Lesson, slug=lesson)
    return _step_page(request, row, request.GET.get("step", ""), request.GET.get("item", ""))


def _step_page(
    request: HttpRequest, row: Lesson, step: str, item: str, answers: Sequence[str] = ()
) -> HttpResponse:
    """``answers`` are what the learner has written or chosen before, and finds again."""
    steps = list(row.steps.prefetch_related("variants"))
    slugs = [step.slug for step in steps]
    here = place(_learner_id(request), row, _wish(request))
    solved, chosen = here.solved, here.next
    opening = {**BY_HAND, "step": step, "item": item} if step in slugs else chosen
    context: dict[str, Any] = {
        "lesson": row,
        "introduction": richtext.render(row.introduction),
        "number": len(solved),
        "total": len(slugs),
        "home": resolve_url(settings.LOGIN_REDIRECT_URL),
    }
    if opening["step"] is not None:
        position = slugs.index(opening["step"])
        shown = step_content(steps[position], skills_of(row))
        if opening["item"] not in shown["siblings"]:
            opening = {**opening, "item": "step"}
        asks = shown["siblings"].get(opening["item"], shown["item"])
        places = len(asks["choices"])
        context["step"] = shown
        context["item"] = asks
        context["opening"] = opening
        context["position"] = position + 1
        context["is_solved"] = opening["step"] in solved
        context["following"] = chosen["step"]
        context["attempt"] = uuid4()
        context["answers"] = answers
        context["places"] = [*answers, *[""] * places][:places]
    context["page"] = _page(request, row, solved, opening)
    return render(request, "tutor_emotion_lessons/lesson.html", context)


def _wish(request: HttpRequest) -> Wish:
    """Without a script: the pace stays what it is, and what is left out is in the address."""
    skipped = frozenset(request.GET.getlist("skipped")[:MAX_SKIPPED])
    asked = request.GET.get
    return Wish(skipped=skipped, leave=asked("leave", ""), review=asked("review", ""))


def _page(
    request: HttpRequest, lesson: Lesson, solved: list[str], opening: Mapping[str, Any]
) -> dict[str, Any]:
    """What the script must know besides the content.

    ``learner`` names this learner and says nothing of them: what is kept in a tab has an owner.
    """
    name = salted_hmac("tutor_emotion.lessons.page", str(_learner_id(request))).hexdigest()[:16]
    urls = {
        name: reverse(f"tutor_emotion_lessons:{name}", args=[lesson.slug])
        for name in ("content", "answer", "next", "carried_out")
    }
    urls["home"] = resolve_url(settings.LOGIN_REDIRECT_URL)
    urls["math"] = static("tutor_emotion/dist/math.js")
    return {"learner": name, "solved": solved, "opening": opening, "urls": urls}


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def answer_form(request: HttpRequest, lesson: str, step: str) -> HttpResponse:
    """The form without a script: mark it, then show the step again with a word about it.

    What was written stays in the form until it is right.
    """
    row = get_object_or_404(Lesson, slug=lesson)
    kind, variant = _sibling(request)
    query = urlencode({"step": step, **({"item": kind} if kind else {})})
    back = f"{reverse('tutor_emotion_lessons:lesson', args=[row.slug])}?{query}#lesson-step"
    if request.method == "GET":  # a reloaded page, or somebody who had to sign in first
        return redirect(back)
    answers = [answer[:MAX_KEPT_CHARS] for answer in request.POST.getlist("answer")[:MAX_CHOICES]]
    given = services.AnswerGiven(
        _attempt(request),
        step,
        variant,
        as_text(answers),
        took_s=0.0,
        version=request.POST.get("version", ""),
    )
    try:
        answered = services.mark_answer(_learner_id(request), row, given)
    except TutorEmotionError as error:
        messages.error(request, _fault(error, answers), extra_tags="lesson")
        return _step_page(request, row, step, kind, answers)
    marked = answered.marked
    level = messages.SUCCESS if marked.correct else messages.INFO
    words = feedback_html(marked, given.client_id, answered.item.answer_kind)
    messages.add_message(request, level, words, extra_tags="lesson html")
    return redirect(back) if marked.correct else _step_page(request, row, step, kind, answers)


def _sibling(request: HttpRequest) -> tuple[str, int | None]:
    """The kind and the id of the sibling that the form was of, if it was of one."""
    kind, number = request.POST.get("item", ""), request.POST.get("variant", "")
    is_one = kind in ITEM_KINDS and number.isascii() and number.isdecimal() and len(number) <= 10
    return (kind, int(number)) if is_one else ("", None)


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
