"""What decides the pace: signals and performance, performance alone, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.learner import SCOWL, face, hit, live, miss
from tests.core.table import BORED, DONT_GET_IT, SCRIPTS, nudge
from tutor_emotion.core import replay
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.plans import CALLS
from tutor_emotion.core.types import Adaptation, SelfReport, StepShown, TextMessage
from tutor_emotion.errors import BadInput

AFFECT = EngineConfig()
WORK = EngineConfig(follows="performance")
NOTHING = EngineConfig(follows="none")


def play(cell: Any, config: EngineConfig) -> list[Adaptation]:
    steps = replay.run(SCRIPTS[cell].lines, config, tail_s=SCRIPTS[cell].tail_s)
    return [a for step in steps for a in step.adaptations]


# --- performance alone ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        ("early", "low"), ("suspect", "high"), ("unresolved", "high"), ("frustrated", "low"),
        ("frustrated", "mid"), ("setback", "high"), ("overtaxed", "low"), ("bored", "high"),
        ("unsure", "low"), ("unsure", "mid"),
    ],
)  # fmt: skip
def test_what_only_a_belief_says_changes_nothing(cell: Any) -> None:
    assert play(cell, AFFECT)
    assert play(cell, WORK) == []


@pytest.mark.parametrize(
    "cell",
    [
        ("suspect", "mid"), ("unresolved", "low"), ("unresolved", "mid"), ("spinning", "low"),
        ("practising", "low"), ("waiting", "low"), ("waiting", "mid"), ("waiting", "high"),
        ("flow", "high"),
    ],
)  # fmt: skip
def test_what_was_counted_is_acted_on_as_ever(cell: Any) -> None:
    plan = play(cell, WORK)
    assert plan
    for made in plan:
        assert made.signal in (None, "wheelspin")
        assert all(e.modality == "interaction" and e.nats == 0 for e in made.evidence)


def test_two_misses_are_enough_without_any_signal() -> None:
    good = [hit(20.0 * n, f"e{n}") for n in range(1, 6)]
    session = live([*good, miss(140), miss(150)], until_s=160, config=WORK)
    assert [(a.kind, a.signal) for a in session.offers] == [("hint", None)]
    assert [(e.measure, e.value) for e in session.offers[0].evidence] == [("misses_on_step", 2.0)]


def test_signals_are_still_raised_for_the_teacher() -> None:
    session = live([miss(40), miss(75), miss(110)], until_s=200, config=WORK)
    assert session.raised("unresolved") == [110.0]


ALL = st.lists(
    st.one_of(
        st.just(SelfReport(0, "stuck")),
        st.just(TextMessage(0, DONT_GET_IT)),
        st.sampled_from([nudge("frustrated", 1.4, 0)[0], nudge("bored", 1.4, 0)[0]]),
    ),
    max_size=12,
)


@given(ALL)
@settings(deadline=None, max_examples=10)
def test_nothing_but_the_work_can_move_it(events: list[Any]) -> None:
    at = [replace(event, at_s=60.0 + 17 * n) for n, event in enumerate(events)]
    shown = StepShown(1, "s1", "k", 0.5, 600.0)
    session = live([shown, *at], until_s=320, config=WORK, every_second=lambda t: [face(t, SCOWL)])
    assert [a for a in session.adaptations if a.message not in CALLS] == []


# --- nothing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", SCRIPTS)
def test_no_offer_no_change_of_pace_no_flag(cell: Any) -> None:
    assert play(cell, NOTHING) == []


def test_and_what_was_believed_is_believed_all_the_same() -> None:
    events = [*BORED, miss(200), miss(220)]
    a, b = (live(events, until_s=260, config=config) for config in (AFFECT, NOTHING))
    assert [x.probabilities for x in a.affects] == [x.probabilities for x in b.affects]
    assert a.signals == b.signals


def test_another_word_is_refused() -> None:
    with pytest.raises(BadInput, match="follows"):
        EngineConfig(follows="the moon")  # type: ignore[arg-type]


# --- never because of the face alone --------------------------------------------------------------


def test_a_face_that_keeps_a_signal_up_makes_nothing_slower() -> None:
    """A word of confusion, long ago; since then only a scowl, that holds the signal up."""
    weak = [miss(20.0 * n, f"w{n}", f"k{n}") for n in range(1, 5)]
    shown = StepShown(85, "s1", "fractions", 0.5, 900.0)
    said = [TextMessage(100, DONT_GET_IT), *nudge("confused", 1.0, 101)]
    scowl = live(
        [*weak, shown, *said],
        until_s=400,
        every_second=lambda t: [face(t, SCOWL)] if t > 90 else [],
    )
    slower = [a.at_s for a in scowl.quiet if a.kind in ("slow_down", "segment")]
    assert slower
    assert max(slower) <= 101 + AFFECT.detector.cue_s
