"""The learner's page: by keyboard alone, without a jump, and over a line that goes away."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.browsing import WIDTHS_PX, look
from tests.e2e.conftest import Visitor
from tests.e2e.pages import Home, LessonPage, overlap

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
OFFER: dict[str, Any] = {
    "type": "adaptation",
    "id": 1,
    "kind": "hint",
    "mode": "offer",
    "message": "offer.hint_or_step",
    "step_title": "",
    "skill_title": "",
    "choices": ["hint", "worked_step"],
    "pace": 0,
    "expires_in_s": 60,
    "evidence": [],
}
# Chrome's own score of what moved without having been touched.
_WATCH_SHIFTS = """() => { window.shifted = 0;
  new PerformanceObserver((list) => { for (const shift of list.getEntries())
    if (!shift.hadRecentInput) window.shifted += shift.value; })
    .observe({ type: 'layout-shift', buffered: false }); }"""


class Server:
    """Between page and server: passes all on, and can say something of its own."""

    def __init__(self, page: Page) -> None:
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/ws/"), self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        self.sockets.append(socket)

    def offer(self, number: int) -> None:
        self.sockets[-1].send(json.dumps({**OFFER, "id": number}))


def test_an_offer_moves_nothing_covers_nothing_and_takes_no_focus(visit: Visitor) -> None:
    zora = visit("zora")
    server = Server(zora.page)
    lesson = LessonPage(zora.page, zora.address).open()
    panel = lesson.panel
    panel.start("interaction", "self_report")
    field = lesson.page.locator("#lesson-input")
    for number, width in enumerate(WIDTHS_PX, 1):
        zora.page.set_viewport_size({"width": width, "height": 800})
        field.focus()
        zora.page.wait_for_timeout(600)
        zora.page.evaluate(_WATCH_SHIFTS)
        server.offer(number)
        expect(panel.offer).to_be_visible()
        zora.page.wait_for_timeout(300)
        assert zora.page.evaluate("() => shifted") == 0, f"at {width} px something moved"
        assert not overlap(panel.offer, lesson.step)
        expect(field).to_be_focused()
        expect(panel.root.locator("[data-feeling=stuck]")).to_be_visible()
        # Whoever does not see it hears of it, without being interrupted.
        expect(panel.root.get_by_role("status")).to_contain_text("I’m fine")
        panel.offer.locator("#wrong").click()
        expect(panel.root.locator(".slot")).to_contain_text("Just go on")


def test_a_step_by_keyboard_alone(visit: Visitor) -> None:
    quinn = visit("quinn")
    server = Server(quinn.page)
    lesson = LessonPage(quinn.page, quinn.address).open()
    keys = quinn.page.keyboard
    panel = lesson.panel.choosing()
    for modality in ("interaction", "self_report"):
        assert modality in _until(lesson, modality)
        keys.press("Space")
    _until(lesson, "without")
    keys.press("Enter")
    panel.running()

    quinn.page.reload()
    panel.choosing()
    _until(lesson, "again")
    keys.press("Enter")
    panel.running()
    quinn.page.evaluate("() => document.querySelector('#main').focus()")
    _until(lesson, "lesson-input")
    keys.type("9/4")
    keys.press("Enter")
    expect(lesson.feedback.locator(".info")).to_be_visible()
    keys.press("Alt+Shift+Digit3")
    expect(panel.root.get_by_role("status")).to_contain_text("Noted")
    server.offer(7)
    expect(panel.offer).to_be_visible()
    _until(lesson, "hint")
    keys.press("Enter")
    expect(lesson.page.locator(".lesson-help.hint h3")).to_be_focused()
    quinn.page.evaluate("() => document.querySelector('#main').focus()")
    _until(lesson, "lesson-input")
    keys.press("ControlOrMeta+a")
    keys.type("3/8")
    keys.press("Enter")
    expect(lesson.page.locator("#lesson-next")).to_be_focused()
    before = lesson.title.inner_text()
    keys.press("Enter")
    expect(lesson.title).not_to_have_text(before)
    expect(lesson.title).to_be_focused()


def test_an_answer_outlives_a_lost_line_and_a_reload(visit: Visitor) -> None:
    zora = visit("zora")
    lesson = LessonPage(zora.page, zora.address).open()
    field = zora.page.locator("#lesson-input")
    field.fill("3/8")
    zora.page.reload()
    expect(lesson.page.locator("nav .lesson-steps")).to_be_visible()
    expect(field).to_have_value("3/8")
    zora.context.set_offline(True)
    field.press("Enter")
    expect(lesson.feedback).to_contain_text("sent again by itself")
    expect(lesson.feedback).to_contain_text("as soon as there is a connection", timeout=15_000)
    expect(field).to_have_value("3/8")
    zora.context.set_offline(False)
    expect(lesson.feedback.locator(".success")).to_be_visible()


def test_home_and_progress_are_looked_at(visit: Visitor) -> None:
    zora = visit("zora")
    Home(zora.page, zora.address).open()
    look(zora.page, "home")
    zora.page.goto(f"{zora.address}lessons/progress/")
    look(zora.page, "progress")


def _until(lesson: LessonPage, wanted: str) -> list[str]:
    """Tab until it is there."""
    passed: list[str] = []
    for stop in lesson.tab_stops():
        passed.append(stop)
        if stop == wanted:
            return passed
    raise AssertionError(f"{wanted} is not reached by Tab: {passed}")
