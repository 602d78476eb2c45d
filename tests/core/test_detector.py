"""When a signal is raised and cleared, told as sessions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.learner import SCOWL, Session, face, hit, live, miss
from tutor_emotion.core.config import DetectorConfig, EngineConfig
from tutor_emotion.core.measures import FACE_CUES
from tutor_emotion.core.types import (
    Answer,
    Estimate,
    Idle,
    SelfReport,
    StepShown,
    TextMessage,
    Visibility,
)

THREE_MISSES = [miss(40), miss(75), miss(110)]
CAMERA_FREE = EngineConfig(modalities=frozenset({"text", "interaction", "self_report"}))


def item(n: int, correct: bool, skill: str = "fractions") -> Answer:
    return Answer(30.0 * n, f"{skill}-{n}", skill, correct, 20.0, f"{n}")


# --- it works ------------------------------------------------------------------------------------


def test_three_misses_alone_fire_after_the_second() -> None:
    session = live(THREE_MISSES, until_s=300, config=CAMERA_FREE)
    assert session.raised("struggle.suspect") == [85.0]  # ten seconds of dwell after the second
    assert session.raised("unresolved") == [110.0]
    suspect = next(s for s in session.signals if s.kind == "struggle.suspect")
    assert suspect.since_s == 75.0
    assert [(e.measure, e.value) for e in suspect.evidence] == [("misses_on_step", 2.0)]
    assert suspect.models == ("states/prior-1",)


def test_two_misses_that_are_then_solved_clear_again() -> None:
    session = live([miss(40), miss(75), hit(95)], until_s=300)
    assert session.raised("struggle.suspect") == [85.0]
    assert session.cleared("struggle.suspect")[0] < 130
    assert session.raised("unresolved") == []


def test_unresolved_ends_when_the_step_is_solved() -> None:
    session = live([*THREE_MISSES, hit(160)], until_s=200)
    assert session.cleared("unresolved") == [160.0]


def test_recovered_says_that_the_struggle_is_over() -> None:
    session = live([*THREE_MISSES, hit(160), hit(190, "s2")], until_s=300)
    assert len(session.raised("recovered")) == 1
    assert session.raised("recovered")[0] >= 180
    assert live([hit(40), hit(80, "s2")], until_s=200).raised("recovered") == []


def test_the_same_feeling_typed_twice_on_one_step_is_unresolved() -> None:
    typed = [TextMessage(60, "I don't get it"), TextMessage(90, "still confused")]
    session = live([StepShown(0, "s1", "fractions"), *typed], until_s=120)
    assert session.raised("unresolved") == [90.0]
    assert "struggle.suspect" in {s.kind for s in session.signals}


def test_frustrated_asks_for_a_sign_that_is_not_the_belief() -> None:
    p = (0.1, 0.25, 0.5, 0.05, 0.1)
    believed = [Estimate("voice", t, p, 1.0, None, 0, 1, "x") for t in range(20, 120, 2)]
    without = live(believed, until_s=120)
    said = live([*believed, TextMessage(100, "this is stupid")], until_s=120)
    assert max(a.p("frustrated") for a in without.affects) < max(
        a.p("frustrated") for a in said.affects
    )
    assert without.raised("frustrated") == []
    more = [TextMessage(115, "this is stupid"), miss(120), TextMessage(125, "ugh, I give up")]
    stuck = live([*THREE_MISSES, *more], until_s=200)
    assert len(stuck.raised("frustrated")) == 1
    reasons = next(s.evidence for s in stuck.signals if s.kind == "frustrated")
    assert {e.measure for e in reasons} == {"misses_on_step", "says_annoyed"}


def test_bored_asks_for_a_sign_in_the_work_and_a_minute() -> None:
    dull = [SelfReport(100, "bored"), Idle(110, 40), TextMessage(130, "this is boring")]
    session = live(dull, until_s=300)
    assert len(session.raised("bored")) == 1
    assert 160 <= session.raised("bored")[0] <= 175


def test_wheelspin_warns_confirms_and_ends_with_mastery() -> None:
    pattern = [True, True, False, True, False, True, True, False, True, False]
    spun = live([item(n, c) for n, c in enumerate(pattern, 1)], until_s=310)
    levels = [(s.level, s.at_s) for s in spun.signals if s.kind == "wheelspin"]
    assert levels == [("warn", 180.0), ("confirmed", 300.0)]
    more = [item(n, True) for n in (11, 12, 13)]
    done = live([*[item(n, c) for n, c in enumerate(pattern, 1)], *more], until_s=400)
    assert done.cleared("wheelspin") == [390.0]


def test_a_poor_start_of_a_skill_warns_after_four() -> None:
    session = live([item(n, n == 1) for n in range(1, 5)], until_s=130)
    assert [s.level for s in session.signals if s.kind == "wheelspin"] == ["warn"]
    assert session.raised("wheelspin") == [120.0]


def test_wheelspin_is_counted_by_skill_and_by_item_not_by_attempt() -> None:
    mixed = [item(n, False, skill=f"k{n % 3}") for n in range(1, 10)]
    assert live(mixed, until_s=280).raised("wheelspin") == []
    attempts = [miss(20.0 * n) for n in range(1, 8)]
    assert live(attempts, until_s=150).raised("wheelspin") == []


# --- its edges -----------------------------------------------------------------------------------

everything_a_face_shows = st.fixed_dictionaries(
    {part: st.floats(0, 1) for cue in FACE_CUES.values() for part in cue.parts}
)


@given(
    st.lists(everything_a_face_shows, min_size=2, max_size=6),
    st.integers(60, 400),
    st.floats(0, 1),
)
@settings(deadline=None, max_examples=8)
def test_the_face_alone_never_raises_a_signal(
    faces: list[dict[str, float]], change_s: int, quality: float
) -> None:
    session = live(
        until_s=950,
        every_second=lambda t: [face(t, faces[t // change_s % len(faces)], quality)],
    )
    assert session.signals == []
    assert session.offers == []
    assert session.state.pacing.pace.level == 0


@pytest.mark.parametrize("state", range(5))
def test_nor_does_any_face_estimate_that_comes_ready_made(state: int) -> None:
    p: Any = tuple(0.96 if i == state else 0.01 for i in range(5))
    session = live(
        until_s=1000,
        every_second=lambda t: [Estimate("face", t, p, 1.0, None, 20.0, 5, "other/1")],
    )
    assert session.signals == []


def test_a_scowl_makes_one_miss_no_more_than_one_miss() -> None:
    scowl = live([miss(200)], until_s=400, every_second=lambda t: [face(t, SCOWL)])
    assert scowl.raised("unresolved") == []


def test_no_evidence_no_event_in_half_an_hour() -> None:
    session = live(until_s=1800)
    assert (session.signals, session.adaptations) == ([], [])
    prior = EngineConfig().fusion.prior
    assert session.affects[-1].probabilities == pytest.approx(prior, abs=1e-12)
    assert all(a.abstain for a in session.affects)


def test_a_signal_that_ended_waits_for_its_cooldown() -> None:
    taps = [SelfReport(t, f) for t, f in ((20, "stuck"), (40, "fine"), (45, "fine"), (70, "stuck"))]
    keep = [SelfReport(t, "stuck") for t in (120, 160)]
    session = live([*taps, *keep], until_s=250)
    first, second = session.raised("struggle.suspect")
    assert session.cleared("struggle.suspect")[0] < 60
    assert second - first >= EngineConfig().detector.suspect.cooldown_s


def test_a_short_peak_is_no_signal() -> None:
    taps = [SelfReport(20, "stuck"), SelfReport(27, "fine"), SelfReport(28, "fine")]
    session = live(taps, until_s=60)
    assert max(a.struggle for a in session.affects) > 0.6
    assert session.raised("struggle.suspect") == []


def test_thresholds_are_the_policys() -> None:
    base = DetectorConfig()
    bold = EngineConfig(detector=replace(base, suspect=base.suspect.raised_at(0.25)))
    shy = EngineConfig(
        detector=replace(
            base, suspect=base.suspect.raised_at(0.9), strong=base.strong.raised_at(0.95)
        )
    )
    assert live(THREE_MISSES, until_s=200, config=bold).raised("struggle.suspect")[0] < 85
    assert live(THREE_MISSES, until_s=200, config=shy).raised("struggle.suspect") == []


def test_a_hidden_tab_raises_nothing_and_forgets_after_five_minutes() -> None:
    session = live(
        [SelfReport(25, "stuck"), Visibility(30, True)],
        until_s=400,
        every_second=lambda t: [face(t, SCOWL)],
    )
    assert session.signals == []
    assert session.affects[-1].probabilities == EngineConfig().fusion.prior
    back = live([SelfReport(25, "stuck"), Visibility(26, True), Visibility(28, False)], until_s=60)
    assert len(back.raised("struggle.suspect")) == 1


# --- what it refuses -----------------------------------------------------------------------------


def reads_of(session: Session) -> set[str]:
    return {e.modality for e in session.estimates}


def test_a_modality_that_is_not_allowed_is_not_looked_at() -> None:
    only_text = EngineConfig(modalities=frozenset({"text"}))
    everything = [*THREE_MISSES, SelfReport(100, "stuck"), TextMessage(120, "hello there")]
    session = live(
        everything, until_s=300, config=only_text, every_second=lambda t: [face(t, SCOWL)]
    )
    assert reads_of(session) == {"text"}
    assert session.signals == []
    assert session.state.work.answers == 0
    assert not session.state.baseline.learned


def test_pausing_clears_what_was_raised_and_estimates_nothing() -> None:
    before = live(THREE_MISSES, until_s=150)
    from tutor_emotion.core import engine

    paused = EngineConfig(paused=True)
    done = engine.step(before.state, [miss(151)], 151.0, paused)
    kinds = {s.kind for s in done.signals}
    assert {s.edge for s in done.signals} == {"cleared"}
    assert kinds >= {"struggle.suspect", "unresolved"}
    assert (done.estimates, done.adaptations) == ((), ())
    assert engine.step(done.state, [], 152.0, paused).signals == ()
