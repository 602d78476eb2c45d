"""A school edits its phrases: in the admin, in a folder; what is wrong is said where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tutor_emotion import services
from tutor_emotion.checks import phrases_are_readable
from tutor_emotion.core.estimators.text import is_alarming, said
from tutor_emotion.core.lexicon import SHIPPED
from tutor_emotion.models import LexiconEdit
from tutor_emotion.services import policy as policy_verbs

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.admin_urls")]
User = get_user_model()
ADD = "/admin/tutor_emotion/lexiconedit/add/"
PHRASES = '[add]\nconfused = ["my head is smoking"]\n'


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="pass-word-1"))
    return client


@pytest.fixture
def site_folder(settings: Any, tmp_path: Path) -> Path:
    policy_verbs._lexicon_files.cache_clear()
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"LEXICON_DIR": str(tmp_path)}
    return tmp_path


def test_an_owner_adds_a_phrase_and_tries_a_sentence(owner: Client) -> None:
    data = {"text": PHRASES.replace("\n", "\r\n"), "sentence": "My head is smoking!"}
    page = owner.post(ADD, data, follow=True)
    assert "not clear to them" in [str(message) for message in page.context["messages"]]
    assert said("my head is smoking", services.lexicon()).holds == ("confused",)
    assert "My head" not in LexiconEdit.objects.get().text  # what was tried is not kept


@pytest.mark.parametrize(
    ("sentence", "says"),
    [("i want to die", "A person is called"), ("three quarters", "nothing"), ("ugh", "annoyed")],
)
def test_the_box_says_what_a_sentence_is_taken_for(owner: Client, sentence: str, says: str) -> None:
    page = owner.post(ADD, {"text": "", "sentence": sentence}, follow=True)
    messages = [str(message) for message in page.context["messages"]]
    assert any(says in message for message in messages)


def test_a_fault_is_shown_with_its_line_and_nothing_is_saved(owner: Client) -> None:
    page = owner.post(ADD, {"text": '[add]\nconfused = ["a ((b"]'})
    assert "line 2" in page.content.decode()
    assert not LexiconEdit.objects.exists()


def test_what_alarms_cannot_be_removed(owner: Client) -> None:
    phrase = SHIPPED.phrases["safety"][0]
    page = owner.post(ADD, {"text": f'[remove]\nsafety = ["{phrase}"]'})
    assert "cannot be removed" in page.content.decode()


def test_there_is_one_row_and_only_superusers_see_it(owner: Client) -> None:
    LexiconEdit.objects.create(text=PHRASES)
    assert owner.get(ADD).status_code == 403
    teacher = Client()
    teacher.force_login(User.objects.create_user("ada", is_staff=True))
    assert teacher.get("/admin/tutor_emotion/lexiconedit/").status_code == 403


def test_a_folder_counts_and_the_admin_is_on_top(site_folder: Path) -> None:
    (site_folder / "ours.toml").write_text(PHRASES)
    assert said("my head is smoking", services.lexicon()).holds == ("confused",)
    LexiconEdit.objects.create(text='[remove]\nconfused = ["my head is smoking"]')
    assert said("my head is smoking", services.lexicon()).holds == ()


def test_what_was_written_past_the_form_leaves_the_shipped_phrases() -> None:
    LexiconEdit.objects.create(text="[add")
    assert services.lexicon() == SHIPPED
    assert is_alarming("i want to die", services.lexicon())


def test_a_folder_that_cannot_be_read_is_found_at_start(site_folder: Path) -> None:
    assert phrases_are_readable() == []
    (site_folder / "ours.toml").write_text('[add]\nbord = ["meh"]')
    (error,) = phrases_are_readable()
    assert error.id == "tutor_emotion.E002"
    assert "ours.toml, line 2" in error.msg
