"""What is done about a signal, how seldom, and what the learner's reply changes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.learner import hit, live, miss
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.pacing import MESSAGE_KEYS
from tutor_emotion.core.plans import CALLS, CAUSES, PLANS, QUIET
from tutor_emotion.core.types import (
    ADAPTATION_KINDS,
    STATES,
    Activity,
    Adaptation,
    Answer,
    Outcome,
    SelfReport,
    StepShown,
    TextMessage,
)

CONFIG = EngineConfig()


def misses(start_s: float, n: int, step: str, every_s: float = 20.0) -> list[Answer]:
    return [miss(start_s + i * every_s, step) for i in range(n)]


def hard_lesson(until_s: float) -> list[Any]:
    """Three misses a step, a new step every two minutes: as bad as it gets."""
    return [
        event
        for n in range(int(until_s // 120))
        for event in (
            StepShown(120.0 * n, f"s{n}", "fractions"),
            *misses(120.0 * n + 30, 3, f"s{n}"),
        )
    ]


# --- it works ------------------------------------------------------------------------------------


def test_a_stuck_learner_is_offered_a_worked_step_with_the_reason() -> None:
    session = live(misses(140, 3, "s1"), until_s=200)
    offer = session.offers[0]
    assert offer.kind == "worked_step"
    assert offer.signal == "unresolved"
    assert offer.message in MESSAGE_KEYS
    assert offer.evidence[0].measure == "misses_on_step"
    assert offer.expires_s > offer.at_s


def test_a_learner_in_between_is_offered_a_hint() -> None:
    good = [hit(20.0 * n, f"e{n}") for n in range(1, 5)]
    slow = [replace(m, took_s=29.0) for m in misses(140, 2, "s1", 30)]
    session = live([*good, *slow], until_s=200)
    assert session.offers[0].kind == "hint"
    assert session.offers[0].signal == "struggle.suspect"


def test_a_strong_learner_is_left_to_it_but_for_a_glow() -> None:
    good = [hit(20.0 * n, f"e{n}") for n in range(1, 8)]
    # A typed word of confusion, no miss: still a high performer.
    said = [TextMessage(150, "i dont get it"), SelfReport(152, "confused")]
    session = live([*good, StepShown(145, "s1", "fractions"), *said], until_s=170)
    assert [a.kind for a in session.quiet if a.kind == "hint_glow"] == ["hint_glow"]


def test_the_table_has_a_plan_for_every_situation_and_band() -> None:
    assert set(PLANS) == set(CAUSES)
    alone = {"spinning": "low", "practising": "low", "overtaxed": "low", "flow": "high"}
    for situation, row in PLANS.items():  # some situations are a band by themselves
        assert set(row) == ({alone[situation]} if situation in alone else {"low", "mid", "high"})
        for plan in row.values():
            assert bool(plan.choices) == (plan.kind is not None and plan.kind not in QUIET)


def test_no_message_names_a_feeling() -> None:
    words = {*STATES, "frustration", "confusion", "boredom", "wrong", "correct"}
    assert not [key for key in MESSAGE_KEYS if words & set(key.replace("_", ".").split("."))]


def test_the_pace_slows_by_one_level_a_minute_and_comes_back_after_three() -> None:
    more = [hit(300.0 + 20 * n, f"e{n}") for n in range(4)]
    session = live([*misses(30, 4, "s1"), *more], until_s=500)
    paces = [(a.at_s, a.pace) for a in session.quiet]
    assert [p for _, p in paces] == [-1, -2, -1, 0]
    assert all(b[0] - a[0] >= 60 for a, b in pairwise(paces))


def test_five_in_a_row_speed_up_and_a_miss_takes_it_back() -> None:
    good = [hit(30.0 * n, f"e{n}") for n in range(1, 7)]
    session = live([*good, miss(300, "s1")], until_s=320)
    assert [(a.kind, a.pace) for a in session.quiet[:1]] == [("speed_up", 1)]
    assert session.state.pacing.pace.level == 0


def test_an_answer_that_was_right_but_unsure_is_asked_why_when_work_is_weak() -> None:
    weak = [miss(20.0 * n, f"w{n}", skill=f"k{n}") for n in range(4, 7)]
    unsure = Answer(130, "s1", "fractions", True, 20.0, hedged=True)
    session = live([*weak, unsure], until_s=210)
    assert [a.kind for a in session.offers] == ["why_probe"]


def test_wheelspin_goes_back_to_what_the_skill_builds_on_and_tells_the_teacher() -> None:
    spun = [Answer(30.0 * n, f"i{n}", "fractions", n % 3 != 0, 20.0, "") for n in range(1, 11)]
    session = live(spun, until_s=420)
    assert "prerequisite_item" in [a.kind for a in session.offers]
    assert [a.message for a in session.flags] == ["flag.wheelspin"]


# --- the interruption budget ---------------------------------------------------------------------


def test_nothing_is_offered_in_the_first_two_minutes() -> None:
    session = live(misses(10, 5, "s1", 10), until_s=200)
    assert session.offers[0].at_s == 120.0


def test_nor_before_three_answers_unless_the_learner_asks() -> None:
    assert live(misses(150, 2, "s1"), until_s=250).offers == []
    asked = live([StepShown(10, "s1", "k"), SelfReport(30, "stuck")], until_s=60)
    assert len(asked.offers) == 1


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=4)
def test_the_budget_bounds_whatever_happens(seed: int) -> None:
    steps = 30
    events: list[Any] = []
    for n in range(steps):
        kind = (seed >> n) & 3
        at_s = 60.0 * n
        events += [StepShown(at_s, f"s{n}", f"k{n % 4}"), *misses(at_s + 10, kind, f"s{n}", 8)]
        events += [SelfReport(at_s + 40, ("stuck", "bored", "confused", "fine")[kind])]
    session = live(events, until_s=60 * steps)
    times = [a.at_s for a in session.offers]
    assert all(b - a >= 120 for a, b in pairwise(times))
    for t in times:
        assert sum(t - 600 < other <= t for other in times) <= 3
        assert sum(t - 3600 < other <= t for other in times) <= 8


def test_in_an_hour_of_trouble_there_are_eight_offers_at_most() -> None:
    session = live(
        hard_lesson(3600), until_s=3600, reply=lambda a: [Outcome(a.at_s + 5, a.id, "taken")]
    )
    assert 4 <= len(session.offers) <= 8


def test_an_offer_waits_while_the_learner_types_and_comes_with_the_submission() -> None:
    typing = [Activity(float(t), "typing") for t in range(135, 260, 5)]
    session = live([*misses(140, 3, "s1", 10), *typing, miss(200, "s1")], until_s=260)
    assert session.offers[0].at_s == 160.0  # the third miss is itself a submission
    later = [*misses(90, 3, "s1", 5), *[Activity(float(t), "typing") for t in range(105, 180, 5)]]
    waited = live([*later, Activity(182, "none")], until_s=220)
    assert waited.offers[0].at_s == 185.0  # and the three seconds' pause


def test_typing_that_never_ends_is_forgotten_after_a_minute() -> None:
    session = live([*misses(90, 3, "s1", 5), Activity(110, "typing")], until_s=220)
    assert session.offers[0].at_s == 170.0


@pytest.mark.parametrize(
    ("outcome", "cooldown_s"),
    [("dismissed", 240), ("wrong", 240), ("taken", 120), ("ignored", 120)],
)
def test_a_dismissal_doubles_the_kinds_cooldown(outcome: Any, cooldown_s: int) -> None:
    session = live(
        misses(140, 3, "s1"), until_s=200, reply=lambda a: [Outcome(a.at_s + 3, a.id, outcome)]
    )
    kind = session.offers[0].kind
    assert session.state.pacing.past.kinds[kind].cooldown_s == cooldown_s


def test_three_dismissals_end_a_kind_for_the_session() -> None:
    def dismiss(adaptation: Adaptation) -> list[Outcome]:
        return [Outcome(adaptation.at_s + 3, adaptation.id, "dismissed")]

    only_hints = EngineConfig(adaptations=frozenset({"hint"}))
    session = live(hard_lesson(3600 * 2), until_s=3600 * 2, config=only_hints, reply=dismiss)
    assert len(session.offers) == 3
    gaps = [b.at_s - a.at_s for a, b in pairwise(session.offers)]
    assert gaps[0] >= 240
    assert gaps[1] >= 480


def test_the_reply_is_evidence_too_once() -> None:
    def reply(outcome: Any) -> float:
        session = live(
            misses(140, 3, "s1"), until_s=190,
            reply=lambda a: [Outcome(185, a.id, outcome)] * 2 if a.mode == "offer" else [],
        )  # fmt: skip
        assert sum(e.modality == "self_report" for e in session.estimates) <= 1
        return session.affects[-1].struggle

    assert reply("taken") > reply("ignored") > reply("dismissed")


def test_an_unknown_offer_cannot_be_answered() -> None:
    session = live([Outcome(20, 999, "taken")], until_s=30)
    assert session.estimates == []


# --- what the policy forbids ---------------------------------------------------------------------


@given(st.frozensets(st.sampled_from(ADAPTATION_KINDS)), st.booleans())
@settings(deadline=None, max_examples=10)
def test_only_what_the_policy_allows_comes_out(kinds: frozenset[Any], quiet_pace: bool) -> None:
    config = EngineConfig(adaptations=kinds, quiet_pace=quiet_pace)
    session = live([*hard_lesson(900), *[hit(900.0 + n * 20, f"e{n}") for n in range(9)]],
                   until_s=1150, config=config)  # fmt: skip
    for adaptation in session.adaptations:
        if adaptation.message in CALLS:  # a person is called whatever the policy
            continue
        assert adaptation.kind in kinds
        assert set(adaptation.choices) <= kinds
        assert adaptation.message in MESSAGE_KEYS
    if not quiet_pace:
        assert session.state.pacing.pace.level == 0


def test_danger_calls_a_person_at_once_whatever_the_policy() -> None:
    closed = EngineConfig(adaptations=frozenset(), paused=True)
    session = live([TextMessage(30, "i want to kill myself")], until_s=60, config=closed)
    assert [(a.kind, a.mode, a.message, a.at_s) for a in session.adaptations] == [
        ("teacher_flag", "teacher", "flag.safety", 30.0)
    ]
    assert session.estimates == []


def test_and_no_offer_is_made_meanwhile() -> None:
    alarm = TextMessage(130, "i want to kill myself")
    session = live([alarm, replace(alarm, at_s=135), *misses(140, 4, "s1")], until_s=600)
    assert session.offers == []
    assert len([a for a in session.flags if a.message == "flag.safety"]) == 1


def test_a_message_is_not_read_without_consent_to_text() -> None:
    config = EngineConfig(modalities=frozenset({"interaction"}))
    alarm = [TextMessage(30, "i want to kill myself")]
    assert live(alarm, until_s=60, config=config).adaptations == []
