"""Every change has its line: who, when, what was there before; and a reader who may read it."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.people import course, person
from tutor_emotion import services
from tutor_emotion.core.parameters import CATALOGUE
from tutor_emotion.models import Course, MessageEdit, Policy, School
from tutor_emotion.parameter_words import figure, label
from tutor_emotion.services import Row

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.admin_urls")]
HERE = "/admin/tutor_emotion"


@pytest.fixture
def fractions() -> Course:
    teacher = person("teacher", is_staff=True, first_name="Tara", last_name="Okoye")
    return course("fractions", teacher=teacher)


def browser(name: str) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(username=name))
    return client


def lines(client: Client, path: str) -> list[str]:
    """The rows of a history, as a reader reads them."""
    response = client.get(f"{HERE}/{path}/history/")
    assert response.status_code == 200
    body = re.search(r"<tbody>(.*?)</tbody>", response.content.decode(), re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]


def one(found: list[str], *words: str) -> str:
    matching = [line for line in found if all(word in line for word in words)]
    assert len(matching) == 1, found
    return matching[0]


# --- it works -------------------------------------------------------------------------------------


def test_words_of_offers_have_theirs_too() -> None:
    person("owner", is_staff=True, is_superuser=True)
    edit = MessageEdit.objects.create(key="offer.hint", language="en", lines="A hint for {step}?")
    edit.lines = "Shall we look at a hint?"
    edit.save()
    line = one(lines(browser("owner"), f"messageedit/{edit.pk}"), "changed")
    assert "Shall we look at a hint?" in line


def test_the_big_switch_is_signed_with_before_and_after(fractions: Course) -> None:
    client = browser("teacher")
    client.post(f"{HERE}/course/{fractions.pk}/pause/")
    line = one(lines(client, f"course/{fractions.pk}"), "Policy", "changed")
    assert "Tara Okoye" in line
    assert "Pause everything : off → on" in line


def test_a_threshold_is_told_in_per_cent(fractions: Course) -> None:
    policy = Policy.objects.get(course=fractions)
    policy.suspect_on = 0.5
    policy.adaptations = ["hint"]
    policy._change_reason = "manage.py set_policy"  # type: ignore[attr-defined]
    policy.save()
    line = one(lines(browser("teacher"), f"course/{fractions.pk}"), "Policy", "changed")
    assert "45 % → 50 %" in line
    assert "all of them → Offer a hint" in line
    assert "manage.py set_policy" in line
    assert " – " in line  # nobody was signed in


def test_parameters_are_told_one_by_one(fractions: Course) -> None:
    policy = Policy.objects.get(course=fractions)
    one, other, kept = list(CATALOGUE.values())[:3]
    policy.parameters = {one.name: one.low, kept.name: kept.high, "gone.since": 3}
    policy.save()
    policy.parameters = {one.name: one.high, kept.name: kept.high, other.name: other.low}
    policy.save()
    line = lines(browser("teacher"), f"course/{fractions.pk}")[0]
    for known, before, after in ((one, one.low, one.high), (other, other.default, other.low)):
        told = f"{figure(before)} → {figure(after)}"
        assert f"{label(known)} : {told}" in html.unescape(line)
    assert "gone.since : 3 → –" in line
    assert label(kept) not in html.unescape(line)


def test_what_is_chosen_from_a_few_is_told_in_words(fractions: Course) -> None:
    policy = Policy.objects.get(course=fractions)
    policy.pacing = "performance"
    policy.save()
    red = fractions.classes.create(name="Red")
    role = red.roles.create(user=person("cem"), role="co_teacher")
    role.role = "teacher"
    role.save()
    found = lines(browser("teacher"), f"course/{fractions.pk}")
    assert "signals and answers → answers alone" in one(found, "Policy", "changed")
    assert "Role : co-teacher → teacher" in one(found, "Role of cem", "changed")


def test_who_came_and_went_as_teachers(fractions: Course) -> None:
    fractions.teachers.add(person("cem", first_name="Cem", last_name="Kaya"))
    found = lines(browser("teacher"), f"course/{fractions.pk}")
    assert "Teachers : Tara Okoye → Tara Okoye, Cem Kaya" in found[0]


def test_what_a_list_enrolled_is_one_line(fractions: Course) -> None:
    red = fractions.classes.create(name="Red")
    rows = [Row(n, person(f"u{n}").username) for n in range(8)]
    teacher = get_user_model().objects.get(username="teacher")
    services.enrol(rows, fractions, red, teacher, "list: autumn.csv")
    line = one(lines(browser("teacher"), f"schoolclass/{red.pk}"), "8 learners in Red")
    assert "and 3 more" in line
    assert "list: autumn.csv" in line
    assert "Tara Okoye" in line


def test_roles_and_classes_stay_readable_when_they_are_gone(fractions: Course) -> None:
    red = fractions.classes.create(name="Red")
    red.roles.create(user=person("cem", first_name="Cem", last_name="Kaya"), role="co_teacher")
    red.roles.get().delete()
    red.delete()
    found = lines(browser("teacher"), f"course/{fractions.pk}")
    assert "Class: Red removed" in one(found, "Red", "Class", "removed")
    assert "Cem Kaya" in one(found, "Role of", "removed")


# --- its edges ------------------------------------------------------------------------------------


def test_saving_without_a_change_is_no_line(fractions: Course) -> None:
    before = lines(browser("teacher"), f"course/{fractions.pk}")
    fractions.save()
    Policy.objects.get(course=fractions).save()
    assert lines(browser("teacher"), f"course/{fractions.pk}") == before


def test_an_account_that_is_gone_leaves_no_name(fractions: Course) -> None:
    red = fractions.classes.create(name="Red")
    ada = person("ada", first_name="Ada", last_name="Lovelace")
    red.enrolments.create(learner=ada)
    ada.delete()
    found = lines(browser("teacher"), f"course/{fractions.pk}")
    assert "somebody whose account is gone" in " ".join(found)
    assert "Lovelace" not in " ".join(found)


def test_many_changes_are_pages_and_cost_no_more_queries(fractions: Course) -> None:
    policy = Policy.objects.get(course=fractions)
    client = browser("teacher")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert lines(client, f"course/{fractions.pk}")
        return len(captured)

    for n in range(5):
        policy.offer_every_s = 300 + n
        policy.save()
    queries()  # what a first page looks up once
    few = queries()
    for n in range(120):
        policy.offer_every_s = 100 + n
        policy.save()
    assert queries() == few
    assert len(lines(client, f"course/{fractions.pk}")) == 50
    assert "Page 1 of 3" in client.get(f"{HERE}/course/{fractions.pk}/history/").content.decode()


# --- what it refuses ------------------------------------------------------------------------------


def test_a_teacher_of_another_course_reads_nothing(fractions: Course) -> None:
    course("latin", teacher=person("other", is_staff=True))
    red = fractions.classes.create(name="Red")
    school = School.objects.create(name="North")
    client = browser("other")
    for path in (f"course/{fractions.pk}", f"schoolclass/{red.pk}", f"school/{school.pk}"):
        assert client.get(f"{HERE}/{path}/history/").status_code == 404
    assert Client().get(f"{HERE}/course/{fractions.pk}/history/").status_code == 302


def test_a_co_teacher_reads_their_own_class_and_no_other(fractions: Course) -> None:
    red, blue = (fractions.classes.create(name=name) for name in ("Red", "Blue"))
    red.roles.create(user=person("cem", is_staff=True), role="co_teacher")
    red.enrolments.create(learner=person("ada"))
    blue.enrolments.create(learner=person("ben"))
    found = " ".join(lines(browser("cem"), f"course/{fractions.pk}"))
    assert "1 learner in Red: ada" in found
    assert "Blue" not in found
    assert "ben" not in found


def test_history_cannot_be_written(fractions: Course) -> None:
    before = Policy.history.count()
    response = browser("teacher").post(f"{HERE}/course/{fractions.pk}/history/", {"id": 1})
    assert response.status_code in {200, 405}
    assert Policy.history.count() == before
