"""Everything of one learner goes, and nothing of anybody else."""

from __future__ import annotations

import hashlib
import sys
import time
from collections import Counter
from contextlib import closing
from io import StringIO
from typing import Any

import pytest
import redis
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.filled import WORD, Filled, our_models
from tests.people import course, person, session
from tutor_emotion import services, signals
from tutor_emotion.models import (
    AdaptationRecord,
    AffectSignalRecord,
    Course,
    Enrolment,
    ErasureRecord,
    EventRecord,
    LabelledMoment,
    LearnerKey,
    LearnerRecord,
    LedgerEntry,
    Session,
)
from tutor_emotion.models.sealed import SealedModel
from tutor_emotion.services.events import forget_events


@pytest.fixture
def ada(db: None) -> Filled:
    return Filled(person("ada"))


def counts() -> dict[str, int]:
    return {m._meta.label: m._base_manager.count() for m in our_models()}


def mentions(user_id: int) -> dict[str, int]:
    """Rows by table that lead to this user in any column, found without asking our own lists."""
    found: dict[str, int] = Counter()
    for model in our_models():
        fields: list[Any] = [*model._meta.fields, *model._meta.many_to_many]
        for field in fields:
            if field.is_relation and field.related_model is User:
                found[model._meta.label] += model._base_manager.filter(
                    **{field.name: user_id}
                ).count()
    return {table: n for table, n in found.items() if n}


# --- it works -------------------------------------------------------------------------------------


def test_nothing_leads_to_them_any_more(ada: Filled) -> None:
    assert len(mentions(ada.user.pk)) > 20
    services.erase_learner(ada.user)
    assert mentions(ada.user.pk) == {}
    assert not LearnerKey.objects.exists()
    assert not LearnerRecord.objects.exists()
    for model in our_models():
        if issubclass(model, SealedModel):
            assert not model._base_manager.exists()


def test_every_row_that_was_theirs_is_counted_in_the_proof(ada: Filled) -> None:
    pseudonym = services.learner_record(ada.user.pk).pseudonym
    User.objects.filter(pk=ada.user.pk).update(username="quetzalcoatl")
    before = counts()
    erased = services.erase_learner(ada.user)
    after, proof = counts(), ErasureRecord.objects.get()
    gone = {t: n - after[t] for t, n in before.items() if n > after[t]}
    assert len(gone) > 15
    for table, n in gone.items():
        # Of histories more: to delete an enrolment is a change that they write down, and lose.
        assert proof.counts[table] >= n, table
    assert proof.subject == hashlib.sha256(pseudonym.bytes).hexdigest()
    assert erased.counts == proof.counts
    assert "quetzalcoatl" not in str(ErasureRecord.objects.values().get())


def test_the_ledger_stays_whole_and_tells_of_nobody(ada: Filled) -> None:
    subject = services.learner_record(ada.user.pk).pseudonym
    entries = LedgerEntry.objects.count()
    services.erase_learner(ada.user)
    assert LedgerEntry.objects.count() == entries > 0
    assert set(LedgerEntry.objects.values_list("subject", flat=True)) == {subject}
    assert not LearnerRecord.objects.filter(pseudonym=subject).exists()
    call_command("verify_ledger", stdout=StringIO())


def test_what_a_backup_has_can_be_read_no_more(ada: Filled) -> None:
    """The database of yesterday comes back, and the keys do not."""
    models = (LearnerRecord, Session, AffectSignalRecord)
    backup = [(m, list(m._base_manager.all())) for m in models]
    services.erase_learner(ada.user)
    for model, rows in backup:
        model._base_manager.bulk_create(rows)
    row = AffectSignalRecord.objects.get()
    assert row.is_erased
    assert row.kind == "erased"


def test_nothing_of_anybody_else_is_touched(ada: Filled) -> None:
    ben = Filled(person("ben"))
    before, rows = mentions(ben.user.pk), services.export_learner(ben.user).as_data()["tables"]
    services.erase_learner(ada.user)
    assert mentions(ben.user.pk) == before
    assert services.export_learner(ben.user).as_data()["tables"] == rows
    assert AffectSignalRecord.objects.get().kind == WORD.format("ben")


def test_the_account_goes_along_where_it_is_asked(ada: Filled) -> None:
    services.erase_learner(ada.user, delete_user=True)
    assert not User.objects.filter(username="ada").exists()
    assert ErasureRecord.objects.get().account


def test_again_nothing_happens(ada: Filled) -> None:
    services.erase_learner(ada.user)
    assert services.erase_learner(ada.user).counts == {}
    assert ErasureRecord.objects.count() == 1
    assert services.erase_learner(User.objects.create_user("new")).counts == {}


def test_they_may_begin_anew(ada: Filled) -> None:
    old = services.learner_record(ada.user.pk).pseudonym
    services.erase_learner(ada.user)
    AffectSignalRecord.objects.create(
        session=session(course(), ada.user), edge="raised", at_s=1.0, kind="bored"
    )
    assert AffectSignalRecord.objects.get().kind == "bored"
    assert services.learner_record(ada.user.pk).pseudonym != old


def test_the_admins_own_log_does_not_name_them(ada: Filled) -> None:
    enrolment = ada.rows[Enrolment]
    kind = ContentType.objects.get_for_model(Enrolment)
    for pk in (enrolment.pk, 99_999):
        LogEntry.objects.create(
            user=person(f"teacher{pk}"), content_type=kind, object_id=str(pk),
            object_repr="ada · 7b", action_flag=CHANGE,
        )  # fmt: skip
    services.erase_learner(ada.user)
    assert LogEntry.objects.get().object_id == "99999"


