"""Guardians: asked by a link, answered once, both needed, taken back at any time."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests import people
from tutor_emotion import privacy, services
from tutor_emotion.errors import NotAllowed
from tutor_emotion.models import (
    ClassRole,
    Consent,
    Course,
    Enrolment,
    GuardianLink,
    LearnerRecord,
    LedgerEntry,
    SchoolClass,
)

pytestmark = pytest.mark.django_db
YES = {"face": "yes", "voice": "no", "name": "Grace Hopper", "relation": "parent", "sure": "on"}


@pytest.fixture(autouse=True)
def us_school(settings: Any) -> Any:
    """Where a guardian is asked for face and voice until 18."""
    cache.clear()
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"JURISDICTION": "us_school"}
    return settings


@pytest.fixture
def ada() -> User:
    return people.person(age="13_15", first_name="Ada", last_name="Byron")


@pytest.fixture
def course() -> Course:
    return people.course()


@pytest.fixture
def link(course: Course, ada: User) -> GuardianLink:
    return services.make_guardian_link(course, ada.pk, people.person("teacher"))


def address(link: GuardianLink, purpose: services.Purpose = "answer") -> str:
    return f"/tutor-emotion/guardian/{services.guardian_token(link, purpose)}/"


def answer(link: GuardianLink, **changes: Any) -> Any:
    sent = {k: v for k, v in {**YES, **changes}.items() if v is not None}
    return Client(enforce_csrf_checks=True).post(address(link), sent, HTTP_ORIGIN="null")


def reasons(course: Course, learner: User) -> dict[str, str]:
    return {rule.modality: rule.reason for rule in privacy.rules(course, learner.pk)}


# --- it works -------------------------------------------------------------------------------------


def test_both_must_say_yes(link: GuardianLink, course: Course, ada: User) -> None:
    people.consent(course, ada)
    assert reasons(course, ada)["face"] == "needs_guardian"
    assert "face" not in privacy.allowed(course, ada.pk), "the learner alone is not enough"
    assert answer(link).status_code == 302
    assert reasons(course, ada)["face"] == ""
    assert reasons(course, ada)["voice"] == "needs_guardian", "to which the guardian said no"
    assert "face" in privacy.allowed(course, ada.pk)
    services.record_consents(course, ada.pk, {"face": False}, privacy.CONSENT_TEXT_VERSION)
    assert "face" not in privacy.allowed(course, ada.pk), "the learner's no wins"


def test_the_guardian_alone_is_not_enough(link: GuardianLink, course: Course, ada: User) -> None:
    answer(link)
    assert privacy.allowed(course, ada.pk) == frozenset()


def test_the_page_asks_for_what_needs_it_and_says_what_matters(link: GuardianLink) -> None:
    page = Client().get(address(link))
    text = page.content.decode()
    assert set(re.findall(r'<input type="radio" name="(\w+)"', text)) == {"face", "voice"}
    assert "checked" not in text, "nothing is chosen beforehand"
    for words in ("Ada Byron", "the same marks", "asked as well", "What is kept:", "take it back"):
        assert words in text
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["X-Robots-Tag"].startswith("noindex")
    assert page["X-Frame-Options"] == "DENY"
    assert "no-store" in page["Cache-Control"]
    assert not page.cookies, "nothing is left in a parent's browser"
    assert "<script" not in text


def test_the_ledger_says_so_and_seals_who_it_was(link: GuardianLink, ada: User) -> None:
    answer(link)
    entry = LedgerEntry.objects.get()
    assert (entry.what, entry.given, entry.by, entry.words) == (
        "face",
        True,
        "guardian",
        "guardian",
    )
    detail = services.sealed_detail(ada.pk, entry)
    assert detail["name"] == "Grace Hopper"
    assert detail["relation"] == "parent"
    assert b"Grace" not in bytes(entry.sealed)


def test_the_link_to_keep_shows_and_takes_back(
    link: GuardianLink, course: Course, ada: User
) -> None:
    people.consent(course, ada)
    kept = answer(link)["Location"]
    page = Client().get(kept).content.decode()
    assert "Your answer is saved" in page
    assert "Take it back: Camera" in page
    assert "Microphone" not in page
    gone = Client(enforce_csrf_checks=True).post(kept, {"take_back": "face"}, HTTP_ORIGIN="null")
    assert "nothing is used" in Client().get(gone["Location"]).content.decode()
    assert "face" not in privacy.allowed(course, ada.pk)
    assert [(e.given, e.by) for e in LedgerEntry.objects.filter(by="guardian")] == [
        (True, "guardian"),
        (False, "guardian"),
    ]


def test_taking_back_needs_no_key(link: GuardianLink, settings: Any) -> None:
    kept = answer(link)["Location"]
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"MASTER_KEYS": []}
    assert Client().post(kept, {"take_back": "face"}).status_code == 302
    assert not Consent.objects.filter(revoked_at=None).exists()


# --- a written release ----------------------------------------------------------------------------


@pytest.fixture
def illinois(us_school: Any) -> None:
    us_school.TUTOR_EMOTION = us_school.TUTOR_EMOTION | {"JURISDICTION": "us_illinois_school"}


@pytest.mark.usefixtures("illinois")
def test_a_release_is_signed_by_typing_the_name(
    link: GuardianLink, course: Course, ada: User
) -> None:
    page = Client().get(address(link)).content.decode()
    assert "Written release" in page
    assert "The only purpose is to offer help" in page
    people.consent(course, ada)
    assert reasons(course, ada)["face"] == "needs_release"
    for signature in (None, "", "G. Hopper"):
        refused = answer(link, signature=signature)
        assert refused.status_code == 200
        assert "the same full name" in refused.content.decode()
    assert answer(link, signature=" grace  HOPPER ").status_code == 302
    assert "face" in privacy.allowed(course, ada.pk)
    entry = LedgerEntry.objects.get(by="release")
    detail = services.sealed_detail(ada.pk, entry)
    assert detail["signature"] == "grace  HOPPER"
    assert "The only purpose is to offer help" in detail["release"]


@pytest.mark.usefixtures("illinois")
def test_a_no_needs_no_signature(link: GuardianLink, course: Course, ada: User) -> None:
    assert answer(link, face="no", signature="").status_code == 302
    assert not LedgerEntry.objects.exists()
    assert reasons(course, ada)["face"] == "needs_release"


@pytest.mark.usefixtures("illinois")
def test_who_is_of_age_signs_themselves(course: Course) -> None:
    grace = people.person("grace", age="adult")
    link = services.make_guardian_link(course, grace.pk, None)
    assert 'value="self"' in Client().get(address(link)).content.decode()
    assert answer(link, relation="self", signature="Grace Hopper").status_code == 302
    people.consent(course, grace)
    assert "face" in privacy.allowed(course, grace.pk)


def test_a_child_cannot_say_that_they_are_of_age(link: GuardianLink) -> None:
    assert answer(link, relation="self").status_code == 200
    assert not Consent.objects.exists()


# --- it ends --------------------------------------------------------------------------------------


def test_new_words_end_a_guardians_yes_too(
    link: GuardianLink, course: Course, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = answer(link)["Location"]
    monkeypatch.setattr(privacy, "CONSENT_TEXT_VERSION", "2027-01-01")
    people.consent(course, ada)
    assert reasons(course, ada)["face"] == "needs_guardian"
    assert "the words have changed since" in Client().get(kept).content.decode()
    again = services.make_guardian_link(course, ada.pk, None)
    answer(again)
    assert "face" in privacy.allowed(course, ada.pk)
    last = LedgerEntry.objects.filter(what="face", by__in=("guardian", "system"))
    assert [(e.given, e.reason) for e in last] == [
        (True, ""),
        (False, "guardian_text_changed"),
        (True, ""),
    ]


def test_a_yes_ends_by_itself(link: GuardianLink, course: Course, ada: User) -> None:
    people.consent(course, ada)
    answer(link)
    Consent.objects.filter(by="guardian").update(until=timezone.now() - timedelta(seconds=1))
    assert reasons(course, ada)["face"] == "needs_guardian"


def test_a_second_guardian_may_take_back_what_the_first_gave(
    link: GuardianLink, course: Course, ada: User
) -> None:
    people.consent(course, ada)
    answer(link)
    second = services.make_guardian_link(course, ada.pk, None)
    answer(second, face="no", name="Vincent Hopper")
    assert "face" not in privacy.allowed(course, ada.pk)


# --- what it refuses ------------------------------------------------------------------------------


def test_a_link_is_answered_once(link: GuardianLink) -> None:
    answer(link, face="no")
    again = answer(link)
    assert again.status_code == 410
    assert "answered already" in again.content.decode()
    assert not Consent.objects.exists()


def test_two_answers_at_once_are_one(link: GuardianLink, course: Course, ada: User) -> None:
    stale = GuardianLink.objects.get(pk=link.pk)  # as another process has read it
    answer(link, face="no")
    assert stale.state == "open"
    guardian = services.Guardian("Mallory", "parent")
    with pytest.raises(NotAllowed) as refused:
        services.answer_as_guardian(stale, {"face": True}, {"face": "guardian"}, guardian, "1")
    assert refused.value.code == "link_answered"
    assert not Consent.objects.exists()


def test_links_that_were_withdrawn_or_are_too_old(link: GuardianLink) -> None:
    GuardianLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "time for this answer is over" in Client().get(address(link)).content.decode()
    assert services.withdraw_guardian_link(link)
    assert not services.withdraw_guardian_link(link)
    assert "withdrawn" in answer(link).content.decode()
    assert not Consent.objects.exists()


@pytest.mark.parametrize("spoil", ["cut", "changed", "empty", "long", "other"])
def test_addresses_that_are_not_whole(link: GuardianLink, spoil: str) -> None:
    token = services.guardian_token(link, "answer")
    spoilt = {
        "cut": token[:-3],
        "changed": ("a" if token[0] != "a" else "b") + token[1:],
        "empty": "-",
        "long": token + "a" * 10_000,
        "other": services.lesson_token("fractions", "f-1", 1),
    }[spoil]
    page = Client().get(f"/tutor-emotion/guardian/{spoilt}/")
    assert page.status_code == 404
    assert "not whole" in page.content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"face": None},
        {"face": "perhaps"},
        {"name": ""},
        {"name": "x" * 121},
        {"name": "a\x00b"},
        {"relation": "teacher"},
        {"sure": None},
    ],
)
def test_half_an_answer_is_none_and_loses_nothing(
    link: GuardianLink, changes: dict[str, Any]
) -> None:
    page = answer(link, **changes)
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    if changes.get("name") is None:
        assert "Grace Hopper" in page.content.decode(), "what was typed stays"
    assert not Consent.objects.exists()
    assert answer(link).status_code == 302


def test_what_is_not_asked_cannot_be_given(link: GuardianLink, course: Course) -> None:
    answer(link, text="yes", calibration="yes")
    assert [c.modality for c in Consent.objects.all()] == ["face"]


def test_a_law_that_forbids_asks_nobody(link: GuardianLink, settings: Any) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"JURISDICTION": "eu_institution"}
    assert "nothing to be asked" in Client().get(address(link)).content.decode()
    answer(link)
    assert not Consent.objects.exists()
    assert GuardianLink.objects.get().state == "open"


def test_without_a_key_nothing_is_saved_and_it_is_said(link: GuardianLink, settings: Any) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"MASTER_KEYS": []}
    page = answer(link)
    assert page.status_code == 503
    assert "Nothing was saved" in page.content.decode()
    assert GuardianLink.objects.get().state == "open"


def test_who_asks_too_often_waits_and_no_address_is_logged(
    link: GuardianLink, caplog: pytest.LogCaptureFixture, settings: Any, valkey: Any
) -> None:
    caplog.set_level("DEBUG")
    # Nobody is signed in here, so there is nobody to count but the address.
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"LIMITS": {"links": [1, 3]}}
    pages = [Client().get(address(link)).status_code for _ in range(8)]
    assert pages[:3] == [200, 200, 200]
    assert pages[-1] == 429
    assert Client().get(address(link)[:-4] + "/").status_code == 429
    assert "guardian/" not in caplog.text


def test_a_learner_who_is_erased_takes_the_links_along(link: GuardianLink, ada: User) -> None:
    where = address(link)
    ada.delete()
    assert Client().get(where).status_code == 404


# --- who makes them -------------------------------------------------------------------------------


@pytest.fixture
def school_class(course: Course, ada: User) -> SchoolClass:
    row = SchoolClass.objects.create(course=course, name="7a")
    Enrolment.objects.create(school_class=row, learner=ada)
    return row


def staff(name: str, school_class: SchoolClass | None, role: str) -> Client:
    user = people.person(name, is_staff=True)
    if school_class is not None:
        ClassRole.objects.create(school_class=school_class, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


LINKS = "/admin/tutor_emotion/guardianlink/"


def test_a_teacher_makes_a_link_and_learns_only_that_it_was_answered(
    school_class: SchoolClass,
) -> None:
    client = staff("miss", school_class, "teacher")
    enrolment = Enrolment.objects.get()
    made = client.post(f"{LINKS}add/", {"enrolment": enrolment.pk}, follow=True)
    link = GuardianLink.objects.get()
    found = re.search(
        r"http://testserver(/tutor-emotion/guardian/[^/\"<]+/)", made.content.decode()
    )
    assert found, "the address to send is there"
    assert Client().get(found[1]).status_code == 200
    answer(link)
    shown = [client.get(p).content.decode() for p in (LINKS, f"{LINKS}{link.pk}/change/")]
    for page in shown:
        assert "answered" in page
        assert not re.search(r"Grace|Camera|guardian/[\w-]+:", page)


def test_a_link_is_withdrawn_in_the_list(school_class: SchoolClass, link: GuardianLink) -> None:
    client = staff("miss", school_class, "teacher")
    client.post(LINKS, {"action": "withdraw", "_selected_action": [str(link.pk)]})
    assert GuardianLink.objects.get().state == "withdrawn"


@pytest.mark.parametrize("who", ["co_teacher", "elsewhere", "nobody"])
def test_others_make_none_and_see_none(
    school_class: SchoolClass, link: GuardianLink, course: Course, who: str
) -> None:
    other = SchoolClass.objects.create(course=course, name="7b")
    where = {"co_teacher": school_class, "elsewhere": other, "nobody": None}[who]
    client = staff("sir", where, "co_teacher" if who == "co_teacher" else "teacher")
    sent = client.post(f"{LINKS}add/", {"enrolment": Enrolment.objects.get().pk})
    assert sent.status_code == (200 if who == "elsewhere" else 403)
    assert GuardianLink.objects.count() == 1
    shown = client.get(LINKS)
    assert "Byron" not in shown.content.decode()
    assert client.get(f"{LINKS}{link.pk}/change/").status_code in (302, 403)
    client.post(LINKS, {"action": "withdraw", "_selected_action": [str(link.pk)]})
    assert GuardianLink.objects.get().state == "open"


def test_a_link_goes_with_its_learner_and_nobody_deletes_it_alone(
    school_class: SchoolClass, link: GuardianLink, ada: User
) -> None:
    answer(link)
    teacher = staff("miss", school_class, "teacher")
    assert teacher.get(f"{LINKS}{link.pk}/delete/").status_code == 403
    owner = Client()
    owner.force_login(User.objects.create_superuser("root"))
    assert owner.get(f"{LINKS}{link.pk}/delete/").status_code == 403
    owner.post(f"/admin/auth/user/{ada.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=ada.pk).exists()
    assert not GuardianLink.objects.exists()
    assert LedgerEntry.objects.count() == 1, "the ledger stays"


def test_words_are_those_for_the_age(course: Course) -> None:
    ages = {"": "child", "under_13": "child", "13_15": "child", "16_17": "adult", "adult": "adult"}
    for n, (age, words) in enumerate(ages.items()):
        learner = people.person(f"n{n}", age=age)
        assert privacy.words_for(learner.pk) == words
    LearnerRecord.objects.all().delete()
    assert privacy.words_for(learner.pk) == "child", "of whom nothing is known"
