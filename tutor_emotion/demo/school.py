"""The demonstration's school: two classes, who teaches them, and the week that they had.

The week is made up, and told to the real engine: what it noticed and offered is what is kept.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from tutor_emotion import privacy, services
from tutor_emotion.core.replay import steps
from tutor_emotion.core.types import Answer, Event, HintRequest, Modality, SelfReport, StepShown
from tutor_emotion.live.translate import engine_config
from tutor_emotion.models import ClassRole, Course, Enrolment, School, SchoolClass, Session

REASON = "manage.py seed_demo"
CLASSES = {
    "7a": ("Leyla Demir", "Jonas Weber", "Amina Haddad", "Tom Fischer", "Ines Costa"),
    "7b": ("Yusuf Kaya", "Clara Roth", "Malik Diallo", "Eva Novak"),
}
LESSON = "fractions-1"
USED: frozenset[Modality] = frozenset({"interaction", "self_report", "text"})
SKILLS = ("common-denominator", "adding", "comparing")


def seed_school(course: Course, teacher: Any, co_teacher: Any, office: Any) -> None:
    """The school, once: whoever renamed a class or ended an enrolment keeps what they did."""
    if School.objects.exists() or course.classes.exists():
        return
    school = School(name="Lindenschule", contact="Ms Roth, school counsellor, room 12")
    _write(school)
    school.admins.add(office)
    for number, (name, people) in enumerate(CLASSES.items()):
        school_class = SchoolClass(course=course, school=school, name=name)
        _write(school_class)
        _write(ClassRole(school_class=school_class, user=teacher, role="teacher"))
        if number == 0:
            _write(ClassRole(school_class=school_class, user=co_teacher, role="co_teacher"))
        for full_name in people:
            learner = _learner(full_name)
            _write(Enrolment(school_class=school_class, learner=learner))
            _week(course, learner)


def _write(row: School | SchoolClass | ClassRole | Enrolment) -> None:
    row._change_reason = REASON  # type: ignore[union-attr]
    row.save()


def _learner(full_name: str) -> Any:
    """A learner of the class: somebody to see, and nobody to sign in as."""
    first, last = full_name.split()
    learner, created = get_user_model().objects.get_or_create(
        username=first.lower(), defaults={"first_name": first, "last_name": last}
    )
    if created:
        learner.set_unusable_password()
        learner.save()
    is_adult(learner)
    return learner


def is_adult(learner: Any) -> None:
    """The demonstration is for adults; whoever has set another age here keeps it."""
    record = services.learner_record(learner.pk)
    if not record.age_band:
        record.age_band = "adult"
        record.save(update_fields=["age_band"])


def _week(course: Course, learner: Any) -> None:
    services.record_consents(
        course, learner.pk, dict.fromkeys(USED, True), privacy.CONSENT_TEXT_VERSION
    )
    chance = random.Random(learner.get_username())  # noqa: S311 - the same week each time
    config = engine_config(services.policy_of(course), USED)
    for days_ago in sorted(chance.sample(range(1, 6), chance.randint(1, 2)), reverse=True):
        began = timezone.now() - timedelta(days=days_ago, minutes=chance.randint(0, 240))
        session = Session.objects.create(course=course, lesson=LESSON, learner=learner)
        events = list(_lesson(chance))
        services.record_events(str(session.pk), events)
        listened: Counter[str] = Counter()
        for done in steps(events, config):
            listened["belief:unknown" if done.affect.abstain else "belief:known"] += 1
            for signal in done.signals:
                services.record_signal(str(session.pk), signal)
            for adaptation in done.adaptations:
                services.record_adaptation(str(session.pk), adaptation)
        Session.objects.filter(pk=session.pk).update(windows=dict(listened))
        _date_back(session, began, events[-1].at_s)


def _lesson(chance: random.Random) -> Iterator[Event]:
    """Some ten minutes: tasks, tries, a hint now and then, and how it goes."""
    at_s, able = 2.0, chance.uniform(0.45, 0.95)
    for number in range(chance.randint(6, 9)):
        skill = SKILLS[number // 4 % len(SKILLS)]
        step = f"{skill}-{number + 1}"
        title = skill.replace("-", " ").capitalize()
        yield StepShown(at_s, step, skill, title=f"{title} {number + 1}", skill_title=title)
        for attempt in range(4):
            took_s = chance.uniform(8, 30)
            at_s += took_s
            right = chance.random() < able + 0.08 * attempt
            yield Answer(at_s, step, skill, right, took_s, answer=f"{attempt}")
            if right:
                break
            if attempt == 1 and chance.random() < 0.5:
                at_s += 4
                yield HintRequest(at_s, step)
            if attempt == 2 and chance.random() < 0.4:
                at_s += 2
                yield SelfReport(at_s, chance.choice(("stuck", "confused")))
        at_s += chance.uniform(2, 6)


def _date_back(session: Session, began: datetime, length_s: float) -> None:
    """Rows say themselves when they were written; these are told when it was."""
    ended = began + timedelta(seconds=length_s)
    Session.objects.filter(pk=session.pk).update(started_at=began, ended_at=ended)
    for rows in (session.events, session.signals, session.adaptations):
        for row in rows.all():
            rows.filter(pk=row.pk).update(created_at=began + timedelta(seconds=row.at_s))
