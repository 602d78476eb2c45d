"""A web server that is about to end: its learners move to another one and do not notice."""

from __future__ import annotations

import json
import signal
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import FOUND, Visit
from tests.e2e.conftest import Visitor
from tests.e2e.network import Network
from tests.e2e.pages import LessonPage
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
# The goal of docs/faults.md for any part's return.
MOST_S_WITHOUT_WINDOWS = 10.0


def messages(visit: Visit) -> list[tuple[float, dict[str, Any]]]:
    """What comes from now on, each with the time of its coming."""
    heard: list[tuple[float, dict[str, Any]]] = []

    def listen(socket: Any) -> None:
        socket.on("framereceived", lambda text: heard.append((time.monotonic(), json.loads(text))))

    visit.page.on("websocket", listen)
    return heard


def test_a_learner_moves_to_another_server_in_the_middle_of_a_step(
    visit: Visitor, site: Site
) -> None:
    leaves, takes = site.another_web(drain_s=20), site.another_web(drain_s=20)
    with Network(leaves.port) as network:
        cleo = visit("cleo", address=network.address)
        heard = messages(cleo)
        lesson = LessonPage(cleo.page, cleo.address).open("shaded-part")
        lesson.panel.start("face", "voice", "interaction", "self_report")
        cleo.until("a face is seen", lambda: cleo.wire.windows(face="ok") >= 3, 40)
        session = cleo.wire.session

        # A preStop hook; the proxy has not heard of it yet, and sends us there once more.
        leaves.process.send_signal(signal.SIGUSR1)
        cleo.until("the ending server refuses", lambda: len(cleo.wire.of("error")) >= 1, 20)
        assert cleo.wire.of("error")[0]["code"] == "draining"
        expect(lesson.panel.line).to_have_count(0)
        windows = cleo.wire.windows()
        cleo.until("the old one reads on", lambda: cleo.wire.windows() > windows, 10)

        network.turn_to(takes.port)
        cleo.until("another welcome", lambda: len(cleo.wire.of("welcome")) == 2, 20)
        lesson.page.locator("#lesson-input").fill("3/8")
        lesson.answer("3/8")
        cleo.until("an answer goes over", lambda: said(cleo, "answer") >= 1, 10)
        moved = max(at for at, message in heard if message["type"] == "welcome")
        cleo.until(
            "windows flow again",
            lambda: any(at > moved and m["type"] == "window" for at, m in heard),
            30,
        )
        expect(lesson.panel.line).to_have_count(0)
        expect(lesson.panel.in_use).to_contain_text(["Camera", "Microphone", "Lesson activity"])
        assert cleo.wire.session == session, "the same session"
        assert set(cleo.tracks()) == {"live"}, "the learner is not asked a second time"
        assert (cleo.asked(), cleo.peers()) == (1, 2)
        before = max(at for at, m in heard if m["type"] == "window" and at < moved)
        after = min(at for at, m in heard if m["type"] == "window" and at > moved)
        (FOUND / "moving.txt").write_text(
            f"{after - before:.2f} s between two windows, {after - moved:.2f} after the welcome\n"
        )
        assert after - before < MOST_S_WITHOUT_WINDOWS

        leaves.child.terminate()
        assert leaves.child.wait(5.0), "nobody is left to wait for"
        cleo.until("the answer is a row", lambda: answers(cleo, session) >= 1, 10)
        assert answers(cleo, session) == 1, "nothing lost, and nothing doubled"


def answers(visit: Visit, session: str) -> int:
    return sum(event["kind"] == "Answer" for event in visit.record(session)["events"])


def said(visit: Visit, kind: str) -> int:
    return sum(message["type"] == kind for message in visit.wire.sent)
