"""A learner's copy of everything that is kept of them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.filled import WORD, Filled
from tests.people import person
from tutor_emotion import services, signals
from tutor_emotion.models import AffectSignalRecord, LearnerKey, Look, SchoolClass
from tutor_emotion.models.sealed import SealedModel
from tutor_emotion.services.kept import kept

NOW = timezone.now()


@pytest.fixture
def ada(db: None) -> Filled:
    return Filled(person("ada"))


def tables(filled: Filled) -> dict[str, services.Table]:
    return {table.name: table for table in services.export_learner(filled.user).tables}


def test_every_table_that_leads_to_a_person_is_in_the_copy(ada: Filled) -> None:
    """``Filled`` made a row in every table of ours; `test_kept` knows each way to a person."""
    found = tables(ada)
    theirs = [line for line in kept() if line.whose]
    assert len(theirs) > 15
    for line in theirs:
        table = found[line.model]
        row = ada.rows[line.table]
        assert row.pk in [r.get(row._meta.pk.name) for r in table.rows] or len(table.rows) == 1
        assert table.days or table.until
    assert [row["what"] for row in found["tutor_emotion.LedgerEntry"].rows] == ["text"]


def test_what_is_sealed_is_opened_in_it(ada: Filled) -> None:
    found = tables(ada)
    sealed = [m for m in ada.rows if issubclass(m, SealedModel)]
    assert len(sealed) == 5
    for model in sealed:
        (row,) = found[model._meta.label].rows
        assert {row[name] for name in model.INSIDE} == {WORD.format("ada")}
        assert "sealed" not in row


def test_nothing_of_anybody_else_is_in_it(ada: Filled) -> None:
    before = services.export_learner(ada.user).as_data()["tables"]
    ben = Filled(person("ben"))
    after = services.export_learner(ada.user).as_data()["tables"]
    assert after == before
    assert WORD.format("ben") not in json.dumps(after)
    assert WORD.format("ben") in json.dumps(services.export_learner(ben.user).as_data())


def test_of_somebody_new_it_says_that_there_is_nothing(db: None) -> None:
    export = services.export_learner(User.objects.create_user("new"))
    assert export.tables
    assert [table.name for table in export.tables if table.rows] == []


def test_it_says_who_looked(ada: Filled) -> None:
    Look.objects.create(
        by=person("teacher"), learner=ada.user, page="timeline", first_at=NOW, last_at=NOW
    )
    assert "teacher" in [row["by"] for row in tables(ada)["tutor_emotion.Look"].rows]


def test_a_class_that_is_gone_leaves_its_history(ada: Filled) -> None:
    SchoolClass.objects.all().delete()
    assert tables(ada)["tutor_emotion.HistoricalEnrolment"].rows


def test_after_the_key_is_gone_it_still_opens(ada: Filled) -> None:
    LearnerKey.objects.all().delete()
    (row,) = tables(ada)["tutor_emotion.AffectSignalRecord"].rows
    assert row["kind"] == "erased"


def test_another_app_adds_its_tables(ada: Filled) -> None:
    def receiver(*, learner_id: Any, **_: Any) -> dict[str, list[dict[str, Any]]]:
        return {"Notes": [{"text": f"of {learner_id}"}]}

    signals.learner_exported.connect(receiver)
    try:
        assert tables(ada)["Notes"].rows == ({"text": f"of {ada.user.pk}"},)
    finally:
        signals.learner_exported.disconnect(receiver)


def test_the_command_writes_json(ada: Filled, tmp_path: Path) -> None:
    out = tmp_path / "ada.json"
    call_command("export_learner", "ada", "--out", str(out), stdout=StringIO())
    data = json.loads(out.read_text())
    assert data["learner"] == "ada"
    (signal,) = data["tables"]["tutor_emotion.AffectSignalRecord"]
    assert signal["kind"] == WORD.format("ada")
    assert signal["id"] == AffectSignalRecord.objects.get().pk


def test_the_command_writes_a_page_that_stands_alone(ada: Filled) -> None:
    out = StringIO()
    call_command("export_learner", "ada", "--html", stdout=out)
    page = out.getvalue()
    assert "<table" in page
    assert WORD.format("ada") in page
    assert "/static/" not in page, "it is a file: no server stands behind it"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nobody"], "no such account"), (["ada", "--out", "/nowhere/x.json"], "cannot be written")],
)
def test_what_the_command_refuses(ada: Filled, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("export_learner", *arguments, stdout=StringIO())
