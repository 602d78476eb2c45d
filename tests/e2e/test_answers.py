"""Answers of every kind in a real browser: by keyboard, by pointer, and read back as one types."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.browsing import look
from tests.e2e.conftest import Visitor
from tests.e2e.pages import LessonPage

pytestmark = pytest.mark.e2e

EQUATIONS = "lessons/equations-1/"
SORTING, SEVERAL, FORMULA = "order-the-steps", "check-a-solution", "write-a-formula"


def rows(page: Page) -> list[str]:
    return page.locator(".lesson-order .lesson-choice-text").all_inner_texts()


def middle(row: Locator) -> tuple[float, float]:
    box = row.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_steps_are_sorted_by_keyboard_alone(visit: Visitor) -> None:
    visited = visit("cleo")
    page = visited.page
    LessonPage(page, visited.address).open(SORTING, lesson=EQUATIONS)
    before = rows(page)
    down = page.locator(".lesson-order li").first.get_by_role("button").last
    down.focus()
    page.keyboard.press("Enter")
    assert rows(page) == [before[1], before[0], *before[2:]]
    expect(page.locator(".lesson-heard")).to_have_text(re.compile("is now 2 of"))
    page.keyboard.press("Enter")
    assert rows(page)[2] == before[0]
    focused = page.evaluate("() => document.activeElement.closest('li')?.innerText ?? ''")
    assert before[0].split("\n")[0] in focused
    look(page, "answer-order")


def test_steps_are_sorted_by_dragging(visit: Visitor) -> None:
    visited = visit("cleo")
    page = visited.page
    LessonPage(page, visited.address).open(SORTING, lesson=EQUATIONS)
    before = rows(page)
    grips = page.locator(".lesson-grip")
    page.mouse.move(*middle(grips.first))
    page.mouse.down()
    for grip in grips.all()[1:]:
        x, y = middle(grip)
        page.mouse.move(x, y + 8, steps=4)
    page.mouse.up()
    assert rows(page) == [*before[1:], before[0]]
    expect(page.locator("[data-dragged]")).to_have_count(0)


def test_an_expression_is_read_back_while_one_types(visit: Visitor) -> None:
    visited = visit("cleo")
    page = visited.page
    LessonPage(page, visited.address).open(FORMULA, lesson=EQUATIONS)
    field, preview = page.locator("#lesson-input"), page.locator(".lesson-preview")
    check = page.get_by_role("button", name="Check", exact=True)
    field.focus()
    before = check.bounding_box()
    page.keyboard.type("(x+1)/(2x")
    expect(preview).to_contain_text("Not complete yet")
    page.keyboard.type(")")
    expect(preview.locator("mfrac")).to_be_visible()
    after = check.bounding_box()
    assert before
    assert after
    assert before["y"] == after["y"]  # nothing has jumped
    look(page, "answer-expression")


def test_several_are_chosen_by_keyboard(visit: Visitor) -> None:
    visited = visit("cleo")
    page = visited.page
    lesson = LessonPage(page, visited.address).open(SEVERAL, lesson=EQUATIONS)
    boxes = page.get_by_role("checkbox")
    boxes.first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(boxes.nth(0)).to_be_checked()
    expect(boxes.nth(1)).to_be_checked()
    page.keyboard.press("Enter")
    expect(lesson.feedback.locator("p")).to_be_visible()
    look(page, "answer-several")


def test_mathematics_comes_only_where_there_is_some(visit: Visitor) -> None:
    visited = visit("cleo")
    page = visited.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    LessonPage(page, visited.address).open(FORMULA, lesson=EQUATIONS)
    assert "math.js" not in asked

    def with_tex(route: Route) -> None:
        content = json.loads(route.fetch().text())
        for step in content["steps"]:
            step["item"]["html"] = r'<p>Take <span class="tex">\frac{a}{\sqrt{2}}</span>.</p>'
        route.fulfill(json=content)

    page.route("**/content.json", with_tex)
    LessonPage(page, visited.address).open(FORMULA, lesson=EQUATIONS)
    expect(page.locator(".lesson-text .tex mfrac msqrt")).to_be_visible()
    assert "math.js" in asked
