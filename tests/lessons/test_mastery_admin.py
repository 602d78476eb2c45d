"""Skills' parameters are set in the admin; what is believed of learners is read there."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.lessons.conftest import Desk
from tests.people import person
from tutor_emotion.lessons.admin import skill as skill_admin
from tutor_emotion.lessons.admin.lesson import LessonForm
from tutor_emotion.lessons.models import Lesson, Mastery, Skill, Step


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(person("root", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def skill(lesson: Lesson) -> Skill:
    return Skill.objects.get(key=Step.objects.get(slug="shaded-part").skill)


def page(skill: Skill) -> str:
    return f"/admin/tutor_emotion_lessons/skill/{skill.pk}/change/"


def form_of(client: Client, skill: Skill) -> dict[str, Any]:
    """What a browser would send back of the page as it is."""
    shown = client.get(page(skill)).context
    form = {}
    for one in (
        shown["adminform"].form,
        *(f for s in shown["inline_admin_formsets"] for f in s.formset.forms),
    ):
        for name in one.fields:
            value = one.get_initial_for_field(one.fields[name], name)
            if value is not None:
                form[one.add_prefix(name)] = one.fields[name].prepare_value(value)
    for inline in shown["inline_admin_formsets"]:
        management = inline.formset.management_form
        form |= {
            management.add_prefix(k): v for k, v in management.initial.items() if v is not None
        }
    return form


def test_other_parameters_are_kept_and_learners_traced_anew(
    desk: Desk,
    root: Client,
    skill: Skill,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    desk.answer("3/8")
    before = Mastery.objects.get().p_known
    form = {**form_of(root, skill), "p_guess": "0.0523"}
    with django_capture_on_commit_callbacks(execute=True):
        saved = root.post(page(skill), form)
    assert saved.status_code == 302, saved.context["adminform"].form.errors
    skill.refresh_from_db()
    assert skill.parameters == {"p_guess": 0.0523}
    assert Mastery.objects.get().p_known > before


def test_many_learners_are_left_to_the_command(
    desk: Desk,
    root: Client,
    skill: Skill,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    desk.answer("3/8")
    before = Mastery.objects.get().p_known
    monkeypatch.setattr(skill_admin, "MOST_TRACED_AT_ONCE", 0)
    form = {**form_of(root, skill), "p_guess": "0.05"}
    with django_capture_on_commit_callbacks(execute=True):
        root.post(page(skill), form)
    assert Mastery.objects.get().p_known == before
    html = root.get("/admin/tutor_emotion_lessons/skill/").content.decode()
    assert "manage.py recompute_mastery fractions" in html


def test_parameters_that_make_no_model_are_refused_in_words(root: Client, skill: Skill) -> None:
    form = {**form_of(root, skill), "p_guess": "0.6", "p_slip": "0.5"}
    html = root.post(page(skill), form).content.decode()
    assert "p_slip and p_guess together are 1 or more" in html
    skill.refresh_from_db()
    assert skill.parameters == {}


def test_mastery_is_read_and_not_written(desk: Desk, root: Client, ada: User) -> None:
    desk.answer("3/8")
    row = Mastery.objects.get()
    html = root.get("/admin/tutor_emotion_lessons/mastery/").content.decode()
    assert f"{row.p_known:.0%}" in html
    url = f"/admin/tutor_emotion_lessons/mastery/{row.pk}/change/"
    assert "stability" not in root.get(url).content.decode()
    assert root.post(url, {"p_known": "1"}).status_code == 403
    assert root.get("/admin/tutor_emotion_lessons/mastery/add/").status_code == 403
    row.refresh_from_db()
    assert row.answers == 1


def test_no_lesson_takes_the_address_of_a_learners_progress(lesson: Lesson) -> None:
    form = LessonForm({"slug": "progress"}, instance=lesson)
    assert "Another page has this address" in str(form.errors["slug"])
