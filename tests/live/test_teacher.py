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
from tutor_emotion.live import listening, push, teacher
from tutor_emotion.live.classroom import Classroom
from tutor_emotion.live.teacher import TeacherConsumer
from tutor_emotion.models import ClassRole, Course, Enrolment, Policy, SchoolClass
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
    """One process with live sessions of a course, as the classroom meets it on the real layer."""

    def __init__(self, key: str, *rows: LearnerRow) -> None:
        self.key = key
        self.rows = {r.session: r for r in rows}
        self.origin = uuid.uuid4().hex
        self.seq = 0
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

    async def tell(self, *rows: LearnerRow, left: str = "") -> None:
        """Rows change, and it is told."""
        self.rows |= {r.session: r for r in rows}
        self.rows.pop(left, None)
        self.seq += 1
        items = [push.row_of(r.name, r) for r in rows]
        await push.rows(self.key, self.origin, self.seq, items, [left] if left else [])

    def lose(self, *rows: LearnerRow) -> None:
        """Rows change, and the message about it is lost."""
        self.rows |= {r.session: r for r in rows}
        self.seq += 1

    async def _listen(self, layer: Any, inbox: str) -> None:
        while True:
            message = await layer.receive(inbox)
            if self.deaf:
                continue
            if message["type"] == "session.row":
                self.asked += 1
                items = [push.row_of(r.name, r) for r in self.rows.values()]
                await push.rows_to(message["reply"], self.origin, self.seq, items)
            elif message["type"] == "session.acknowledge":
                learner = next(iter(self.rows.values()))
                await self.tell(learner.model_copy(update={"acknowledged_by": message["by"]}))
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
    learners = Learners("fractions", one)
    async with learners.present(), socket(people["teacher"]) as page:
        first = await page.hear()
        await learners.tell(one.model_copy(update={"need": "wheelspin", "since_s": 0.0}))
        change = await page.hear()
        assert (change["type"], change["seq"]) == ("learners", first["seq"] + 1)
        assert [r["need"] for r in change["changed"]] == ["wheelspin"]
        await learners.tell(left=one.session)
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


async def test_a_burst_of_four_hundred_rows_is_few_messages_of_bounded_size(
    people: dict[str, Any],
) -> None:
    learners = Learners("fractions")
    async with learners.present(), socket(people["teacher"]) as page:
        await page.hear()
        rows = [row(name=f"Learner {i} of a class with long names") for i in range(400)]
        end_s = time.monotonic() + 2
        for start in range(0, 400, 20):
            await learners.tell(*rows[start : start + 20])
        messages = []
        while (left_s := end_s - time.monotonic()) > 0 and not await page.silent(left_s):
            messages.append(await page.hear())
        sizes = [len(json.dumps(m, separators=(",", ":")).encode()) for m in messages]
        assert max(sizes) <= MAX_MESSAGE_BYTES
        # As much as it is, in full messages, and at most one begun anew each half second.
        assert len(messages) <= sum(sizes) // (MAX_MESSAGE_BYTES - 16 * 1024) + 4
        seen = {r["session"] for m in messages for r in m["changed"]}
        assert seen == {r.session for r in rows}


async def test_a_class_of_four_hundred_comes_in_parts_those_in_need_first(
    people: dict[str, Any],
) -> None:
    rows = [row(need="fine", reasons=[], name=f"Learner {i} {'ü' * 40}") for i in range(399)]
    learners = Learners("fractions", *rows, row(name="Mia"))
    async with learners.present(), socket(people["teacher"]) as page:
        first = await page.hear()
        parts = [await page.hear() for _ in range(first["parts"])]
        assert first["parts"] >= 1
        assert [p["seq"] for p in parts] == list(
            range(first["seq"] + 1, first["seq"] + 1 + len(parts))
        )
        assert first["learners"][0]["name"] == "Mia"
        assert len(first["learners"]) + sum(len(p["changed"]) for p in parts) == 400
        for message in (first, *parts):
            assert len(json.dumps(message, ensure_ascii=False).encode()) <= MAX_MESSAGE_BYTES


async def test_only_the_newest_of_a_learners_rows_is_shown(people: dict[str, Any]) -> None:
    one = row(need="fine", since_s=0.0)
    learners = Learners("fractions", one)
    async with learners.present(), socket(people["teacher"]) as page:
        await page.hear()
        for need in ("struggle", "frustrated", "idle"):
            await learners.tell(one.model_copy(update={"need": need}))
        assert [r["need"] for r in (await page.hear())["changed"]] == ["idle"]


async def test_a_lost_message_is_noticed_by_the_next_ones_number(
    people: dict[str, Any], quick: Any
) -> None:
    quick(GATHER_S=0.1, COALESCE_S=0.05, AGAIN_S=0.1)
    one, other = row(need="fine", name="Lost"), row(need="fine", name="Heard")
    learners = Learners("fractions", one, other)
    async with learners.present(), socket(people["teacher"]) as page:
        await page.hear()
        learners.lose(one.model_copy(update={"need": "wheelspin"}))
        assert await page.silent(0.3)
        await learners.tell()  # a beat, which carries nothing but its number
        assert [(r["name"], r["need"]) for r in (await page.hear())["changed"]] == [
            ("Lost", "wheelspin")
        ]
        assert learners.asked == 2


