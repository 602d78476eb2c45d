"""A kill switch on a lesson that runs: within a second, and healed where the message is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from tests import people
from tests.live.sockets import LearnerSocket
from tests.media.senders import Camera, needs_weights
from tutor_emotion import services
from tutor_emotion.conf import get_settings
from tutor_emotion.inference.runner import ScriptedRunner
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.worker import Worker
from tutor_emotion.live import push, student
from tutor_emotion.live import session as live_session
from tutor_emotion.media import tuning
from tutor_emotion.models import Course, Enrolment, KillSwitch, School, SchoolClass, Session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
db = database_sync_to_async
LIMIT_S = 1.0


@pytest.fixture
def course(transactional_db: None) -> Course:
    return people.course()


@pytest.fixture
def ada(course: Course) -> User:
    ada, school = people.person(), School.objects.create(name="North")
    school_class = SchoolClass.objects.create(course=course, school=school, name="7a")
    Enrolment.objects.create(school_class=school_class, learner=ada)
    people.consent(course, ada)
    return ada


@pytest.fixture
def session(course: Course, ada: User) -> Session:
    return people.session(course, ada)


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    """A worker that runs what waits, ten times a second."""
    made = Worker(ScriptedRunner({"browDownLeft": 0.4}), Slots(get_settings().REDIS_URL), 8)

    async def serve() -> None:
        while True:
            await asyncio.to_thread(made.run_waiting)
            await asyncio.sleep(0.1)

    task = asyncio.create_task(serve())
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def in_use(socket: LearnerSocket, wanted: set[str]) -> None:
    while set((await socket.until("status", seconds=4))["in_use"]) != wanted:
        pass


def command(*args: str) -> Any:
    return asyncio.to_thread(call_command, "kill_switch", *args)


FREE = {"text", "interaction", "self_report"}
SCOPES = [
    (("--all",), set()),
    (("--school", "North"), set()),
    (("--modality", "text"), FREE - {"text"}),
    (("--school", "North", "--modality", "text"), FREE - {"text"}),
]


@pytest.mark.parametrize(("scope", "left"), SCOPES)
async def test_each_scope_reaches_a_lesson_within_a_second_and_lets_go_again(
    socket: LearnerSocket, scope: tuple[str, ...], left: set[str]
) -> None:
    took_s = []
    for _ in range(5):
        began = time.monotonic()
        await command("on", *scope, "--why", "an incident")
        await in_use(socket, left)
        took_s.append(time.monotonic() - began)
        await command("off", *scope)
        await in_use(socket, FREE)
    assert max(took_s) < LIMIT_S, took_s


async def test_the_page_in_the_admin_reaches_it_too(socket: LearnerSocket) -> None:
    def turn() -> None:
        client = Client()
        owner = people.person("owner", is_staff=True, is_superuser=True)
        client.force_login(owner)
        sent = {"school": "", "modality": "", "why": "x", "sure": "yes"}
        client.post("/admin/tutor_emotion/killswitch/switch-off/", sent)

    await db(turn)()
    began = time.monotonic()
    await in_use(socket, set())
    assert time.monotonic() - began < LIMIT_S
    await socket.send("answer", step="s1", skill="halves", correct=False, took_s=3, answer="1")
    assert (await socket.until("error"))["code"] == "not_consented"


async def test_a_lost_message_heals_by_itself(
    socket: LearnerSocket, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(_: str) -> None:
        return None

    monkeypatch.setattr(push, "policy_changed", lost)
    monkeypatch.setattr(live_session, "GATE_AGAIN_S", 0.1)
    await command("on", "--all", "--why", "x")
    (live,) = student.SESSIONS._live.values()
    live._gate_due_s = 0.0
    await in_use(socket, set())


async def test_another_schools_lesson_goes_on(socket: LearnerSocket, session: Session) -> None:
    south = await db(School.objects.create)(name="South")
    await command("on", "--school", "South", "--why", "x")
    (live,) = student.SESSIONS._live.values()
    await live.reload_policy()
    assert {"face", "text"} <= live.allowed
    assert await db(KillSwitch.objects.filter(school=south).count)() == 1


@needs_weights
async def test_the_camera_of_a_lesson_that_runs_ends_within_a_second(
    socket: LearnerSocket, worker: Worker
) -> None:
    browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    browser.addTrack(Camera())
    try:
        with tuning.loopback_only():
            await browser.setLocalDescription(await browser.createOffer())
        await socket.send("rtc_offer", sdp=browser.localDescription.sdp, modalities=["face"])
        answer = await socket.until("rtc_answer", seconds=10)
        with tuning.loopback_only():
            await browser.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        await in_use(socket, FREE | {"face"})
        while (await socket.until("window", seconds=10))["face"] != "ok":
            pass
        (live,) = student.SESSIONS._live.values()
        began = time.monotonic()
        await db(services.switch_off)("an incident", modality="face")
        await push.policy_changed(live.course_key)
        await in_use(socket, FREE)
        assert time.monotonic() - began < LIMIT_S
        assert not live.sensors.active or "face" not in live.allowed
        # No Window of it any more, neither on its way nor later.
        later = [m for m in await heard(socket, 2.5) if m["type"] == "window"]
        assert [m for m in later if m["face"] == "ok"] == []
        await socket.send("rtc_offer", sdp=browser.localDescription.sdp, modalities=["face"])
        assert (await socket.until("error"))["code"] == "switched_off"
    finally:
        await browser.close()


async def heard(socket: LearnerSocket, seconds: float) -> list[dict[str, Any]]:
    messages, end = [], time.monotonic() + seconds
    while not await socket.wire.receive_nothing(timeout=max(0.0, end - time.monotonic())):
        messages.append(await socket.next())
        if time.monotonic() > end:
            break
    return messages
