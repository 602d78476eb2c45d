"""A teacher in the admin: tries a policy out, enrols from a list, reads who changed what."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import axe_faults
from tests.e2e.conftest import Visitor
from tests.e2e.pages import Admin
from tests.e2e.site import TEACHER

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_a_policy_is_tried_out_before_it_is_saved(visit: Visitor) -> None:
    teacher = visit(TEACHER)
    Admin(teacher.page, teacher.address).open()
    form = teacher.page
    may_be = form.get_by_role("spinbutton", name="May be struggling, from")
    may_be.fill("80")
    form.get_by_role("spinbutton", name="Very likely struggling, from").fill("90")
    with form.expect_popup() as opened:
        form.get_by_role("button", name="What would this have done?").click()
    answer = opened.value
    expect(answer.get_by_role("heading", name="Before and after")).to_be_visible()
    # It goes on by itself; how soon is the machine's matter.
    expect(answer.locator("form[data-te-go-on]")).to_have_count(0, timeout=40_000)
    expect(answer.get_by_text("45 % → 80 %")).to_be_visible()
    rates = answer.get_by_role("row", name="Alarms an hour").get_by_role("cell").all_inner_texts()
    assert float(rates[0]) > float(rates[1])
    assert axe_faults(answer) == []
    # The form beside it is as it was, and nothing of it is saved.
    expect(may_be).to_have_value("80")
    form.reload()
    expect(may_be).to_have_value("45")


def test_a_list_is_looked_at_and_then_enrolled(visit: Visitor, tmp_path: Path) -> None:
    teacher = visit(TEACHER)
    page = teacher.page
    page.goto(f"{teacher.address}admin/tutor_emotion/schoolclass/")
    page.locator("#result_list").get_by_role("link", name="7b").click()
    page.get_by_role("link", name="Enrol from a list").click()
    assert axe_faults(page) == []
    names = tmp_path / "autumn.csv"
    names.write_text("username;role\nben;\nnobody;\nben;\n")
    page.locator("input[type=file]").set_input_files(names)
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("status")).to_contain_text("1 learner to enrol, 2 rows left out.")
    expect(page.get_by_text("The same person and class as in line 2.").first).to_be_visible()
    assert axe_faults(page) == []
    page.get_by_role("button", name="Do this, and leave the bad rows out").click()
    expect(page.get_by_text("1 learner enrolled, 2 rows left out.")).to_be_visible()

    page.goto(f"{teacher.address}admin/tutor_emotion/schoolclass/")
    page.locator("#result_list").get_by_role("link", name="7b").click()
    page.get_by_role("link", name="History", exact=True).click()
    line = page.get_by_role("row", name=re.compile("1 learner in 7b: ben"))
    expect(line).to_contain_text("teacher")
    expect(line).to_contain_text("list: autumn.csv")
    assert axe_faults(page) == []
