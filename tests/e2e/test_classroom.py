"""A teacher in the live classroom and the admin, while a learner is at the lesson."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Visit, look, picture
from tests.e2e.conftest import Visitor
from tests.e2e.pages import Admin, Classroom, LessonPage
from tests.e2e.site import TEACHER

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
# A learner's own page that asks for more than it may: an offer for a camera, past the panel.
_OFFER = """async (session) => {
  const csrf = document.querySelector('tutor-emotion').getAttribute('csrf');
  const asked = await fetch(`/tutor-emotion/sessions/${session}/ticket/`, {
    method: 'POST', body: '{}',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrf },
  });
  const { ticket } = await asked.json();
  const peer = new RTCPeerConnection();
  peer.addTransceiver('video', { direction: 'sendonly' });
  const { sdp } = await peer.createOffer();
  const path = `/ws/tutor-emotion/session/${session}/`;
  const address = new URL(path, location.href.replace(/^http/, 'ws'));
  const socket = new WebSocket(address, ['tutor-emotion', ticket]);
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === 'welcome')
        socket.send(JSON.stringify({ type: 'rtc_offer', sdp, modalities: ['face'] }));
      if (message.type === 'error' || message.type === 'rtc_answer') {
        socket.close();
        resolve(message.code ?? message.type);
      }
    };
    socket.onclose = ({ code }) => resolve(`closed ${code}`);
  });
}"""


def answer_to_an_offer(visit: Visit, session: str) -> str:
    """The code with which the server answers an offer that carries a camera."""
    return str(visit.page.evaluate(_OFFER, session))


def test_a_teacher_sees_who_needs_help_and_why(visit: Visitor) -> None:
    teacher = visit(TEACHER)
    classroom = Classroom(teacher.page, teacher.address).open()
    cleo = visit("cleo")
    lesson = LessonPage(cleo.page, cleo.address).open()
    lesson.panel.start("interaction", "self_report")
    expect(classroom.doing_well("cleo")).to_be_visible()
    dan = visit("dan")
    other_lesson = LessonPage(dan.page, dan.address).open("other-pieces")
    other_lesson.panel.start("interaction", "self_report")
    for name in ("edda", "gus"):
        quiet = visit(name)
        LessonPage(quiet.page, quiet.address).open().panel.start("interaction")

    lesson.miss("3/5", "5/8", "8/3")
    row = classroom.in_need("cleo")
    expect(row).to_be_visible()
    expect(row.locator(".why")).to_contain_text("3 misses")
    expect(row.locator(".what")).to_have_text("Stuck for a while")
    text = row.inner_text()
    assert "%" not in text, "no raw probability"
    expect(classroom.root.locator("video")).to_have_count(0)
    other_lesson.miss("5", "6")
    other_lesson.panel.feel("stuck")
    # A belief must hold for ten seconds before it is told; three misses are told at once.
    why = classroom.in_need("dan").locator(".why")
    expect(why).to_contain_text("said so", timeout=25_000)
    look(teacher.page, "classroom")
    picture(teacher.page, "classroom")

    classroom.take_on("cleo")
    expect(row).to_contain_text(f"{TEACHER} is on it")
    other = visit(TEACHER)
    seen = Classroom(other.page, other.address).open().in_need("cleo")
    expect(seen).to_contain_text(f"{TEACHER} is on it")

    lesson.answer("3/8")
    expect(classroom.row("cleo")).not_to_contain_text("Stuck for a while")
    cleo.page.close()
    expect(classroom.row("cleo")).to_contain_text("away")


def test_a_teacher_looks_closer_and_back(visit: Visitor) -> None:
    iris = visit("iris")
    lesson = LessonPage(iris.page, iris.address).open()
    lesson.panel.start("interaction", "self_report")
    lesson.miss("3/5", "5/8", "8/3")
    teacher = visit(TEACHER)
    page = teacher.page
    classroom = Classroom(page, teacher.address).open()
    expect(classroom.in_need("iris")).to_be_visible()

    classroom.find("iris")
    expect(classroom.root.locator("[data-session]")).to_have_count(1)
    assert page.url.endswith("#name=iris")
    classroom.mark_seen("iris")
    expect(classroom.in_need("iris").locator(".seen")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(classroom.in_need("iris").locator(".seen")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    classroom.in_need("iris").locator(".name").focus()
    page.keyboard.press("a")
    expect(classroom.in_need("iris").locator(".seen")).to_have_attribute("aria-pressed", "false")

    timeline = classroom.look_closer("iris")
    expect(timeline.picture).to_be_visible()
    expect(timeline.lines("stuck, and not getting on")).to_have_count(1)
    expect(timeline.lines("not right yet")).to_have_count(3, timeout=15_000)
    look(page, "timeline")
    picture(page, "timeline")
    page.locator(".te-chart").focus()
    page.keyboard.press("End")
    expect(timeline.readout).not_to_be_empty()
    lesson.answer("3/8")
    expect(timeline.lines("right").filter(has_text="Answer")).to_have_count(4, timeout=25_000)

    page.go_back()
    expect(classroom.root.locator("input#name")).to_have_value("iris")
    report = classroom.open_report("fractions-1")
    expect(report.steps.first).to_be_visible(timeout=15_000)
    look(page, "report")
    picture(page, "report")
    steps = report.save("steps")
    assert steps.startswith("step,title,learners")
    learners = report.save("learners")
    assert "iris" not in learners
    page.get_by_label("with names").check()
    assert "iris" in report.save("learners")


def test_a_pause_for_all_is_seen_at_once(visit: Visitor) -> None:
    hana = visit("hana")
    lesson = LessonPage(hana.page, hana.address).open()
    panel = lesson.panel
    panel.start("face", "interaction")
    hana.until("a face is seen", lambda: hana.wire.windows(face="ok") >= 1, 40)
    teacher = visit(TEACHER)
    admin = Admin(teacher.page, teacher.address).open()
    look(teacher.page, "admin")

    admin.pause_everything()
    began_s = time.monotonic()
    try:
        expect(panel.in_use).to_have_count(0, timeout=3_000)
        expect(panel.said).to_contain_text("Your teacher has paused it")
        took_s = time.monotonic() - began_s
        assert took_s < 4.0, f"the learner sees it after {took_s:.1f} s"
        hana.until("the camera is off", lambda: set(hana.tracks()) == {"ended"}, 3)
        look(hana.page, "paused-by-teacher")
        lesson.answer("3/8")
        expect(lesson.feedback.locator(".success")).to_be_visible()
        assert answer_to_an_offer(hana, hana.wire.session) == "course_paused"

        classroom = Classroom(teacher.page, teacher.address).open()
        expect(classroom.root).to_contain_text("paused")
        asked = hana.asked()
        lesson.open()
        panel.choosing()
        forbidden = panel.forbidden()
        assert {"face", "voice"} <= set(forbidden)
        assert re.search("paused", forbidden["face"])
        panel.start_without()
        assert hana.asked() <= asked, "nothing is asked for while all is paused"
    finally:
        Admin(teacher.page, teacher.address).open().resume()
    lesson.open().panel.choosing()
    assert not panel.forbidden()
