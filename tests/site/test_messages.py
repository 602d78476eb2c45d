"""The words of offers: shipped, a school's own, and the ones that should not be said."""

from __future__ import annotations

import json

import pytest
from django.test import Client, override_settings

from tests import people
from tutor_emotion import services
from tutor_emotion.core.plans import MESSAGE_KEYS
from tutor_emotion.errors import BadInput
from tutor_emotion.models import Enrolment, MessageEdit, School, SchoolClass

FOR_LEARNERS = {key for key in MESSAGE_KEYS if not key.startswith("flag.")}


# --- shipped -------------------------------------------------------------------------------------


def test_every_language_has_every_message_and_passes_its_own_form() -> None:
    assert {"en", "de"} <= set(services.languages())
    for language in services.languages():
        shipped = services.shipped_messages(language)
        assert set(shipped) == FOR_LEARNERS
        for key, lines in shipped.items():
            assert services.lines_of("\n".join(lines)) == list(lines), key
            assert [services.forbidden_in(line, language) for line in lines] == [{}] * len(lines)


@pytest.mark.parametrize(
    ("language", "line", "why"),
    [
        ("en", "You seem FRUSTRATED.", "feeling"),
        ("en", "Well done, go on?", "praise"),
        ("en", "Don’t give up!", "lecture"),
        ("en", "That's wrong.", "judgement"),
        ("de", "Du bist bestimmt müde.", "feeling"),
        ("de", "Gut gemacht!", "praise"),
        ("de", "Das ist leider falsch.", "judgement"),
        ("de", "Du musst üben.", "lecture"),
        ("ar", "هل هذا مُمِلّ؟", "feeling"),
        ("ar", "عمل جيد جدًا", "praise"),
        ("ar", "كان هذا خطأً.", "judgement"),
        ("ar", "يجب التدرب.", "lecture"),
    ],
)
def test_what_should_not_be_said_is_found(language: str, line: str, why: str) -> None:
    assert set(services.forbidden_in(line, language).values()) == {why}


def test_a_word_inside_another_is_none_and_an_unknown_language_has_no_list() -> None:
    assert services.forbidden_in("A brighter, easily read one.", "en") == {}
    assert services.forbidden_in("Tu es triste ?", "fr") == {}


# --- a school's own ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "1 to 8"),
        ("\n \n", "1 to 8"),
        ("\n".join(f"line {n}" for n in range(9)), "1 to 8"),
        ("a" * 91, "Line 1 is longer"),
        ("fine\n<b>bold</b>", "Line 2 holds markup"),
        ("a &lt; b", "markup"),
        ("a hint for {name}?", "only blanks"),
        ("a hint {step", "only blanks"),
        ("the same\nthe same", "twice"),
        ("Only about {step}?", "without a blank"),
        ("left\u202eright", "cannot be seen"),
    ],
)
def test_lines_that_cannot_be_are_named(text: str, named: str) -> None:
    with pytest.raises(BadInput, match=named) as caught:
        services.lines_of(text)
    assert caught.value.code == "bad_message_lines"


def test_lines_are_taken_as_they_are() -> None:
    text = "  A hint?  \r\n\r\nFor “{step}”?\nيوجد تلميح لهذه الخطوة.\n"
    assert services.lines_of(text) == ["A hint?", "For “{step}”?", "يوجد تلميح لهذه الخطوة."]


@pytest.mark.django_db
def test_the_setup_brings_a_schools_own_words_in_the_pages_language(client: Client) -> None:
    ada, course = people.person(), people.course()
    client.force_login(ada)
    MessageEdit.objects.create(key="offer.hint", language="de", lines="Ein Wink?\nMagst du einen?")
    MessageEdit.objects.create(key="offer.hint", language="en", lines="A clue?")
    MessageEdit.objects.create(key="offer.gone", language="de", lines="Von gestern.")
    MessageEdit.objects.create(key="offer.why", language="de", lines="<script>alert(1)</script>")

    def asked(language: str) -> object:
        query = {"token": people.token(course, ada), "language": language}
        said = client.get("/tutor-emotion/setup/", query).json()
        return said.get("messages", said.get("code"))

    assert asked("de-AT") == {"offer.hint": ["Ein Wink?", "Magst du einen?"]}
    assert asked("en") == {"offer.hint": ["A clue?"]}
    assert asked("") == asked("xx") == asked("forbidden") == {}
    assert asked("../etc") == "bad_message"


# --- somebody to talk to -------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_contact_is_the_schools_and_else_the_sites() -> None:
    ada, course = people.person(), people.course()
    assert services.contact_for(course.pk, ada.pk) == ""
    with override_settings(TUTOR_EMOTION={"CONTACT": " the house, 0800 "}):
        assert services.contact_for(course.pk, ada.pk) == "the house, 0800"
        for name, contact in (("7a", ""), ("7b", "Ms B"), ("7c", "Mr C")):
            school = School.objects.create(name=f"School of {name}", contact=contact)
            row = SchoolClass.objects.create(course=course, school=school, name=name)
            Enrolment.objects.create(school_class=row, learner=ada)
        assert services.contact_for(course.pk, ada.pk) == "Ms B"
        other = people.course("graphs")
        assert services.contact_for(other.pk, ada.pk) == "the house, 0800"


def test_the_lists_are_whole() -> None:
    folder = services.messages.FOLDER
    lists = json.loads((folder / "forbidden.json").read_text(encoding="utf-8"))
    for language in services.languages():
        assert set(lists[language]) == {"feeling", "praise", "judgement", "lecture"}
        for entries in lists[language].values():
            assert entries == [entry.lower().strip() for entry in entries]
            assert len(set(entries)) == len(entries)
