"""Medical and safety decisions: two people, ninety days, one narrow profile."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from tests import people
from tutor_emotion import privacy, services
from tutor_emotion.errors import BadInput, NotAllowed
from tutor_emotion.models import (
    MOST_REASON,
    DecisionSignature,
    Enrolment,
    MedicalDecision,
    School,
    SchoolClass,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("tests.site.admin_urls"),
    pytest.mark.usefixtures("valkey"),
]
HERE = "/admin/tutor_emotion/medicaldecision"


@pytest.fixture(autouse=True)
def a_site_that_takes_decisions(settings: Any) -> None:
    chosen = {"JURISDICTION": "eu_medical_or_safety"}
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | chosen


@pytest.fixture
def here() -> Any:
    course, north = people.course(), School.objects.create(name="North")
    school_class = SchoolClass.objects.create(course=course, school=north, name="7a")
    ada, ben = people.person("ada"), people.person("ben")
    Enrolment.objects.create(school_class=school_class, learner=ada)
    for learner in (ada, ben):
        people.consent(course, learner)
    people.person("owner", is_staff=True, is_superuser=True)
    for name in ("office", "head"):
        north.admins.add(people.person(name, is_staff=True))
    south = School.objects.create(name="South")
    south.admins.add(people.person("far", is_staff=True))
    course.teachers.add(people.person("teacher", is_staff=True))
    return SimpleNamespace(course=course, north=north, south=south, ada=ada, ben=ben)


def user(name: str) -> Any:
    return get_user_model().objects.get(username=name)


def browser(name: str) -> Client:
    client = Client()
    client.force_login(user(name))
    return client


def decide(**fields: Any) -> MedicalDecision:
    made: MedicalDecision = MedicalDecision.objects.create(
        **{
            "document": "D-17",
            "reason": "a seizure warning",
            "modality": "face",
            "ends_on": services.last_day(),
            **fields,
        }
    )
    return made


def faces(here: Any) -> list[bool]:
    return ["face" in privacy.allowed(here.course, one.pk) for one in (here.ada, here.ben)]


def test_two_signatures_let_one_modality_through_for_that_school(here: Any) -> None:
    decision = decide(school=here.north)
    services.sign(decision, user("office"))
    assert faces(here) == [False, False]
    services.sign(decision, user("head"))
    assert faces(here) == [True, False]
    assert "voice" not in privacy.allowed(here.course, here.ada.pk)
    assert privacy.possible() == {"face", "text", "interaction", "self_report"}


def test_a_course_is_everybody_in_it(here: Any) -> None:
    decision = decide(course=here.course)
    for name in ("office", "owner"):
        services.sign(decision, user(name))
    assert faces(here) == [True, True]
    assert "face" not in privacy.allowed(people.course("algebra"), here.ada.pk)


def test_a_minor_needs_a_guardian_all_the_same(here: Any) -> None:
    decision = decide(school=here.north)
    for name in ("office", "head"):
        services.sign(decision, user(name))
    services.set_ages({here.ada.pk: "13_15"})
    assert privacy.rules(here.course, here.ada.pk)[0].reason == "needs_guardian"


def test_nobody_signs_twice(here: Any) -> None:
    decision = decide(school=here.north)
    services.sign(decision, user("office"))
    with pytest.raises(NotAllowed, match="signed_already"):
        services.sign(decision, user("office"))
    with transaction.atomic(), pytest.raises(IntegrityError):
        DecisionSignature.objects.create(decision=decision, by=user("office"))
    assert not services.is_live(decision)


@pytest.mark.parametrize("name", ["far", "teacher", "ada"])
def test_who_does_not_answer_for_it_cannot_sign(here: Any, name: str) -> None:
    for decision in (decide(school=here.north), decide(course=here.course)):
        with pytest.raises(NotAllowed, match="not_yours_to_sign"):
            services.sign(decision, user(name))


def test_a_course_with_a_class_of_another_school_is_not_one_schools_to_decide(here: Any) -> None:
    SchoolClass.objects.create(course=here.course, school=here.south, name="7b")
    with pytest.raises(NotAllowed, match="not_yours_to_sign"):
        services.sign(decide(course=here.course), user("office"))


def test_it_ends(here: Any) -> None:
    decision = decide(school=here.north)
    for name in ("office", "head"):
        services.sign(decision, user(name))
    assert services.is_live(decision)
    row = MedicalDecision.objects.filter(pk=decision.pk)
    row.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert faces(here) == [False, False]
    row.update(ends_on=services.last_day() + timedelta(days=1))  # past the form
    assert faces(here) == [False, False]
    row.update(ends_on=timezone.localdate())
    assert faces(here) == [True, False]
    services.withdraw(decision)
    assert faces(here) == [False, False]
    with pytest.raises(BadInput, match="decision_over"):
        services.sign(decision, user("owner"))


def test_a_signature_goes_with_its_account(here: Any) -> None:
    decision = decide(school=here.north)
    for name in ("office", "head"):
        services.sign(decision, user(name))
    user("head").delete()
    assert faces(here) == [False, False]


def test_a_decision_is_for_a_course_or_a_school() -> None:
    with transaction.atomic(), pytest.raises(IntegrityError):
        decide()


# --- the admin --------------------------------------------------------------------------------


def written(here: Any, **changes: Any) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=30)
    return {
        "document": "D-17", "reason": "a seizure warning", "modality": "face",
        "course": "", "school": here.north.pk, "ends_on": day.isoformat(), **changes,
    }  # fmt: skip


def test_written_and_signed_in_the_admin_by_two(here: Any) -> None:
    office, head = browser("office"), browser("head")
    assert office.post(f"{HERE}/add/", written(here)).status_code == 302
    decision = MedicalDecision.objects.get()
    assert decision.written_by == user("office")
    change = f"{HERE}/{decision.pk}/change/"
    assert "2 signatures are missing." in office.get(change).content.decode()
    office.post(f"{HERE}/{decision.pk}/sign/")
    office.post(f"{HERE}/{decision.pk}/sign/")  # again: no second name
    assert decision.signatures.count() == 1
    # What is signed cannot be changed any more, not even by who wrote it.
    assert office.post(change, written(here, modality="voice")).status_code == 403
    head.post(f"{HERE}/{decision.pk}/sign/")
    assert "It counts now." in head.get(change).content.decode()
    assert faces(here) == [True, False]
    history = head.get(f"{HERE}/{decision.pk}/history/").content.decode()
    assert history.count("office") >= 2
    office.post(f"{HERE}/{decision.pk}/withdraw/")
    assert "It is withdrawn." in head.get(change).content.decode()
    assert faces(here) == [False, False]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"document": ""}, "document"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * (MOST_REASON + 1)}, "reason"),
        ({"modality": "text"}, "modality"),
        ({"school": ""}, "__all__"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"ends_on": (timezone.localdate() + timedelta(days=92)).isoformat()}, "ends_on"),
        ({"ends_on": "soon"}, "ends_on"),
    ],
)
def test_what_cannot_be_decided(here: Any, changes: dict[str, str], field: str) -> None:
    response = browser("office").post(f"{HERE}/add/", written(here, **changes))
    assert field in response.context["adminform"].form.errors
    assert not MedicalDecision.objects.exists()


def test_a_course_and_a_school_is_one_too_many(here: Any) -> None:
    sent = written(here, course=here.course.pk)
    response = browser("owner").post(f"{HERE}/add/", sent)
    assert "__all__" in response.context["adminform"].form.errors


@pytest.mark.parametrize("name", ["far", "teacher"])
def test_another_schools_decision_is_not_there(here: Any, name: str) -> None:
    decision = decide(school=here.north)
    client = browser(name)
    assert client.get(f"{HERE}/{decision.pk}/change/").status_code != 200
    for door in ("sign", "withdraw"):
        assert client.post(f"{HERE}/{decision.pk}/{door}/").status_code == 403
    assert not decision.signatures.exists()
    response = client.post(f"{HERE}/add/", written(here))
    assert response.status_code in (200, 403)
    assert MedicalDecision.objects.count() == 1


def test_signing_is_no_link(here: Any) -> None:
    decision = decide(school=here.north)
    assert browser("office").get(f"{HERE}/{decision.pk}/sign/").status_code == 405


def test_under_any_other_profile_nobody_writes_one(here: Any, settings: Any) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"JURISDICTION": "eu_institution"}
    assert browser("owner").post(f"{HERE}/add/", written(here)).status_code == 403


def test_no_decision_is_deleted_alone_and_it_goes_with_its_school(here: Any) -> None:
    decision, client = decide(school=here.south), browser("owner")
    assert client.post(f"{HERE}/{decision.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "/delete/" not in client.get(f"{HERE}/{decision.pk}/change/").content.decode()
    services.switch_off("x", school=here.south)
    url = f"/admin/tutor_emotion/school/{here.south.pk}/delete/"
    assert client.post(url, {"post": "yes"}).status_code == 302
    assert not MedicalDecision.objects.exists()
