"""Sessions, signals and adaptations, to read: in words, without a probability or a picture.

A teacher sees why a lesson changed, but not which sensors a learner allowed: the face's and the
voice's evidence, and the quality of their Windows, are for a superuser alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tutor_emotion.admin.large import CourseFilter, Large, SessionCourseFilter
from tutor_emotion.admin.scope import Looked, OfTheSession, ReadOnly, name_of
from tutor_emotion.models import (
    AdaptationRecord,
    AffectSignalRecord,
    LearnerId,
    Session,
)
from tutor_emotion.words import (
    ADAPTATION_LABELS,
    HELPED_LABELS,
    OUTCOME_LABELS,
    SIGNAL_LABELS,
    UNASKED,
    band,
    clock,
    reasons,
)


class LabelFilter(admin.SimpleListFilter):
    """Filter by ``parameter_name``, shown in words."""

    labels: Any = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return list(self.labels.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): self.value()} if self.value() else {})


class WhenFilter(admin.DateFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("when")


class AdaptationFilter(LabelFilter):
    title, parameter_name, labels = _("adaptation"), "kind", ADAPTATION_LABELS


class Record(Looked, Large, ReadOnly, OfTheSession):
    """``fields`` are a teacher's; a superuser has ``more`` after them."""

    more: tuple[str, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = tuple(self.fields or ())
        return shown + self.more if request.user.is_superuser else shown

    def about(self, row: Any) -> tuple[LearnerId, str]:
        session = _session(row)
        return session.learner_id, session.course.key

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        person = f"{self.session_path}__learner" if self.session_path else "learner"
        return (f"{person}__{get_user_model().USERNAME_FIELD}",)

    @admin.display(description=_("learner"))
    def learner_name(self, row: Any) -> str:
        return name_of(_session(row).learner)

    @admin.display(description=_("course"))
    def course_title(self, row: Any) -> str:
        return str(_session(row).course)

    @admin.display(description=_("when"), ordering="created_at")
    def when(self, row: Any) -> str:
        return _moment(row.created_at)

    @admin.display(description=_("skill"))
    def skill_key(self, row: Any) -> str:
        return row.skill or "–"

    @admin.display(description=_("in the session, at"))
    def at(self, row: Any) -> str:
        return clock(row.at_s)

    @admin.display(description=_("why"))
    def why(self, row: Any) -> str:
        return "; ".join(reasons(row.evidence, with_sensors=False)) or "–"

    @admin.display(description=_("why, with face and voice"))
    def why_in_full(self, row: Any) -> str:
        return "; ".join(reasons(row.evidence, with_sensors=True)) or "–"


@admin.register(Session)
class SessionAdmin(Record):
    list_display = ("learner_name", "course_title", "lesson_name", "started", "ended")
    list_filter = (CourseFilter, ("started_at", WhenFilter))
    list_select_related = ("learner", "course")
    fields = ("learner_name", "course_title", "lesson_name", "started", "ended", "story")
    more = ("windows_seen",)

    class Media:
        css = {"all": ("tutor_emotion/admin.css",)}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        session = self.get_object(request, object_id)
        title = {"subtitle": f"{name_of(session.learner)} · {session.lesson}"} if session else {}
        return super().change_view(request, object_id, form_url, title | (extra_context or {}))

    @admin.display(description=_("lesson"), ordering="lesson")
    def lesson_name(self, session: Session) -> str:
        return session.lesson

    @admin.display(description=_("began"), ordering="started_at")
    def started(self, session: Session) -> str:
        return _moment(session.started_at)

    @admin.display(description=_("ended"), ordering="ended_at")
    def ended(self, session: Session) -> str:
        return _moment(session.ended_at) if session.ended_at else gettext("not yet")

    @admin.display(description=_("what happened"))
    def story(self, session: Session) -> SafeString:
        # By ``created_at``: the session's clock begins anew when its learner was away for long.
        signals = [(s.created_at, 0, s.at_s, _signal_line(s)) for s in session.signals.all()]
        offers = [(a.created_at, 1, a.at_s, _adaptation_line(a)) for a in session.adaptations.all()]
        lines = [(clock(at_s), text) for _made, _order, at_s, text in sorted(signals + offers)]
        rows = format_html_join("", "<li><b>{}</b> {}</li>", lines)
        return format_html('<ol class="te-story">{}</ol>', rows) if lines else NOTHING

    @admin.display(description=_("Windows by quality"))
    def windows_seen(self, session: Session) -> str:
        return ", ".join(f"{quality}: {n}" for quality, n in session.windows.items()) or "–"


@admin.register(AffectSignalRecord)
class SignalAdmin(Record):
    session_path = "session"
    list_display = ("when", "learner_name", "what", "why", "skill_key", "course_title")
    list_filter = (SessionCourseFilter, ("created_at", WhenFilter))
    list_select_related = ("session__learner", "session__course")
    ordering = ("-created_at", "-id")
    fields = (
        "when", "learner_name", "course_title", "at", "what", "skill_key", "why", "how_sure",
        "how_much_seen",
    )  # fmt: skip
    more = ("why_in_full", "models_used")

    @admin.display(description=_("signal"))
    def what(self, row: AffectSignalRecord) -> str:
        return _signal_words(row)

    @admin.display(description=_("confidence"))
    def how_sure(self, row: AffectSignalRecord) -> str:
        return band(row.confidence)

    @admin.display(description=_("share of the time that anything was known"))
    def how_much_seen(self, row: AffectSignalRecord) -> str:
        return band(row.coverage)


@admin.register(AdaptationRecord)
class AdaptationAdmin(Record):
    session_path = "session"
    list_display = (
        "when", "learner_name", "what", "because", "outcome_word", "then", "course_title"
    )  # fmt: skip
    list_filter = (
        AdaptationFilter,
        "helped",
        SessionCourseFilter,
        ("created_at", WhenFilter),
    )
    list_select_related = ("session__learner", "session__course")
    ordering = ("-created_at", "-id")
    fields = (
        "when", "learner_name", "course_title", "at", "what", "skill_key", "because", "why",
        "outcome_word", "chosen", "then",
    )  # fmt: skip
    more = ("why_in_full",)

    @admin.display(description=_("next answer"), ordering="helped")
    def then(self, row: AdaptationRecord) -> str:
        return "–" if row.helped is None else str(HELPED_LABELS[row.helped])

    @admin.display(description=_("adaptation"))
    def what(self, row: AdaptationRecord) -> str:
        return _label(ADAPTATION_LABELS, row.kind)

    @admin.display(description=_("because the learner"))
    def because(self, row: AdaptationRecord) -> str:
        return _label(SIGNAL_LABELS, row.signal) if row.signal else "–"

    @admin.display(description=_("outcome"))
    def outcome_word(self, row: AdaptationRecord) -> str:
        return _outcome(row)

    @admin.display(description=_("chosen"))
    def chosen(self, row: AdaptationRecord) -> str:
        return _label(ADAPTATION_LABELS, row.choice) if row.choice else "–"


NOTHING = format_html("{}", "–")


def _session(row: Any) -> Session:
    session: Session = row if isinstance(row, Session) else row.session
    return session


def _moment(value: datetime) -> str:
    return date_format(localtime(value), "SHORT_DATETIME_FORMAT")


def _label(labels: Mapping[Any, Any], key: str) -> str:
    # A row may be older than its word; its key still says more than nothing.
    return str(labels.get(key, key))


def _outcome(row: AdaptationRecord) -> str:
    """What came of it; nobody answers what was done quietly."""
    unasked = row.mode != "offer" and not row.outcome
    return str(UNASKED) if unasked else _label(OUTCOME_LABELS, row.outcome)


def _signal_words(row: AffectSignalRecord) -> str:
    words = gettext("erased") if row.is_erased else _label(SIGNAL_LABELS, row.kind)
    return gettext("%(signal)s (over)") % {"signal": words} if row.edge == "cleared" else words


def _signal_line(row: AffectSignalRecord) -> str:
    why = "; ".join(reasons(row.evidence, with_sensors=False))
    return f"{_signal_words(row)}: {why}" if why else _signal_words(row)


def _adaptation_line(row: AdaptationRecord) -> str:
    return f"→ {_label(ADAPTATION_LABELS, row.kind)} ({_outcome(row)})"
