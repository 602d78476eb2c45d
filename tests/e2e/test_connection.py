"""A connection that is lost: the lesson goes on, and what was in use comes back by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Visit, look
from tests.e2e.conftest import Visitor
from tests.e2e.network import Network
from tests.e2e.pages import LessonPage
from tests.e2e.site import Site, Web

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def with_a_camera(visit: Visit) -> LessonPage:
    lesson = LessonPage(visit.page, visit.address).open("shaded-part")
    lesson.panel.start("face", "voice", "interaction", "self_report")
    visit.until("a face is seen", lambda: visit.wire.windows(face="ok") >= 2, 40)
    return lesson


def test_the_web_server_dies_and_comes_back(visit: Visitor, spare: Web) -> None:
    dan = visit("dan", address=spare.address)
    lesson = with_a_camera(dan)
    panel = lesson.panel
    assert (dan.asked(), dan.peers(), len(dan.wire.sockets)) == (1, 1, 1)
    session = dan.wire.session

    spare.kill()
    expect(panel.line).to_contain_text("Connection lost")
    lesson.take_hint()
    expect(lesson.help).to_have_count(1)
    lesson.page.locator("#lesson-input").fill("3/8")
    look(dan.page, "connection-lost")
    assert set(dan.tracks()) == {"live"}, "the learner is not asked a second time"

    before = dan.wire.windows(face="ok")
    spare.start()
    dan.until("windows flow again", lambda: dan.wire.windows(face="ok") >= before + 2, 60)
    expect(panel.line).to_have_count(0)
    expect(panel.in_use).to_contain_text(["Camera", "Microphone", "Lesson activity"])
    assert dan.asked() == 1, "the same tracks"
    assert dan.peers() >= 2, "a new peer"
    assert dan.wire.session == session, "the same session"
    lesson.answer("3/8")
    expect(lesson.feedback.locator(".success")).to_be_visible()


def test_a_network_that_goes_away_for_a_moment(visit: Visitor, site: Site) -> None:
    with Network(site.port) as network:
        finn = visit("finn", address=network.address)
        lesson = with_a_camera(finn)
        panel = lesson.panel
        network.cut()
        expect(panel.line).to_contain_text("Connection lost")
        expect(panel.in_use).to_contain_text(["Camera", "Microphone", "Lesson activity"])
        finn.page.wait_for_timeout(2_000)
        network.mend()
        before = finn.wire.windows(face="ok")
        finn.until("windows flow again", lambda: finn.wire.windows(face="ok") >= before + 2, 30)
        first, last = (finn.wire.of("welcome")[at] for at in (0, -1))
        assert last["session"] == first["session"]
        assert (first["resumed"], last["resumed"]) == (False, True), "it goes on where it was"
        assert (finn.asked(), finn.peers()) == (1, 2), "the same tracks, a new peer"


def test_another_network(visit: Visitor, site: Site) -> None:
    """From the school's to the phone's: the old connection is dead, and nobody says so."""
    with Network(site.port) as network:
        edda = visit("edda", address=network.address)
        lesson = with_a_camera(edda)
        edda.page.evaluate("() => dispatchEvent(new Event('online'))")
        edda.page.wait_for_timeout(3_000)
        assert (len(edda.wire.sockets), edda.peers()) == (1, 1), "what works is not touched"
        network.change()
        edda.page.evaluate("() => dispatchEvent(new Event('online'))")
        before = edda.wire.windows(face="ok")
        edda.until("windows flow again", lambda: edda.wire.windows(face="ok") >= before + 2, 15)
        assert edda.wire.of("welcome")[-1]["resumed"], "it goes on where it was"
        assert edda.asked() == 1, "the same tracks"
        lesson.take_hint()
        expect(lesson.help).to_have_count(1)


def test_a_second_tab_is_a_session_of_its_own(visit: Visitor) -> None:
    hana = visit("hana")
    lesson = LessonPage(hana.page, hana.address).open()
    lesson.panel.start("interaction", "self_report")
    second = hana.another_tab()
    other = LessonPage(second.page, second.address).open()
    other.panel.start("interaction", "self_report")
    expect(other.panel.in_use).to_contain_text(["Lesson activity"])
    expect(lesson.panel.in_use).to_contain_text(["Lesson activity"])
    assert second.wire.session != hana.wire.session
