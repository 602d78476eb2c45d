"""Whether groups of learners are served alike: the courses with their alarms, and one course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutor_emotion.admin.fairness_picture import Bar, group_bars
from tutor_emotion.admin.theme import Select
from tutor_emotion.core.fairness import LEAST_COMPARED, LEAST_SHOWN, LIMIT, Gap, Ratio, interval
from tutor_emotion.models import Course
from tutor_emotion.services import fairness
from tutor_emotion.services.fairness import RATES, SPANS_DAYS, FairnessReport, Measure
from tutor_emotion.words import MEASURE_LABELS

TEMPLATE = "tutor_emotion/admin/fairness.html"
MOST_COURSES = 50  # of the first page; the others can be chosen
ABOUT: Mapping[Measure, str | Promise] = {
    "coverage": gettext_lazy(
        "Share of the time in which enough was known to say anything at all. Time in which a "
        "learner let nothing be read does not count."
    ),
    "signals": gettext_lazy(
        "How often something was noticed, in each hour in which anything was listened to."
    ),
    "dismissed": gettext_lazy(
        "Of the offers that were answered or left, how many were waved away."
    ),
    "wrong": gettext_lazy("Of the same offers, to how many a learner said “That was wrong”."),
    "helped": gettext_lazy(
        "Of what was taken or done quietly, after how much of it the next answer was right."
    ),
}


class FairnessForm(forms.Form):
    """Which course, and how many days back."""

    course = forms.ModelChoiceField(
        Course.objects.none(), label=gettext_lazy("Course"), required=False, widget=Select,
        empty_label=gettext_lazy("All of them, with their alarms"),
    )  # fmt: skip
    days = forms.ChoiceField(
        label=gettext_lazy("Days"), widget=Select,
        choices=[(str(days), str(days)) for days in SPANS_DAYS],
    )  # fmt: skip

    def __init__(self, user: Any, data: Mapping[str, Any]) -> None:
        given = {key: data[key] for key in ("course", "days") if data.get(key)}
        super().__init__({"days": "90"} | given)
        courses = fairness.courses_compared_by(user)
        self.fields["course"].queryset = courses  # type: ignore[attr-defined]


def may_compare(user: Any) -> bool:
    """A superuser, or who administers a school."""
    return bool(
        user.is_active and (user.is_superuser or fairness.courses_compared_by(user).exists())
    )


def fairness_view(request: HttpRequest, admin: Any) -> HttpResponse:
    """Without a course: each, with its alarms. With one: its groups, measure by measure."""
    user = request.user
    if not may_compare(user):
        raise PermissionDenied
    form = FairnessForm(user, request.GET)
    if not form.is_valid():
        raise Http404  # a course of somebody else looks like one that does not exist
    course, days = form.cleaned_data["course"], int(form.cleaned_data["days"])
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "title": _("Fairness"),
        "opts": admin.opts,
        "media": admin.media,
        "form": form,
        "days": days,
        "held": fairness.group_names(),
        "limit": round(100 * LIMIT),
        "least_shown": LEAST_SHOWN,
        "least_compared": LEAST_COMPARED,
    }
    if course is not None:
        context |= {"course": course, **_told(_report(course, days, user))}
    elif context["held"]:
        courses = fairness.courses_compared_by(user)[:MOST_COURSES]
        reports = [_report(one, days, user) for one in courses]
        context["courses"] = [_in_short(report) for report in reports]
        context["alarms"] = sum(bool(report.alarms) for report in reports)
    return TemplateResponse(request, TEMPLATE, context)


def _report(course: Course, days: int, user: Any) -> FairnessReport:
    report = fairness.compare_groups(course, days, fairness.compared_for(course, user))
    fairness.log_alarms(report)
    return report


def _in_short(report: FairnessReport) -> dict[str, Any]:
    compared = [gap for gap in report.gaps.values() if gap is not None]
    return {
        "course": report.course,
        "alarms": [MEASURE_LABELS[measure] for measure in report.alarms],
        "compared": len(compared),
    }


def _told(report: FairnessReport) -> dict[str, Any]:
    return {
        "report": report,
        "alarmed": [MEASURE_LABELS[measure] for measure in report.alarms],
        "measures": [_measure(report, measure) for measure in report.gaps],
    }


def _measure(report: FairnessReport, measure: Measure) -> dict[str, Any]:
    figures = {_named(group.name): group.figures[measure] for group in report.groups}
    bounds = {name: interval(f, share=measure not in RATES) for name, f in figures.items()}
    told = {name: f.value for name, f in figures.items() if f.value is not None}
    ends = [*told.values(), *(b[1] for b in bounds.values() if b)]
    most = 1.0 if measure not in RATES else max([*ends, 1.0])
    bars = [
        Bar(name, _said(measure, value), value, *(bounds[name] or (None, None)))
        for name, value in told.items()
    ]
    return {
        "name": measure,
        "label": MEASURE_LABELS[measure],
        "about": ABOUT[measure],
        "picture": group_bars(bars, most=most) if bars else "",
        "rows": [_row(measure, name, f, bounds[name]) for name, f in figures.items()],
        "gap": _gap(measure, report.gaps[measure]),
    }


def _row(
    measure: Measure, name: str, found: Ratio, bounds: tuple[float, float] | None
) -> dict[str, Any]:
    if found.value is None:
        return {"name": name}
    said = " … ".join(_said(measure, bound) for bound in bounds) if bounds else "–"
    return {
        "name": name,
        "value": _said(measure, found.value),
        "interval": said,
        "learners": found.learners,
    }


def _gap(measure: Measure, gap: Gap | None) -> dict[str, Any] | None:
    if gap is None:
        return None
    bounds = None
    if gap.low is not None and gap.high is not None:
        bounds = f"{100 * gap.low:.0f} … {100 * min(1.0, gap.high):.0f}".replace("-", "−")
    return {
        "points": f"{100 * gap.gap:.0f}",
        "bounds": bounds,
        "high": f"{100 * min(1.0, gap.high):.0f}" if gap.high is not None else None,
        "unclear": gap.high is None or gap.high > LIMIT,
        "lowest": _named(gap.lowest),
        "highest": _named(gap.highest),
        "over": gap.over,
        "sure": gap.sure,
        "relative": measure in RATES,
    }


def _named(group: str) -> str:
    return group or _("no group held")


def _said(measure: Measure, value: float) -> str:
    if measure in RATES:
        return number_format(round(value, 1), 1)
    return f"{100 * value:.0f} %"