async def test_a_process_that_falls_silent_is_asked_for(
    people: dict[str, Any], quick: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(GATHER_S=0.2, COALESCE_S=0.05)
    monkeypatch.setattr(listening, "SILENCE_S", 0.3)
    learners = Learners("fractions", row())
    async with learners.present(), socket(people["teacher"]) as page:
        assert len((await page.hear())["learners"]) == 1
        learners.deaf = True
        assert [r["connected"] for r in (await page.hear())["changed"]] == [False]


async def test_a_page_that_missed_a_number_gets_the_whole_class(
    people: dict[str, Any], quick: Any
) -> None:
    quick(AGAIN_S=0.2)
    async with Learners("fractions", row()).present(), socket(people["teacher"]) as page:
        first = await page.hear()
        await page.say({"type": "resync"})
        assert await page.silent(0.1), "it has just been sent"
        await asyncio.sleep(0.2)
        await page.say({"type": "resync"})
        again = await page.hear()
        assert (again["type"], again["seq"]) == ("classroom", first["seq"] + 1)
        assert again["learners"][0]["name"] == "Mia Brandt"


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
    assert room.take_changes(now_s=121.0) == ([], [])
    room.heard(one.model_copy(update={"since_s": 0.0}), now_s=122.0)
    changed, _ = room.take_changes(now_s=123.0)
    assert [r.since_s for r in changed] == [1.0]


def test_time_does_not_count_for_those_who_do_well() -> None:
    room, one = Classroom(), row(need="fine", since_s=0.0)
    room.heard(one, now_s=100.0)
    assert [r.since_s for r in room.take_all(now_s=200.0)] == [0.0]
    room.heard(one, now_s=200.0)
    assert room.take_changes(now_s=201.0) == ([], [])


def test_a_learner_who_comes_back_before_we_said_it_never_left() -> None:
    room, one = Classroom(), row()
    room.heard(one, 0.0)
    room.take_all(0.0)
    room.left(one.session)
    room.heard(one, 0.5)
    changed, gone = room.take_changes(1.0)
    assert ([r.session for r in changed], gone) == ([one.session], [])
    room.left(str(uuid.uuid4()))  # never seen: nobody has to hear that it left
    assert room.take_changes(2.0) == ([], [])


# --- classes --------------------------------------------------------------------------------------


@pytest.fixture
async def classes(people: dict[str, Any], course: Course) -> dict[str, Any]:
    """Class 7a (Mia), taught by Cem; class 7b (Jonas), taught by nobody but the course's Ada."""

    def make() -> dict[str, Any]:
        cem = get_user_model().objects.create_user("cem")
        one, other = (SchoolClass.objects.create(course=course, name=n) for n in ("7a", "7b"))
        ClassRole.objects.create(school_class=one, user=cem, role="teacher")
        jonas = get_user_model().objects.create_user("jonas")
        Enrolment.objects.create(school_class=one, learner=people["learner"])
        Enrolment.objects.create(school_class=other, learner=jonas)
        return {"cem": cem, "7a": one, "7b": other, "jonas": jonas}

    made: dict[str, Any] = await database_sync_to_async(make)()
    return made


def class_rows(people: dict[str, Any], classes: dict[str, Any]) -> tuple[LearnerRow, LearnerRow]:
    """Mia's row and Jonas's; the name is the learner's id, as ``Learners`` sends it along."""
    return row(name=str(people["learner"].pk)), row(name=str(classes["jonas"].pk))


async def test_a_class_teacher_sees_that_class_and_no_other(
    people: dict[str, Any], classes: dict[str, Any]
) -> None:
    mia, jonas = class_rows(people, classes)
    learners = Learners("fractions", mia, jonas)
    async with learners.present(), socket(classes["cem"]) as page:
        first = await page.hear()
        assert [r["session"] for r in first["learners"]] == [mia.session]
        assert first["classes"] == [{"id": classes["7a"].pk, "name": "7a"}]
        await learners.tell(jonas.model_copy(update={"need": "wheelspin"}))
        assert await page.silent(1.2)
        await page.say({"type": "acknowledge", "session": jonas.session})
        assert (await page.hear())["code"] == "unknown_session"


async def test_the_courses_teacher_sees_all_and_who_is_in_which_class(
    people: dict[str, Any], classes: dict[str, Any]
) -> None:
    mia, jonas = class_rows(people, classes)
    async with (
        Learners("fractions", mia, jonas).present(),
        socket(people["teacher"]) as page,
    ):
        first = await page.hear()
        assert {r["session"]: r["classes"] for r in first["learners"]} == {
            mia.session: [classes["7a"].pk],
            jonas.session: [classes["7b"].pk],
        }
        assert [c["name"] for c in first["classes"]] == ["7a", "7b"]


async def test_a_learner_who_leaves_the_class_leaves_the_page_and_one_who_comes_appears(
    people: dict[str, Any], classes: dict[str, Any], quick: Any
) -> None:
    quick(GATHER_S=0.1, COALESCE_S=0.05)
    mia, jonas = class_rows(people, classes)
    async with Learners("fractions", mia, jonas).present(), socket(classes["cem"]) as page:
        await page.hear()

        def swap() -> None:
            Enrolment.objects.filter(learner=people["learner"]).delete()
            Enrolment.objects.create(school_class=classes["7a"], learner=classes["jonas"])

        await database_sync_to_async(swap)()
        await push.policy_changed("fractions")
        assert (await page.hear())["learners"] == []
        assert [r["session"] for r in (await page.hear())["changed"]] == [jonas.session]


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
        await latin.tell(theirs)
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
        for changed in (await page.hear(10))["changed"]:
            if fits(changed):
                return dict(changed)
    raise AssertionError("no such row came")
