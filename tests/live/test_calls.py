"""Words of danger and trouble that lasts, at the socket: a person is called, a contact is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.db import database_sync_to_async as db
from channels.routing import URLRouter
from django.contrib.auth.models import User
from django.db import OperationalError

from tests import people
from tests.live.sockets import LearnerSocket, open_socket
from tutor_emotion import services
from tutor_emotion.live import push, student
from tutor_emotion.live import session as sessions
from tutor_emotion.models import (
    AdaptationRecord,
    Course,
    Enrolment,
    Policy,
    School,
    SchoolClass,
    Session,
)
from tutor_emotion.routing import websocket_urlpatterns

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
DANGER = "i want to kill myself"
CONTACT = "Ms Lovelace, room 12, or ring 0800 111"


@pytest.fixture
async def teacher() -> User:
    return await db(people.person)("grace")


@pytest.fixture
async def course(teacher: User) -> Course:
    return await db(people.course)(teacher=teacher)


@pytest.fixture
async def session(course: Course, ada: User) -> Session:
    await db(people.consent)(course, ada)
    return await db(people.session)(course, ada)


@pytest.fixture
async def contact(course: Course, ada: User) -> None:
    await db(_enrol)(course, ada, CONTACT)


def _enrol(course: Course, learner: User, text: str) -> None:
    school = School.objects.create(name="Byron", contact=text)
    row = SchoolClass.objects.create(course=course, school=school, name="7b")
    Enrolment.objects.create(school_class=row, learner=learner)


@pytest.fixture
async def socket(session: Session, ada: User) -> AsyncIterator[LearnerSocket]:
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    yield socket
    if not socket.wire.future.done():
        await socket.close()


async def heard(socket: LearnerSocket) -> list[dict[str, Any]]:
    """All that comes until everything before it was taken."""
    await socket.send("ping", sent_s=1.0)
    found: list[dict[str, Any]] = []
    while (message := await socket.next())["type"] != "pong":
        found.append(message)
    return found


def contacts(messages: list[dict[str, Any]]) -> list[str]:
    return [m["text"] for m in messages if m["type"] == "contact"]


def flags() -> list[str]:
    return [row.message for row in AdaptationRecord.objects.all()]


# --- it works ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("contact")
async def test_words_of_danger_show_the_schools_contact_and_nothing_else(
    session: Session, ada: User
) -> None:
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    await socket.send("text", text=DANGER)
    messages = [m for m in await heard(socket) if m["type"] != "status"]
    assert [m["type"] for m in messages] == ["contact"]
    assert contacts(messages) == [CONTACT]
    assert await db(flags)() == ["flag.safety"]
    await socket.close()


async def test_the_teacher_sees_it_at_once_and_until_somebody_is_on_it(
    session: Session, ada: User, course: Course, teacher: User
) -> None:
    application = URLRouter(websocket_urlpatterns)
    path = f"/ws/tutor-emotion/classroom/{course.key}/"
    async with open_socket(application, path, teacher) as page:
        await page.hear()
        pupil = LearnerSocket(session.pk, ada)
        await pupil.open()
        await pupil.send("text", text=DANGER)
        row = await _row(page, lambda r: r["need"] == "call")
        assert [r["measure"] for r in row["reasons"]] == ["danger_words"]
        await page.say({"type": "acknowledge", "session": str(session.pk)})
        row = await _row(page, lambda r: r["acknowledged_by"] != "")
        assert row["need"] == "call"  # and for as long as nothing automatic is done
        await pupil.close()


async def _row(page: Any, fits: Any) -> dict[str, Any]:
    for _ in range(20):
        message = await page.hear()
        for row in message.get("changed", []):
            if fits(row):
                return dict(row)
    raise AssertionError("no such row came")


async def test_it_stays_until_a_teacher_has_seen_to_it(session: Session, ada: User) -> None:
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    await socket.send("text", text=DANGER)
    await heard(socket)
    live = student.SESSIONS._live[str(session.pk)]
    live.belief.origin_s -= 1200  # twenty minutes later
    await live._tick()
    assert live.row().need == "call"
    live.acknowledge("Grace")
    await live._tick()
    assert live.row().need != "call"
    await socket.close()


@pytest.mark.usefixtures("contact")
async def test_a_lost_connection_does_not_lose_the_contact(session: Session, ada: User) -> None:
    first = LearnerSocket(session.pk, ada)
    await first.open()
    await first.send("text", text=DANGER)
    (shown,) = [m for m in await heard(first) if m["type"] == "contact"]
    await first.close()
    again = LearnerSocket(session.pk, ada)
    assert (await again.open())["resumed"]
    assert [m for m in await heard(again) if m["type"] == "contact"] == [shown]  # the same one
    await again.close()


# --- whatever the policy -------------------------------------------------------------------------


@pytest.mark.usefixtures("contact")
@pytest.mark.parametrize(
    "policy",
    [{"pacing": "none"}, {"pacing": "performance"}, {"adaptations": ["hint"]}, {"paused": True}],
)
async def test_whatever_the_policy(
    course: Course, session: Session, ada: User, policy: dict[str, Any]
) -> None:
    await db(Policy.objects.filter(course=course).update)(**policy)
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    await socket.send("text", text=DANGER)
    assert contacts(await heard(socket)) == [CONTACT]
    assert await db(flags)() == ["flag.safety"]
    await socket.close()


async def test_a_paused_course_reads_nothing_else(
    course: Course, session: Session, ada: User
) -> None:
    await db(Policy.objects.filter(course=course).update)(paused=True)
    socket = LearnerSocket(session.pk, ada)
    assert (await socket.open())["allowed"] == []
    for text in ("this is stupid", "i dont get it"):
        await socket.send("text", text=text)
    assert [m for m in await heard(socket) if m["type"] in ("contact", "adaptation")] == []
    live = student.SESSIONS._live[str(session.pk)]
    assert live.belief.estimates == 0
    assert await db(flags)() == []
    await socket.close()


async def test_who_did_not_agree_to_messages_is_not_read(course: Course, ada: User) -> None:
    await db(people.consent)(course, ada, "interaction")
    session = await db(people.session)(course, ada)
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    await socket.send("text", text=DANGER)
    assert [m["code"] for m in await heard(socket) if m["type"] == "error"] == ["not_consented"]
    assert await db(flags)() == []
    await socket.close()


# --- its edges -----------------------------------------------------------------------------------


async def test_without_a_contact_nothing_is_shown_and_the_flag_still_goes(
    socket: LearnerSocket,
) -> None:
    await socket.send("text", text=DANGER)
    assert contacts(await heard(socket)) == []
    assert await db(flags)() == ["flag.safety"]


async def test_the_contact_is_shown_though_the_database_is_away(
    session: Session, ada: User, contact: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise OperationalError("the server closed the connection")

    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    monkeypatch.setattr(services, "record_adaptation", away)
    await socket.send("text", text=DANGER)
    assert contacts(await heard(socket)) == [CONTACT]
    live = student.SESSIONS._live[str(session.pk)]
    assert live.row().need == "call"
    await socket.close()


async def test_a_contact_that_is_set_meanwhile_is_known(
    course: Course, session: Session, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "GATE_AGAIN_S", 0.1)
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    await db(_enrol)(course, ada, CONTACT)
    await push.policy_changed(course.key)
    await socket.until("status")
    await socket.send("text", text=DANGER)
    assert contacts(await heard(socket)) == [CONTACT]
    await socket.close()


async def test_three_annoyed_messages_call_without_a_word_of_them(
    session: Session, ada: User, contact: None
) -> None:
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    for _ in range(3):
        await socket.send("text", text="this is so stupid")
    assert contacts(await heard(socket)) == [CONTACT]
    assert await db(flags)() == ["flag.distress"]
    assert "stupid" not in await db(lambda: str(AdaptationRecord.objects.get().evidence))()
    live = student.SESSIONS._live[str(session.pk)]
    assert [r.measure for r in live.row().reasons] == ["trouble_lasts"]
    await socket.close()
