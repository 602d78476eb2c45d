"""One school's worth of people and rows, so that every door can be tried by every role.

Ada and Ben are in class Red of school North, Cleo is in class Blue of school South, all three in
one course; Dora is in another course, at South too. The rows that doors are about are Ada's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from tests import people
from tests.past import Story
from tutor_emotion import services
from tutor_emotion.lessons import models as lessons
from tutor_emotion.models import (
    AdaptationRecord,
    AffectSignalRecord,
    Consent,
    Course,
    ErasureRecord,
    ErasureRequest,
    Exposure,
    LedgerEntry,
    LexiconEdit,
    Look,
    MedicalDecision,
    MessageEdit,
    School,
    SchoolClass,
    Session,
)

LEARNERS = ("ada", "ben", "cleo", "dora")
APPS = ("tutor_emotion", "tutor_emotion_lessons")
STEP = "shaded-part"
ARMS = [{"name": "answers", "pacing": "performance"}, {"name": "signals", "pacing": "affect"}]


def mark(name: str) -> str:
    """What no page has by chance, and stands in every name of this learner."""
    return f"{name}7fq3"


@dataclass
class World:
    """Rows by name, and the one row of each model that an address with a primary key leads to."""

    course: Course
    latin: Course
    red: SchoolClass
    blue: SchoolClass
    north: School
    people: Mapping[str, Any]
    learners: Mapping[str, Any]
    sessions: Mapping[str, Session]
    pseudonyms: Mapping[str, str]
    lesson: lessons.Lesson
    rows: dict[str, Any] = field(default_factory=dict)

    @property
    def ada(self) -> Any:
        return self.people["self"]

    def row(self, label: str) -> Any:
        """Ada's row of a model, ``app_label.model``; made when it is first asked for."""
        if label not in self.rows:
            make = ROWS.get(label)
            assert make, f"tests/world.py: add a line to ROWS that makes Ada's row of {label}"
            self.rows[label] = make(self)
        return self.rows[label]

    def named_in(self, text: str) -> str:
        """The first letters of the learners whom a text names, by any of their names."""
        return "".join(name[0] for name, own in self.names.items() if any(n in text for n in own))

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Of each learner what is theirs alone: in all their names, session, pseudonym."""
        return {
            name: (mark(name), str(self.sessions[name].pk), self.pseudonyms[name])
            for name in LEARNERS
        }


# Each registered model: how Ada's row of it is made. A new model is one line here.
ROWS: dict[str, Callable[[World], Any]] = {
    "auth.group": lambda w: Group.objects.create(name="helpers"),
    "auth.user": lambda w: w.ada,
    "mfa.authenticator": lambda w: Authenticator.objects.create(
        user=w.ada, type="totp", data={"secret": "sealed"}
    ),
    "tutor_emotion.adaptationrecord": lambda w: AdaptationRecord.objects.get(
        session__learner=w.ada
    ),
    "tutor_emotion.affectsignalrecord": lambda w: AffectSignalRecord.objects.get(
        session__learner=w.ada
    ),
    "tutor_emotion.consent": lambda w: Consent.objects.get(learner=w.ada),
    "tutor_emotion.course": lambda w: w.course,
    "tutor_emotion.enrolment": lambda w: w.red.enrolments.get(learner=w.ada),
    "tutor_emotion.erasurerecord": lambda w: ErasureRecord.objects.create(counts={}),
    "tutor_emotion.erasurerequest": lambda w: ErasureRequest.objects.create(learner=w.ada),
    "tutor_emotion.experiment": lambda w: w.course.experiments.get(),
    "tutor_emotion.guardianlink": lambda w: services.make_guardian_link(
        w.course, w.ada.pk, w.people["owner"]
    ),
    "tutor_emotion.killswitch": lambda w: services.switch_off(
        "A test", school=w.north, modality="voice"
    ),
    "tutor_emotion.learnerrecord": lambda w: services.learner_record(w.ada.pk),
    "tutor_emotion.ledgerentry": lambda w: LedgerEntry.objects.filter(
        subject=services.learner_record(w.ada.pk).pseudonym
    ).first(),
    "tutor_emotion.lexiconedit": lambda w: LexiconEdit.objects.create(text="en stuck: no idea"),
    "tutor_emotion.look": lambda w: Look.objects.create(
        by=w.people["teacher"],
        role="teacher",
        page="timeline",
        learner=w.ada,
        course=w.course,
        first_at=timezone.now(),
        last_at=timezone.now(),
    ),
    "tutor_emotion.medicaldecision": lambda w: MedicalDecision.objects.create(
        document="D-1",
        reason="Safety",
        modality="face",
        school=w.north,
        ends_on=timezone.localdate(),
        written_by=w.people["owner"],
    ),
    "tutor_emotion.messageedit": lambda w: MessageEdit.objects.create(
        key="offer.hint", language="en", lines="A hint?"
    ),
    "tutor_emotion.school": lambda w: w.north,
    "tutor_emotion.schoolclass": lambda w: w.red,
    "tutor_emotion.session": lambda w: w.sessions["ada"],
    "tutor_emotion_lessons.attempt": lambda w: lessons.Attempt.objects.get(learner=w.ada),
    "tutor_emotion_lessons.lesson": lambda w: w.lesson,
    "tutor_emotion_lessons.lessonadaptation": lambda w: lessons.LessonAdaptation.objects.get(
        learner=w.ada
    ),
    "tutor_emotion_lessons.lessoncourse": lambda w: lessons.LessonCourse.objects.get(
        key=w.course.key
    ),
    "tutor_emotion_lessons.mastery": lambda w: lessons.Mastery.objects.get(learner=w.ada),
    "tutor_emotion_lessons.skill": lambda w: lessons.Skill.objects.get(course_key=w.course.key),
    "tutor_emotion_lessons.step": lambda w: w.lesson.steps.get(),
}


def build() -> World:
    """Everybody, and for each learner a session with something of every kind in it."""
    learners = {name: _learner(name) for name in LEARNERS}
    staff = {
        name: people.person(name, is_staff=True)
        for name in ("teacher", "co_teacher", "course_teacher", "other_class", "other_course",
                     "school_admin", "other_school", "staff", "clerk")
    }  # fmt: skip
    _tick_everything(staff["clerk"])
    course = people.course("fractions", teacher=staff["course_teacher"])
    latin = people.course("latin", teacher=staff["other_course"])
    north, south = School.objects.create(name="North"), School.objects.create(name="South")
    north.admins.add(staff["school_admin"])
    south.admins.add(staff["other_school"])
    red = course.classes.create(name="Red", school=north)
    blue = course.classes.create(name="Blue", school=south)
    red.roles.create(user=staff["teacher"], role="teacher")
    red.roles.create(user=staff["co_teacher"], role="co_teacher")
    blue.roles.create(user=staff["other_class"], role="teacher")
    for school_class, name in ((red, "ada"), (red, "ben"), (blue, "cleo")):
        school_class.enrolments.create(learner=learners[name])
    course.experiments.create(name="Two policies", arms=ARMS)
    lesson, other = _lesson(course), _lesson(latin)
    sessions = {
        name: _past(*((latin, other) if name == "dora" else (course, lesson)), learner)
        for name, learner in learners.items()
    }
    Exposure.objects.create(
        experiment=course.experiments.get(), learner=learners["ada"], session=sessions["ada"],
        unit_key="1", arm="signals",
    )  # fmt: skip
    owner = people.person("owner", is_staff=True, is_superuser=True)
    roles = {"self": learners["ada"], "peer": learners["ben"], **staff, "owner": owner}
    pseudonyms = {
        name: str(services.learner_record(learner.pk).pseudonym)
        for name, learner in learners.items()
    }
    return World(course, latin, red, blue, north, roles, learners, sessions, pseudonyms, lesson)


def _learner(name: str) -> Any:
    return people.person(
        mark(name),
        first_name=mark(name).title(),
        last_name=mark(name),
        email=f"{mark(name)}@school.example",
    )


def _tick_everything(user: Any) -> None:
    """Every Django permission of the plugin, which is not a reason to see anybody."""
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=APPS))


def _lesson(course: Course) -> lessons.Lesson:
    lessons.LessonCourse.objects.create(key=course.key, title=course.title)
    skill = lessons.Skill.objects.create(course_key=course.key, key="halves", name="Halves")
    lesson = lessons.Lesson.objects.create(
        slug=f"{course.key}-1", course_key=course.key, title="One"
    )
    lesson.steps.create(
        order=0, slug=STEP, title="Half", prompt="Half of two?", skill=skill.key,
        answer_kind="number", answer="1",
    )  # fmt: skip
    return lesson


def _past(course: Course, lesson: lessons.Lesson, learner: Any) -> Session:
    people.consent(course, learner, "text")
    session = services.open_session(course, lesson.slug, learner.pk)
    story = Story(session).shown(0.0, STEP, "Half").answer(9.0, STEP, right=False)
    story.signal(10.0, "confused").offer(11.0, 1)
    step = lesson.steps.get()
    lessons.Attempt.objects.create(
        learner=learner, step=step, answer="2", correct=False, verdict="wrong"
    )
    lessons.LessonAdaptation.objects.create(
        learner=learner, lesson=lesson, session=session.pk, number=1, kind="hint", mode="offer"
    )
    skill = lessons.Skill.objects.get(course_key=course.key)
    lessons.Mastery.objects.create(learner=learner, skill=skill, p_known=0.4, answers=1)
    return session
