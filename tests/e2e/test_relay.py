"""A learner whose network lets no UDP through: everything goes by the relay, over TCP."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.coturn import Turn, needs_coturn
from tests.e2e.browsing import FOUND
from tests.e2e.conftest import Visitor
from tests.e2e.pages import LessonPage
from tests.e2e.site import Site
from tutor_emotion.media import tuning

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240), needs_coturn]
BACK_WITHIN_S = 20.0  # twice the goal of docs/faults.md: other tests run beside it

# The browser's own way to use nothing but a relay; and the connection, to be looked at.
_BEHIND_A_FIREWALL = """(() => {
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(config) {
      super({ ...config, iceTransportPolicy: "relay" });
      window.peer = this;
    }
  };
})()"""
_PATH = """async () => {
  const report = await window.peer.getStats();
  const pairs = [...report.values()].filter((s) => s.type === "candidate-pair" && s.nominated);
  return pairs.map((p) => report.get(p.localCandidateId))
    .map((c) => `${c.candidateType} over ${c.relayProtocol}`);
}"""


def test_a_learner_behind_a_firewall_is_seen_over_tcp(visit: Visitor, site: Site) -> None:
    host = tuning.host_addresses(use_ipv4=True, use_ipv6=False)[0]
    with Turn(udp=False, host=host) as turn:
        (url,) = turn.urls("tcp")
        web = site.another_web("tests.e2e.relay_settings", TURN_URL=url)
        dan = visit("dan", address=web.address)
        dan.context.add_init_script(_BEHIND_A_FIREWALL)
        lesson = LessonPage(dan.page, dan.address).open("shaded-part")
        panel = lesson.panel
        panel.start("face", "voice", "interaction", "self_report")
        dan.until("a face is seen", lambda: dan.wire.windows(face="ok") >= 3, 40)
        dan.until("speech is heard", lambda: dan.wire.windows(voice="ok") >= 1, 40)
        assert dan.page.evaluate(_PATH) == ["relay over tcp"]

        turn.stop()
        lesson.answer("3/8")
        expect(lesson.feedback.locator(".success")).to_be_visible()
        seen = dan.wire.windows(face="ok")
        dan.page.wait_for_timeout(15_000)
        assert dan.wire.windows(face="ok") <= seen + 1
        expect(panel.in_use).to_contain_text(["Lesson activity"])

        turn.start()
        began, seen = time.monotonic(), dan.wire.windows(face="ok")
        dan.until("the face is seen again", lambda: dan.wire.windows(face="ok") > seen, 40)
        back_s = time.monotonic() - began
        (FOUND / "relay.txt").write_text(f"{back_s:.1f} s after the relay's return\n")
        assert back_s < BACK_WITHIN_S
        assert dan.asked() == 1, "the learner is not asked a second time"
