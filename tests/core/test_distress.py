"""Words of danger, and trouble that help does not end: a person is called, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.core.learner import Session, hit, live, miss
from tests.core.table import STUPID
from tutor_emotion.core import engine
from tutor_emotion.core.config import FOLLOWS, EngineConfig
from tutor_emotion.core.types import Activity, StepShown, TextMessage, Visibility

CONFIG = EngineConfig()
DANGER = "i want to kill myself"


def stuck(
    until_s: int, config: EngineConfig = CONFIG, *more: Any, every_s: float = 40.0
) -> Session:
    """One step, never solved, tried again and again."""
    tries = [miss(40 + every_s * n, "s1") for n in range(int((until_s - 40) // every_s))]
    shown = StepShown(0, "s1", "fractions")
    return live([shown, *tries, *more], until_s=until_s, config=config)


def calls(session: Session) -> list[tuple[float, str]]:
    return [(a.at_s, a.message) for a in session.flags if a.message != "flag.wheelspin"]


# --- it works -----------------------------------------------------------------------------------


def test_trouble_that_help_does_not_end_calls_a_person() -> None:
    session = stuck(700)
    assert session.raised("unresolved") == [120.0]
    assert calls(session) == [(600.0, "flag.distress")]  # eight minutes, with help on offer
    (flag,) = [a for a in session.flags if a.message == "flag.distress"]
    assert [(e.measure, e.value) for e in flag.evidence] == [("trouble_lasts", 480.0)]
    assert any(a.at_s < 600 for a in session.offers)


def test_nothing_automatic_is_done_meanwhile_and_then_it_goes_on() -> None:
    session = stuck(1800)
    (first, *_) = [at_s for at_s, _ in calls(session)]
    held = [a for a in session.adaptations if first < a.at_s < first + 600]
    assert held == []
    assert any(a.at_s >= first + 600 for a in session.offers)


def test_several_annoyed_messages_call_a_person() -> None:
    said = [TextMessage(30.0 + 60 * n, STUPID) for n in range(3)]
    session = live([StepShown(0, "s1", "k"), *said], until_s=300)
    assert calls(session) == [(150.0, "flag.distress")]
    (flag,) = session.flags
    assert [(e.modality, e.measure, e.value) for e in flag.evidence] == [
        ("text", "says_annoyed", 3)
    ]


def test_words_of_danger_call_at_once_and_hold_everything() -> None:
    session = stuck(500, CONFIG, TextMessage(200, DANGER))
    assert calls(session) == [(200.0, "flag.safety")]
    assert [a for a in session.adaptations if a.at_s > 200] == []


@pytest.mark.parametrize("follows", FOLLOWS)
@pytest.mark.parametrize("paused", [True, False])
def test_danger_is_heard_under_every_policy(follows: Any, paused: bool) -> None:
    config = EngineConfig(adaptations=frozenset(), follows=follows, paused=paused)
    session = live([TextMessage(20, DANGER)], until_s=30, config=config)
    assert calls(session) == [(20.0, "flag.safety")]


@pytest.mark.parametrize("follows", FOLLOWS)
def test_so_is_trouble_that_lasts(follows: Any) -> None:
    config = EngineConfig(adaptations=frozenset({"hint"}), follows=follows)
    messages = [message for _, message in calls(stuck(1300, config))]
    assert "flag.distress" in messages


def test_a_teacher_sees_why_while_it_lasts() -> None:
    def called_after(until_s: int) -> str:
        events = [TextMessage(100, DANGER)]
        return engine.summary(live(events, until_s=until_s).state, CONFIG).called

    assert [called_after(t) for t in (99, 101, 699, 701)] == ["", "safety", "safety", ""]


# --- its edges -----------------------------------------------------------------------------------


def test_where_nothing_may_be_offered_it_takes_twice_as_long() -> None:
    session = stuck(1300, EngineConfig(follows="none"))
    assert session.offers == []
    assert calls(session)[0] == (120.0 + 960.0, "flag.distress")


def test_who_does_nothing_is_idle_and_not_in_distress() -> None:
    tries = [miss(40.0 + 40 * n, "s1") for n in range(4)]
    gone = live([StepShown(0, "s1", "k"), *tries], until_s=1500)
    assert calls(gone) == []
    away = live([*tries, Visibility(200, True)], until_s=1500)
    assert calls(away) == []
    typing = [Activity(float(t), "typing") for t in range(200, 1500, 30)]
    assert calls(live([*tries, *typing], until_s=1500)) != []


def test_a_step_that_is_solved_ends_it() -> None:
    solved = [hit(300, "s1"), hit(340, "s2"), *[miss(500.0 + 40 * n, "s3") for n in range(6)]]
    tries = [miss(40.0 + 40 * n, "s1") for n in range(6)]
    session = live([StepShown(0, "s1", "fractions"), *tries, *solved], until_s=800)
    assert calls(session) == []


def test_trouble_that_is_gone_for_less_than_the_gap_goes_on() -> None:
    solved = hit(290, "s1")  # and missed again from 320 s on
    patient = replace(CONFIG, pacing=replace(CONFIG.pacing, distress_gap_s=300.0))
    assert calls(stuck(700, CONFIG, solved)) == []
    assert calls(stuck(700, patient, solved)) != []


def test_messages_far_apart_are_single_moments() -> None:
    said = [TextMessage(30.0 + 400 * n, STUPID) for n in range(4)]
    assert calls(live([StepShown(0, "s1", "k"), *said], until_s=1400)) == []


def test_one_breath_of_danger_is_one_call_and_the_hold_begins_anew() -> None:
    said = [TextMessage(t, DANGER) for t in (100.0, 110.0, 159.0, 200.0)]
    session = live(said, until_s=300)
    assert calls(session) == [(100.0, "flag.safety"), (200.0, "flag.safety")]
    assert session.state.pacing.past.hold_until_s == 800.0


def test_the_times_are_the_policys() -> None:
    sooner = replace(CONFIG.pacing, distress_after_s=200.0, distress_messages=2, safety_hold_s=60.0)
    config = replace(CONFIG, pacing=sooner)
    assert calls(stuck(330, config)) == [(320.0, "flag.distress")]
    said = [TextMessage(30, STUPID), TextMessage(40, STUPID)]
    assert calls(live(said, until_s=60, config=config)) == [(40.0, "flag.distress")]
