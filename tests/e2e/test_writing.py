"""A teacher writes a step in the admin, and sees it as learners will."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import AXE, WIDTHS_PX, Visit

pytestmark = pytest.mark.e2e
ADMIN = "admin/tutor_emotion_lessons"
# Of the theme's own pages only the part that is ours.
_OURS = """async () => (await axe.run({ include: ['.te-preview'] })).violations
  .map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 200)).join(' ')}`)"""


@pytest.fixture
def page(visit: Callable[..., Visit]) -> Page:
    """The form of the first step of the fractions."""
    visited = visit("teacher")
    visited.page.goto(f"{visited.address}{ADMIN}/step/?q=shaded-part")
    visited.page.get_by_role("link", name="Name the shaded part").click()
    expect(visited.page.locator(".te-shown article")).to_have_count(9)
    return visited.page


def test_the_preview_follows_what_one_writes(page: Page) -> None:
    first = page.locator(".te-shown article").first
    page.get_by_label("Right answer").first.fill("three")
    expect(first.locator(".te-wrong")).to_contain_text("its own answer is marked unreadable")
    page.get_by_label("Right answer").first.fill("3/8")
    expect(first.locator(".te-wrong")).to_have_count(0)
    page.locator("#id_prompt").fill("Half of $\\frac{1}{2}$?\n\n```picture\nbar 1/4\n```")
    expect(first.locator("svg")).to_have_attribute(
        "aria-label", "A bar in 4 equal parts, 1 shaded."
    )
    expect(first.locator(".tex math mfrac")).to_be_visible()
    page.locator("#id_variants-5-0-prompt").focus()
    easier = page.locator('[data-te-part="variants-5-0"]')
    expect(easier).to_be_in_viewport()
    page.evaluate(AXE.read_text())
    assert page.evaluate(_OURS) == []


def test_only_the_fields_of_the_kind_are_there(page: Page) -> None:
    expect(page.locator("#id_form")).to_be_visible()
    expect(page.locator("#id_choices")).to_be_hidden()
    page.locator("#id_answer_kind").select_option("several")
    expect(page.locator("#id_choices")).to_be_visible()
    expect(page.locator("#id_form")).to_be_hidden()


def test_nothing_is_cut_off(page: Page) -> None:
    for width in WIDTHS_PX:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_out_and_in_again_changes_nothing(page: Page, tmp_path: Path) -> None:
    address = page.url.split("/admin/")[0]
    page.goto(f"{address}/{ADMIN}/lessoncourse/?q=fractions")
    page.get_by_role("link", name="Fractions", exact=True).last.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as files").first.click()
    path = tmp_path / "fractions.zip"
    download.value.save_as(path)
    page.goto(f"{address}/{ADMIN}/lessoncourse/import/")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("status")).to_contain_text("there is nothing to do")
