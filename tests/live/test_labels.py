"""Labelled moments: kept when the course asks and the learner agreed, of what was measured then."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from tests import people
from tests.live.sockets import LearnerSocket
from tutor_emotion import privacy, services
from tutor_emotion.models import Consent, Course, LabelledMoment, Policy, Session
from tutor_emotion.training import labelled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
db = database_sync_to_async
STEP = {"step": "s1", "skill": "halves"}
MISSED = {"third_miss:present": 1.0, "same_wrong_answer:present": 1.0}


@pytest.fixture
async def course() -> Course:
    return await db(people.course)(collect_labels=True)


@pytest.fixture
async def session(course: Course, ada: User) -> Session:
    await db(people.consent)(course, ada)
    return await db(people.session)(course, ada)


def agree(course: Course, learner: User, granted: bool = True) -> None:
    services.record_calibration(course, learner.pk, granted, privacy.CONSENT_TEXT_VERSION)


async def stuck(socket: LearnerSocket) -> None:
    await socket.send("step_shown", **STEP)
    for answer in ("1", "2", "2"):
        await socket.send("answer", **STEP, correct=False, took_s=20, answer=answer)
    await socket.send("self_report", feeling="stuck")


async def kept(session: Session, at_least: int) -> list[LabelledMoment]:
    """The moments, once there are so many; those that are there after a while otherwise."""
    rows: list[LabelledMoment] = []
    for _ in range(20):
        rows = await db(lambda: [m for m in session.moments.all() if not m.is_erased])()
        if at_least and len(rows) >= at_least:
            break
        await asyncio.sleep(0.05)
    return rows


def row(session: Session, **fields: Any) -> LabelledMoment:
    moment = services.record_moment(
        str(session.pk),
        "stuck",
        {"interaction": MISSED, "face": {"brow_lowered:z": 1.5}},
        {"face": 0.8},
        {"face": "compact/1"},
    )
    assert moment is not None
    if fields:
        LabelledMoment.objects.filter(pk=moment.pk).update(**fields)
    return moment


def export(course: Course, path: Path) -> tuple[labelled.Moment, ...]:
    call_command("export_labels", str(path), course=course.key, stdout=None)
    return labelled.read(path)


# --- it works -------------------------------------------------------------------------------------


async def test_a_tap_is_kept_with_what_was_measured_just_before_it(
    socket: LearnerSocket, session: Session, course: Course, ada: User
) -> None:
    await db(agree)(course, ada)
    await stuck(socket)
    (moment,) = await kept(session, 1)
    assert (moment.label, moment.source) == ("stuck", "self_report")
    assert moment.features == {"interaction": MISSED}  # and not the tap itself
    assert moment.models_used["interaction"].startswith("states/")


async def test_a_second_tap_in_the_same_moment_is_not_kept_again(
    socket: LearnerSocket, session: Session, course: Course, ada: User
) -> None:
    await db(agree)(course, ada)
    await stuck(socket)
    await socket.send("self_report", feeling="stuck")
    await kept(session, 1)
    assert len(await kept(session, 0)) == 1


# --- only then ------------------------------------------------------------------------------------


async def test_nothing_is_kept_without_the_consent_for_it(
    socket: LearnerSocket, session: Session
) -> None:
    await stuck(socket)
    assert await kept(session, 0) == []


async def test_nothing_is_kept_where_the_course_does_not_ask(
    socket: LearnerSocket, session: Session, course: Course, ada: User
) -> None:
    await db(agree)(course, ada)
    await db(Policy.objects.filter(course=course).update)(collect_labels=False)
    await stuck(socket)
    assert await kept(session, 0) == []


async def test_a_tap_out_of_nothing_is_no_moment(
    socket: LearnerSocket, session: Session, course: Course, ada: User
) -> None:
    await db(agree)(course, ada)
    await socket.send("self_report", feeling="bored")
    assert await kept(session, 0) == []


def test_courses_do_not_ask_of_themselves() -> None:
    assert not Policy().collect_labels


# --- the learner decides --------------------------------------------------------------------------


def choose(learner: User, course: Course, **body: Any) -> tuple[int, dict[str, Any]]:
    browser = Client()
    browser.force_login(learner)
    data = {
        "token": people.token(course, learner),
        "text_version": privacy.CONSENT_TEXT_VERSION,
        "modalities": {},
        **body,
    }
    answer = browser.post(
        "/tutor-emotion/consents/", json.dumps(data), content_type="application/json"
    )
    return answer.status_code, json.loads(answer.content)


def test_it_is_asked_separately_and_not_chosen_beforehand() -> None:
    ada, course = people.person(), people.course(collect_labels=True)
    _, setup = choose(ada, course, modalities={"interaction": True})
    assert setup["calibration"] == {"offered": True, "consented": False}
    _, setup = choose(ada, course, calibration=True)
    assert setup["calibration"] == {"offered": True, "consented": True}
    _, setup = choose(ada, course, modalities={"text": True})  # says nothing of it
    assert setup["calibration"]["consented"]


def test_a_course_that_does_not_ask_refuses_a_yes() -> None:
    ada, course = people.person(), people.course()
    status, body = choose(ada, course, calibration=True)
    assert (status, body["code"]) == (403, "off_in_course")
    assert not Consent.objects.exists()


def test_taking_it_back_deletes_what_was_kept() -> None:
    ada, bert, course = people.person(), people.person("bert"), people.course(collect_labels=True)
    for learner in (ada, bert):
        agree(course, learner)
        row(people.session(course, learner))
    status, setup = choose(ada, course, calibration=False)
    assert (status, setup["calibration"]["consented"]) == (200, False)
    assert list(LabelledMoment.objects.values_list("learner", flat=True)) == [bert.pk]


def test_taking_a_modality_back_takes_it_out_of_what_was_kept() -> None:
    ada, course = people.person(), people.course(collect_labels=True)
    people.consent(course, ada)
    moment = row(people.session(course, ada))
    choose(ada, course, modalities={"face": False})
    moment.refresh_from_db()
    assert moment.features == {"interaction": MISSED}
    assert (moment.quality, moment.models_used) == ({}, {})


def test_the_learner_sees_it_in_their_record() -> None:
    ada, course = people.person(), people.course(collect_labels=True)
    session = people.session(course, ada)
    row(session)
    (seen,) = services.summary(session).moments
    assert (seen["label"], seen["features"]["interaction"]) == ("stuck", MISSED)


def test_it_goes_with_the_learner() -> None:
    ada, course = people.person(), people.course(collect_labels=True)
    row(people.session(course, ada))
    ada.delete()
    assert not LabelledMoment.objects.exists()


def test_it_goes_when_its_time_is_over() -> None:
    ada, course = people.person(), people.course(collect_labels=True, keep_labels_days=30)
    row(people.session(course, ada), at=timezone.now() - timedelta(days=31))
    row(people.session(course, ada))
    assert LabelledMoment.objects.count() == 1


# --- the export -----------------------------------------------------------------------------------


def test_an_export_is_what_calibrate_reads_under_pseudonyms(tmp_path: Path) -> None:
    ada, bert, course = people.person(), people.person("bert"), people.course(collect_labels=True)
    for learner in (ada, bert):
        people.consent(course, learner)
        agree(course, learner)
        row(people.session(course, learner))
    first, second = export(course, tmp_path / "a.jsonl")
    assert first.label == {"confused", "frustrated"}
    assert first.features == {"face": {"brow_lowered:z": 1.5}, "interaction": MISSED}
    assert first.learner != second.learner
    text = (tmp_path / "a.jsonl").read_text()
    assert "ada" not in text
    assert str(first.session) not in {str(s.pk) for s in Session.objects.all()}
    again, _ = export(course, tmp_path / "b.jsonl")
    assert again.learner not in {first.learner, second.learner}  # exports cannot be joined


def test_an_export_has_nobody_who_has_not_agreed(tmp_path: Path) -> None:
    ada, bert, course = people.person(), people.person("bert"), people.course(collect_labels=True)
    for learner in (ada, bert):
        people.consent(course, learner)
        row(people.session(course, learner))
    agree(course, bert)
    assert len(export(course, tmp_path / "a.jsonl")) == 1
    agree(course, bert, granted=False)
    with pytest.raises(CommandError, match="live consent"):
        export(course, tmp_path / "b.jsonl")
    assert not (tmp_path / "b.jsonl").exists()


def test_an_export_has_no_modality_without_consent_or_against_the_law(
    tmp_path: Path, settings: Any
) -> None:
    ada, course = people.person(), people.course(collect_labels=True)
    people.consent(course, ada)
    agree(course, ada)
    row(people.session(course, ada))
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "JURISDICTION": "eu_institution"}
    (moment,) = export(course, tmp_path / "a.jsonl")
    assert set(moment.features) == {"interaction"}


def test_an_export_of_a_course_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such course"):
        call_command("export_labels", str(tmp_path / "a.jsonl"), course="nowhere")
