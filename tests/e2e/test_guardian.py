"""A guardian is asked by a link, on a telephone, without JavaScript and without an account."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import look
from tests.e2e.conftest import Visitor
from tests.e2e.site import TEACHER, Web

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
QUESTION = "a[href*='/tutor-emotion/guardian/']"


def test_from_the_admin_to_a_yes_that_is_taken_back(visit: Visitor, illinois: Web) -> None:
    miss = visit(TEACHER, address=illinois.address)
    miss.page.goto(f"{miss.address}admin/tutor_emotion/guardianlink/add/")
    learner = miss.page.locator("select[name=enrolment]")
    option = learner.locator("option", has_text="Leyla Demir").first
    learner.select_option(value=option.get_attribute("value"))
    miss.page.locator("[name=_save]").first.click()
    link = miss.page.locator(QUESTION)
    expect(link).to_be_visible()
    address = str(link.get_attribute("href"))
    look_at = visit(None, address=address)
    look_at.page.goto(address)
    look(look_at.page, "guardian")

    parent = visit(None, address=address, java_script_enabled=False)
    page = parent.page
    page.goto(address)
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("group", name="Camera")).to_contain_text("Please choose")
    missed = page.get_by_role("textbox", name="Your full name", exact=True)
    expect(missed).to_have_accessible_description("This field is required.")
    page.get_by_role("group", name="Camera").get_by_label("Yes").check()
    page.get_by_role("group", name="Microphone").get_by_label("No").check()
    page.get_by_label("Your full name", exact=True).fill("Defne Demir")
    page.get_by_label("You are the learner’s").select_option("parent")
    page.get_by_label("I may decide this").check()
    page.get_by_label("Your signature").fill("Defne Demir")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_contain_text("saved")
    assert parent.context.cookies() == [], "nothing is left in a parent's browser"
    kept = page.url
    look_at.page.goto(kept)
    look(look_at.page, "guardian-kept")

    page.goto(address)
    expect(page.locator("main")).to_contain_text("answered already")
    miss.page.reload()
    expect(miss.page.locator("main, #content").first).to_contain_text("answered")
    assert "Defne" not in miss.page.content()

    page.goto(kept)
    page.get_by_role("button", name="Take it back: Camera").click()
    expect(page.get_by_role("status")).to_contain_text("taken back")
    expect(page.locator("main")).to_contain_text("nothing is used")
