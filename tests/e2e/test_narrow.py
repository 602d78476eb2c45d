"""A line that is too narrow: less is sent, the learner is told once, and the lesson goes on.

What the browser measures of its line is the only fake: half of the packets are said to be lost.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import LOOKS, SCHEMES, Visit, axe_faults
from tests.e2e.conftest import Visitor
from tests.e2e.pages import LessonPage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

_LOSSY = """() => {
  const honest = RTCPeerConnection.prototype.getStats;
  RTCPeerConnection.prototype.getStats = async function () {
    const report = new Map(await honest.call(this));
    return report.set('said', {type: 'remote-inbound-rtp', fractionLost: 0.5});
  };
}"""


def sent(visit: Visit) -> list[list[str]]:
    return [m["sensors"] for m in visit.wire.sent if m["type"] == "media_sending"]


def test_from_a_smaller_picture_to_sound_alone_to_no_camera(visit: Visitor) -> None:
    zora = visit("zora")
    lesson = LessonPage(zora.page, zora.address).open("shaded-part")
    panel = lesson.panel
    panel.start("face", "voice", "interaction", "self_report")
    zora.until("a face is seen", lambda: zora.wire.windows(face="ok") >= 2, 40)
    zora.page.evaluate(_LOSSY)

    told = panel.root.locator(".slot .muted")
    expect(told).to_contain_text("slow", timeout=20_000)
    expect(panel.root.locator("p[role=status]")).to_contain_text("slow")
    assert len(sent(zora)) == 1
    glance(zora.page, "narrow")
    expect(told).to_have_count(0, timeout=15_000)

    zora.until("sound alone is sent", lambda: sent(zora)[-1] == ["voice"], 20)
    zora.until("the picture is off", lambda: zora.wire.windows(face="off") >= 2, 10)
    assert panel.line.count() == told.count() == 0, "told once"
    assert set(zora.tracks()) == {"live"}, "it may come back by itself"
    zora.until("even sound is too much", lambda: set(zora.tracks()) == {"ended"}, 40)
    expect(panel.line).to_contain_text("too slow")
    expect(panel.in_use).to_contain_text(["Lesson activity"])
    expect(panel.in_use).to_have_count(1)
    assert (zora.asked(), zora.peers()) == (1, 1), "nobody was asked, nothing flaps"
    lesson.answer("3/8")
    expect(lesson.feedback.locator(".success")).to_be_visible()


def glance(page: Page, state: str) -> None:
    """Quicker than `look`: the line stands for eight seconds."""
    LOOKS.mkdir(parents=True, exist_ok=True)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            if width < 400:  # the panel stands below the lesson, out of sight
                expect(page.locator(".pill p")).to_contain_text("slow")
            page.screenshot(path=LOOKS / f"{state}-{width}-{scheme}.png", animations="disabled")
    page.emulate_media(color_scheme="light")
    assert axe_faults(page) == []
