"""What happened in one learner's session, as a page that is whole without a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import conditional_page, require_GET

from tutor_emotion import words
from tutor_emotion.models import Session
from tutor_emotion.services import record_look
from tutor_emotion.services import timeline as timelines
from tutor_emotion.services.timeline import Lane, Moment
from tutor_emotion.views.teaching import name_of, seen_session, taught_course

LANES: Mapping[Lane, str | Promise] = {
    "signal": _("Noticed"),
    "answer": _("Answer"),
    "hint": _("Hint"),
    "offer": _("Offer"),
    "told": _("Told"),
    "step": _("Step"),
}
_DONE: Mapping[str, str | Promise] = {
    "right": _("right"),
    "miss": _("not right yet"),
    "shown": _("given after it had been shown"),
    "answer": _("opened down to the answer"),
    "told": _("said with one tap how it goes"),
    "step": _("began"),
    "teacher_flag": _("you were called, in the live classroom"),
}

_SAID: Mapping[str, str | Promise] = {
    "self_report": _("said so with one tap"),
    "text": _("wrote so"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table. ``mark`` chooses the sign in the picture, ``last_s`` ends its bar."""

    moment: Moment
    clock: str
    lane: str | Promise
    what: str
    why: str
    mark: str


@require_GET
@login_required
@never_cache
def timeline(request: HttpRequest, course: str, session_id: UUID) -> HttpResponse:
    """One session; with ``?part`` only what changes while it runs."""
    session = seen_session(request, taught_course(request, course), session_id)
    part = "part" in request.GET
    record_look(request.user, "timeline", [session.learner_id], session.course, again=part)
    if part:
        return _part(request, session)
    context = _context(session) | {
        "course": session.course,
        "name": name_of(session.learner),
        "earlier": timelines.earlier_sessions(session),
    }
    return render(request, "tutor_emotion/timeline.html", context)


@conditional_page
def _part(request: HttpRequest, session: Session) -> HttpResponse:
    return render(request, "tutor_emotion/timeline_part.html", _context(session))


def _context(session: Session) -> dict[str, object]:
    kept = timelines.may_look_back(session)
    moments = timelines.timeline(session) if kept else []
    return {
        "session": session,
        "kept": kept,
        "running": timelines.is_running(session),
        "lines": [_line(moment) for moment in reversed(moments)],
        "summary": _summary(moments),
        "lanes": {lane: name for lane, name in LANES.items() if lane != "step"},
        "most": len(moments) == timelines.MOST,
    }


def _line(moment: Moment) -> Line:
    what, why, mark = _told(moment)
    return Line(moment, words.clock(moment.at_s), LANES[moment.lane], what, why, mark)


def _told(moment: Moment) -> tuple[str, str, str]:
    """What happened, why or with what result, and its mark in the picture."""
    match moment.lane:
        case "signal":
            return _label(words.SIGNAL_LABELS, moment.kind), _why(moment), "span"
        case "offer" if moment.kind == "teacher_flag":
            return str(_DONE[moment.kind]), "", "taken"
        case "offer":
            return _label(words.ADAPTATION_LABELS, moment.kind), _outcome(moment), _mark(moment)
        case "answer":
            took = gettext("after %(n)d s") % {"n": round(moment.value)} if moment.value else ""
            return str(_DONE[moment.kind]), took, moment.kind
        case "hint" if moment.kind == "hint":
            level = gettext("hint %(n)d opened") % {"n": int(moment.value or 1)}
            return level, "", "hint"
    return str(_DONE[moment.kind]), "", moment.kind


def _why(moment: Moment) -> str:
    found = words.reasons(moment.evidence, with_sensors=False)
    found += [str(_SAID[modality]) for modality in moment.said]
    found = found or [gettext("signs in the work")]
    if moment.until_s is None:
        return "; ".join(found)
    lasted = words.clock(moment.until_s - moment.at_s)
    return "; ".join([*found, gettext("over after %(time)s") % {"time": lasted}])


def _outcome(moment: Moment) -> str:
    if not moment.asked and not moment.outcome:
        return str(words.UNASKED)
    outcome = _label(words.OUTCOME_LABELS, moment.outcome)
    return outcome if not moment.helped else f"{outcome}; {gettext('the next answer was right')}"


def _mark(moment: Moment) -> str:
    if moment.outcome == "taken":
        return "taken"
    return "open" if moment.asked and not moment.outcome else "let-go"


def _label(labels: Mapping[Any, str | Promise], key: str) -> str:
    # A row may be older than its word; its key still says more than nothing.
    return str(labels.get(key, key))


def _summary(moments: list[Moment]) -> str:
    answers = [m for m in moments if m.lane == "answer"]
    right = sum(m.kind == "right" for m in answers)
    offers = sum(m.lane == "offer" and m.asked for m in moments)
    parts = [
        ngettext("%(n)d answer", "%(n)d answers", len(answers)) % {"n": len(answers)},
        ngettext("%(n)d of them right", "%(n)d of them right", right) % {"n": right},
        ngettext("%(n)d offer", "%(n)d offers", offers) % {"n": offers},
    ]
    return ", ".join(parts)
