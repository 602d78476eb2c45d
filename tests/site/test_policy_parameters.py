"""Every number of the engine in the policy's form; and the words of offers in one of their own."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client

from tests import people
from tests.site.test_admin import change_url, client_of, form_of
from tutor_emotion import api, parameter_words
from tutor_emotion.admin.messages import MOMENTS, REASONS
from tutor_emotion.admin.parameter_fields import SETTABLE, field_name, parameter_fieldsets
from tutor_emotion.core.parameters import CATALOGUE, OWN_FIELD
from tutor_emotion.core.plans import MESSAGE_KEYS
from tutor_emotion.live import translate
from tutor_emotion.models import Course, MessageEdit, Policy

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.admin_urls")]


@pytest.fixture
def teacher() -> User:
    return people.person("grace", is_staff=True)


@pytest.fixture
def course(teacher: User) -> Course:
    return people.course(teacher=teacher)


@pytest.fixture
def owner() -> Client:
    return client_of(get_user_model().objects.create_superuser("root"))


def parameters(course: Course) -> Any:
    return Policy.objects.get(course=course).parameters


# --- every number, in words ---------------------------------------------------------------------


def test_each_parameter_has_words_a_unit_and_a_group() -> None:
    assert {p.base for p in CATALOGUE.values()} == set(parameter_words.WORDS)
    assert {p.group for p in CATALOGUE.values()} == set(parameter_words.GROUPS)
    for p in CATALOGUE.values():
        assert str(parameter_words.label(p))
        assert parameter_words.why(p).rstrip().endswith(".")
        assert parameter_words.unit(p)
    labels = [(p.group, parameter_words.label(p)) for p in CATALOGUE.values()]
    assert len(set(labels)) == len(labels)


def test_the_form_shows_each_with_its_default_and_why(course: Course, teacher: User) -> None:
    page = client_of(teacher).get(change_url(course)).content.decode()
    for name in SETTABLE:
        assert f'name="policy-0-{field_name(name)}"' in page
    assert "Confusion that resolves itself helps learning." in page
    assert "Default: 45 (seconds)." in page
    assert "Chosen by us; no study gives it." in page
    shown = [f for _title, options in parameter_fieldsets() for f in options["fields"]]
    assert len(shown) == len(set(shown)) == len(CATALOGUE) - len(OWN_FIELD)


def test_what_is_as_by_default_is_not_kept(course: Course, teacher: User) -> None:
    client = client_of(teacher)
    assert client.post(change_url(course), form_of(client, course)).status_code == 302
    assert parameters(course) == {}
    changed = form_of(
        client, course, p_pacing__act_after_s="60", p_detector__suspect__dwell_s="12.5",
        p_pacing__examples_first__slowest="3", p_fusion__leak_s="",
    )  # fmt: skip
    assert client.post(change_url(course), changed).status_code == 302
    kept = {
        "pacing.act_after_s": 60.0,
        "detector.suspect.dwell_s": 12.5,
        "pacing.examples_first.slowest": 3,
    }
    assert parameters(course) == kept
    config = translate.engine_config(Policy.objects.get(course=course), frozenset())
    assert config.pacing.act_after_s == 60
    assert config.detector.suspect.dwell_s == 12.5
    again = form_of(client, course)
    assert client.post(change_url(course), again).status_code == 302
    assert parameters(course) == kept
    back = form_of(client, course, **{f"p_{n.replace('.', '__')}": "" for n in kept})
    assert client.post(change_url(course), back).status_code == 302
    assert parameters(course) == {}


def test_what_the_pace_follows_is_chosen_there_too(course: Course, teacher: User) -> None:
    client = client_of(teacher)
    data = form_of(client, course, pacing="performance")
    assert client.post(change_url(course), data).status_code == 302
    config = translate.engine_config(Policy.objects.get(course=course), frozenset())
    assert config.follows == "performance"


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"p_pacing__act_after_s": "1"}, "p_pacing__act_after_s", "from 5 to 600"),
        ({"p_pacing__act_after_s": "nan"}, "p_pacing__act_after_s", "number"),
        ({"p_pacing__act_after_s": "soon"}, "p_pacing__act_after_s", "number"),
        ({"p_pacing__easier_items": "2.5"}, "p_pacing__easier_items", "whole number"),
        ({"p_fusion__prior__engaged": "0.5"}, "__all__", "fusion.prior"),
        ({"p_detector__suspect__off": "0.6"}, "p_detector__suspect__off", "detector.suspect.off"),
        ({"p_pacing__low_below": "0.9"}, "p_pacing__low_below", "pacing.high_from"),
        (
            {"p_detector__wheelspin_warn_after": "20"},
            "p_detector__wheelspin_warn_after",
            "wheelspin_confirmed_after",
        ),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    course: Course, teacher: User, changes: dict[str, str], field: str, said: str
) -> None:
    client = client_of(teacher)
    response = client.post(change_url(course), form_of(client, course, **changes))
    assert response.status_code == 200
    form = response.context["inline_admin_formsets"][0].formset.forms[0]
    assert said in str(form.errors.get(field)), form.errors
    assert parameters(course) == {}


def test_what_was_written_past_the_form_is_shown_and_refused(course: Course, teacher: User) -> None:
    Policy.objects.update(parameters={"pacing.act_after_s": "<b>9</b>", "gone.by": 3})
    client = client_of(teacher)
    page = client.get(change_url(course))
    assert page.status_code == 200
    assert "<b>9</b>" not in page.content.decode()
    Policy.objects.update(parameters=["no", "table"])
    assert client.get(change_url(course)).status_code == 200


@pytest.mark.urls("tests.site.admin_urls")
def test_a_lesson_engine_asks_what_a_pace_means_in_its_course(course: Course) -> None:
    assert [api.pace_effects(course.key, pace).examples for pace in range(-3, 4)] == [
        2, 2, 1, 1, 0, 0, 0,
    ]  # fmt: skip
    Policy.objects.update(parameters={"pacing.items_before_review.usual": 2, "fusion.leak_s": 30})
    assert api.pace_effects(course.key, 0).review == 2
    Policy.objects.update(parameters={"pacing.items_before_review.usual": -4})
    assert api.pace_effects(course.key, 0).review == 5
    assert api.pace_effects("no-such-course", 0).review == 5


# --- the words of offers --------------------------------------------------------------------------

ADD = "/admin/tutor_emotion/messageedit/add/"


def test_each_message_is_told_by_when_it_is_said() -> None:
    assert set(MOMENTS) == {key for key in MESSAGE_KEYS if not key.startswith("flag.")}


def test_a_school_writes_its_own_beside_the_shipped_ones(owner: Client) -> None:
    page = owner.get(ADD).content.decode()
    assert "Would a hint help with this step?" in page
    assert "Würde ein Hinweis bei diesem Schritt helfen?" in page
    data = {"key": "offer.hint", "language": "en", "lines": " A clue? \r\n\r\nA clue for {step}?"}
    assert owner.post(ADD, data).status_code == 302
    edit = MessageEdit.objects.get()
    assert edit.lines == "A clue?\nA clue for {step}?"
    change = f"/admin/tutor_emotion/messageedit/{edit.pk}/change/"
    page = owner.get(change).content.decode()
    assert "Would a hint help with this step?" in page
    assert "Wie möchtest du weitermachen?" not in page  # of another message
    assert owner.post(change, {"lines": "Another clue?"}).status_code == 302
    edit.refresh_from_db()
    assert (edit.key, edit.language, edit.lines) == ("offer.hint", "en", "Another clue?")
    assert edit.history.count() == 2


def test_a_word_that_should_not_be_said_asks_for_a_second_look(owner: Client) -> None:
    data = {"key": "offer.hint", "language": "de", "lines": "Bist du müde?\nGut gemacht!"}
    response = owner.post(ADD, data)
    assert response.status_code == 200
    page = response.content.decode()
    assert str(REASONS["feeling"]) in page
    assert str(REASONS["praise"]) in page
    assert not MessageEdit.objects.exists()
    assert owner.post(ADD, {**data, "anyway": "on"}).status_code == 302
    assert MessageEdit.objects.get().lines == data["lines"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lines": "<b>bold</b>"}, "markup"),
        ({"lines": "a" * 91}, "longer than 90"),
        ({"lines": "\n".join(f"line {n}" for n in range(9))}, "1 to 8 lines"),
        ({"lines": ""}, "required"),
        ({"key": "flag.safety"}, "valid choice"),
        ({"language": "xx"}, "valid choice"),
    ],
)
def test_words_that_cannot_be_are_refused(
    owner: Client, changes: dict[str, str], said: str
) -> None:
    data = {"key": "offer.hint", "language": "en", "lines": "A clue?", "anyway": "on", **changes}
    response = owner.post(ADD, data)
    assert response.status_code == 200
    assert said in response.content.decode()
    assert not MessageEdit.objects.exists()


def test_the_same_message_is_edited_once_a_language(owner: Client) -> None:
    data = {"key": "offer.hint", "language": "en", "lines": "A clue?"}
    assert owner.post(ADD, data).status_code == 302
    assert owner.post(ADD, data).status_code == 200
    assert MessageEdit.objects.count() == 1


def test_a_teacher_does_not_write_for_the_whole_site(teacher: User, course: Course) -> None:
    assert client_of(teacher).get(ADD).status_code == 403
