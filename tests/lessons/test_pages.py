"""The pages, as a browser without a script sees them."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.people import person
from tutor_emotion.lessons import mastery
from tutor_emotion.lessons.models import Attempt, Lesson, Step, Variant

URL = "/lessons/fractions-1/"


def page(client: Client, url: str = URL) -> str:
    response = client.get(url, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_the_lesson_stands_beside_the_panel(browser: Client, lesson: Lesson) -> None:
    html = page(browser)
    assert "Name the shaded part" in html
    assert re.search(r'<tutor-emotion token="[^"]+" base="/tutor-emotion/"', html)
    assert "tutor_emotion/dist/lesson.js" in html
    said = json.loads(re.search(r'id="lesson-page"[^>]*>(.*?)</script>', html)[1])  # type: ignore[index]
    assert said["opening"]["step"] == "shaded-part"
    assert said["urls"]["answer"] == f"{URL}answer/"


def test_it_goes_on_where_the_learner_was(browser: Client, lesson: Lesson, ada: User) -> None:
    first = Step.objects.get(slug="shaded-part")
    Attempt.objects.create(learner=ada, step=first, answer="3/8", correct=True, verdict="right")
    assert "The same amount in smaller pieces" in page(browser)
    assert "Name the shaded part" in page(browser, f"{URL}?step=shaded-part")


def test_an_unknown_step_is_the_next_one(browser: Client, lesson: Lesson) -> None:
    assert "Name the shaded part" in page(browser, f"{URL}?step=<script>")


def form_of(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(attempt)" value="([^"]+)"', html))


def test_without_a_script_the_form_works(browser: Client, lesson: Lesson) -> None:
    form = form_of(page(browser))
    post = f"{URL}steps/shaded-part/"
    for _ in range(2):  # the browser's "send again"
        html = browser.post(post, {**form, "answer": "3/5"}, follow=True).content.decode()
        assert "5 white ones" in html
    assert Attempt.objects.count() == 1
    html = browser.post(post, {**form_of(page(browser)), "answer": "3/8"}, follow=True)
    assert f'href="{URL}#lesson-step">Next step' in html.content.decode()
    assert "The same amount in smaller pieces" in page(browser)
    assert Attempt.objects.filter(correct=True).count() == 1


def test_every_step_has_a_page(browser: Client, lesson: Lesson) -> None:
    for step in lesson.steps.all():
        assert step.title in page(browser, f"{URL}?step={step.slug}")


def test_the_end(browser: Client, lesson: Lesson, ada: User) -> None:
    for step in lesson.steps.all():
        Attempt.objects.create(
            learner=ada, step=step, answer=step.answer, correct=True, verdict="right"
        )
    mastery.recompute("fractions")
    assert "All steps are solved" in page(browser)


@pytest.mark.parametrize("url", [URL, f"{URL}steps/shaded-part/"])
def test_a_stranger_signs_in_first(client: Client, lesson: Lesson, url: str) -> None:
    response = client.get(url) if url == URL else client.post(url)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")


def test_an_unknown_lesson(browser: Client) -> None:
    assert browser.get("/lessons/nowhere/").status_code == 404


# --- the demonstration host -----------------------------------------------------------------------


def test_the_front_door(client: Client, lesson: Lesson) -> None:
    html = page(client, "/")
    assert "Sign in" in html
    assert "fractions-1" not in html


def test_signing_in_and_out(client: Client, lesson: Lesson, ada: User) -> None:
    wrong = client.post("/sign-in/", {"username": "ada", "password": "no"}).content.decode()
    assert 'role="alert"' in wrong
    right = {"username": "ada", "password": "pass-word-1"}
    html = client.post("/sign-in/", right, follow=True).content.decode()
    assert "Hello, ada" in html
    assert URL in html
    assert "/admin/" not in html
    assert "Hello" not in client.post("/sign-out/", follow=True).content.decode()


def test_a_teacher_finds_the_classroom(client: Client, lesson: Lesson) -> None:
    client.force_login(person("teacher", is_staff=True, is_superuser=True))
    html = page(client, "/")
    assert "/tutor-emotion/classroom/fractions/" in html
    assert "/admin/" in html
    assert "tutor-emotion-classroom" in page(client, "/tutor-emotion/classroom/fractions/")
    assert "The same amount" in page(client, "/admin/tutor_emotion_lessons/step/")


def test_in_german(browser: Client, lesson: Lesson) -> None:
    browser.post("/i18n/setlang/", {"language": "de", "next": "/"})
    assert "Wähle eine Lektion" in page(browser, "/")
    html = page(browser)
    assert '<html lang="de"' in html
    assert "Deine Antwort" in html
    assert '<h2 tabindex="-1" lang="en" dir="ltr">' in html


# --- the item that is chosen ----------------------------------------------------------------------


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


def test_the_page_says_why_this_item(browser: Client, lesson: Lesson) -> None:
    assert "It begins with" in page(browser)
    assert 'class="lesson-why"' not in page(browser, f"{URL}?step=other-pieces")


def test_a_sibling_is_answered_without_a_script(browser: Client, lesson: Lesson) -> None:
    html = page(browser, f"{URL}?step=shaded-part&item=similar_item")
    form = hidden(html)
    sibling = Variant.objects.get(step__slug="shaded-part", kind="similar_item")
    assert form["variant"] == str(sibling.pk)
    html = browser.post(f"{URL}steps/shaded-part/", {**form, "answer": "1/99"}).content.decode()
    assert hidden(html)["variant"] == str(sibling.pk)  # tried again, it is the same item
    browser.post(f"{URL}steps/shaded-part/", {**hidden(html), "answer": sibling.answer})
    assert list(Attempt.objects.values_list("variant", "correct")) == [
        (sibling.pk, False),
        (sibling.pk, True),
    ]


@pytest.mark.parametrize("item", ["no_such_item", "<b>", "hint", ""])
def test_an_item_that_is_not_there_is_the_step(browser: Client, lesson: Lesson, item: str) -> None:
    form = hidden(page(browser, f"{URL}?step=shaded-part&item={item}"))
    assert "variant" not in form


@pytest.mark.parametrize("variant", ["-1", "x", "9" * 400, "", "²"])
def test_a_form_with_a_strange_variant_is_of_the_step(
    browser: Client, lesson: Lesson, variant: str
) -> None:
    form = {**hidden(page(browser)), "item": "similar_item", "variant": variant, "answer": "3/8"}
    browser.post(f"{URL}steps/shaded-part/", form)
    assert Attempt.objects.get().variant is None


def test_a_step_is_left_and_a_finished_skill_skipped_by_a_link(
    browser: Client, lesson: Lesson
) -> None:
    html = page(browser)
    assert f"{URL}?leave=shaded-part#lesson-step" in html
    assert "Name the shaded part" not in page(browser, f"{URL}?leave=shaded-part")
    skill = Step.objects.get(slug="shaded-part").skill
    html = page(browser, f"{URL}?skipped={skill}&skipped=%3Cb%3E")
    assert "Name the shaded part" not in html
    everything = "&".join(f"skipped={key}" for key in lesson.steps.values_list("skill", flat=True))
    assert "That is all for now" in page(browser, f"{URL}?{everything}")


def test_an_introduction_stands_above_the_steps(browser: Client, lesson: Lesson) -> None:
    assert "About this lesson" not in browser.get("/lessons/fractions-1/").content.decode()
    Lesson.objects.update(introduction="Bring **paper**. <script>")
    text = browser.get("/lessons/fractions-1/").content.decode()
    assert "Bring <strong>paper</strong>. &lt;script&gt;" in text
