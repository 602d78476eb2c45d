"""Who looked at whom: written down at each look, and the learner reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.live.sockets import open_socket
from tests.people import person
from tests.world import ROWS, World, build, mark
from tutor_emotion import services
from tutor_emotion.models import Look
from tutor_emotion.routing import websocket_urlpatterns
from tutor_emotion.services import looks

pytestmark = pytest.mark.django_db
Clock = Callable[[timedelta], None]


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Clock:
    now = [timezone.now()]
    monkeypatch.setattr(looks.timezone, "now", lambda: now[0])

    def passes(by: timedelta) -> None:
        now[0] += by

    return passes


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def timeline(world: World, role: str, **query: str) -> Any:
    address = reverse("tutor_emotion:timeline", args=["fractions", world.sessions["ada"].pk])
    return client_of(world.people[role]).get(address, query)


def told(learner: Any) -> list[tuple[str, str, str, int]]:
    """(who, as what, which page, how often), newest first."""
    rows = services.looks_at(learner.pk)
    return [(row.by.username if row.by else "", row.role, row.page, row.count) for row in rows]


def page(user: Any, **query: str) -> str:
    return client_of(user).get(reverse("tutor_emotion:who-looked"), query).content.decode()


# --- it works -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "as_what"),
    [
        ("teacher", "teacher"),
        ("co_teacher", "co_teacher"),
        ("course_teacher", "course_teacher"),
        ("school_admin", "school_admin"),
        ("owner", "owner"),
    ],
)
def test_each_who_opens_a_timeline_is_written_down(world: World, role: str, as_what: str) -> None:
    assert timeline(world, role).status_code == 200
    assert told(world.ada) == [(role, as_what, "timeline", 1)]
    assert told(world.people["peer"]) == [], "Ben was not looked at"


def test_a_file_with_names_is_a_look_at_everybody_in_it(world: World) -> None:
    address = reverse("tutor_emotion:report-csv", args=["fractions"])
    query = {"lesson": "fractions-1", "what": "learners"}
    client = client_of(world.people["teacher"])
    client.get(address, query)
    assert not Look.objects.exists(), "nobody is named in it"
    client.get(address, query | {"names": "1"})
    assert told(world.ada) == told(world.people["peer"]) == [("teacher", "teacher", "report", 1)]
    assert told(world.learners["cleo"]) == []


def test_a_copy_that_is_opened_for_a_learner_is_written_down(world: World) -> None:
    query = {"learner": world.ada.get_username()}
    for role in ("school_admin", "teacher", "self"):
        client_of(world.people[role]).get(reverse("tutor_emotion:my-data"), query)
    assert told(world.ada) == [("school_admin", "school_admin", "copy", 1)]


@pytest.mark.parametrize(
    "label",
    [
        "tutor_emotion.session", "tutor_emotion.affectsignalrecord",
        "tutor_emotion.adaptationrecord", "tutor_emotion_lessons.attempt",
        "tutor_emotion_lessons.lessonadaptation", "tutor_emotion_lessons.mastery",
    ],
)  # fmt: skip
def test_each_record_and_each_list_of_the_admin_is_written_down(world: World, label: str) -> None:
    name, client = label.replace(".", "_"), client_of(world.people["teacher"])
    client.get(reverse(f"admin:{name}_changelist"))
    assert told(world.ada) == [("teacher", "teacher", "list", 1)]
    client.get(reverse(f"admin:{name}_change", args=[world.row(label).pk]))
    assert sorted(told(world.ada))[-1] == ("teacher", "teacher", "record", 1)
    assert told(world.people["peer"]) == [("teacher", "teacher", "list", 1)]
    assert told(world.learners["cleo"]) == []


def test_a_consent_that_is_looked_at_is_written_down(world: World) -> None:
    row = world.row("tutor_emotion.consent")
    address = reverse("admin:tutor_emotion_consent_change", args=[row.pk])
    client_of(world.people["owner"]).get(address)
    assert told(world.ada) == [("owner", "owner", "record", 1)]


@pytest.mark.django_db(transaction=True)
async def test_a_classroom_is_one_row_a_class_and_all_in_it_read_it() -> None:
    world = await sync_to_async(build)()

    async def opens(role: str) -> None:
        path, app = "/ws/tutor-emotion/classroom/fractions/", URLRouter(websocket_urlpatterns)
        async with open_socket(app, path, world.people[role]) as socket:
            assert (await socket.hear(5))["type"] == "classroom"

    await opens("teacher")
    await opens("teacher")
    await opens("course_teacher")
    rows = await sync_to_async(lambda: list(Look.objects.values_list("by__username", "count")))()
    assert sorted(rows) == [("course_teacher", 1), ("teacher", 2)]
    seen = {name: await sync_to_async(told)(world.learners[name]) for name in world.learners}
    class_row = ("teacher", "teacher", "classroom", 2)
    course_row = ("course_teacher", "course_teacher", "classroom", 1)
    assert seen["ada"] == seen["ben"] == [course_row, class_row]
    assert seen["cleo"] == [course_row], "Cleo is in another class"
    assert seen["dora"] == [], "Dora is in another course"


def test_a_learner_reads_who_looked_and_nobody_elses(world: World) -> None:
    timeline(world, "teacher")
    own = page(world.ada)
    assert "teacher of your class" in own
    assert "the timeline of a session" in own
    assert "teacher of your class" not in page(world.people["peer"])
    assert "Nobody has opened a page with you on it." in page(world.people["peer"])


def test_the_learners_own_record_has_it_too(world: World) -> None:
    timeline(world, "teacher")
    address = reverse("tutor_emotion:session", args=[world.sessions["ada"].pk])
    looks = client_of(world.ada).get(address).json()["looks"]
    assert [(row["role"], row["page"], row["count"]) for row in looks] == [
        ("teacher", "timeline", 1)
    ]


def test_from_the_progress_page_a_link_leads_there(world: World) -> None:
    shown = client_of(world.ada).get(reverse("tutor_emotion_lessons:progress")).content.decode()
    assert reverse("tutor_emotion:who-looked") in shown


# --- its edges ------------------------------------------------------------------------------------


def test_within_ten_minutes_it_is_the_same_look(world: World, passes: Clock) -> None:
    timeline(world, "teacher")
    passes(timedelta(minutes=9))
    timeline(world, "teacher")
    assert told(world.ada) == [("teacher", "teacher", "timeline", 2)]
    passes(timedelta(minutes=11))
    timeline(world, "teacher")
    assert [count for *_, count in told(world.ada)] == [1, 2]
    timeline(world, "co_teacher")
    assert len(told(world.ada)) == 3, "somebody else is another row"


def test_a_page_that_stays_open_is_one_look_however_long(world: World, passes: Clock) -> None:
    timeline(world, "teacher")
    for _ in range(10):
        passes(timedelta(minutes=5))
        timeline(world, "teacher", part="1")
    row = Look.objects.get()
    assert row.count == 1
    assert row.last_at - row.first_at == timedelta(minutes=50)


def test_looking_at_oneself_is_no_look(world: World) -> None:
    services.record_look(world.ada, "timeline", [world.ada.pk], world.course)
    assert not Look.objects.exists()


def test_who_left_a_class_reads_what_was_before_and_not_what_came_after(
    world: World, passes: Clock
) -> None:
    teacher = world.people["teacher"]
    services.record_opening(teacher, world.course, [world.red.pk])
    world.red.enrolments.filter(learner=world.ada).get().delete()
    passes(timedelta(minutes=30))
    services.record_opening(teacher, world.course, [world.red.pk])
    assert len(told(world.ada)) == 1
    assert len(told(world.people["peer"])) == 2


def test_who_came_later_reads_nothing_of_before(world: World, passes: Clock) -> None:
    passes(-timedelta(days=2))
    services.record_opening(world.people["teacher"], world.course, [world.red.pk])
    services.record_opening(world.people["owner"], world.course, None)
    assert told(world.ada) == []


def test_a_look_outlives_the_account_that_looked_and_goes_with_the_learner(world: World) -> None:
    timeline(world, "teacher")
    world.people["teacher"].delete()
    assert told(world.ada) == [("", "teacher", "timeline", 1)]
    assert "somebody whose account is gone" in page(world.ada)
    get_user_model().objects.get(pk=world.ada.pk).delete()
    assert not Look.objects.exists()


def test_many_looks_come_in_pages(world: World, passes: Clock) -> None:
    for _ in range(60):
        services.record_look(world.people["teacher"], "timeline", [world.ada.pk], world.course)
        passes(timedelta(minutes=11))
    first, last = page(world.ada), page(world.ada, page="2")
    assert "Page 1 of 2" in first
    assert (first.count("<time"), last.count("<time")) == (50, 10)
    assert "Page 2 of 2" in page(world.ada, page="999")
    assert "Page 1 of 2" in page(world.ada, page="x\x00")


# --- what it refuses ------------------------------------------------------------------------------


def test_a_look_that_is_refused_is_no_look(world: World) -> None:
    assert timeline(world, "other_class").status_code == 404
    address = reverse("admin:tutor_emotion_session_change", args=[world.sessions["ada"].pk])
    for role in ("other_class", "staff", "clerk"):
        client_of(world.people[role]).get(address)
    consent = reverse(
        "admin:tutor_emotion_consent_change", args=[world.row("tutor_emotion.consent").pk]
    )
    assert client_of(world.people["teacher"]).get(consent).status_code == 403
    assert not Look.objects.exists()


def test_what_cannot_be_written_down_is_not_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("no room left")

    monkeypatch.setattr(looks.Look.objects, "bulk_create", full)
    with pytest.raises(OSError, match="no room"):
        timeline(world, "teacher")


def test_nobody_changes_or_deletes_a_look_by_hand_but_accounts_still_go(world: World) -> None:
    timeline(world, "teacher")
    look, client = Look.objects.get(), client_of(world.people["owner"])
    address = reverse("admin:tutor_emotion_look_delete", args=[look.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    gone = reverse("admin:auth_user_delete", args=[world.people["clerk"].pk])
    assert client.post(gone, {"post": "yes"}).status_code == 302
    assert Look.objects.filter(pk=look.pk).exists()


def test_with_all_that_can_hang_on_a_learner_the_account_can_be_deleted(world: World) -> None:
    for label in ROWS:
        world.row(label)
    gone = reverse("admin:auth_user_delete", args=[world.ada.pk])
    assert client_of(world.people["owner"]).post(gone, {"post": "yes"}).status_code == 302
    assert not get_user_model().objects.filter(pk=world.ada.pk).exists()


def test_a_name_is_text_on_the_page(world: World) -> None:
    teacher = person("bobby", first_name="<b>Bobby", is_staff=True)
    world.red.roles.create(user=teacher, role="teacher")
    services.record_look(teacher, "timeline", [world.ada.pk], world.course)
    shown = page(world.ada)
    assert "&lt;b&gt;Bobby" in shown
    assert mark("ben") not in shown
