"""“What would this have done?”: last week under the form's policy, and nothing written."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from tests.people import consent, course, person
from tutor_emotion import replaying, services
from tutor_emotion.admin import what_if
from tutor_emotion.core.replay import steps
from tutor_emotion.core.types import Answer, Event, SelfReport, StepShown
from tutor_emotion.live.translate import engine_config
from tutor_emotion.models import (
    AdaptationRecord,
    AffectSignalRecord,
    Course,
    EventRecord,
    Policy,
    Session,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.admin_urls")]
USED = frozenset({"interaction", "self_report", "text"})


def lesson(misses: int = 8, every_s: float = 30.0) -> list[Event]:
    """A learner who gets nothing right, and says so in the end."""
    events: list[Event] = [StepShown(1.0, "s1", "adding")]
    events += [Answer(every_s * n, "s1", "adding", False, 20.0) for n in range(1, misses + 1)]
    return [*events, SelfReport(every_s * misses + 5, "stuck")]


def sat(row: Course, name: str, events: list[Event], days_ago: float = 1.0) -> Session:
    """A session as the live one would have left it, under the course's policy of then."""
    learner = get_user_model().objects.filter(username=name).first() or person(name)
    consent(row, learner)
    session = services.open_session(row, "lesson-1", learner.pk)
    services.record_events(str(session.pk), events)
    config = engine_config(services.policy_of(row), USED)  # type: ignore[arg-type]
    for done in steps(events, config):
        for signal in done.signals:
            services.record_signal(str(session.pk), signal)
        for adaptation in done.adaptations:
            services.record_adaptation(str(session.pk), adaptation)
    began = timezone.now() - timedelta(days=days_ago)
    Session.objects.filter(pk=session.pk).update(started_at=began, ended_at=began)
    return session


@pytest.fixture
def fractions() -> Course:
    return course("fractions", teacher=person("teacher", is_staff=True))


def browser(name: str = "teacher") -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(username=name))
    return client


def form_of(client: Client, row: Course, **changes: Any) -> dict[str, Any]:
    """What a browser would send for the policy's form as it stands, with ``changes``."""
    page = client.get(f"/admin/tutor_emotion/course/{row.pk}/change/")
    form = page.context["inline_admin_formsets"][0].formset.forms[0]
    data = {}
    for bound in form:
        value = bound.value()
        if not (bound.field.disabled or value is None or value is False):
            data[bound.html_name] = "on" if value is True else value
    for name, value in changes.items():
        data.pop(f"policy-0-{name}", None)
        if value is not None:
            data[f"policy-0-{name}"] = value
    return data


def ask(client: Client, row: Course, **changes: Any) -> Any:
    url = f"/admin/tutor_emotion/course/{row.pk}/what-if/"
    return client.post(url, form_of(client, row, **changes))


def counted(response: Any) -> tuple[int, int]:
    """Alarms before and after."""
    found = response.context["found"]
    return sum(found.before.alarms.values()), sum(found.after.alarms.values())


# --- it works -------------------------------------------------------------------------------------


def test_stricter_thresholds_alarm_less_and_nothing_is_written(fractions: Course) -> None:
    for name in ("ada", "ben", "mia"):
        sat(fractions, name, lesson())
    models = (Policy, Session, EventRecord, AffectSignalRecord, AdaptationRecord, Policy.history)
    rows = [getattr(m, "objects", m).count() for m in models]
    before = Policy.objects.values().get()
    response = ask(browser(), fractions, suspect_on="90", strong_on="95")
    assert response.status_code == 200
    one, other = counted(response)
    assert one > other
    found = response.context["found"]
    assert (found.done, found.of, len(found.learners)) == (3, 3, 3)
    assert found.seconds == pytest.approx(3 * (8 * 30 + 5 + 30))
    assert [getattr(m, "objects", m).count() for m in models] == rows
    assert Policy.objects.values().get() == before
    text = response.content.decode()
    assert "2 things differ from what is saved:" in text
    assert "45 % → 90 %" in text
    assert "Face, voice and typed messages are not kept" in text


def test_a_replay_under_the_saved_policy_is_what_really_happened(fractions: Course) -> None:
    for name in ("ada", "ben"):
        sat(fractions, name, lesson())
    found = ask(browser(), fractions).context["found"]
    assert found.recorded.alarms == found.before.alarms == found.after.alarms
    assert found.recorded.offers == found.before.offers == found.after.offers
    assert sum(found.recorded.offers.values()) > 0
    assert found.before.learners == found.learners


def test_a_paused_course_would_have_said_nothing(fractions: Course) -> None:
    sat(fractions, "ada", lesson())
    response = ask(browser(), fractions, paused="on")
    assert counted(response)[1] == 0
    assert response.context["headline"][2][1:] == ("1", "0", "−1")


def test_what_is_not_looked_at_is_not_heard(fractions: Course) -> None:
    sat(fractions, "ada", lesson())
    response = ask(browser(), fractions, use_interaction=None, use_self_report=None)
    assert counted(response)[1] == 0


def test_rates_are_an_hour(fractions: Course) -> None:
    sat(fractions, "ada", lesson())
    found = ask(browser(), fractions).context["found"]
    alarms = sum(found.before.alarms.values())
    assert found.an_hour(alarms) == pytest.approx(alarms * 3600 / found.seconds)


# --- portions -------------------------------------------------------------------------------------


