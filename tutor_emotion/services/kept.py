"""What is kept, of whom, and for how long: one line for each table, ours and of any lesson engine.

Pruning, export, erasure and the table in docs/privacy-and-law.md all go by it. A table without a
line fails a test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Words: TypeAlias = str | Promise


@dataclass(frozen=True, slots=True)
class Kept:
    """One table. ``days`` names the setting and ``since`` the field that its age counts from.

    Without ``days``, ``until`` says what it waits for. A row is a learner's own by ``whose``
    (lookups that lead to a user) or by ``pseudonym`` (the field that has theirs); ``named`` are
    fields in which somebody is only named, who is taken out of them. ``about``: for a parent;
    ``title``: where the model's own name would not do.
    ``erased``: whether erasure deletes the rows; else they stay, and tell of nobody any more.
    """

    model: str
    about: Words = ""
    days: str = ""
    since: str = ""
    until: Words = ""
    whose: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    pseudonym: str = ""
    erased: bool = True
    title: Words = ""

    @property
    def table(self) -> Any:
        return apps.get_model(self.model)


_lines: dict[str, Kept] = {}


def keep(*lines: Kept) -> None:
    """Say what an app keeps; call it when the app is ready."""
    _lines.update({line.model.lower(): line for line in lines})


def kept() -> tuple[Kept, ...]:
    """Every table, those first that belong to others; and the histories of those that have one."""
    return (*_lines.values(), *_histories())


def line_of(model: str) -> Kept:
    return _lines[model.lower()]


def is_ours(model: type[Model]) -> bool:
    """Whether the model is of an app that has said what it keeps."""
    return model._meta.app_label in {label.partition(".")[0] for label in _lines}


def _histories() -> Iterator[Kept]:
    """Who was in a many-to-many field hangs on another row of the history, so it comes first."""
    models = apps.get_models()
    about, days = _("Changes that people made in the admin."), "KEEP_CHANGES_DAYS"
    for model in filter(_of_a_history, models):
        since, whose = "history__history_date", tuple(_leading_to_users(model))
        of = model._meta.get_field("history").related_model.instance_type  # type: ignore[union-attr]
        title = _changes(of)
        yield Kept(model._meta.label, about, days=days, since=since, whose=whose, title=title)
    for model in models:
        of = getattr(model, "instance_type", None)
        line = _lines.get(of._meta.label_lower) if of is not None else None
        if line is None:
            continue
        fields = {f.name for f in model._meta.get_fields()}
        yield Kept(
            model._meta.label,
            about,
            days=days,
            since="history_date",
            whose=tuple(name for name in line.whose if name in fields),
            named=(*(name for name in line.named if name in fields), "history_user"),
            title=_changes(of),
        )


def _changes(of: Any) -> Words:
    return format_lazy(_("Changes: {what}"), what=of._meta.verbose_name_plural)


def _of_a_history(model: type[Model]) -> bool:
    """Who was in a many-to-many field at the time."""
    leads = {f.name: f.related_model for f in model._meta.fields if f.is_relation}
    history: Any = leads.get("history")
    of = getattr(history, "instance_type", None)
    return of is not None and of._meta.label_lower in _lines


def _leading_to_users(model: type[Model]) -> list[str]:
    user = get_user_model()
    return [f.name for f in model._meta.fields if f.is_relation and f.related_model is user]


_OF_COURSES = _("as long as the course")
_OF_SCHOOLS = _("as long as the school keeps it")
_MEMBER = _("until somebody takes the person out of it")

keep(
    Kept(
        "tutor_emotion.EventRecord",
        _("What was done in a lesson: steps shown, answers as right or not, hints, taps."),
        days="KEEP_EVENTS_DAYS",
        since="session__ended_at",
        whose=("session__learner",),
    ),
    Kept(
        "tutor_emotion.AffectSignalRecord",
        _("When the program thought that something was hard, and what it had measured."),
        days="KEEP_SIGNALS_DAYS",
        since="created_at",
        whose=("session__learner",),
    ),
    Kept(
        "tutor_emotion.AdaptationRecord",
        _("Help that was offered, and what came of it."),
        days="KEEP_SIGNALS_DAYS",
        since="created_at",
        whose=("session__learner",),
    ),
    Kept(
        "tutor_emotion.LabelledMoment",
        _("Taps of how it goes, with what was measured just then, to check the program."),
        days="KEEP_LABELS_DAYS",
        since="at",
        whose=("learner",),
    ),
    Kept(
        "tutor_emotion.Exposure",
        _("Which way of pacing a lesson had, where two were compared."),
        days="KEEP_RESULTS_DAYS",
        since="at",
        whose=("learner",),
    ),
    Kept(
        "tutor_emotion.DelayedItem",
        _("Whether questions were answered rightly long after they were learned."),
        days="KEEP_RESULTS_DAYS",
        since="at",
        whose=("learner",),
    ),
    Kept(
        "tutor_emotion.Session",
        _("When which lesson was open."),
        days="KEEP_SESSIONS_DAYS",
        since="started_at",
        whose=("learner",),
    ),
    Kept(
        "tutor_emotion.Consent",
        _("What was agreed to, when, and when it was taken back."),
        days="KEEP_CONSENTS_DAYS",
        since="revoked_at",
        whose=("learner",),
    ),
    Kept(
        "tutor_emotion.GuardianLink",
        _("When a parent or guardian was asked."),
        days="KEEP_LINKS_DAYS",
        since="expires_at",
        whose=("learner",),
        named=("made_by",),
    ),
    Kept(
        "tutor_emotion.Look",
        _("Who looked at pages with the learner on them."),
        days="KEEP_LOOKS_DAYS",
        since="last_at",
        whose=("learner",),
        named=("by",),
    ),
    Kept(
        "tutor_emotion.LedgerEntry",
        _("The proof of each yes and no, without a name."),
        until=_("for good: after erasure nobody can tell whose it was"),
        pseudonym="subject",
        erased=False,
    ),
    Kept("tutor_emotion.LedgerHead", until=_("for good: a number and a hash")),
    Kept(
        "tutor_emotion.Enrolment",
        _("Which classes the learner is in."),
        until=_MEMBER,
        whose=("learner",),
    ),
    Kept(
        "tutor_emotion.ClassRole",
        _("Which classes the person teaches."),
        until=_MEMBER,
        whose=("user",),
    ),
    Kept(
        "tutor_emotion.DecisionSignature",
        _("Decisions of the school that the person signed."),
        until=_("as long as the decision"),
        whose=("by",),
    ),
    Kept(
        "tutor_emotion.ErasureRequest",
        _("That the learner asked for erasure."),
        until=_("until it is done or taken back"),
        whose=("learner",),
    ),
    Kept(
        "tutor_emotion.LearnerKey",
        until=_("until erasure: with it everything sealed is unreadable, in backups too"),
    ),
    Kept(
        "tutor_emotion.LearnerRecord",
        _("Age and group, where the school has said them, and the name that stands in proofs."),
        until=_("until erasure"),
        whose=("learner",),
    ),
    Kept("tutor_emotion.ErasureRecord", until=_("for good: counts and a hash, no name")),
    Kept(
        "tutor_emotion.KillSwitch",
        days="KEEP_CHANGES_DAYS",
        since="lifted_at",
        named=("by", "lifted_by"),
    ),
    Kept(
        "tutor_emotion.MedicalDecision",
        days="KEEP_CHANGES_DAYS",
        since="ends_on",
        named=("written_by",),
    ),
    Kept("tutor_emotion.Course", until=_OF_SCHOOLS, named=("teachers",)),
    Kept("tutor_emotion.School", until=_OF_SCHOOLS, named=("admins",)),
    Kept("tutor_emotion.SchoolClass", until=_OF_COURSES),
    Kept("tutor_emotion.Policy", until=_OF_COURSES),
    Kept("tutor_emotion.Experiment", until=_OF_COURSES),
    Kept("tutor_emotion.MessageEdit", until=_OF_SCHOOLS),
    Kept("tutor_emotion.LexiconEdit", until=_OF_SCHOOLS),
)
