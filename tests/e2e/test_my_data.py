"""A learner and a parent read together what is kept; then it is erased."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import look
from tests.e2e.conftest import Visitor
from tests.e2e.site import PASSWORD, Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
NAME = "wilma"
# What a few weeks leave; the lessons of the other tests write it answer by answer.
WEEKS = f"""
from django.contrib.auth import get_user_model
from tutor_emotion.demo.school import is_adult
from tutor_emotion.lessons.models import Attempt, Step
from tutor_emotion.models import AdaptationRecord, AffectSignalRecord, Course, EventRecord, Session
from tutor_emotion import privacy, services
one = get_user_model().objects.create_user({NAME!r}, password={PASSWORD!r})
is_adult(one)
course, step = Course.objects.first(), Step.objects.exclude(answer_kind="").first()
services.record_consents(course, one.pk, {{"text": True}}, privacy.CONSENT_TEXT_VERSION)
why = [{{"modality": "interaction", "measure": "misses_in_row", "value": 3.0, "unit": "",
        "usual": None, "z": None, "for_s": None, "nats": 0.9}}]
for n in range(3):
    session = Session.objects.create(learner=one, course=course, lesson=f"lesson-{{n}}")
    EventRecord.objects.create(session=session, kind="Answer", at_s=1.0, step="s", correct=False,
                               took_s=12.5, data={{"revealed": False}})
    AffectSignalRecord.objects.create(session=session, kind="struggle.strong", edge="raised",
                                      at_s=2.0, confidence=0.7, coverage=0.9, evidence=why)
    AdaptationRecord.objects.create(session=session, number=1, kind="hint", mode="offer",
                                    at_s=3.0, signal="struggle.strong", outcome="taken",
                                    helped=True)
    Attempt.objects.create(learner=one, step=step, answer="3/8", correct=False, verdict="wrong")
"""
BOSS = f"""
from django.contrib.auth import get_user_model
get_user_model().objects.create_superuser("boss", password={PASSWORD!r})
"""


def test_from_reading_to_a_file_to_nothing(visit: Visitor, site: Site) -> None:
    site.run("shell", "-c", WEEKS)
    wilma = visit(NAME)
    page = wilma.page
    page.goto(wilma.address)
    page.get_by_role("link", name="My data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My data")
    expect(page.get_by_text("3/8").first).to_be_visible()
    look(page, "my-data")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Erase everything now")).to_be_hidden()
    page.emulate_media(media="screen")

    with page.expect_download() as saved:
        page.get_by_role("link", name="Save everything as a file").click()
    data = json.loads(saved.value.path().read_text())
    assert len(data["tables"]["tutor_emotion.Session"]) == 3

    page.get_by_label("Yes, I mean it").check()
    page.get_by_role("button", name="Erase everything now").click()
    expect(page.get_by_role("status")).to_contain_text("has been erased")
    expect(page.get_by_text("3/8")).to_have_count(0)


def test_arabic_reads_from_the_right(visit: Visitor) -> None:
    zora = visit("zora", locale="ar")
    page = zora.page
    page.goto(f"{zora.address}tutor-emotion/my-data/")
    assert page.locator("html").get_attribute("dir") == "rtl"
    look(page, "my-data-ar")


def test_the_admin_page_that_erases(visit: Visitor, site: Site) -> None:
    site.run("shell", "-c", WEEKS.replace(NAME, "jule"))
    site.run("shell", "-c", BOSS)
    boss = visit("boss")
    boss.page.goto(f"{boss.address}admin/tutor_emotion/learnerrecord/")
    boss.page.get_by_role("row", name="jule").get_by_role("link", name="Erase …").click()
    expect(boss.page.get_by_role("heading", level=1).last).to_contain_text("jule")
    boss.page.get_by_label("Write the username").fill("jule")
    boss.page.get_by_role("button", name="Erase", exact=True).click()
    expect(boss.page.get_by_text("rows were erased")).to_be_visible()
