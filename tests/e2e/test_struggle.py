"""A learner without a camera who gets stuck: help is offered beside the lesson, never over it."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Visit, look, picture
from tests.e2e.conftest import Visitor
from tests.e2e.pages import LessonPage, overlap

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
QUIET_START_S = 120.0
FEELINGS = re.compile("frustrat|confus|bored|boring|angry|struggl", re.IGNORECASE)


def test_who_says_that_they_are_stuck_need_not_wait(visit: Visitor) -> None:
    omar = visit("omar", viewport={"width": 320, "height": 700})
    lesson = LessonPage(omar.page, omar.address).open()
    panel = lesson.panel
    panel.start("interaction", "self_report")
    expect(panel.in_use).to_contain_text(["Lesson activity"])
    lesson.miss("3/5", "5/8", "8/3")
    panel.feel("stuck")
    expect(panel.offer).to_be_visible()
    assert omar.asked() == 0, "without a camera, none is asked for"
    assert not overlap(panel.offer, lesson.step)

    lesson.page.locator("#lesson-input").focus()
    expect(panel.root.locator(".pill")).to_be_visible()
    step = lesson.words()
    help_before = lesson.help.count()  # a new skill begins with an example
    omar.page.keyboard.press("Escape")
    expect(panel.offer).to_have_count(0)
    expect(lesson.help).to_have_count(help_before)
    assert lesson.title.inner_text() in step, "waving it away changes nothing"
    expect(lesson.page.locator("#lesson-input")).to_be_focused()
    omar.until("the server knows", lambda: _outcomes(omar) == ["dismissed"])


def test_three_misses_bring_an_offer_beside_the_lesson(
    patient: tuple[Visit, LessonPage, float],
) -> None:
    ben, lesson, began_s = patient
    panel = lesson.panel
    assert ben.asked() == 0
    assert ben.wire.of("window") == [], "no sensor, no Window"
    lesson.miss("3/5", "5/8")
    wait_s = QUIET_START_S + 2.0 - (time.monotonic() - began_s)
    if wait_s > 0:
        ben.page.wait_for_timeout(wait_s * 1000)
    expect(panel.offer).to_have_count(0)
    field = lesson.page.locator("#lesson-input")
    before = field.bounding_box()
    lesson.miss("8/3")

    expect(panel.offer).to_be_visible()
    assert field.bounding_box() == before, "the lesson does not move under the learner"
    assert not overlap(panel.offer, lesson.step), "beside the lesson, not over it"
    expect(field).to_be_focused()
    assert not FEELINGS.search(lesson.words()), "no page names a feeling"

    ben.page.evaluate("() => scrollTo(0, 0)")
    picture(ben.page, "lesson")
    stops = lesson.tab_stops()
    reached = next((stop for stop in stops if stop in panel.choices()), None)
    assert reached, "the offer is reached by keyboard"
    reasons = panel.why()
    assert any("3" in reason for reason in reasons), reasons
    assert not FEELINGS.search(" ".join(reasons))
    look(ben.page, "offer")

    first = panel.choices()[0]
    help_before = lesson.help.count()
    ben.page.evaluate("() => document.activeElement?.blur()")
    ben.page.keyboard.press("1")
    expect(panel.offer).to_have_count(0)
    shown = {"worked_step": ".worked", "hint": ".hint", "extra_example": ".example"}[first]
    expect(lesson.page.locator(f".lesson-help{shown}").last).to_be_visible()
    expect(lesson.help).to_have_count(help_before + 1)
    look(ben.page, "taken")
    ben.until("the server knows", lambda: _outcomes(ben) == ["taken"])
    signals = {signal["kind"] for signal in ben.record(ben.wire.session)["signals"]}
    assert "unresolved" in signals


def _outcomes(visit: Visit) -> list[str]:
    """What came of each offer of this session, by the learner's own record."""
    adaptations = visit.record(visit.wire.session)["adaptations"]
    return [row["outcome"] for row in adaptations if row["mode"] == "offer"]
