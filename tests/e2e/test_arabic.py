"""The same pages for somebody whose browser asks for Arabic: they run from right to left."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import look
from tests.e2e.conftest import Visitor
from tests.e2e.pages import Home, SignIn
from tests.e2e.site import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
FEELINGS = re.compile("حيرة|محتار|مرتبك|إحباط|محبط|ملل|ضجر|غاضب|منزعج|خاطئ|أحسنت")


def test_a_learner_reads_arabic(visit: Visitor) -> None:
    xenia = visit(None, locale="ar")
    sign_in = SignIn(xenia.page, xenia.address).open()
    expect(xenia.page.locator("html")).to_have_attribute("dir", "rtl")
    look(xenia.page, "arabic-sign-in")
    sign_in.sign_in("xenia", PASSWORD)
    expect(xenia.page).to_have_url(xenia.address)
    look(xenia.page, "arabic-home")

    lesson = Home(xenia.page, xenia.address).choose_lesson("Fractions")
    panel = lesson.panel.choosing()
    expect(panel.root.locator("h2")).to_have_text("مساعدة في الوقت المناسب")
    look(xenia.page, "arabic-choose")
    panel.tick("interaction", "text", "self_report")
    panel.start_without()
    assert _left(panel.root) < _left(lesson.step), "the panel stands at the other side"
    expect(lesson.title).to_have_css("direction", "ltr")  # this lesson is in English
    expect(lesson.page.locator("#lesson-input")).to_have_css("direction", "ltr")
    lesson.miss("3/5", "5/8", "8/3")
    panel.feel("stuck")
    expect(panel.offer).to_be_visible()
    assert panel.why(), "the reasons are told"
    assert not FEELINGS.search(panel.offer.inner_text())
    look(xenia.page, "arabic-offer")
    xenia.page.goto(f"{xenia.address}lessons/progress/")
    look(xenia.page, "arabic-progress")


def _left(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["x"]
