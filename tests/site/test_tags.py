"""What a host's template puts into its page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles.finders import get_finder
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation

from tests import people

PANEL = '{% load tutor_emotion %}{% tutor_emotion course="fractions" lesson="one" %}'
SCRIPT = '{% load tutor_emotion %}{% tutor_emotion_script "classroom" %}'


def drawn(template: str, user: Any, language: str = "en", **more: Any) -> str:
    request = RequestFactory().get("/")
    request.user = user
    for name, value in more.items():
        setattr(request, name, value)
    with translation.override(language):
        return Template(template).render(Context({"request": request}))


@pytest.mark.django_db
def test_a_learner_gets_the_element_and_its_script() -> None:
    html = drawn(PANEL, people.person())
    assert "<tutor-emotion token=" in html
    assert 'lang="en"' in html
    assert "dist/learner.js" in html
    assert "catalogue" not in html  # English is in the script


def test_somebody_who_is_not_signed_in_gets_nothing() -> None:
    assert drawn(PANEL, AnonymousUser()) == ""


@pytest.mark.parametrize("language", ["de", "de-at"])
def test_another_language_is_a_file_of_its_own_fetched_beside_the_script(language: str) -> None:
    html = drawn(SCRIPT, AnonymousUser(), language)
    assert f'data-lang="{language}"' in html
    assert html.count("dist/locales/de.json") == 2  # once to begin early, once to be read
    assert '<link rel="preload" as="fetch" crossorigin' in html


def test_a_language_without_a_file_is_told_in_english() -> None:
    assert "catalogue" not in drawn(SCRIPT, AnonymousUser(), "eo")


def test_a_nonce_is_passed_on() -> None:
    assert 'nonce="abc"' in drawn(SCRIPT, AnonymousUser(), csp_nonce="abc")


def test_a_style_sheet_stands_in_the_page() -> None:
    style = '{% load tutor_emotion %}{% tutor_emotion_style "tutor_emotion_lessons/lesson.css" %}'
    html = drawn(style, AnonymousUser(), csp_nonce="abc")
    assert html.startswith('<style nonce="abc">')
    assert ".lesson-card {" in html
    assert "/*" not in html
    assert "\n" not in html


def test_a_style_sheet_that_is_not_there_is_named() -> None:
    style = '{% load tutor_emotion %}{% tutor_emotion_style "nowhere.css" %}'
    with pytest.raises(TemplateSyntaxError, match=r"nowhere\.css"):
        drawn(style, AnonymousUser())


def test_a_style_sheet_with_markup_in_it_is_refused(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "evil.css").write_text("a { content: '</style><script>' }")
    settings.STATICFILES_DIRS = [tmp_path]
    get_finder.cache_clear()
    try:
        with pytest.raises(TemplateSyntaxError, match="markup"):
            drawn('{% load tutor_emotion %}{% tutor_emotion_style "evil.css" %}', AnonymousUser())
    finally:
        get_finder.cache_clear()
