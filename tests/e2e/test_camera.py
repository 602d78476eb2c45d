"""A learner with camera and microphone: from the sign-in to a camera that is really off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import look
from tests.e2e.conftest import Visitor
from tests.e2e.pages import Home, SignIn
from tests.e2e.site import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_from_signing_in_to_a_camera_that_is_off(visit: Visitor) -> None:
    ada = visit(None)
    sign_in = SignIn(ada.page, ada.address).open()
    look(ada.page, "sign-in")
    sign_in.sign_in("ada", PASSWORD)
    expect(ada.page).to_have_url(ada.address)
    look(ada.page, "home")

    lesson = Home(ada.page, ada.address).choose_lesson("Fractions")
    panel = lesson.panel.choosing()
    assert panel.ticked() == [], "nothing is ticked beforehand"
    without, with_sensors = (panel.root.locator(f"#{way}") for way in ("without", "with"))
    one, other = without.bounding_box(), with_sensors.bounding_box()
    assert one
    assert other
    assert (one["width"], one["height"]) == (other["width"], other["height"]), "an equal choice"
    assert (one["y"], one["x"]) <= (other["y"], other["x"]), "and the first"
    look(ada.page, "choose")
    with_sensors.click()
    expect(panel.root.get_by_role("alert")).to_be_visible()
    assert ada.asked() == 0, "the camera is not asked for before it is chosen"

    panel.tick("face", "voice", "interaction", "text", "self_report")
    panel.go_on_with()
    expect(panel.preview).to_be_visible()
    ada.until("the preview shows the camera", lambda: _moving(panel.preview))
    assert panel.devices("camera")
    assert panel.devices("microphone")
    ada.until("the level meter moves", lambda: panel.level() > 10)
    look(ada.page, "preview")
    assert ada.wire.sockets == [], "nothing is sent before the lesson begins"

    panel.begin()
    expect(panel.in_use).to_contain_text(["Camera", "Microphone", "Lesson activity"])
    ada.until("a face is seen", lambda: ada.wire.windows(face="ok") >= 3, 40)
    ada.until("speech is heard", lambda: ada.wire.windows(voice="ok") >= 1, 40)
    estimated = [w for w in ada.wire.of("window") if w["estimated_at_s"] is not None]
    assert estimated, "a worker has read them"
    assert "video" not in ada.page.content(), "the lesson itself shows no video"
    look(ada.page, "running")

    panel.press("pause")
    expect(panel.said).to_contain_text("Paused")
    ada.page.wait_for_timeout(2_500)  # what was on its way
    before = len(ada.wire.of("window"))
    ada.page.wait_for_timeout(3_000)
    assert len(ada.wire.of("window")) == before, "nothing is read while paused"
    panel.press("pause")
    ada.until("windows come again", lambda: len(ada.wire.of("window")) > before)

    panel.press("stop")
    ada.until("the tracks are stopped", lambda: set(ada.tracks()) == {"ended"}, 2)
    assert len(ada.tracks()) >= 2
    expect(panel.said).to_contain_text("Nothing is in use")
    expect(panel.in_use).to_have_count(0)
    look(ada.page, "stopped")
    lesson.answer("3/8")
    expect(lesson.feedback.locator(".success")).to_be_visible()

    session = ada.wire.session
    ada.page.goto(ada.address)
    ada.until("the session ends with the page", lambda: ada.record(session)["estimates"] > 0)
    record = ada.record(session)
    assert record["windows"]["face:ok"] > 0
    assert record["windows"]["voice:ok"] > 0


def _moving(video: object) -> bool:
    return bool(
        video.evaluate("(v) => v.videoWidth > 0 && v.currentTime > 0.2")  # type: ignore[attr-defined]
    )
