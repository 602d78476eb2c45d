"""The live classroom: who may look, what they see, and that a busy class stays readable."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.urls import path

from tests.live.sockets import LearnerSocket, Socket, open_socket
from tests.people import consent as a_consent
from tests.people import session as a_session
from tutor_emotion.live import push, teacher
from tutor_emotion.live.classroom import Classroom
from tutor_emotion.live.teacher import TeacherConsumer
from tutor_emotion.models import Course, Policy
from tutor_emotion.protocol import MAX_MESSAGE_BYTES, LearnerRow, Reason

pytestmark = pytest.mark.django_db(transaction=True)
ROUTES = URLRouter([path("ws/classroom/<slug:course>/", TeacherConsumer.as_asgi())])


def row(session: str | None = None, **changes: Any) -> LearnerRow:
    defaults: dict[str, Any] = {
        "session": session or str(uuid.uuid4()),
        "name": "Mia Brandt",
        "need": "unresolved",
        "reasons": [Reason(measure="misses_on_step", value=3, skill="fractions", minutes=6)],
        "since_s": 40.0,
        "confidence": "high",
        "coverage": 0.9,
    }
    return LearnerRow(**(defaults | changes))


@pytest.fixture
async def people(course: Course) -> dict[str, Any]:
    make = database_sync_to_async(get_user_model().objects.create_user)
    root = database_sync_to_async(get_user_model().objects.create_superuser)
    users = {
        "teacher": await make("ada", first_name="Ada", last_name="Okoye"),
        "other": await make("ben"),
        "learner": await make("mia"),
        "owner": await root("root"),
        "anonymous": AnonymousUser(),
    }
    await database_sync_to_async(course.teachers.add)(users["teacher"])
    await database_sync_to_async(
        (
            await database_sync_to_async(Course.objects.create)(key="latin", title="Latin")
        ).teachers.add
    )(users["other"])
    return users


@pytest.fixture
async def course() -> Course:
    return await database_sync_to_async(Course.objects.create)(key="fractions", title="Fractions")


def socket(user: Any, key: str = "fractions") -> AbstractAsyncContextManager[Socket]:
    return open_socket(ROUTES, f"/ws/classroom/{key}/", user)


async def refusal(page: Socket) -> tuple[str, int]:
    """The error's code, and the code with which the socket closes after it."""
    (error,), code = await page.hear_until_closed()
    assert error["fatal"]
    return error["code"], code


