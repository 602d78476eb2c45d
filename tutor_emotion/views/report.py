"""A lesson looked back at: which step cost most, what helped, and both as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tutor_emotion import services
from tutor_emotion.core.shares import Share
from tutor_emotion.models import Course, SchoolClass, Session
from tutor_emotion.services import reporting
from tutor_emotion.services.reporting import Span
from tutor_emotion.views.drawing import interval, of_most
from tutor_emotion.views.spreadsheet import csv_response
from tutor_emotion.views.teaching import name_of, seen_sessions, taught_course
from tutor_emotion.words import ADAPTATION_LABELS

_DAYS = 7
MOST_DAYS = 366


class SpanForm(forms.Form):
    """Which days, and which of the teacher's classes."""

    first = forms.DateField(label=_("From"), required=False)
    last = forms.DateField(label=_("To"), required=False)
    school_class = forms.ModelChoiceField(
        SchoolClass.objects.none(), label=_("Class"), required=False, empty_label=_("All")
    )
    widgets: ClassVar = {"first": "date", "last": "date"}

    def __init__(self, data: QueryDict, classes: QuerySet[SchoolClass]) -> None:
        today = timezone.localdate()
        days = {"first": today - timedelta(days=_DAYS - 1), "last": today}
        given = {key: data[key] for key in ("first", "last", "school_class") if data.get(key)}
        super().__init__({key: day.isoformat() for key, day in days.items()} | given)
        for name, kind in self.widgets.items():
            # A browser's own calendar wants ISO, whatever the language.
            self.fields[name].widget = forms.DateInput({"type": kind}, format="%Y-%m-%d")
            self.fields[name].input_formats = ["%Y-%m-%d"]  # type: ignore[attr-defined]
        self.fields["school_class"].queryset = classes  # type: ignore[attr-defined]
        self.days = Span(days["first"], days["last"])

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and first > last:
            raise forms.ValidationError(_("The first day comes after the last."))
        if first and last and (last - first).days >= MOST_DAYS:
            raise forms.ValidationError(_("At most a year at once."))
        return found

    @property
    def span(self) -> Span:
        """The days that were asked for; those of the last week where they cannot be."""
        if not self.is_valid():
            return self.days
        return Span(self.cleaned_data["first"], self.cleaned_data["last"])

    @property
    def chosen_class(self) -> SchoolClass | None:
        return self.cleaned_data.get("school_class") if self.is_valid() else None


@require_GET
@login_required
@never_cache
def lessons(request: HttpRequest, course: str) -> HttpResponse:
    """The lessons of which there is anything to report."""
    found = taught_course(request, course)
    rows = reporting.lessons_of(seen_sessions(request, found))
    context = {"course": found, "lessons": rows}
    return render(request, "tutor_emotion/reports.html", context)


@require_GET
@login_required
@never_cache
def report(request: HttpRequest, course: str, lesson: str) -> HttpResponse:
    """One lesson over some days."""
    found = taught_course(request, course)
    form, sessions = _sessions(request, found, lesson)
    steps, worked = reporting.step_reports(sessions), services.worked_in(sessions)
    most = max((step.lost_s for step in steps), default=0.0)
    context = {
        "course": found,
        "lesson": lesson,
        "form": form,
        "sessions": sessions.count(),
        "learners": sessions.order_by().values("learner").distinct().count(),
        "steps": [(step, of_most(step.lost_s, most)) for step in steps],
        "worst": steps[0] if steps and steps[0].lost_s > 0 else None,
        "too_few": reporting.TOO_FEW,
        "worked": [_helped(row) for row in worked.kinds],
        "unaided": _shared(worked.unaided),
    }
    return render(request, "tutor_emotion/report.html", context)


def _helped(row: services.Worked) -> dict[str, Any]:
    label = ADAPTATION_LABELS.get(row.kind, row.kind)  # type: ignore[call-overload]
    return {"row": row, "label": label, "helped": _shared(row.helped)}


def _shared(share: Share | None) -> dict[str, Any] | None:
    """A share in per cent with its bounds, and as a line; without them where it is of too few."""
    if share is None or share.share is None or share.interval is None:
        return None
    if share.n < reporting.TOO_FEW:
        return {"hits": share.hits, "n": share.n, "few": True}
    low, high = share.interval
    told = {"percent": _percent(share.share), "low": _percent(low), "high": _percent(high)}
    return {**told, "n": share.n, "bar": interval(low, high, share.share)}


def _percent(share: float) -> int:
    return round(100 * share)


