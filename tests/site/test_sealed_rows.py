"""What says how a learner felt, and what they wrote, is sealed with their own key."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor
from django.test import override_settings

from tests.databases import another_database
from tests.people import course, person, session
from tutor_emotion import services
from tutor_emotion.core.types import AffectSignal, Answer, Evidence, SelfReport
from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.models import (
    AdaptationRecord,
    AffectSignalRecord,
    Consent,
    Course,
    EventRecord,
    LabelledMoment,
    LearnerKey,
    Session,
)
from tutor_emotion.models.keyring import unwrap
from tutor_emotion.models.sealed import SealedModel
from tutor_emotion.services.reporting import step_reports
from tutor_emotion.services.timeline import timeline

WHY = Evidence("interaction", "misses", 2.0, "", "confused", 0.4, 5.0)


@pytest.fixture
def fractions(db: None) -> Course:
    return course()


@pytest.fixture
def ada(fractions: Course) -> User:
    return person()


def signal(row: Session, kind: str = "confused") -> AffectSignalRecord:
    noticed = AffectSignal(
        kind=kind,  # type: ignore[arg-type]
        edge="raised", at_s=5.0, since_s=4.0, confidence=0.7, coverage=0.8, skill="adding",
        evidence=(WHY,), models=("compact/1",),
    )  # fmt: skip
    return services.record_signal(str(row.pk), noticed)


def token_of(row: SealedModel) -> bytes:
    return bytes(type(row)._base_manager.values_list("sealed", flat=True).get(pk=row.pk))


def destroy(learner: User) -> None:
    services.destroy_key(services.learner_record(learner.pk).pseudonym)


# --- it works -------------------------------------------------------------------------------------


def test_a_signal_reads_as_it_was_written(fractions: Course, ada: User) -> None:
    made = signal(session(fractions, ada))
    row = AffectSignalRecord.objects.get(pk=made.pk)
    assert (row.kind, row.confidence, row.coverage, row.models_used) == (
        "confused", 0.7, 0.8, ["compact/1"],
    )  # fmt: skip
    assert row.evidence[0]["measure"] == "misses"
    assert not row.is_erased
    assert b"confused" not in token_of(row)


def test_no_table_has_a_feeling_in_the_open(fractions: Course, ada: User) -> None:
    """Each sealed table, read as a thief of the database reads it."""
    mine = session(fractions, ada)
    for _ in range(2):
        signal(mine)
    AdaptationRecord.objects.create(
        session=mine, number=1, kind="hint", mode="offer", at_s=1.0, signal="frustrated",
        message="hint.frustrated", evidence=[{"measure": "misses"}],
    )  # fmt: skip
    EventRecord.objects.create(
        session=mine, kind="SelfReport", at_s=1.0, data={"feeling": "frustrated"}
    )
    LabelledMoment.objects.create(
        session=mine, learner=ada, course=fractions, source="self_report", label="confused",
        features={"face": {"brow_lowered:z": 1.5}},
    )  # fmt: skip
    found = ""
    with connection.cursor() as cursor:
        for model in sealed_models():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            rows = [[bytes(v) if isinstance(v, memoryview) else v for v in r] for r in cursor]
            found += str(rows)
    assert "SelfReport" in found, "the rows were read"
    for word in ("confused", "frustrated", "misses", "brow", "compact"):
        assert word not in found


def sealed_models() -> list[Any]:
    found = [m for m in apps.get_models() if issubclass(m, SealedModel)]
    assert {m.__name__ for m in found} == {
        "AdaptationRecord", "AffectSignalRecord", "Attempt", "EventRecord", "LabelledMoment",
    }  # fmt: skip
    return found


def test_the_length_of_a_token_does_not_tell_the_word(fractions: Course, ada: User) -> None:
    mine = session(fractions, ada)
    kinds = ("bored", "confused", "frustrated")
    assert len({len(token_of(signal(mine, kind))) for kind in kinds}) == 1


def test_events_come_back_with_what_was_tapped(fractions: Course, ada: User) -> None:
    mine = session(fractions, ada)
    for modality in ("interaction", "self_report"):
        Consent.objects.create(learner=ada, course=fractions, modality=modality, text_version="1")
    events = [Answer(1.0, "s", "k", False, 3.0, answer="13"), SelfReport(2.0, "confused")]
    assert services.record_events(str(mine.pk), events) == 2
    first, second = services.events_of(EventRecord.objects.all())
    assert isinstance(first, Answer)
    assert second == SelfReport(2.0, "confused")


# --- many at once ---------------------------------------------------------------------------------


def test_many_rows_share_the_reading_of_their_keys(
    fractions: Course, ada: User, django_assert_num_queries: Any
) -> None:
    sessions = [session(fractions, one) for one in (ada, person("ben"), person("cem"))]
    rows = [EventRecord(session=s, kind="Answer", at_s=1.0, data={"n": 1}) for s in sessions * 30]
    for one in sessions:
        services.box_of(one.learner_id)
    with django_assert_num_queries(4):  # whose, their names, their keys; and the rows
        EventRecord.objects.bulk_create(rows)
    with django_assert_num_queries(4):
        assert sum(row.data["n"] for row in EventRecord.objects.all()) == 90
    with django_assert_num_queries(5):  # sessions, and their events together
        found = Session.objects.prefetch_related("events")
        assert sum(e.data["n"] for s in found for e in s.events.all()) == 90


def test_who_does_not_look_inside_needs_no_key(
    fractions: Course, ada: User, django_assert_num_queries: Any
) -> None:
    signal(session(fractions, ada))
    with django_assert_num_queries(1):
        assert [row.skill for row in AffectSignalRecord.objects.all()] == ["adding"]


def test_what_is_changed_is_sealed_again(fractions: Course, ada: User) -> None:
    row = AffectSignalRecord.objects.get(pk=signal(session(fractions, ada)).pk)
    before = token_of(row)
    row.evidence.clear()
    row.save()
    assert token_of(row) != before
    row.refresh_from_db()
    assert (row.kind, row.evidence) == ("confused", [])


def test_another_column_can_be_saved_alone(fractions: Course, ada: User) -> None:
    row = signal(session(fractions, ada))
    before, row.skill = token_of(row), "other"
    row.save(update_fields=["skill"])
    assert token_of(row) == before


# --- what is gone, and what is refused ------------------------------------------------------------


def test_a_row_without_its_key_reads_as_erased(fractions: Course, ada: User) -> None:
    """On every page and in every verb that reads such rows, nothing falls over."""
    mine = session(fractions, ada)
    made = signal(mine)
    EventRecord.objects.create(session=mine, kind="SelfReport", at_s=1.0, data={"feeling": "ok"})
    EventRecord.objects.create(session=mine, kind="StepShown", at_s=1.0, step="s")
    AdaptationRecord.objects.create(session=mine, number=1, kind="hint", mode="offer", at_s=1.0)
    destroy(ada)
    row = AffectSignalRecord.objects.get(pk=made.pk)
    assert (row.is_erased, row.kind, row.confidence, row.evidence) == (True, "erased", 0.0, [])
    assert services.events_of(EventRecord.objects.all()) == []
    assert services.summary(mine).signals[0]["kind"] == "erased"
    assert [m.lane for m in timeline(mine)] == ["told", "step", "offer"]
    assert step_reports(Session.objects.all()) == []
    assert not services.worked_in(Session.objects.all()).unaided


def test_a_new_key_does_not_open_what_the_old_one_closed(fractions: Course, ada: User) -> None:
    mine = session(fractions, ada)
    old = signal(mine)
    destroy(ada)
    new = signal(mine)
    rows = AffectSignalRecord.objects.in_bulk()
    assert (rows[old.pk].kind, rows[new.pk].kind) == ("erased", "confused")


def test_an_erased_row_is_not_overwritten(fractions: Course, ada: User) -> None:
    made = signal(session(fractions, ada))
    key = LearnerKey.objects.get()
    LearnerKey.objects.all().delete()
    row = AffectSignalRecord.objects.get(pk=made.pk)
    assert row.is_erased
    row.save()
    key.save()  # a backup of the keys comes back within its days
    assert AffectSignalRecord.objects.get(pk=made.pk).kind == "confused"


@pytest.mark.parametrize("spoil", ["moved", "changed", "nonsense"])
def test_a_token_opens_where_it_was_written_and_as_it_was(
    spoil: str, fractions: Course, ada: User
) -> None:
    row = signal(session(fractions, ada))
    token = token_of(row)
    if spoil == "moved":
        row = signal(session(fractions, ada), "bored")  # another session of the same learner
    else:
        token = token[:-1] + bytes([token[-1] ^ 1]) if spoil == "changed" else b"\x07"
    AffectSignalRecord.objects.filter(pk=row.pk).update(sealed=token)
    assert AffectSignalRecord.objects.get(pk=row.pk).is_erased


def test_nobody_elses_key_opens_it(fractions: Course, ada: User) -> None:
    row = signal(session(fractions, ada))
    signal(session(fractions, person("ben")))
    mine, theirs = LearnerKey.objects.order_by("created_at")
    LearnerKey.objects.filter(pk=mine.pk).delete()
    assert AffectSignalRecord.objects.get(pk=row.pk).is_erased
    assert AffectSignalRecord.objects.exclude(pk=row.pk).get().kind == "confused"
    assert theirs.pk


def test_nothing_is_kept_without_a_master_key(fractions: Course, ada: User, settings: Any) -> None:
    mine = session(fractions, ada)
    with (
        override_settings(TUTOR_EMOTION={**settings.TUTOR_EMOTION, "MASTER_KEYS": []}),
        pytest.raises(BadInput, match="no_master_key"),
    ):
        signal(mine)
    assert not AffectSignalRecord.objects.exists()


def test_another_master_key_is_a_fault_and_not_an_erasure(
    fractions: Course, ada: User, settings: Any
) -> None:
    """Else a mistake in the settings would look like a school that lost everything."""
    row = signal(session(fractions, ada))
    with (
        override_settings(TUTOR_EMOTION={**settings.TUTOR_EMOTION, "MASTER_KEYS": ["0" * 64]}),
        pytest.raises(Unavailable, match="not_opened"),
    ):
        _ = AffectSignalRecord.objects.get(pk=row.pk).kind


def test_a_row_of_a_session_that_is_gone_is_not_kept(fractions: Course, ada: User) -> None:
    mine = session(fractions, ada)
    Session.objects.all().delete()
    with pytest.raises(IntegrityError):
        signal(mine)


# --- what was there before ------------------------------------------------------------------------


def test_what_was_kept_in_the_open_is_sealed_by_the_migration(db: None, tmp_path: Path) -> None:
    """A database of the time before, through the real migrations."""
    before = [("tutor_emotion", "0006_learner_keys")]
    before += [("tutor_emotion_lessons", "0008_content_names_itself")]
    with another_database(tmp_path / "old.sqlite3", "old") as old:
        fill_in_the_open(migrated(old, before))
        kept = migrated(old, [named(old, "sealed_rows"), named(old, "sealed_answers")])
        (record,) = kept.get_model("tutor_emotion.LearnerRecord").objects.using("old")
        box = unwrap(LearnerKey.objects.get(pk=record.pseudonym))
        inside: dict[str, list[Any]] = {}
        for model in sealed_models():
            for row in kept.get_model(model._meta.label).objects.using("old").order_by("pk"):
                of = row.learner_id if model.OWNER == "learner" else row.session_id
                opened = box.open(row.sealed, f"{model._meta.label_lower}:{of}")
                inside.setdefault(model.__name__, []).append(opened)
                assert set(opened) == set(model.INSIDE)
    assert inside["AffectSignalRecord"][0]["kind"] == "confused"
    assert inside["AffectSignalRecord"][0]["evidence"] == [{"measure": "misses"}]
    assert inside["AdaptationRecord"][0]["signal"] == "confused"
    assert [e["data"] for e in inside["EventRecord"]] == [{"n": n} for n in range(3)]
    assert inside["LabelledMoment"][0]["features"] == {"face": {"z": 1.0}}
    assert inside["Attempt"] == [{"answer": "3/8"}]


def test_where_nothing_was_kept_the_migration_needs_no_key(
    db: None, tmp_path: Path, settings: Any
) -> None:
    with (
        another_database(tmp_path / "old.sqlite3", "old") as old,
        override_settings(TUTOR_EMOTION={**settings.TUTOR_EMOTION, "MASTER_KEYS": []}),
    ):
        migrated(old, [named(old, "sealed_rows"), named(old, "sealed_answers")])
    assert not LearnerKey.objects.exists()


def named(old: Any, name: str) -> tuple[str, str]:
    """The migration of this name, whatever its number is."""
    nodes = MigrationExecutor(old).loader.graph.nodes
    (found,) = [key for key in nodes if key[1].endswith(name)]
    return found


def migrated(old: Any, targets: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(old)
    executor.migrate(targets)
    executor.loader.build_graph()
    return executor.loader.project_state(targets).apps


def fill_in_the_open(old: Any) -> None:
    def make(name: str, **columns: Any) -> Any:
        return old.get_model(name).objects.using("old").create(**columns)

    learner_id = make("auth.User", username="ada").pk
    fractions = make("tutor_emotion.Course", key="fractions", title="Fractions")
    mine = make("tutor_emotion.Session", learner_id=learner_id, course=fractions, lesson="l")
    make(
        "tutor_emotion.AffectSignalRecord", session=mine, kind="confused", edge="raised", at_s=1.0,
        confidence=0.7, coverage=0.8, evidence=[{"measure": "misses"}],
    )  # fmt: skip
    make(
        "tutor_emotion.AdaptationRecord", session=mine, number=1, kind="hint", mode="offer",
        at_s=1.0, signal="confused",
    )  # fmt: skip
    for n in range(3):
        make("tutor_emotion.EventRecord", session=mine, kind="Answer", at_s=n, data={"n": n})
    make(
        "tutor_emotion.LabelledMoment", session=mine, learner_id=learner_id, course=fractions,
        source="self_report", label="confused", features={"face": {"z": 1.0}},
    )  # fmt: skip
    lesson = make("tutor_emotion_lessons.Lesson", slug="l", course_key="fractions", title="L")
    step = make(
        "tutor_emotion_lessons.Step", lesson=lesson, order=1, slug="s", title="S", prompt=""
    )
    make(
        "tutor_emotion_lessons.Attempt", learner_id=learner_id, step=step, answer="3/8",
        correct=True, verdict="right",
    )  # fmt: skip


# --- what it costs --------------------------------------------------------------------------------


def test_sealing_and_opening_take_microseconds(fractions: Course, ada: User) -> None:
    """Of one row, without the database. Prints the figure; the bound is generous."""
    mine = session(fractions, ada)
    box, rows = services.box_of(ada.pk), [signal(mine) for _ in range(20)]
    rounds = 50
    start = time.perf_counter()
    for row in rows * rounds:
        row.sealed = box.seal(row.opened(), row.place)
    sealed_us = (time.perf_counter() - start) * 1e6 / (len(rows) * rounds)
    start = time.perf_counter()
    for row in rows * rounds:
        box.open(row.sealed, row.place)
    opened_us = (time.perf_counter() - start) * 1e6 / (len(rows) * rounds)
    said = f"sealed in {sealed_us:.0f} us, opened in {opened_us:.0f} us a row"
    sys.stderr.write(f"\n{said}\n")
    assert sealed_us + opened_us < 2_000, said
