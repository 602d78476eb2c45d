"""The same pages for somebody whose browser asks for German."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import look
from tests.e2e.conftest import Visitor
from tests.e2e.pages import Home, SignIn
from tests.e2e.site import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_a_learner_reads_german(visit: Visitor) -> None:
    gus = visit(None, locale="de-DE")
    sign_in = SignIn(gus.page, gus.address).open()
    expect(gus.page.locator("html")).to_have_attribute("lang", "de")
    expect(gus.page.get_by_role("heading", name="Anmelden")).to_be_visible()
    sign_in.sign_in("gus", PASSWORD)
    expect(gus.page).to_have_url(gus.address)

    lesson = Home(gus.page, gus.address).choose_lesson("Fractions")
    panel = lesson.panel.choosing()
    expect(panel.root.locator("h2")).to_have_text("Hilfe im richtigen Moment")
    expect(panel.root.locator("#without")).to_have_text("Ohne Kamera und Mikrofon starten")
    look(gus.page, "german-choose")
    panel.tick("interaction", "text", "self_report")
    panel.start_without()
    expect(panel.in_use).to_contain_text(["Lektion"])
    lesson.miss("3/5", "5/8", "8/3")
    panel.feel("stuck")
    expect(panel.offer).to_be_visible()
    expect(panel.offer.locator("#why")).to_contain_text("Warum")
    look(gus.page, "german-offer")


def test_a_wrong_password_is_told_in_words(visit: Visitor) -> None:
    page = visit(None)
    sign_in = SignIn(page.page, page.address).open()
    sign_in.sign_in("ada", "not-hers")
    expect(page.page.get_by_role("alert")).to_contain_text("do not fit together")


def test_a_teachers_page_is_not_a_learners(visit: Visitor) -> None:
    ada = visit("ada")
    answer = ada.page.goto(f"{ada.address}tutor-emotion/classroom/fractions/")
    assert answer is not None
    assert answer.status == 404, "as if it did not exist"
    nobody = visit(None)
    nobody.page.goto(f"{nobody.address}tutor-emotion/classroom/fractions/")
    expect(nobody.page).to_have_url(re.compile("/sign-in/"))