@require_GET
@login_required
@never_cache
def csv(request: HttpRequest, course: str) -> HttpResponseBase:
    """``what`` is steps, learners or offers; ``names`` tells who, ``bom`` is for spreadsheets."""
    found = taught_course(request, course)
    lesson, what = request.GET.get("lesson", ""), request.GET.get("what", "steps")
    form, sessions = _sessions(request, found, lesson)
    if what not in FILES or not form.is_valid():
        # Reached by hand alone: the page's own form offers nothing else.
        faults = [f"what: one of {', '.join(FILES)}"] if what not in FILES else []
        faults += [f"{field}: {' '.join(map(str, e))}" for field, e in form.errors.items()]
        return HttpResponse("\n".join(faults), status=400, content_type="text/plain; charset=utf-8")
    names = request.GET.get("names") == "1"
    if names and what == "learners":
        learners = sessions.order_by().values_list("learner", flat=True).distinct()
        services.record_look(request.user, "report", learners, found)
    rows = FILES[what](found, sessions, names=names)
    name = slugify(f"{found.key} {lesson} {what} {form.span.first} {form.span.last}")
    return csv_response(request, name, rows, bom=request.GET.get("bom") == "1")


def _sessions(
    request: HttpRequest, course: Course, lesson: str
) -> tuple[SpanForm, QuerySet[Session]]:
    """A lesson that nobody whom this teacher sees was in looks like one that does not exist."""
    seen = seen_sessions(request, course)
    if "\0" in lesson or not seen.filter(lesson=lesson).exists():
        raise Http404
    form = SpanForm(request.GET, services.classes_of(request.user).filter(course=course))
    sessions = reporting.sessions_in(seen, course, lesson, form.span)
    if form.chosen_class is not None:
        theirs = form.chosen_class.enrolments.values("learner")
        sessions = sessions.filter(learner__in=theirs)
    return form, sessions


# --- files ----------------------------------------------------------------------------------------


def _step_rows(_course: Course, sessions: QuerySet[Session], **_: Any) -> Iterator[Sequence[Any]]:
    yield ("step", "title", "learners", "answers", "misses", "hints", "first_right", "solved",
           "median_s", "expected_s", "lost_s")  # fmt: skip
    for row in reporting.step_reports(sessions):
        yield (row.step, row.title, row.learners, row.answers, row.misses, row.hints,
               round(row.first_right, 3), round(row.solved, 3), round(row.median_s, 1),
               round(row.expected_s, 1), round(row.lost_s, 1))  # fmt: skip


def _learner_rows(
    course: Course, sessions: QuerySet[Session], *, names: bool
) -> Iterator[Sequence[Any]]:
    yield ("learner", "session", "began_at", "step", "skill", "answers", "misses", "hints",
           "seconds", "first_right", "solved")  # fmt: skip
    called = _called(course, sessions, names=names)
    for row in reporting.attempts(sessions):
        began_at = timezone.localtime(row.began_at).isoformat(timespec="seconds")
        yield (called[row.learner_id], row.session_id, began_at, row.step, row.skill, row.answers,
               row.misses, row.hints, round(row.seconds, 1), int(row.first_right),
               int(row.solved))  # fmt: skip


def _called(course: Course, sessions: QuerySet[Session], *, names: bool) -> dict[Any, str]:
    """Learner → name, or a made-up one that is the same in each file of this site and course."""
    if names:
        return {row.learner_id: name_of(row.learner) for row in sessions.select_related("learner")}
    ids = sessions.order_by().values_list("learner", flat=True).distinct()
    return {pk: salted_hmac("tutor_emotion.report", f"{course.pk}:{pk}").hexdigest()[:10]
            for pk in ids}  # fmt: skip


def _offer_rows(_course: Course, sessions: QuerySet[Session], **_: Any) -> Iterator[Sequence[Any]]:
    yield ("adaptation", "mode", "made", "taken", "dismissed", "ignored", "wrong", "helped",
           "judged", "helped_share", "helped_low", "helped_high")  # fmt: skip
    for row in services.worked_in(sessions).kinds:
        low, high = row.helped.interval or ("", "")
        yield (row.kind, row.mode, row.offered, row.taken, row.dismissed, row.ignored, row.wrong,
               row.helped.hits, row.helped.n, _rounded(row.helped.share), _rounded(low),
               _rounded(high))  # fmt: skip


def _rounded(value: float | str | None) -> float | str:
    return round(value, 3) if isinstance(value, float) else ""


FILES: Mapping[str, Callable[..., Iterator[Sequence[Any]]]] = {
    "steps": _step_rows,
    "learners": _learner_rows,
    "offers": _offer_rows,
}