class Learners:
    """Live sessions of a course, as the classroom meets them: they answer on the real layer."""

    def __init__(self, key: str, *rows: LearnerRow) -> None:
        self.key = key
        self.rows = {r.session: r for r in rows}
        self.asked = 0
        self.policies = 0
        self.deaf = False

    @asynccontextmanager
    async def present(self) -> AsyncIterator[Learners]:
        layer = get_channel_layer()
        inbox = await layer.new_channel()
        groups = [push.course_group(self.key), *(push.session_group(s) for s in self.rows)]
        for group in groups:
            await layer.group_add(group, inbox)
        task = asyncio.create_task(self._listen(layer, inbox))
        try:
            yield self
        finally:
            task.cancel()

    async def _listen(self, layer: Any, inbox: str) -> None:
        while True:
            message = await layer.receive(inbox)
            if self.deaf:
                continue
            if message["type"] == "session.row":
                self.asked += 1
                for learner in self.rows.values():
                    await push.row_to(message["reply"], learner)
            elif message["type"] == "session.acknowledge":
                session, learner = next(iter(self.rows.items()))
                update = learner.model_copy(update={"acknowledged_by": message["by"]})
                self.rows[session] = update
                await push.row(self.key, update)
            elif message["type"] == "session.policy":
                self.policies += 1


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Shorter rounds, so that a test sees several."""

    def set_rounds(**seconds: float) -> None:
        for name, value in seconds.items():
            monkeypatch.setattr(teacher, name, value)

    return set_rounds


# --- it works -------------------------------------------------------------------------------------


async def test_the_teacher_sees_the_class_within_a_second(people: dict[str, Any]) -> None:
    learners = Learners("fractions", row(), row(name="Jonas", need="fine", reasons=[]))
    async with learners.present(), socket(people["teacher"]) as page:
        began_s = time.monotonic()
        first = await page.hear()
        assert time.monotonic() - began_s < 1
        assert first["type"] == "classroom"
        assert (first["course"], first["title"], first["paused"]) == (
            "fractions",
            "Fractions",
            False,
        )
        assert {r["name"] for r in first["learners"]} == {"Mia Brandt", "Jonas"}
        reason = next(r for r in first["learners"] if r["need"] == "unresolved")["reasons"][0]
        assert (reason["measure"], reason["value"], reason["skill"]) == (
            "misses_on_step", 3.0, "fractions",
        )  # fmt: skip
        assert "0.9" not in json.dumps(first["learners"][0]["reasons"])


async def test_a_change_arrives_and_a_learner_who_leaves_goes(people: dict[str, Any]) -> None:
    one = row(need="fine", reasons=[])
    async with Learners("fractions", one).present(), socket(people["teacher"]) as page:
        await page.hear()
        await push.row("fractions", one.model_copy(update={"need": "wheelspin", "since_s": 0.0}))
        change = await page.hear()
        assert change["type"] == "learners"
        assert [r["need"] for r in change["changed"]] == ["wheelspin"]
        await push.left("fractions", one.session)
        assert (await page.hear())["left"] == [one.session]


async def test_a_teacher_takes_a_learner_on_and_back(people: dict[str, Any]) -> None:
    one = row()
    async with Learners("fractions", one).present(), socket(people["teacher"]) as page:
        await page.hear()
        for on_it, by in ((True, "Ada Okoye"), (False, "")):
            await page.say({"type": "acknowledge", "session": one.session, "on_it": on_it})
            change = await page.hear()
            assert [r["acknowledged_by"] for r in change["changed"]] == [by]


async def test_a_superuser_may_look_everywhere(people: dict[str, Any]) -> None:
    async with socket(people["owner"], "latin") as page:
        assert (await page.hear())["title"] == "Latin"


async def test_pausing_shows_at_once(people: dict[str, Any], course: Course) -> None:
    learners = Learners("fractions", row())
    async with learners.present(), socket(people["teacher"]) as page:
        assert not (await page.hear())["paused"]
        await database_sync_to_async(Policy.objects.create)(course=course, paused=True)
        began_s = time.monotonic()
        await push.policy_changed("fractions")
        again = await page.hear()
        assert time.monotonic() - began_s < 1
        assert (again["type"], again["paused"], len(again["learners"])) == ("classroom", True, 1)
        assert learners.policies == 1


async def test_ping(people: dict[str, Any]) -> None:
    async with socket(people["teacher"]) as page:
        await page.say('{"type": "ping", "sent_s": 12.5}')
        assert (await page.hear())["sent_s"] == 12.5


# --- its edges ------------------------------------------------------------------------------------


async def test_a_burst_of_two_hundred_rows_is_at_most_two_messages(people: dict[str, Any]) -> None:
    async with socket(people["teacher"]) as page:
        await page.hear()
        rows = [row(name=f"Learner {i}") for i in range(200)]
        end_s = time.monotonic() + 2
        for one in rows:
            await push.row("fractions", one)
        messages = []
        while (left_s := end_s - time.monotonic()) > 0 and not await page.silent(left_s):
            messages.append(await page.hear())
        assert 1 <= len(messages) <= 2
        seen = {r["session"] for m in messages for r in m["changed"]}
        assert seen == {r.session for r in rows}


async def test_only_the_newest_of_a_learners_rows_is_shown(people: dict[str, Any]) -> None:
    one = row(need="fine", since_s=0.0)
    async with Learners("fractions", one).present(), socket(people["teacher"]) as page:
        await page.hear()
        for need in ("struggle", "frustrated", "idle"):
            await push.row("fractions", one.model_copy(update={"need": need}))
        assert [r["need"] for r in (await page.hear())["changed"]] == ["idle"]


async def test_rounds_find_what_was_lost_and_are_silent_otherwise(
    people: dict[str, Any], quick: Any
) -> None:
    quick(GATHER_S=0.1, COALESCE_S=0.05, RESYNC_S=0.2)
    one, unseen = row(), row(name="Lost on the way")
    learners = Learners("fractions", one)
    async with learners.present(), socket(people["teacher"]) as page:
        await page.hear()
        while learners.asked < 4:
            await asyncio.sleep(0.02)
        assert await page.silent(0.1)
        learners.rows[unseen.session] = unseen
        assert [r["name"] for r in (await page.hear())["changed"]] == ["Lost on the way"]


async def test_who_stops_answering_is_away_and_then_gone(
    people: dict[str, Any], quick: Any
) -> None:
    quick(GATHER_S=0.1, COALESCE_S=0.05, RESYNC_S=0.2)
    one = row()
    learners = Learners("fractions", one)
    async with learners.present(), socket(people["teacher"]) as page:
        await page.hear()
        learners.deaf = True
        away = await page.hear()
        assert [r["connected"] for r in away["changed"]] == [False]
        assert (await page.hear())["left"] == [one.session]


async def test_who_stops_teaching_stops_seeing(
    people: dict[str, Any], course: Course, quick: Any
) -> None:
    quick(GATHER_S=0.1, COALESCE_S=0.05, RESYNC_S=0.2)
    async with socket(people["teacher"]) as page:
        await page.hear()
        await database_sync_to_async(course.teachers.clear)()
        assert await refusal(page) == ("not_your_course", 4403)


def test_rows_age_by_themselves_and_only_a_jump_is_news() -> None:
    room, one = Classroom(), row(since_s=10.0)
    room.heard(one, now_s=100.0)
    assert [r.since_s for r in room.take_all(now_s=105.0)] == [15.0]
    room.heard(one.model_copy(update={"since_s": 31.0}), now_s=120.0)
    assert room.take_changes(now_s=121.0) is None
    room.heard(one.model_copy(update={"since_s": 0.0}), now_s=122.0)
    changes = room.take_changes(now_s=123.0)
    assert changes is not None
    assert [r.since_s for r in changes.changed] == [1.0]


def test_a_learner_who_comes_back_before_we_said_it_never_left() -> None:
    room, one = Classroom(), row()
    room.heard(one, 0.0)
    room.take_all(0.0)
    room.left(one.session)
    room.heard(one, 0.5)
    changes = room.take_changes(1.0)
    assert changes is not None
    assert ([r.session for r in changes.changed], changes.left) == ([one.session], [])
    room.left(str(uuid.uuid4()))  # never seen: nobody has to hear that it left
    assert room.take_changes(2.0) is None


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "key", "code", "close"),
    [
        ("anonymous", "fractions", "not_signed_in", 4401),
        ("learner", "fractions", "not_your_course", 4403),
        ("other", "fractions", "not_your_course", 4403),
        ("other", "no-such-course", "not_your_course", 4403),
        ("anonymous", "no-such-course", "not_signed_in", 4401),
        ("owner", "no-such-course", "unknown_course", 4404),
    ],
)
async def test_who_may_not_look(
    people: dict[str, Any], who: str, key: str, code: str, close: int
) -> None:
    async with socket(people[who], key) as page:
        assert await refusal(page) == (code, close)


async def test_a_course_of_others_looks_like_none_at_all(people: dict[str, Any]) -> None:
    answers = []
    for key in ("fractions", "no-such-course"):
        async with socket(people["other"], key) as page:
            answers.append(await page.hear())
    assert answers[0] == answers[1]


async def test_another_courses_rows_and_sessions_stay_there(people: dict[str, Any]) -> None:
    theirs = row(name="Of the Latin class")
    latin = Learners("latin", theirs)
    async with latin.present(), socket(people["teacher"]) as page:
        assert (await page.hear())["learners"] == []
        await push.row("latin", theirs)
        await page.say({"type": "acknowledge", "session": theirs.session})
        assert (await page.hear())["code"] == "unknown_session"
        assert await page.silent(1.2)
        assert latin.rows[theirs.session].acknowledged_by == ""


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no json", "bad_message"),
        ('{"type": "rtc_offer", "sdp": "v=0", "modalities": ["face"]}', "bad_message"),
        ('{"type": "acknowledge", "session": "../../etc"}', "bad_message"),
        ('{"type": "acknowledge", "session": "' + "a" * 36 + '", "extra": 1}', "bad_message"),
        ('{"type": "ping", "sent_s": "1"}', "bad_message"),
        ("[" * 30_000, "bad_message"),
        (" " * (MAX_MESSAGE_BYTES + 1), "message_too_large"),
        (b"\x00\x01", "bad_message"),
    ],
)
async def test_nonsense_is_answered_and_the_class_goes_on(
    people: dict[str, Any], message: str | bytes, code: str
) -> None:
    async with Learners("fractions", row()).present(), socket(people["teacher"]) as page:
        await page.hear()
        await page.say(message)
        error = await page.hear()
        assert (error["type"], error["code"], error["fatal"]) == ("error", code, False)
        await page.say('{"type": "ping", "sent_s": 1}')
        assert (await page.hear())["type"] == "pong"


async def test_a_flood_is_answered_sparsely_and_then_ended(people: dict[str, Any]) -> None:
    async with socket(people["teacher"]) as page:
        await page.hear()
        for _ in range(2000):
            await page.say('{"type": "ping", "sent_s": 1}')
        heard, code = await page.hear_until_closed()
        kinds = Counter(message["type"] for message in heard)
        assert code == 4429
        assert 50 <= kinds["pong"] <= 200
        assert 1 <= kinds["error"] <= 20


# --- the whole way, with a real learner -----------------------------------------------------------


async def test_a_real_learner_gets_stuck_and_the_teacher_is_on_it(
    people: dict[str, Any], course: Course
) -> None:
    learner = people["learner"]
    await database_sync_to_async(a_consent)(course, learner)
    session = await database_sync_to_async(a_session)(course, learner)
    pupil = LearnerSocket(session.pk, learner)
    async with socket(people["teacher"]) as page:
        assert (await page.hear())["learners"] == []
        await pupil.open()
        shown = {"title": "Share a cake", "skill_title": "Half of it"}
        await pupil.send("step_shown", step="s1", skill="halves", **shown)
        for answer in ("1/3", "2/3", "2/3"):
            await pupil.send(
                "answer", step="s1", skill="halves", correct=False, took_s=20, answer=answer
            )
        seen = await until_row(page, lambda r: r["need"] == "unresolved")
        assert (seen["name"], seen["session"], seen["connected"]) == ("mia", str(session.pk), True)
        assert any(r["measure"] == "misses_on_step" and r["value"] == 3 for r in seen["reasons"])
        assert (seen["step"], seen["reasons"][0]["skill"]) == ("Share a cake", "Half of it")
        await page.say({"type": "acknowledge", "session": str(session.pk)})
        assert await until_row(page, lambda r: r["acknowledged_by"] == "Ada Okoye")
        await pupil.close()
        assert await until_row(page, lambda r: not r["connected"])


async def until_row(page: Socket, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first changed row that fits, of at most ten messages."""
    for _ in range(10):
        for changed in (await page.hear())["changed"]:
            if fits(changed):
                return dict(changed)
    raise AssertionError("no such row came")
