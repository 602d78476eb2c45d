"""The pages on which a teacher sets up a second step at sign-in: looked at, and by the policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import look
from tests.e2e.conftest import Visitor
from tests.e2e.site import PASSWORD, TEACHER

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_a_second_step_is_offered_and_can_be_scanned(visit: Visitor) -> None:
    teacher = visit(TEACHER)
    page = teacher.page
    page.goto(teacher.address)
    page.get_by_role("link", name="A second step at sign-in").click()
    look(page, "second-step")
    page.get_by_role("link", name="Activate").click()
    page.get_by_label("Password").fill(PASSWORD)
    look(page, "say-it-again")
    page.locator("main button[type=submit]").first.click()
    picture = page.locator(".scan svg")
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] > 120
    look(page, "scan")
    page.locator("#id_code").fill("000000")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "scan-again")
