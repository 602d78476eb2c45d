"""The admin as a teacher uses it: their own courses, in words, and a switch for everything."""

from __future__ import annotations

import re
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation

from tutor_emotion import privacy
from tutor_emotion.core.measures import FACE_CUES, SHOWN_FACTS, VOICE_UNITS
from tutor_emotion.core.types import ADAPTATION_KINDS, BIOMETRIC, MODALITIES, SIGNAL_KINDS
from tutor_emotion.live import push
from tutor_emotion.models import (
    AdaptationRecord,
    AffectSignalRecord,
    Consent,
    Course,
    Policy,
    Session,
)
from tutor_emotion.phrases import COMPARED, COUNTED, phrase
from tutor_emotion.words import (
    ADAPTATION_LABELS,
    LEGAL_REASONS,
    OUTCOME_LABELS,
    SIGNAL_LABELS,
    band,
    reasons,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.admin_urls")]
User = get_user_model()
AFFECT = "/admin/tutor_emotion/affectsignalrecord/"
LISTS = ("course", "session", "affectsignalrecord", "adaptationrecord")


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def teacher() -> Any:
    return User.objects.create_user("ada", is_staff=True, first_name="Ada", last_name="Okoye")


@pytest.fixture
def other() -> Any:
    return User.objects.create_user("ben", is_staff=True)


@pytest.fixture
def owner() -> Any:
    return User.objects.create_superuser("root")


@pytest.fixture
def course(teacher: Any) -> Course:
    course = Course.objects.create(key="fractions", title="Fractions")
    course.teachers.add(teacher)
    Policy.objects.create(course=course)
    return course


@pytest.fixture
def foreign(other: Any) -> Course:
    course = Course.objects.create(key="latin", title="Latin for beginners")
    course.teachers.add(other)
    return course


def evidence(modality: str, measure: str, value: float, nats: float, **more: Any) -> dict[str, Any]:
    item = {"modality": modality, "measure": measure, "value": value, "nats": nats}
    return item | {"unit": "", "usual": None} | more


EVIDENCE = [
    evidence("interaction", "misses_on_step", 3, 1.35),
    evidence("face", "brow_lowered", 0.31, 0.42, unit="share", usual=0.1),
]


@pytest.fixture
def session(course: Course) -> Session:
    learner = User.objects.create_user("mia", first_name="Mia", last_name="Brandt")
    session = Session.objects.create(
        learner=learner, course=course, lesson="adding", windows={"face:turned_away": 7}
    )
    session.signals.create(
        kind="unresolved", edge="raised", at_s=372.4, confidence=0.7312, coverage=0.9123,
        skill="common-denominator", evidence=EVIDENCE, models_used=["compact/1"],
    )  # fmt: skip
    session.adaptations.create(
        number=1, kind="worked_step", mode="offer", signal="unresolved", at_s=373.0,
        evidence=EVIDENCE, outcome="taken", choice="worked_step",
    )  # fmt: skip
    Consent.objects.create(learner=learner, course=course, modality="face", text_version="1")
    return session


def change_url(course: Course) -> str:
    return f"/admin/tutor_emotion/course/{course.pk}/change/"


def form_of(client: Client, course: Course, **changes: Any) -> dict[str, Any]:
    """What a browser would send for the course's page as it stands, with ``changes`` to its policy.

    A change to None leaves the field out, as an unticked checkbox does.
    """
    context = client.get(change_url(course)).context
    data: dict[str, Any] = {}
    formset = context["inline_admin_formsets"][0].formset
    for form in (context["adminform"].form, formset.management_form, *formset.forms):
        for bound in form:
            value = bound.value()
            if bound.field.disabled or value is None or value is False:
                continue
            data[bound.html_name] = "on" if value is True else value
    for name, value in changes.items():
        data.pop(f"policy-0-{name}", None)
        if value is not None:
            data[f"policy-0-{name}"] = value
    return data


def errors_of(response: Any) -> dict[str, list[str]]:
    form = response.context["inline_admin_formsets"][0].formset.forms[0]
    return {name: [e.code for e in errors.as_data()] for name, errors in form.errors.items()}


# --- it works -------------------------------------------------------------------------------------


def test_a_teacher_reads_the_policy_in_words(course: Course, teacher: Any) -> None:
    page = client_of(teacher).get(change_url(course)).content.decode()
    for words in (
        "What may be looked at",
        "How sure before we say anything",
        "How often we may interrupt",
        "What may be offered",
        "pause everything",
        "Default: 45 %.",
        "Default: 120.",
    ):
        assert words.casefold() in page.casefold()
    for label in ADAPTATION_LABELS.values():
        assert str(label) in page


def test_a_teacher_changes_the_policy(course: Course, teacher: Any) -> None:
    client = client_of(teacher)
    data = form_of(
        client, course, suspect_on="50", strong_on="70.5", use_voice=None,
        adaptations=["hint", "segment"], offers_in_hour="6",
    )  # fmt: skip
    assert client.post(change_url(course), data).status_code == 302
    policy = Policy.objects.get(course=course)
    assert (policy.suspect_on, policy.strong_on) == (0.5, 0.705)
    assert not policy.use_voice
    assert policy.use_face
    assert policy.adaptations == ["segment", "hint"]
    assert policy.offers_in_hour == 6


def test_what_was_saved_is_what_is_shown(course: Course, teacher: Any) -> None:
    client = client_of(teacher)
    before = form_of(client, course)
    assert client.post(change_url(course), before).status_code == 302
    assert form_of(client, course) == before
    policy = Policy.objects.get(course=course)
    assert (policy.suspect_on, policy.frustrated_on, policy.adaptations) == (0.45, 0.35, [])


def test_a_course_without_a_policy_gets_one_when_it_is_saved(course: Course, teacher: Any) -> None:
    Policy.objects.all().delete()
    client = client_of(teacher)
    assert client.post(change_url(course), form_of(client, course)).status_code == 302
    assert Policy.objects.get(course=course).suspect_on == 0.45


def heard_by_live_sessions(course: Course, act: Any, capture: Any) -> list[str]:
    """Types of what a live session and a classroom of this course are told when ``act`` commits."""
    layer = get_channel_layer()

    async def listen(deliver: Any) -> list[str]:
        import asyncio

        from asgiref.sync import sync_to_async

        inbox = await layer.new_channel()
        for group in (push.course_group(course.key), push.classroom_group(course.key)):
            await layer.group_add(group, inbox)
        await sync_to_async(deliver)()
        heard = []
        for _ in range(2):
            heard.append((await asyncio.wait_for(layer.receive(inbox), 2))["type"])
        return heard

    with capture(execute=False) as callbacks:
        act()
    return async_to_sync(listen)(lambda: [callback() for callback in callbacks])


def test_saving_tells_live_sessions_after_commit(
    course: Course, teacher: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_of(teacher)
    data = form_of(client, course, paused="on")
    told = heard_by_live_sessions(
        course,
        lambda: client.post(change_url(course), data),
        django_capture_on_commit_callbacks,
    )
    assert told == ["session.policy", "classroom.policy"]
    assert Policy.objects.get(course=course).paused


@pytest.mark.parametrize(("name", "paused"), [("pause", True), ("resume", False)])
def test_the_big_switch_acts_in_one_click(
    course: Course, teacher: Any, name: str, paused: bool, django_capture_on_commit_callbacks: Any
) -> None:
    Policy.objects.update(paused=not paused)
    url = f"/admin/tutor_emotion/course/{course.pk}/{name}/"
    client = client_of(teacher)
    told = heard_by_live_sessions(
        course, lambda: client.post(url), django_capture_on_commit_callbacks
    )
    assert Policy.objects.get(course=course).paused is paused
    assert "session.policy" in told
    assert client.get(url).status_code == 405  # a link must not switch anything


def test_actions_pause_only_what_one_teaches(course: Course, foreign: Course, teacher: Any) -> None:
    data = {"action": "pause_everything", "_selected_action": [course.pk, foreign.pk]}
    response = client_of(teacher).post("/admin/tutor_emotion/course/", data, follow=True)
    assert "1 course is paused." in response.content.decode()
    assert list(Policy.objects.filter(paused=True).values_list("course__key", flat=True)) == [
        "fractions"
    ]


def test_the_live_classroom_is_one_click_away(course: Course, teacher: Any) -> None:
    client = client_of(teacher)
    link = 'href="/tutor-emotion/classroom/fractions/"'
    assert link in client.get("/admin/tutor_emotion/course/").content.decode()
    assert link in client.get(change_url(course)).content.decode()


@pytest.mark.urls("tests.site.admin_only_urls")
def test_a_host_without_our_pages_still_has_an_admin(course: Course, teacher: Any) -> None:
    page = client_of(teacher).get(change_url(course))
    assert page.status_code == 200
    assert "/classroom/" not in page.content.decode()


def test_signals_are_told_in_words(session: Session, teacher: Any) -> None:
    client = client_of(teacher)
    row = session.signals.get()
    pages = [
        client.get(AFFECT).content.decode(),
        client.get(f"/admin/tutor_emotion/affectsignalrecord/{row.pk}/change/").content.decode(),
        client.get(f"/admin/tutor_emotion/session/{session.pk}/change/").content.decode(),
    ]
    for page in pages:
        assert "Mia Brandt" in page
        assert "3 misses on this step" in page
        assert str(SIGNAL_LABELS["unresolved"]) in page
    assert "6:12" in pages[2]
    assert str(ADAPTATION_LABELS["worked_step"]) in pages[2]
    assert "Mia Brandt · adding" in pages[2]
    row.edge = "cleared"
    row.save()
    assert "not getting on (over)" in client.get(AFFECT).content.decode()


SECRETS = ("0.73", "73.1", "0.91", "1.35", "brow", "31 %", "turned_away", "compact/1")


# --- its edges ------------------------------------------------------------------------------------


def test_no_page_of_a_teacher_has_a_probability_or_a_sensor(session: Session, teacher: Any) -> None:
    client = client_of(teacher)
    for model in LISTS[1:]:
        listing = client.get(f"/admin/tutor_emotion/{model}/").content.decode()
        links = set(re.findall(rf"/admin/tutor_emotion/{model}/[^/\"]+/change/", listing))
        assert links
        for page in (listing, *(client.get(link).content.decode() for link in links)):
            for secret in (
                "0.73",
                "73.1",
                "0.91",
                "1.35",
                "brow",
                "31 %",
                "turned_away",
                "compact/1",
            ):
                assert secret not in page


def test_a_superuser_reads_the_sensors_evidence_too(session: Session, owner: Any) -> None:
    row = session.signals.get()
    page = client_of(owner).get(f"/admin/tutor_emotion/affectsignalrecord/{row.pk}/change/")
    assert "brow lowered: 31 % (usually 10 %)" in page.content.decode()
    page = client_of(owner).get(f"/admin/tutor_emotion/session/{session.pk}/change/")
    assert "face:turned_away: 7" in page.content.decode()


@pytest.mark.parametrize(
    ("mode", "said"), [("quiet", "done without asking"), ("offer", "still open")]
)
def test_only_an_offer_waits_for_an_answer(
    session: Session, owner: Any, mode: str, said: str
) -> None:
    session.adaptations.create(number=2, kind="slow_down", mode=mode, at_s=380.0, evidence=[])
    page = client_of(owner).get(f"/admin/tutor_emotion/session/{session.pk}/change/")
    assert f"longer waits ({said})" in page.content.decode()


def test_everything_has_its_word() -> None:
    assert set(ADAPTATION_LABELS) == set(ADAPTATION_KINDS)
    assert set(SIGNAL_LABELS) == set(SIGNAL_KINDS)
    assert {"taken", "dismissed", "ignored", "wrong", ""} == set(OUTCOME_LABELS)
    assert {p.reason for p in privacy.profiles().values()} - {""} == set(LEGAL_REASONS)


def test_bands_and_reasons() -> None:
    assert [band(x) for x in (0, 0.34, 0.7)] == ["low", "medium", "high"]
    assert reasons(EVIDENCE, with_sensors=False) == ["3 misses on this step"]
    assert reasons(EVIDENCE, with_sensors=True) == [
        "3 misses on this step",
        "brow lowered: 31 % (usually 10 %)",
    ]
    assert reasons(EVIDENCE[1:], with_sensors=False) == []
    counted = evidence("interaction", "misses_on_step", 4, 0.0)
    assert reasons([*EVIDENCE, counted], with_sensors=False) == ["4 misses on this step"]
    unheard_of = evidence("text", "new_measure", 2.5, 0.1, unit="s")
    assert reasons([unheard_of], with_sensors=False) == ["new measure: 2.5 s"]


def test_every_measure_of_the_engine_has_its_words() -> None:
    assert set(SHOWN_FACTS) <= set(COUNTED)
    assert set(FACE_CUES) | set(VOICE_UNITS) == set(COMPARED)


def test_a_reason_says_how_far_from_the_usual_and_for_how_long() -> None:
    brow = evidence("face", "brow_lowered", 0.31, 0.42, unit="share", usual=0.1, z=1.84, for_s=6.3)
    assert phrase(brow) == "brow lowered: 31 % (usually 10 %, 1.8 SD above, for 6 s)"
    assert phrase({**brow, "z": -0.7, "for_s": None}).endswith("(usually 10 %, 0.7 SD below)")
    assert phrase({**brow, "z": 0.2, "for_s": 1.0}).endswith("(usually 10 %)")
    seen = evidence("face", "expression_anger", 0.3, 0.1, unit="share", usual=0.05, z=2.5)
    assert phrase(seen).startswith("share of people who would call such a picture “anger”: 30 %")
    with translation.override("de"):
        assert phrase(brow) == "Augenbrauen gesenkt: 31 % (sonst 10 %, 1,8 SD darüber, seit 6 s)"
        assert "„Ärger“" in phrase(seen)


def test_the_admin_speaks_german(session: Session, teacher: Any) -> None:
    client = client_of(teacher)
    page = client.get(change_url(session.course), headers={"accept-language": "de"})
    text = page.content.decode()
    assert "Was betrachtet werden darf" in text
    assert "Default:" not in text
    for label in (*ADAPTATION_LABELS.values(), *SIGNAL_LABELS.values(), *OUTCOME_LABELS.values()):
        with translation.override("en"):
            english = str(label)
        with translation.override("de"):
            assert str(label) != english


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("model", LISTS)
def test_each_teacher_sees_their_own_courses(
    model: str, session: Session, foreign: Course, teacher: Any, other: Any, owner: Any
) -> None:
    url = f"/admin/tutor_emotion/{model}/"

    def count(user: Any) -> int:
        return int(client_of(user).get(url).context["cl"].result_count)

    assert count(teacher) == 1
    assert count(other) == (1 if model == "course" else 0)
    assert count(owner) == (2 if model == "course" else 1)


@pytest.mark.parametrize(
    ("who", "status"),
    [("anonymous", 302), ("learner", 302), ("teacher off staff", 302), ("staff", 403)],
)
def test_who_teaches_nothing_sees_nothing(course: Course, who: str, status: int) -> None:
    client = Client()
    if who != "anonymous":
        user = User.objects.create_user("zoe", is_staff=who == "staff")
        client.force_login(user)
        if who == "teacher off staff":
            course.teachers.add(user)
    for model in LISTS:
        assert client.get(f"/admin/tutor_emotion/{model}/").status_code == status


def test_another_teachers_course_cannot_be_touched(
    course: Course, other: Any, foreign: Any
) -> None:
    client = client_of(other)
    assert client.get(change_url(course)).status_code == 302  # as if it did not exist
    assert client.post(change_url(course), {"policy-0-paused": "on"}).status_code == 302
    assert client.post(f"/admin/tutor_emotion/course/{course.pk}/pause/").status_code == 404
    assert not Policy.objects.get(course=course).paused


def test_another_courses_title_is_not_a_filter(session: Session, foreign: Any, owner: Any) -> None:
    Session.objects.create(learner=session.learner, course=foreign, lesson="amo")
    for model in LISTS[1:]:
        page = client_of(session.course.teachers.get()).get(f"/admin/tutor_emotion/{model}/")
        assert "Latin" not in page.content.decode()


def test_a_teacher_cannot_let_others_in(course: Course, teacher: Any, other: Any) -> None:
    client = client_of(teacher)
    data = form_of(client, course) | {"teachers": [other.pk], "key": "stolen", "title": "Mine"}
    assert client.post(change_url(course), data).status_code == 302
    course.refresh_from_db()
    assert (course.key, course.title) == ("fractions", "Fractions")
    assert list(course.teachers.all()) == [teacher]


def test_consents_are_not_a_teachers_business(session: Session, teacher: Any, owner: Any) -> None:
    assert client_of(teacher).get("/admin/tutor_emotion/consent/").status_code == 403
    page = client_of(owner).get("/admin/tutor_emotion/consent/")
    assert "Mia Brandt" in page.content.decode()


@pytest.mark.parametrize("model", ["session", "affectsignalrecord", "adaptationrecord", "consent"])
def test_records_cannot_be_written_even_by_a_superuser(
    model: str, session: Session, owner: Any
) -> None:
    client = client_of(owner)
    rows: dict[str, Any] = {
        "session": session,
        "affectsignalrecord": AffectSignalRecord.objects.get(),
        "adaptationrecord": AdaptationRecord.objects.get(),
        "consent": Consent.objects.get(),
    }
    base = f"/admin/tutor_emotion/{model}/"
    assert client.get(f"{base}add/").status_code == 403
    assert client.post(f"{base}{rows[model].pk}/change/", {"kind": "bored"}).status_code == 403


def test_erasing_a_person_erases_what_is_known_of_them(session: Session, owner: Any) -> None:
    url = f"/admin/auth/user/{session.learner_id}/delete/"
    assert client_of(owner).post(url, {"post": "yes"}).status_code == 302
    assert not Session.objects.exists()
    assert not Consent.objects.exists()
    assert not AffectSignalRecord.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"strong_on": "40"}, "strong_on", "strong_below_suspect"),
        ({"suspect_on": "4"}, "suspect_on", "range"),
        ({"suspect_on": "18"}, "suspect_on", "below_prior"),
        ({"bored_on": "6"}, "bored_on", "below_prior"),
        ({"bored_on": "100"}, "bored_on", "range"),
        ({"suspect_on": "nan"}, "suspect_on", "invalid"),
        ({"suspect_on": ""}, "suspect_on", "required"),
        ({"offers_in_10_min": "9"}, "offers_in_hour", "hour_below_ten_minutes"),
        ({"offers_in_10_min": "8"}, "offers_in_10_min", "more_than_fit"),
        ({"offer_every_s": "5"}, "offer_every_s", "min_value"),
        ({"offers_in_hour": "9999"}, "offers_in_hour", "max_value"),
        ({"adaptations": None}, "adaptations", "required"),
        ({"adaptations": ["hint", "electric_shock"]}, "adaptations", "invalid_choice"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(
    course: Course, teacher: Any, changes: dict[str, Any], field: str, code: str
) -> None:
    client = client_of(teacher)
    before = Policy.objects.values().get()
    response = client.post(change_url(course), form_of(client, course, **changes))
    assert response.status_code == 200
    assert code in errors_of(response)[field]
    assert Policy.objects.values().get() == before


@pytest.mark.parametrize("profile", ["camera_free", "eu_institution"])
def test_what_the_law_forbids_is_shown_with_its_reason_and_stays_off(
    course: Course, teacher: Any, settings: Any, profile: str
) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "JURISDICTION": profile}
    Policy.objects.update(use_face=False, use_voice=True)
    client = client_of(teacher)
    page = client.get(change_url(course))
    assert privacy.profile().reason in page.content.decode()
    fields = page.context["inline_admin_formsets"][0].formset.forms[0].fields
    assert {m for m in MODALITIES if fields[f"use_{m}"].disabled} == set(BIOMETRIC)

    forged = form_of(client, course, use_face="on", use_voice="on", suspect_on="50")
    assert client.post(change_url(course), forged).status_code == 302
    policy = Policy.objects.get(course=course)
    assert policy.suspect_on == 0.5
    assert not policy.use_face
    assert not policy.use_voice
    assert policy.use_interaction