def test_it_goes_on_from_where_it_stopped(
    fractions: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "ben", "mia"):
        sat(fractions, name, lesson())
    whole = ask(browser(), fractions, suspect_on="60", strong_on="70").context["found"]
    monkeypatch.setattr(replaying, "PORTION_S", 0.0001)
    client = browser()
    response = ask(client, fractions, suspect_on="60", strong_on="70")
    seen = [response.context["found"].done]
    while not response.context["found"].finished:
        assert "Go on with older sessions" in response.content.decode()
        carried = {"asked": response.context["asked"]}
        response = client.post(response.request["PATH_INFO"], carried)
        seen.append(response.context["found"].done)
    assert seen == [1, 2, 3]
    assert response.context["found"] == whole


def test_the_engine_runs_on_a_thread_of_its_own(
    fractions: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    sat(fractions, "ada", lesson())
    threads: list[str] = []
    real = replaying.tally

    def noted(*args: Any, **kwargs: Any) -> Any:
        threads.append(threading.current_thread().name)
        return real(*args, **kwargs)

    monkeypatch.setattr(replaying, "tally", noted)
    ask(browser(), fractions)
    assert len(threads) == 2
    assert all(name.startswith("te-replay") for name in threads)


def test_others_replays_are_waited_for_and_then_told(
    fractions: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    sat(fractions, "ada", lesson())
    free = threading.Event()
    replaying._thread.submit(free.wait, 20)
    monkeypatch.setattr(replaying, "WAIT_S", 0.05)
    response = ask(browser(), fractions)
    free.set()
    assert response.status_code == 200
    assert response.context["found"].done == 0
    assert "replay is running" in response.content.decode()
    monkeypatch.setattr(replaying, "WAIT_S", 30.0)
    again = browser().post(response.request["PATH_INFO"], {"asked": response.context["asked"]})
    assert again.context["found"].finished


# --- its edges ------------------------------------------------------------------------------------


def test_only_the_last_days_and_what_left_events(fractions: Course) -> None:
    sat(fractions, "ada", lesson(), days_ago=8)
    sat(fractions, "ben", [], days_ago=1)
    response = ask(browser(), fractions)
    assert response.context["found"].of == 0
    assert "No session of these days has left anything to replay." in response.content.decode()


def test_a_clock_that_began_anew_is_two_runs(fractions: Course) -> None:
    session = sat(fractions, "ada", lesson(4))
    services.record_events(str(session.pk), lesson(3))
    (recording,) = replaying._read([str(session.pk)])
    assert [len(run) for run in recording.runs] == [6, 5]
    assert recording.seconds == (4 * 30 + 5 + 30) + (3 * 30 + 5 + 30)


def test_a_session_of_hours_is_cut(fractions: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "LONGEST_S", 100.0)
    sat(fractions, "ada", lesson(8))
    assert ask(browser(), fractions).context["found"].seconds == 130.0


def test_a_session_that_was_erased_meanwhile_is_passed_over(fractions: Course) -> None:
    kept, gone = sat(fractions, "ada", lesson()), sat(fractions, "ben", lesson())
    keys = [str(kept.pk), str(gone.pk)]
    gone.delete()
    policy = services.policy_of(fractions)
    found = replaying.go_on(replaying.Comparison(of=2), keys, policy, policy)
    assert found.finished
    assert len(found.learners) == 1


def test_a_policy_that_was_changed_in_these_days_is_told(fractions: Course) -> None:
    sat(fractions, "ada", lesson())
    said = "The policy was changed in these days"
    assert said not in ask(browser(), fractions).content.decode()
    policy = Policy.objects.get()
    policy.offer_every_s = 300
    policy.save()
    assert said in ask(browser(), fractions).content.decode()


# --- what it refuses ------------------------------------------------------------------------------


def test_values_that_cannot_be_are_told_and_not_replayed(fractions: Course) -> None:
    sat(fractions, "ada", lesson())
    response = ask(browser(), fractions, suspect_on="70", strong_on="50")
    assert response.status_code == 400
    assert "must not be below" in response.content.decode()
    assert "found" not in response.context


@pytest.mark.parametrize("who", ["stranger", "co_teacher"])
def test_who_may_not_set_the_policy_may_not_try_one(fractions: Course, who: str) -> None:
    one = person(who, is_staff=True)
    course("latin", teacher=one if who == "stranger" else None)
    red = fractions.classes.create(name="Red")
    if who == "co_teacher":
        red.roles.create(user=one, role="co_teacher")
    url = f"/admin/tutor_emotion/course/{fractions.pk}/what-if/"
    data = form_of(browser(), fractions)
    assert browser(who).post(url, data).status_code == (404 if who == "stranger" else 403)
    assert browser().get(url).status_code == 405


def test_a_question_is_ones_own_and_keeps_for_an_hour(
    fractions: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    fractions.teachers.add(person("other", is_staff=True))
    response = ask(browser(), fractions)
    url, asked = response.request["PATH_INFO"], {"asked": response.context["asked"]}
    assert browser("other").post(url, asked).status_code == 400
    assert browser().post(url, {"asked": "made-up"}).status_code == 400
    monkeypatch.setattr(what_if, "KEEP_S", 0)
    assert "more than an hour old" in browser().post(url, asked).content.decode()


def test_learners_out_of_sight_are_not_replayed(fractions: Course) -> None:
    """A class teacher who answers for every class: of learners in no class they see nothing."""
    red = fractions.classes.create(name="Red")
    red.roles.create(user=person("one", is_staff=True), role="teacher")
    mine = sat(fractions, "ada", lesson())
    sat(fractions, "ben", lesson())
    red.enrolments.create(learner=mine.learner)
    found = ask(browser("one"), fractions).context["found"]
    assert found.learners == {str(mine.learner_id)}
