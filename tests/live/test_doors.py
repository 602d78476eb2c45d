"""Every socket by every role, and that no browser reaches a group: tests/doors.py's other half."""

from __future__ import annotations

import asyncio
import inspect
import json
from contextlib import AsyncExitStack
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser

from tests.doors import GROUPS, ROLES, SOCKETS, cells_of
from tests.live.sockets import LearnerSocket, open_socket
from tests.world import LEARNERS, World, build
from tutor_emotion.live import push
from tutor_emotion.live.limits import COMPLAINTS_PER_S
from tutor_emotion.live.student import StudentConsumer
from tutor_emotion.live.teacher import TeacherConsumer
from tutor_emotion.routing import websocket_urlpatterns

pytestmark = pytest.mark.django_db(transaction=True)
APP = URLRouter(websocket_urlpatterns)
ROUTES = {
    "session": "ws/tutor-emotion/session/<uuid:session>/",
    "classroom": "ws/tutor-emotion/classroom/<slug:course>/",
    "elsewhere": "^ws/tutor-emotion/",
}


@pytest.fixture
async def world() -> World:
    return await sync_to_async(build)()


def user_of(world: World, role: str) -> Any:
    return AnonymousUser() if role == "nobody" else world.people[role]


async def knock(world: World, socket: str, role: str) -> str:
    """The cell as it is."""
    path = {
        "session": f"/ws/tutor-emotion/session/{world.sessions['ada'].pk}/",
        "classroom": f"/ws/tutor-emotion/classroom/{world.course.key}/",
        "elsewhere": "/ws/tutor-emotion/groups/te.classroom.fractions/",
    }[socket]
    async with open_socket(APP, path, user_of(world, role)) as open_:
        said = await open_.wire.receive(5)
        if said["type"] == "error":
            _, code = await open_.hear_until_closed()
            return str(code)
        return f"open{world.named_in(json.dumps(said))}"


# --- it works -------------------------------------------------------------------------------------


@pytest.mark.parametrize("socket", SOCKETS)
async def test_each_role_gets_what_the_table_says(world: World, socket: str) -> None:
    async with AsyncExitStack() as stack:
        if socket == "classroom":
            for name in LEARNERS:
                page = LearnerSocket(world.sessions[name].pk, world.learners[name])
                await page.open()
                stack.push_async_callback(page.close)
        is_now = {role: await knock(world, socket, role) for role in ROLES}
    expected = dict(zip(ROLES, cells_of(SOCKETS[socket]), strict=True))
    assert is_now == expected


# --- its edges ------------------------------------------------------------------------------------


def test_every_socket_and_every_group_has_a_row() -> None:
    routes = {str(each.pattern) for each in websocket_urlpatterns}
    assert routes == set(ROUTES.values()), "a new socket: a row in SOCKETS of tests/doors.py"
    assert set(ROUTES) == set(SOCKETS)
    groups = {name for name, _ in inspect.getmembers(push, inspect.isfunction)
              if name.endswith("_group") and not name.startswith("_")}  # fmt: skip
    assert groups == set(GROUPS), "a new group: a row in GROUPS of tests/doors.py"


async def test_a_teacher_who_loses_the_class_loses_its_rows(world: World) -> None:
    async with AsyncExitStack() as stack:
        page = LearnerSocket(world.sessions["ada"].pk, world.ada)
        await page.open()
        stack.push_async_callback(page.close)
        path = f"/ws/tutor-emotion/classroom/{world.course.key}/"
        socket = await stack.enter_async_context(open_socket(APP, path, world.people["teacher"]))
        assert world.named_in(json.dumps(await socket.hear(5))) == "a"
        await sync_to_async(world.red.roles.all().delete)()
        await push.policy_changed(world.course.key)
        heard, code = await socket.hear_until_closed()
        assert (code, heard[-1]["code"]) == (4403, "not_your_course")


# --- what it refuses ------------------------------------------------------------------------------


def layer_messages() -> list[str]:
    """The messages of the channel layer, as the two consumers name their methods."""
    return [
        name.replace("_", ".", 1)
        for consumer in (StudentConsumer, TeacherConsumer)
        for name, _ in inspect.getmembers(consumer, inspect.iscoroutinefunction)
        if name.startswith(("session_", "classroom_"))
    ]


async def test_a_message_of_the_layer_is_refused_from_a_browser(world: World) -> None:
    assert len(layer_messages()) >= 9
    sockets = {
        f"/ws/tutor-emotion/session/{world.sessions['ada'].pk}/": world.ada,
        f"/ws/tutor-emotion/classroom/{world.course.key}/": world.people["other_class"],
    }
    for path, user in sockets.items():
        async with open_socket(APP, path, user) as socket:
            await socket.hear(5)
            for kind in layer_messages():
                forged = {"type": kind, "group": push.session_group("x"), "by": "me", "rows": []}
                await socket.say(forged)
                while (answer := await socket.hear())["type"] != "error":
                    pass
                assert answer["code"] == "bad_message", kind
                await asyncio.sleep(1 / COMPLAINTS_PER_S)


async def test_nobody_answers_for_a_session_that_they_do_not_see(world: World) -> None:
    ada = LearnerSocket(world.sessions["ada"].pk, world.ada)
    await ada.open()
    path = f"/ws/tutor-emotion/classroom/{world.course.key}/"
    async with open_socket(APP, path, world.people["other_class"]) as socket:
        await socket.hear(5)
        await socket.say({"type": "acknowledge", "session": str(world.sessions["ada"].pk)})
        while (answer := await socket.hear())["type"] != "error":
            pass
        assert answer["code"] == "unknown_session"
    await ada.close()


@pytest.mark.parametrize("key", ["a", "a.b", "te.session.x", "*", "ä" * 300, "\x00", "../session"])
def test_a_key_makes_no_name_of_another_group(key: str) -> None:
    names = {push.classroom_group(key), push.course_group(key), push.session_group(key)}
    assert len(names) == 3
    assert all(name.replace(".", "").isalnum() and len(name) < 100 for name in names)
    assert not names & {push.session_group("x"), push.classroom_group("x"), push.course_group("x")}
