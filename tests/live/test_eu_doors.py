"""A school in the European Union: each door to face and voice is tried, with everything for it.

Whatever can be in the rows is there: both decisions signed, consents of the learner, of a guardian
and of a release, also forged ones, the policy on, an approval in the settings. Nothing may help.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import redis
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.test import Client

from tests import people
from tests.inference.windows import window
from tests.live.sockets import LearnerSocket
from tests.media.test_offer import GOOD
from tutor_emotion import api, privacy, services
from tutor_emotion.conf import Settings, get_settings
from tutor_emotion.core.types import BIOMETRIC
from tutor_emotion.inference import queue, worker
from tutor_emotion.inference.runner import ScriptedRunner
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.tasks import run_windows
from tutor_emotion.inference.worker import Worker
from tutor_emotion.models import (
    Consent,
    Course,
    DecisionSignature,
    Enrolment,
    MedicalDecision,
    Policy,
    School,
    SchoolClass,
    Session,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
db = database_sync_to_async
FREE = {"text", "interaction", "self_report"}


@pytest.fixture(autouse=True)
def a_school_in_the_union(settings: Any) -> None:
    plain = settings.TUTOR_EMOTION
    settings.TUTOR_EMOTION = plain | {"JURISDICTION": "eu_institution", "ETHICS_APPROVAL": "REC 1"}


@pytest.fixture
def course(transactional_db: None) -> Course:
    return people.course(use_face=True, use_voice=True)


@pytest.fixture
def ada(course: Course) -> User:
    """An adult, of a school, with everything that could speak for a camera."""
    ada, school = people.person(), School.objects.create(name="Lindenschule")
    school_class = SchoolClass.objects.create(course=course, school=school, name="7a")
    Enrolment.objects.create(school_class=school_class, learner=ada)
    signers = [people.person(name, is_superuser=True) for name in ("one", "two")]
    for modality in BIOMETRIC:
        for scope in ({"course": course}, {"school": school}):
            decision = MedicalDecision.objects.create(
                document="D", reason="x", modality=modality, ends_on=services.last_day(), **scope
            )
            for signer in signers:
                DecisionSignature.objects.create(decision=decision, by=signer)
        for by in ("learner", "guardian", "release"):
            Consent.objects.create(  # as whoever has the database would write it
                course=course,
                learner=ada,
                modality=modality,
                by=by,
                text_version=privacy.CONSENT_TEXT_VERSION,
            )
    people.consent(course, ada, *FREE)  # type: ignore[arg-type]
    return ada


@pytest.fixture
def session(course: Course, ada: User) -> Session:
    return people.session(course, ada)


def test_the_rows_would_do_under_the_profile_that_a_deployment_can_choose(
    course: Course, ada: User, settings: Any
) -> None:
    """Or the doors below would be shut for another reason."""
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"JURISDICTION": "eu_medical_or_safety"}
    assert privacy.allowed(course, ada.pk) == FREE | BIOMETRIC


def test_the_gate_says_forbidden_and_nothing_else(course: Course, ada: User) -> None:
    assert privacy.allowed(course, ada.pk) == FREE
    for rule in privacy.rules(course, ada.pk):
        if rule.modality in BIOMETRIC:
            assert (rule.permitted, rule.reason) == (False, "forbidden_by_law")
    assert privacy.possible() == FREE


@pytest.mark.parametrize("age", ["", "under_13", "13_15", "16_17", "adult"])
def test_no_age_helps(course: Course, ada: User, age: str) -> None:
    services.set_ages({ada.pk: age})
    assert privacy.allowed(course, ada.pk) == FREE


def test_no_other_setting_opens_it(course: Course, ada: User, settings: Any) -> None:
    """Each setting at a value of its own kind that is not its default."""
    other = {bool: True, int: 7, float: 9.0, str: "http://127.0.0.1"}
    for name, field in Settings.model_fields.items():
        if name in ("JURISDICTION", "MASTER_KEYS") or field.annotation not in other:
            continue
        chosen = settings.TUTOR_EMOTION | {name: other[field.annotation]}
        try:
            Settings(**chosen)
        except ValueError:
            continue  # its limits say no; then it cannot be set either
        settings.TUTOR_EMOTION = chosen
        get_settings.cache_clear()
        if get_settings().KEY_DATABASE == "default":
            assert privacy.allowed(course, ada.pk) == FREE, name
        settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {name: field.get_default()}


@pytest.mark.urls("tests.site.admin_urls")
def test_the_form_of_the_policy_cannot_turn_it_on(course: Course, ada: User) -> None:
    owner = people.person("owner", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(owner)
    url = f"/admin/tutor_emotion/course/{course.pk}/change/"
    formset = client.get(url).context["inline_admin_formsets"][0].formset
    fields = formset.forms[0].fields
    assert all(fields[f"use_{m}"].disabled for m in BIOMETRIC)
    client.post(url, {"policy-0-use_face": "on", "policy-0-use_voice": "on"})
    assert privacy.allowed(course, ada.pk) == FREE
    Policy.objects.filter(course=course).update(use_face=True, use_voice=True)
    assert privacy.allowed(course, ada.pk) == FREE


@pytest.mark.urls("tests.site.admin_urls")
def test_nobody_may_write_a_decision_where_none_can_count(course: Course, ada: User) -> None:
    client = Client()
    client.force_login(people.person("owner", is_staff=True, is_superuser=True))
    assert client.get("/admin/tutor_emotion/medicaldecision/add/").status_code == 403


@pytest.mark.parametrize("modality", sorted(BIOMETRIC))
def test_a_consent_is_not_taken(course: Course, ada: User, modality: str) -> None:
    client = Client()
    client.force_login(ada)
    body = {
        "token": people.token(course, ada),
        "text_version": privacy.CONSENT_TEXT_VERSION,
        "modalities": {modality: True},
    }
    answer = client.post("/tutor-emotion/consents/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_by_law")
    setup = client.get("/tutor-emotion/setup/", {"token": body["token"]}).json()
    offered = {rule["modality"] for rule in setup["rules"] if rule["permitted"]}
    assert offered == FREE


async def test_the_socket_is_never_given_it(session: Session, ada: User) -> None:
    socket = LearnerSocket(session.pk, ada)
    assert set((await socket.open())["allowed"]) == FREE
    for modalities in (["face"], ["voice"], ["face", "voice"]):
        await socket.send("rtc_offer", sdp=GOOD, modalities=modalities)
        assert (await socket.until("error"))["code"] == "forbidden_by_law"
    await socket.close()


async def test_an_sdp_with_tracks_that_it_does_not_name_makes_no_peer(
    session: Session, ada: User
) -> None:
    from tutor_emotion.live import student

    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    for modalities in ([], ["text"], ["gait"], None):
        await socket.send("rtc_offer", sdp=GOOD, modalities=modalities)
        message = await socket.next()
        while message["type"] == "status":
            message = await socket.next()
        if message["type"] == "rtc_answer":
            assert "a=recvonly" not in message["sdp"]
            assert "a=sendrecv" not in message["sdp"]
        else:
            assert message["type"] == "error"
        for live in student.SESSIONS._live.values():
            assert live.sensors.speaking is False
            assert not BIOMETRIC & live.allowed
    await socket.close()


async def test_events_cannot_pretend_to_be_a_sensor(session: Session, ada: User) -> None:
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    for message in (
        {"type": "readings", "seq": 1, "readings": [{"modality": "face"}]},
        {"type": "consent", "modalities": {"face": True}},
        {"type": "session.readings", "seq": 1, "readings": []},
    ):
        await socket.raw(json.dumps(message))
        assert (await socket.until("error"))["code"] == "bad_message"
    with pytest.raises(Exception, match="bad_message"):
        await api.areport(str(session.pk), {"type": "readings", "seq": 1, "readings": []})
    await socket.close()


async def test_readings_that_somebody_sends_to_the_session_are_let_go_by(
    session: Session, ada: User
) -> None:
    """Whoever has the channel layer, without the database."""
    from tutor_emotion.live import push, student

    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    forged = {"modality": "face", "start_s": 0.0, "end_s": 1.0, "quality": 1.0, "version": "x"}
    await get_channel_layer().group_send(
        push.session_group(str(session.pk)),
        {"type": "session.readings", "seq": 1, "readings": [{**forged, "measures": {}}]},
    )
    await asyncio.sleep(0.3)
    (live,) = student.SESSIONS._live.values()
    assert "face" not in live.belief.spoke
    await socket.close()


async def test_a_window_that_somebody_queued_is_not_read_by_the_worker(
    valkey: redis.Redis, ada: User
) -> None:
    channel = await get_channel_layer().new_channel()
    await queue.put("forged", channel, window(utterances=1))
    made = Worker(ScriptedRunner({"browDownLeft": 0.4}, {"rate_hz": 3.0}), slots(), 8)
    assert await asyncio.to_thread(made.run_waiting) == 1
    message = await asyncio.wait_for(get_channel_layer().receive(channel), 3)
    assert message["readings"] == []


async def test_the_task_takes_no_argument_and_reads_nothing_either(
    valkey: redis.Redis, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Worker(ScriptedRunner({"browDownLeft": 0.4}, {"rate_hz": 3.0}), slots(), 8)
    monkeypatch.setattr(worker, "current", lambda: made)
    with pytest.raises(TypeError):
        run_windows.run({"modality": "face"})
    channel = await get_channel_layer().new_channel()
    await queue.put("forged", channel, window(utterances=1))
    assert await asyncio.to_thread(run_windows.run) == 1
    message = await asyncio.wait_for(get_channel_layer().receive(channel), 3)
    assert message["readings"] == []


def slots() -> Slots:
    return Slots(get_settings().REDIS_URL)
