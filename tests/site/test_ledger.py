"""The ledger of consents: appended with each choice, chained, and what tampering looks like."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django.test import Client

from tests import people
from tutor_emotion import privacy, services
from tutor_emotion.chain import digest
from tutor_emotion.errors import NotAllowed, Unavailable
from tutor_emotion.models import Consent, Course, LearnerRecord, LedgerEntry, LedgerHead
from tutor_emotion.services import Said

pytestmark = pytest.mark.django_db
VERSION = privacy.CONSENT_TEXT_VERSION


@pytest.fixture
def ada() -> User:
    return people.person()


@pytest.fixture
def course() -> Course:
    return people.course()


def entries() -> list[tuple[str, bool, str, str]]:
    return [(e.what, e.given, e.by, e.reason) for e in LedgerEntry.objects.all()]


def verify(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_ledger", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def faults(*arguments: str) -> str:
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("verify_ledger", *arguments, stdout=out, stderr=out)
    assert refused.value.returncode == 1
    return out.getvalue()


def tamper(sql: str, *values: Any) -> None:
    """As somebody with the database would: past the model."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def five(course: Course, ada: User) -> str:
    """Five entries; the hash of the newest."""
    choices: Any = dict.fromkeys(("text", "interaction", "self_report", "face"), True)
    services.record_consents(course, ada.pk, choices, VERSION, "child")
    services.record_consents(course, ada.pk, {"face": False}, VERSION, "child")
    return LedgerHead.objects.get().hash


# --- it works -------------------------------------------------------------------------------------


def test_each_yes_and_each_taking_back_is_an_entry(course: Course, ada: User) -> None:
    services.record_consents(course, ada.pk, {"face": True, "voice": False}, VERSION, "child")
    services.record_consents(course, ada.pk, {"face": True}, VERSION, "child")
    services.record_calibration(course, ada.pk, True, VERSION)
    services.record_consents(course, ada.pk, {"face": False}, VERSION)
    assert entries() == [
        ("face", True, "learner", ""),
        ("calibration", True, "learner", ""),
        ("face", False, "learner", ""),
    ]
    first = LedgerEntry.objects.get(number=1)
    assert (first.text_version, first.words, first.course) == (VERSION, "child", course.key)
    assert first.subject == LearnerRecord.objects.get(learner=ada).pseudonym


def test_a_new_text_ends_the_old_yes_and_the_ledger_says_why(course: Course, ada: User) -> None:
    services.record_consents(course, ada.pk, {"text": True}, "2020-01")
    services.record_consents(course, ada.pk, {"text": True}, VERSION)
    assert entries()[1:] == [
        ("text", False, "system", "learner_text_changed"),
        ("text", True, "learner", ""),
    ]
    assert LedgerEntry.objects.get(number=2).text_version == "2020-01"


def test_the_chain_verifies_and_a_head_kept_elsewhere_is_found(five: str) -> None:
    assert verify() == f"head: 5 {five}\nThe ledger is whole.\n"
    third = LedgerEntry.objects.get(number=3).hash
    assert "whole" in verify("--expect", third), "it has grown since that was written down"
    assert "whole" in verify("--expect", five.upper())


def test_an_empty_ledger_is_whole() -> None:
    assert verify().startswith("head: 0 " + "0" * 64)


def test_an_export_verifies_by_itself(five: str, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    call_command("export_ledger", str(file), stdout=StringIO())
    assert f"head: 5 {five}" in verify("--file", str(file))
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [row["number"] for row in rows] == [1, 2, 3, 4, 5]
    assert all("ada" not in row.values() for row in rows), "learners are pseudonyms"


def test_a_detail_is_sealed_and_erasure_leaves_the_chain_whole(course: Course, ada: User) -> None:
    detail = {"name": "Grace Hopper", "relation": "parent"}
    services.record_choices(
        course, ada.pk, {"face": True}, Said(VERSION, by="guardian", detail=detail)
    )
    entry = LedgerEntry.objects.get()
    assert b"Grace" not in bytes(entry.sealed)
    assert services.sealed_detail(ada.pk, entry) == detail
    services.destroy_key(entry.subject)
    with pytest.raises(Unavailable):
        services.sealed_detail(ada.pk, entry)
    ada.delete()
    assert not Consent.objects.exists()
    assert "whole" in verify(), "whose it was cannot be told any more, that it was can"


# --- its edges ------------------------------------------------------------------------------------


def test_no_entry_without_its_consent_and_no_consent_without_its_entry(
    course: Course, ada: User, settings: Any
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"MASTER_KEYS": []}
    said = Said(VERSION, by="guardian", detail={"name": "Grace"})
    with pytest.raises(Exception, match="no_master_key"):
        services.record_choices(course, ada.pk, {"face": True}, said)
    assert (Consent.objects.count(), LedgerEntry.objects.count()) == (0, 0)
    assert "whole" in verify()


@pytest.mark.django_db(transaction=True)
def test_an_entry_needs_a_transaction(course: Course, ada: User) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        services.append_entry(course.key, ada.pk, "face", True, text_version="1", by="learner")


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain(course: Course) -> None:
    learners = [people.person(f"learner{n}") for n in range(8)]

    def agree(learner: User) -> None:
        try:
            for granted in (True, False, True):
                services.record_consents(course, learner.pk, {"text": granted}, VERSION)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(agree, learners))
    assert verify().startswith("head: 24 ")


