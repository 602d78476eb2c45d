"""“What would this have done?”: the last days of a course under the policy as the form has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tutor_emotion import replaying
from tutor_emotion.admin.policy_form import PolicyForm
from tutor_emotion.admin.two_bars import Pair, bars
from tutor_emotion.admin.values import differences
from tutor_emotion.errors import Unavailable
from tutor_emotion.models import Course, Policy
from tutor_emotion.replaying import Comparison, Side
from tutor_emotion.services import may_set_policy
from tutor_emotion.words import ADAPTATION_LABELS, SIGNAL_LABELS

TEMPLATE = "tutor_emotion/admin/what_if.html"
PREFIX = "policy-0"  # of the policy's form on the course's page
KEEP_S = 3600
NOT_ASKED = {"id", "course_id", "collect_labels", "keep_labels_days", "keep_events_days"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and how far it is answered; travels signed in the page, for nothing is written."""

    since: datetime
    until: datetime
    before: dict[str, Any]
    after: dict[str, Any]
    comparison: Comparison

    def signed(self, course: Course, user: Any) -> str:
        found = self.comparison
        data = {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "before": self.before,
            "after": self.after,
            "comparison": {
                "of": found.of,
                "done": found.done,
                "seconds": found.seconds,
                "learners": sorted(found.learners),
                "recorded": _data(found.recorded),
                "before": _data(found.before),
                "after": _data(found.after),
            },
        }
        return signing.dumps(data, salt=_salt(course, user), compress=True)

    @classmethod
    def read(cls, text: str, course: Course, user: Any) -> Asked:
        """
        Raises:
            signing.BadSignature: not ours, not this person's, or older than an hour.
        """
        data = signing.loads(text, salt=_salt(course, user), max_age=KEEP_S)
        raw = data["comparison"]
        since, until = (datetime.fromisoformat(data[name]) for name in ("since", "until"))
        comparison = Comparison(
            of=raw["of"],
            done=raw["done"],
            seconds=raw["seconds"],
            learners=set(raw["learners"]),
            recorded=_side(raw["recorded"]),
            before=_side(raw["before"]),
            after=_side(raw["after"]),
        )
        return cls(since, until, data["before"], data["after"], comparison)


def what_if_view(request: HttpRequest, course: Course, admin: Any) -> HttpResponse:
    """The first portion of an answer, from the form's values; or, with ``asked``, the next one."""
    if not may_set_policy(course, request.user):
        raise PermissionDenied
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "title": _("What would this have done?"),
        "opts": admin.opts,
        "original": course,
        "media": admin.media,
        "days": replaying.WINDOW_DAYS,
    }
    try:
        asked = _asked(request, course)
    except signing.BadSignature:
        fault = _("This page is more than an hour old. Ask again from the course's page.")
        return TemplateResponse(request, TEMPLATE, {**context, "fault": fault}, status=400)
    if isinstance(asked, PolicyForm):
        return TemplateResponse(request, TEMPLATE, {**context, "form": asked}, status=400)
    sessions = replaying.recorded_sessions(course, request.user, asked.since, asked.until)
    asked.comparison.of = len(sessions)
    try:
        replaying.go_on(asked.comparison, sessions, Policy(**asked.before), Policy(**asked.after))
    except Unavailable:
        context["busy"] = True
    context |= _answer(asked, course)
    context["asked"] = asked.signed(course, request.user)
    return TemplateResponse(request, TEMPLATE, context)


def _asked(request: HttpRequest, course: Course) -> Asked | PolicyForm:
    if "asked" in request.POST:
        return Asked.read(request.POST["asked"], course, request.user)
    saved = Policy.objects.filter(course=course).first() or Policy(course=course)
    changed = Policy(**_values(saved))
    form = PolicyForm(request.POST, instance=changed, prefix=PREFIX)
    if not form.is_valid():
        return form
    until = timezone.now()
    since = until - timedelta(days=replaying.WINDOW_DAYS)
    return Asked(since, until, _values(saved), _values(form.instance), Comparison(of=0))


def _values(policy: Policy) -> dict[str, Any]:
    return {f.attname: getattr(policy, f.attname) for f in Policy._meta.concrete_fields}


def _answer(asked: Asked, course: Course) -> dict[str, Any]:
    found = asked.comparison
    before, after, recorded = found.before, found.after, found.recorded
    return {
        "found": found,
        "hours": found.seconds / 3600,
        "changes": [
            change
            for name, value in asked.after.items()
            if name not in NOT_ASKED
            for change in differences(Policy, asked.before, {name: value})
        ],
        "headline": list(_headline(found)),
        "picture": bars(
            [
                Pair(_("Alarms an hour"), *found.rates(lambda side: side.alarms)),
                Pair(_("Offers an hour"), *found.rates(lambda side: side.offers)),
            ],
            (_("as saved"), _("as in the form")),
        ),
        "alarm_rows": list(_rows(SIGNAL_LABELS, before.alarms, after.alarms, found)),
        "offer_rows": list(_rows(ADAPTATION_LABELS, before.offers, after.offers, found)),
        "check": [
            (_("Alarms"), _sum(recorded.alarms), _sum(before.alarms)),
            (_("Offers"), _sum(recorded.offers), _sum(before.offers)),
        ],
        "policy_changed": Policy.history.filter(
            course_id=course.pk, history_type="~", history_date__gte=asked.since
        ).exists(),
    }


def _headline(found: Comparison) -> Iterator[tuple[str, str, str, str]]:
    for label, of in (
        (_("Alarms an hour"), lambda side: side.alarms),
        (_("Offers an hour"), lambda side: side.offers),
    ):
        one, other = found.rates(of)
        yield label, _number(one), _number(other), _signed(round(other, 1) - round(one, 1), 1)
    few, more = len(found.before.learners), len(found.after.learners)
    label = _("Learners offered something at least once")
    yield label, str(few), str(more), _signed(more - few, 0)


def _rows(
    labels: Mapping[Any, Any], before: Counter[str], after: Counter[str], found: Comparison
) -> Iterator[tuple[str, str, str]]:
    for kind, label in labels.items():
        if before[kind] or after[kind]:
            one, other = found.an_hour(before[kind]), found.an_hour(after[kind])
            yield str(label), _number(one), _number(other)


def _number(value: float) -> str:
    return number_format(round(value, 1), 1)


def _signed(value: float, places: int) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return sign + number_format(round(abs(value), places), places)


def _sum(counts: Mapping[str, int]) -> int:
    return sum(counts.values())


def _salt(course: Course, user: Any) -> str:
    return f"tutor_emotion.what_if.{course.pk}.{user.pk}"


def _side(raw: dict[str, Any]) -> Side:
    return Side(Counter(raw["alarms"]), Counter(raw["offers"]), set(raw["learners"]))


def _data(side: Side) -> dict[str, Any]:
    return {
        "alarms": dict(side.alarms),
        "offers": dict(side.offers),
        "learners": sorted(side.learners),
    }
