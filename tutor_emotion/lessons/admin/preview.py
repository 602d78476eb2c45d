"""The step as its learners will see it, while it is being written. Nothing is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.lessons.models import Step
from tutor_emotion.lessons.richtext import parts, render, render_inline

if TYPE_CHECKING:
    from tutor_emotion.lessons.admin.step import StepAdmin

MAX_BYTES = 256 * 1024
PREVIEWS_IN_MINUTE = 150
TEMPLATE = "tutor_emotion_lessons/admin/preview.html"


@dataclass(frozen=True, slots=True)
class Shown:
    """One part of the preview. ``prefix`` is that of its form; ``mistakes`` is None for a text."""

    prefix: str
    heading: str
    html: list[str]
    errors: list[str]
    title: str = ""
    line: str = ""
    choices: list[tuple[str, str]] | None = None
    answer: str = ""
    mistakes: list[tuple[str, str]] | None = None


def view(admin: StepAdmin, request: HttpRequest, pk: int | None) -> HttpResponse:
    """The step that is in the form, drawn, with what the form would say about it."""
    step = get_object_or_404(admin.get_queryset(request), pk=pk) if pk else None
    allowed = (
        admin.has_change_permission(request, step) if step else admin.has_add_permission(request)
    )
    if not allowed:
        raise PermissionDenied
    if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
        return JsonResponse({"error": _("The step is too long for a preview.")}, status=413)
    if not _may_again(request.user.pk):
        return JsonResponse({"error": _("Wait a moment, then type on.")}, status=429)
    form = admin.get_form(request, step, change=step is not None)(request.POST, instance=step)
    # What Django itself does before it saves.
    formsets, inlines = admin._create_formsets(  # type: ignore[attr-defined]
        request, form.instance, change=step is not None
    )
    shown = [_question(form, _("The step"))]
    for inline, formset in zip(inlines, formsets, strict=True):
        shown += _of_kind(inline.kind, str(inline.verbose_name), formset)
    context = {"shown": shown, "language": _language(form)}
    return JsonResponse({"html": render_to_string(TEMPLATE, context, request)})


def page_url(step: Step) -> str:
    """Where learners meet the step; empty where the host has not mounted the lessons."""
    try:
        home = reverse("tutor_emotion_lessons:lesson", args=[step.lesson.slug])
    except NoReverseMatch:
        return ""
    return f"{home}?step={step.slug}"


def _may_again(user: Any) -> bool:
    key = f"tutor-emotion-preview-{user}-{now():%H%M}"
    cache.add(key, 0, timeout=90)
    try:
        return bool(cache.incr(key) <= PREVIEWS_IN_MINUTE)
    except ValueError:  # the minute has just ended
        return True


def _language(form: BaseForm) -> str:
    lesson = form.cleaned_data.get("lesson") if form.is_bound and form.is_valid() else None
    return str(lesson.language) if lesson else ""


def _of_kind(kind: str, name: str, formset: Any) -> Iterator[Shown]:
    kept = [form for form in formset.forms if not _left_out(form)]
    for number, form in enumerate(kept, 1):
        heading = f"{name} {number}" if kind == "hint" else name
        if kind.endswith("_item"):
            yield _question(form, heading)
            continue
        draw = parts if kind == "segmented" else _one
        html, errors = _drawn(draw, _text(form, "prompt"))
        yield Shown(form.prefix, heading, html, errors + _errors(form, said=errors))


def _left_out(form: Any) -> bool:
    deleted = form.data.get(form.add_prefix("DELETE"))
    return bool(deleted) or not (form.instance.pk or form.has_changed())


def _question(form: Any, heading: str) -> Shown:
    html, errors = _drawn(_one, _text(form, "prompt"))
    data = form.cleaned_data if form.is_valid() else getattr(form, "cleaned_data", {})
    line, _ignored = _drawn(_inline, _text(form, "strategy") or _text(form, "help"))
    return Shown(
        form.prefix or "",
        heading,
        html,
        errors + _errors(form, said=errors),
        title=_text(form, "title"),
        line="".join(line),
        choices=[(c["key"], _safe_line(c["text"])) for c in data.get("choices", [])],
        answer=_text(form, "answer"),
        mistakes=[(m["answer"], _safe_line(m["says"])) for m in data.get("mistakes", [])],
    )


def _text(form: Any, name: str) -> str:
    if name not in form.fields:
        return ""
    return str(form.data.get(form.add_prefix(name)) or "").replace("\r\n", "\n")


def _one(text: str) -> list[str]:
    return [render(text)]


def _inline(text: str) -> list[str]:
    return [render_inline(text)]


def _drawn(draw: Callable[[str], list[str]], text: str) -> tuple[list[str], list[str]]:
    """The HTML, and what keeps it from being drawn."""
    try:
        return (draw(text) if text.strip() else []), []
    except TutorEmotionError as error:
        return [], [error.message]


def _safe_line(text: str) -> str:
    return "".join(_drawn(_inline, text)[0])


def _errors(form: Any, said: list[str]) -> list[str]:
    """What the form would say on saving; what is only empty yet is not told."""
    found = []
    for name, errors in form.errors.as_data().items():
        label = str(form.fields[name].label or name).capitalize() if name in form.fields else ""
        for error in errors:
            if error.code == "required":
                continue
            for message in error.messages:
                if not any(message.endswith(told) for told in said):
                    found.append(f"{label}: {message}" if label else message)
    return found