def test_a_teacher_is_taken_out_of_what_they_taught(ada: Filled) -> None:
    fractions = Course.objects.get()
    assert list(fractions.teachers.all()) == [ada.user]
    services.erase_learner(ada.user)
    assert list(fractions.teachers.all()) == []


# --- other apps -----------------------------------------------------------------------------------


def test_another_app_erases_in_the_same_transaction(ada: Filled) -> None:
    heard: list[int] = []

    def receiver(*, learner_id: int, **_: Any) -> None:
        heard.append(learner_id)

    signals.learner_erased.connect(receiver)
    try:
        services.erase_learner(ada.user)
    finally:
        signals.learner_erased.disconnect(receiver)
    assert heard == [ada.user.pk]


@pytest.mark.django_db(transaction=True)
def test_where_another_app_fails_nobody_is_half_erased() -> None:
    ada = Filled(person("ada"))

    def receiver(**_: Any) -> None:
        raise RuntimeError

    before = counts()
    signals.learner_erased.connect(receiver)
    try:
        with pytest.raises(RuntimeError):
            services.erase_learner(ada.user)
    finally:
        signals.learner_erased.disconnect(receiver)
    assert counts() == before
    assert AffectSignalRecord.objects.get().kind == WORD.format("ada"), "the key is still there"


# --- the command ----------------------------------------------------------------------------------


def test_the_command_asks_and_then_does_it(ada: Filled) -> None:
    with pytest.raises(CommandError, match="--yes"):
        call_command("erase_learner", "ada")
    assert mentions(ada.user.pk)
    out = StringIO()
    call_command("erase_learner", "ada", "--yes", stdout=out)
    assert "tutor_emotion.Session: 1" in out.getvalue()
    assert not mentions(ada.user.pk)
    out = StringIO()
    call_command("erase_learner", "ada", "--yes", stdout=out)
    assert out.getvalue() == "Nothing was kept of them.\n"


def test_somebody_who_has_left_is_erased_too(ada: Filled) -> None:
    User.objects.filter(pk=ada.user.pk).update(is_active=False)
    call_command("erase_learner", "ada", "--yes", "--account", stdout=StringIO())
    assert not User.objects.exists()


def test_who_is_not_there_is_not_erased(ada: Filled) -> None:
    with pytest.raises(CommandError, match="no such account"):
        call_command("erase_learner", "nobody", "--yes")


# --- what it takes --------------------------------------------------------------------------------


ROWS = 10_000


def test_no_table_is_joined_with_itself_to_delete_from_it(ada: Filled) -> None:
    """In the square of its rows, where PostgreSQL takes it for empty."""
    course = Course.objects.first()
    assert course
    with CaptureQueriesContext(connection) as seen:
        for modality in ("self_report", "interaction"):
            forget_events(course, ada.user.pk, modality)
        services.erase_learner(ada.user)
    deletes = [q["sql"] for q in seen if q["sql"].startswith("DELETE FROM")]
    assert len(deletes) > 15
    for sql in deletes:
        table = sql.split('"')[1]
        assert sql.count(f'FROM "{table}"') == 1, sql


def test_ten_thousand_rows_are_erased_in_seconds(db: None, valkey: redis.Redis) -> None:
    """Of ten sessions; another learner has as many. Prints the figure.

    Also where the planner's statistics are of tables that were empty, as they are by chance where
    autovacuum comes by at a bad time: it then took minutes.
    """
    fractions, learners = course(), (person("ada"), person("ben"))
    for learner in learners:
        fill(fractions, learner)
    mine = sum(mentions(learners[0].pk).values())
    mislead_the_planner()
    start = time.perf_counter()
    erased = services.erase_learner(learners[0])
    took_s = time.perf_counter() - start
    assert sum(erased.counts.values()) >= ROWS > mine
    sys.stderr.write(f"\n{sum(erased.counts.values())} rows erased in {took_s:.2f} s\n")
    assert took_s < 10
    assert EventRecord.objects.count() == 8_000
    assert {e.session.learner_id for e in EventRecord.objects.select_related("session")[:50]} == {
        learners[1].pk
    }


def mislead_the_planner() -> None:
    """From outside, PostgreSQL sees the pages of this transaction, and in them no row."""
    if connection.vendor == "postgresql":
        table = EventRecord._meta.db_table
        with closing(connection.copy()) as outside, outside.cursor() as cursor:
            cursor.execute(f"ANALYZE {table}")
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
            assert cursor.fetchone() == (0,)


def fill(row: Course, learner: User) -> None:
    sessions = [Session(course=row, lesson="l", learner=learner) for _ in range(10)]
    Session.objects.bulk_create(sessions)
    for one in sessions:
        EventRecord.objects.bulk_create(
            EventRecord(session=one, kind="Answer", at_s=n, data={"n": n}) for n in range(800)
        )
        AffectSignalRecord.objects.bulk_create(
            AffectSignalRecord(session=one, kind="bored", edge="raised", at_s=n) for n in range(80)
        )
        AdaptationRecord.objects.bulk_create(
            AdaptationRecord(session=one, number=n, kind="hint", mode="offer", at_s=n)
            for n in range(80)
        )
        LabelledMoment.objects.bulk_create(
            LabelledMoment(session=one, learner=learner, course=row, source="self_report")
            for _ in range(40)
        )
