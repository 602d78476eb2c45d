"""Words of danger: somebody to talk to, beside the lesson, and the teacher is told at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import look
from tests.e2e.conftest import Visitor
from tests.e2e.pages import Classroom, LessonPage, overlap
from tests.e2e.site import TEACHER, Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
CONTACT = "Ms Lovelace, room 12, or ring 0800 111 0 111"
SCHOOL = f"""
from django.contrib.auth import get_user_model
from tutor_emotion.models import Course, Enrolment, School, SchoolClass
school = School.objects.create(name="Byron", contact={CONTACT!r})
learner = get_user_model().objects.get(username="hana")
for course in Course.objects.all():
    row = SchoolClass.objects.create(course=course, school=school, name="A: the contact's")
    Enrolment.objects.create(school_class=row, learner=learner)
"""
FEELINGS = re.compile("frustrat|confus|bored|boring|angry|struggl|sad|afraid", re.IGNORECASE)


def test_somebody_to_talk_to_and_the_teacher_knows(visit: Visitor, site: Site) -> None:
    site.run("shell", "-c", SCHOOL)
    hana = visit("hana", viewport={"width": 360, "height": 800})
    lesson = LessonPage(hana.page, hana.address).open()
    lesson.panel.start("interaction", "text")
    expect(lesson.panel.in_use).to_contain_text(["Lesson activity"])  # its panel has settled
    contact = lesson.panel.root.locator("#contact")
    field = lesson.page.locator("#lesson-input")
    before = field.bounding_box()
    hana.page.evaluate(
        "() => document.querySelector('tutor-emotion').report("
        "{type: 'text', text: 'i want to kill myself'})"
    )
    expect(contact).to_contain_text(CONTACT)
    assert field.bounding_box() == before, "the lesson does not move"
    assert not overlap(contact, lesson.step), "beside the lesson, not over it"
    assert not FEELINGS.search(contact.inner_text())
    expect(lesson.panel.root.locator("[role=status]")).to_contain_text(CONTACT)
    look(hana.page, "contact")

    teacher = visit(TEACHER)
    Classroom(teacher.page, teacher.address).open()
    expect(teacher.page.locator("[data-need=call]")).to_have_count(1)
    look(teacher.page, "call")

    contact.locator("#put-away").click()
    expect(contact).to_have_count(0)
