"""What may not be used is not offered, not asked for and not answered."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import look
from tests.e2e.conftest import Visitor
from tests.e2e.pages import LessonPage
from tests.e2e.site import Web
from tests.e2e.test_classroom import answer_to_an_offer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_a_school_in_the_european_union_has_no_camera_and_no_microphone(
    visit: Visitor, school: Web
) -> None:
    edda = visit("edda", address=school.address)
    lesson = LessonPage(edda.page, edda.address).open()
    panel = lesson.panel.choosing()
    forbidden = panel.forbidden()
    assert set(forbidden) == {"face", "voice"}
    assert all("not permitted here" in why for why in forbidden.values())
    expect(panel.root.locator("#with")).to_have_count(0)
    look(edda.page, "forbidden")

    panel.tick("interaction", "self_report")
    panel.start_without()
    expect(panel.in_use).to_contain_text(["Lesson activity"])
    lesson.miss("3/5", "5/8", "8/3")
    panel.feel("stuck")
    expect(panel.offer).to_be_visible()
    assert edda.asked() == 0
    assert edda.peers() == 0
    assert answer_to_an_offer(edda, edda.wire.session) == "forbidden_by_law"


def test_a_consent_taken_back_ends_it_at_once(visit: Visitor) -> None:
    edda = visit("edda")
    lesson = LessonPage(edda.page, edda.address).open()
    panel = lesson.panel
    panel.start("face", "interaction")
    edda.until("a face is seen", lambda: edda.wire.windows(face="ok") >= 1, 40)

    panel.press("change")
    edda.until("the camera is off", lambda: set(edda.tracks()) == {"ended"}, 2)
    panel.choosing()
    assert panel.ticked() == [], "nothing is ticked beforehand, the second time as well"
    panel.tick("interaction")
    panel.start_without()
    expect(panel.in_use).to_contain_text(["Lesson activity"])
    windows = len(edda.wire.of("window"))
    edda.page.wait_for_timeout(2_000)
    assert len(edda.wire.of("window")) == windows
    assert edda.asked() == 1
    assert answer_to_an_offer(edda, edda.wire.session) == "not_consented"
