"""A learner reads who looked at them; and what a page says that is not there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import look
from tests.e2e.conftest import Visitor
from tests.e2e.pages import Classroom, LessonPage
from tests.e2e.site import TEACHER

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_a_learner_reads_that_the_classroom_was_opened(visit: Visitor) -> None:
    learner = visit("yara")
    learner.page.goto(f"{learner.address}tutor-emotion/who-looked/")
    look(learner.page, "who-looked-nobody")
    LessonPage(learner.page, learner.address).open().panel.start("interaction")
    teacher = visit(TEACHER)
    classroom = Classroom(teacher.page, teacher.address).open()
    expect(classroom.doing_well("yara")).to_be_visible()

    learner.page.goto(f"{learner.address}lessons/progress/")
    learner.page.get_by_role("link", name="Who looked").click()
    row = learner.page.get_by_role("row").nth(1)
    expect(row).to_contain_text("teacher")
    expect(row).to_contain_text("the live classroom")
    look(learner.page, "who-looked")


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_page_that_is_not_there_is_calm(visit: Visitor, locale: str) -> None:
    learner = visit("yara", locale=locale)
    answer = learner.page.goto(f"{learner.address}no/such/page/")
    assert answer
    assert answer.status == 404
    look(learner.page, f"not-here-{locale}")
    learner.page.locator(".button").click()
    expect(learner.page).to_have_url(learner.address)