def test_the_admin_shows_it_to_a_superuser_and_changes_nothing(five: str) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    address = "/admin/tutor_emotion/ledgerentry/"
    assert "face" in client.get(address).content.decode()
    assert client.get(f"{address}2/change/").status_code == 200
    for forbidden in (f"{address}add/", f"{address}2/delete/"):
        assert client.get(forbidden).status_code == 403
    assert client.post(f"{address}2/change/", {"given": ""}).status_code == 403
    client.post(address, {"action": "delete_selected", "_selected_action": ["2"], "post": "yes"})
    assert five in verify()


def test_a_teacher_does_not_see_it(five: str, course: Course) -> None:
    teacher = people.person("teacher", is_staff=True)
    course.teachers.add(teacher)
    client = Client()
    client.force_login(teacher)
    for page in ("", "2/change/"):
        assert client.get(f"/admin/tutor_emotion/ledgerentry/{page}").status_code == 403


# --- what it refuses ------------------------------------------------------------------------------


def test_the_model_changes_and_deletes_nothing(five: str) -> None:
    entry = LedgerEntry.objects.get(number=2)
    entry.given = False
    for forbidden in (
        entry.save,
        entry.delete,
        LedgerEntry.objects.all().delete,
        lambda: LedgerEntry.objects.update(given=False),
        lambda: LedgerEntry.objects.update(number=F("number") + 1),
        lambda: LedgerEntry.objects.bulk_update([entry], ["given"]),
        lambda: LedgerEntry.objects.bulk_create([LedgerEntry(number=9)]),
    ):
        with pytest.raises(NotAllowed) as refused:
            forbidden()
        assert refused.value.code == "append_only"
    assert five in verify()


TABLE = LedgerEntry._meta.db_table


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (f"UPDATE {TABLE} SET given = NOT given WHERE number = 2", "changed: entry 2"),
        (f"UPDATE {TABLE} SET words = 'adult' WHERE number = 5", "changed: entry 5"),
        (f"DELETE FROM {TABLE} WHERE number = 3", "missing: entry 3"),
        (f"DELETE FROM {TABLE} WHERE number = 1", "missing: entry 1"),
        (f"DELETE FROM {TABLE} WHERE number >= 4", "cut: entry 4"),
        (f"DELETE FROM {TABLE}", "cut: entry 1"),
        (f"UPDATE {TABLE} SET number = 9 WHERE number = 3", "changed: entry 9"),
    ],
)  # fmt: skip
def test_what_was_changed_is_named(five: str, sql: str, found: str) -> None:
    tamper(sql)
    assert found in faults()


def test_an_entry_with_a_hash_made_anew_does_not_fit_the_next(five: str) -> None:
    entry = LedgerEntry.objects.get(number=2)
    entry.given = False
    tamper(
        f"UPDATE {TABLE} SET given = %s, hash = %s WHERE number = 2",
        False, digest(entry.as_entry()),
    )  # fmt: skip
    assert "unlinked: entry 3 does not follow entry 2" in faults()


def test_a_cut_end_with_its_head_is_seen_by_a_head_kept_elsewhere(five: str) -> None:
    tamper(f"DELETE FROM {TABLE} WHERE number = 5")
    left = LedgerEntry.objects.get(number=4)
    LedgerHead.objects.update(number=4, hash=left.hash)
    assert "whole" in verify(), "nothing in the database can tell"
    assert "rewritten: no entry has the hash that was expected" in faults("--expect", five)


def test_lines_that_changed_places_are_named(five: str, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    call_command("export_ledger", str(file), stdout=StringIO())
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0], lines[2], lines[1], *lines[3:]]))
    said = faults("--file", str(file))
    assert "missing: entry 2" in said
    assert "reordered: entry 2 stands after entry 3" in said


@pytest.mark.parametrize(
    "line", ["{", "[]", '"x"', "{}", '{"number": 1}', "[" * 100_000, "\x00", "é"]
)
def test_a_file_that_is_no_ledger(line: str, five: str, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    call_command("export_ledger", str(file), stdout=StringIO())
    file.write_text(file.read_text() + line)
    with pytest.raises(CommandError, match="Line 6 of the file is no entry"):
        verify("--file", str(file))


def test_files_that_cannot_be_read_and_heads_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for arguments in (
        ("--file", str(tmp_path / "nowhere")),
        ("--file", str(tmp_path)),
        ("--file", str(tmp_path / "bytes")),
        ("--expect", "abc"),
        ("--expect", "z" * 64),
    ):
        with pytest.raises(CommandError):
            verify(*arguments)
    with pytest.raises(CommandError):
        call_command("export_ledger", str(tmp_path / "no" / "folder.jsonl"))


def test_a_field_of_another_type_is_no_entry(five: str, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    call_command("export_ledger", str(file), stdout=StringIO())
    first = json.loads(file.read_text().splitlines()[0])
    file.write_text(json.dumps(first | {"given": "yes"}))
    with pytest.raises(CommandError, match="Line 1"):
        verify("--file", str(file))
