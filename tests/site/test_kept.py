"""Every table says how long it is kept, and of whom; what is over its time goes."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.filled import Filled, our_models
from tests.people import course, person, session
from tutor_emotion import services
from tutor_emotion.conf import Settings, get_settings
from tutor_emotion.management.commands.describe_retention import table
from tutor_emotion.models import (
    AffectSignalRecord,
    Consent,
    EventRecord,
    GuardianLink,
    Policy,
    Session,
)
from tutor_emotion.services import batches
from tutor_emotion.services.kept import Kept, kept
from tutor_emotion.tasks import prune as prune_task

LINES = {line.model.lower(): line for line in kept()}


def leading_to_people(model: type[Model]) -> set[str]:
    """Lookups of this model that lead to a user: its own fields, or those of a row it hangs on."""
    user = get_user_model()
    found = set()
    for field in [*model._meta.fields, *model._meta.many_to_many]:
        if not field.is_relation:
            continue
        if field.related_model is user:
            found.add(field.name)
        else:
            line = LINES.get(field.related_model._meta.label_lower)  # type: ignore[union-attr]
            owned = line.whose if line and not field.null and field.name == "session" else ()
            found |= {f"{field.name}__{lookup}" for lookup in owned}
    return found


# --- the table of tables --------------------------------------------------------------------------


@pytest.mark.parametrize("model", our_models(), ids=lambda m: m._meta.label)
def test_every_table_says_what_becomes_of_its_rows(model: type[Model]) -> None:
    """A new table fails here until `services.kept` has a line for it."""
    line = LINES.get(model._meta.label_lower)
    assert line, f"{model._meta.label}: add a line to services/kept.py (or the app's own)"
    assert bool(line.days) != bool(line.until), "a period, or what it waits for"
    if line.days:
        assert line.days in Settings.model_fields
        assert line.since
        str(model._base_manager.filter(**{f"{line.since}__isnull": False}).query)  # there it is


@pytest.mark.parametrize("model", our_models(), ids=lambda m: m._meta.label)
def test_every_way_from_a_table_to_a_person_is_known(model: type[Model]) -> None:
    line = LINES[model._meta.label_lower]
    known = {*line.whose, *line.named}
    leading = leading_to_people(model)
    own = {lookup for lookup in leading if "__" not in lookup}
    assert own <= known, "say whether rows are theirs (whose) or they are only named"
    assert leading == own or leading & known, "it hangs on a row of somebody"
    if line.whose and not model.__name__.startswith("Historical"):
        assert line.about, "say to a parent what it is"


def test_the_docs_have_the_table_of_periods() -> None:
    text = (Path(__file__).parents[2] / "docs" / "privacy-and-law.md").read_text()
    assert table() in text, "write it anew with manage.py describe_retention"


# --- what is over its time ------------------------------------------------------------------------


WITH_A_PERIOD = [line for line in kept() if line.days and line.model != "tutor_emotion.Consent"]


def age(line: Kept, row: Any, by: timedelta) -> None:
    *hop, field = line.since.split("__")
    of = getattr(row, hop[0]) if hop else row
    value: Any = timezone.now() - by
    if type(of._meta.get_field(field)).__name__ == "DateField":
        value = value.date()
    type(of)._base_manager.filter(pk=of.pk).update(**{field: value})


@pytest.mark.parametrize("line", WITH_A_PERIOD, ids=lambda line: line.model)
def test_a_row_goes_when_its_period_is_over_and_not_before(db: None, line: Kept) -> None:
    filled, whole = Filled(person()), line.table._base_manager
    Policy.objects.update(keep_events_days=365, keep_labels_days=1000)
    row = filled.rows[line.table]
    days = getattr(get_settings(), line.days)
    age(line, row, timedelta(days=days - 1))
    services.prune()
    assert whole.filter(pk=row.pk).exists()
    age(line, row, timedelta(days=days + 2))
    assert services.prune(dry_run=True)[line.model] == 1
    assert whole.filter(pk=row.pk).exists(), "a dry run deletes nothing"
    assert services.prune()[line.model] >= 1
    assert not whole.filter(pk=row.pk).exists()


def test_nothing_else_goes(db: None) -> None:
    Filled(person())
    assert services.prune() == {}


def test_a_consent_counts_from_when_it_was_taken_back(db: None) -> None:
    ada, fractions = person(), course()
    live = Consent.objects.create(learner=ada, course=fractions, modality="text", text_version="1")
    long_ago = timezone.now() - timedelta(days=2000)
    Consent.objects.filter(pk=live.pk).update(granted_at=long_ago)
    services.prune()
    Consent.objects.update(revoked_at=long_ago)
    assert services.prune() == {"tutor_emotion.Consent": 1}


def test_a_guardian_keeps_the_link_by_which_they_may_take_back(db: None) -> None:
    ada, fractions = person(), course()
    long_ago = timezone.now() - timedelta(days=100)
    GuardianLink.objects.create(learner=ada, course=fractions, expires_at=long_ago)
    given = Consent.objects.create(
        learner=ada, course=fractions, modality="face", text_version="1", by="guardian"
    )
    assert services.prune() == {}
    Consent.objects.filter(pk=given.pk).update(revoked_at=timezone.now())
    assert services.prune() == {"tutor_emotion.GuardianLink": 1}


@pytest.mark.parametrize(("policy", "most", "kept_days"), [(8, 120, 8), (200, 120, 120)])
def test_a_policy_may_keep_events_for_less_and_never_for_more(
    db: None, settings: Any, policy: int, most: int, kept_days: int
) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "KEEP_EVENTS_DAYS": most}
    mine = session(course(keep_events_days=policy), person())
    EventRecord.objects.create(session=mine, kind="Idle", at_s=1.0)
    for days, left in ((kept_days - 1, 1), (kept_days + 1, 0)):
        Session.objects.update(ended_at=timezone.now() - timedelta(days=days))
        services.prune()
        assert EventRecord.objects.count() == left


def test_events_of_a_session_that_never_ended_go_too(db: None) -> None:
    mine = session(course(keep_events_days=8), person())
    EventRecord.objects.create(session=mine, kind="Idle", at_s=1.0)
    for days, left in ((8, 1), (10, 0)):
        Session.objects.update(started_at=timezone.now() - timedelta(days=days))
        services.prune()
        assert EventRecord.objects.count() == left


def test_many_rows_go_a_few_at_once(db: None, monkeypatch: Any) -> None:
    """A transaction each: 4 of at most 10 rows."""
    monkeypatch.setattr(batches, "CHUNK", 10)
    mine = session(course(), person())
    AffectSignalRecord.objects.bulk_create(
        AffectSignalRecord(session=mine, edge="raised", at_s=1.0) for _ in range(35)
    )
    AffectSignalRecord.objects.update(created_at=timezone.now() - timedelta(days=1000))
    with CaptureQueriesContext(connection) as captured:
        assert services.prune() == {"tutor_emotion.AffectSignalRecord": 35}
    deleting = [q["sql"] for q in captured if "DELETE" in q["sql"]]
    assert len(deleting) == 4


def test_the_command_says_what_went(db: None) -> None:
    mine = session(course(), person())
    signal = AffectSignalRecord.objects.create(session=mine, edge="raised", at_s=1.0)
    AffectSignalRecord.objects.update(created_at=timezone.now() - timedelta(days=1000))
    assert said("prune", "--dry-run") == "tutor_emotion.AffectSignalRecord: 1 would go\n"
    assert AffectSignalRecord.objects.get() == signal
    assert said("prune") == "tutor_emotion.AffectSignalRecord: 1 gone\n"
    assert said("prune") == "Nothing is over its period.\n"


def test_the_task_is_in_the_demonstrations_timetable(db: None, settings: Any) -> None:
    (entry,) = settings.CELERY_BEAT_SCHEDULE.values()
    assert entry["task"] == prune_task.name
    assert entry["options"]["queue"] == get_settings().CHORES_QUEUE
    mine = session(course(), person())
    AffectSignalRecord.objects.create(session=mine, edge="raised", at_s=1.0)
    AffectSignalRecord.objects.update(created_at=timezone.now() - timedelta(days=1000))
    prune_task()
    assert not AffectSignalRecord.objects.exists()


def said(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()
