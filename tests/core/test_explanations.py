"""An Estimate's reasons: they add up to what it says, and tell how far and how long."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.learner import face, hit, live, miss
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.measures import FACE_CUES, VOICE_UNITS
from tutor_emotion.core.states import PRIOR, Rule, StatesModel
from tutor_emotion.core.types import (
    MODALITIES,
    STATES,
    Answer,
    Estimate,
    Evidence,
    HintRequest,
    Idle,
    Modality,
    Reading,
    SelfReport,
    StepShown,
    TextMessage,
)

CONFIG = EngineConfig()
CALM = {"browDownLeft": 0.1, "browDownRight": 0.1, "eyeSquintLeft": 0.25, "jawOpen": 0.02}
LOWERED = {**CALM, "browDownLeft": 0.6, "browDownRight": 0.6}


def log_ratio(item: Estimate, config: EngineConfig) -> list[float]:
    """log(p / prior), centred."""
    assert item.probabilities is not None
    ratio = [
        math.log(p / pi) for p, pi in zip(item.probabilities, config.fusion.prior, strict=True)
    ]
    return [r - sum(ratio) / len(ratio) for r in ratio]


def told(item: Estimate) -> list[float]:
    """What the evidence sums to by state, centred."""
    sums = [math.fsum(e.nats for e in item.evidence if e.state == s) for s in STATES]
    return [n - sum(sums) / len(sums) for n in sums]


def reason(item: Estimate, measure: str) -> Evidence:
    return next(e for e in item.evidence if e.measure == measure)


# --- they add up ---------------------------------------------------------------------------------

_PARTS = sorted({part for cue in FACE_CUES.values() for part in cue.parts})
faces = st.lists(
    st.dictionaries(st.sampled_from([*_PARTS, "yaw_deg", "jawOpen"]), st.floats(0, 1)),
    min_size=9,
    max_size=15,
)
voices = st.dictionaries(st.sampled_from(sorted(VOICE_UNITS)), st.floats(-5, 20))
answers = st.builds(
    Answer,
    at_s=st.floats(1, 30),
    step=st.sampled_from(["s1", "s2"]),
    skill=st.just("fractions"),
    correct=st.booleans(),
    took_s=st.floats(0.1, 300),
    answer=st.sampled_from(["1/2", "denominator", "denominater"]),
    expected_p=st.none() | st.floats(0, 1),
    hedged=st.booleans(),
    revealed=st.booleans(),
)
events = st.lists(
    answers
    | st.builds(
        HintRequest, st.floats(1, 30), st.sampled_from(["s1", "s2"]), st.just(1), st.booleans()
    )
    | st.builds(Idle, st.floats(1, 30), st.floats(0, 90))
    | st.builds(SelfReport, st.floats(1, 30), st.sampled_from(["fine", "confused", "bored"]))
    | st.builds(TextMessage, st.floats(1, 30), st.sampled_from(["I don't get it", "WHY IS IT??"])),
    max_size=10,
)
temperatures = st.fixed_dictionaries({m: st.floats(0.3, 5) for m in MODALITIES})


@st.composite
def models(draw: st.DrawFn) -> StatesModel:
    factors = draw(st.lists(st.floats(-3, 3), min_size=7, max_size=7))
    weights = tuple(
        replace(w, nats=w.nats * factors[n % len(factors)]) for n, w in enumerate(PRIOR.weights)
    )
    rules = {m: Rule(temperature=t) for m, t in draw(temperatures).items()}
    return StatesModel("drawn", weights, rules)


@given(faces, voices, events, st.just(PRIOR) | models())
@settings(deadline=None, max_examples=30)
def test_the_nats_of_the_evidence_are_the_estimates_log_likelihood_ratio(
    seen: list[dict[str, float]], heard: dict[str, float], done: list[Any], states: StatesModel
) -> None:
    config = EngineConfig(states=states)
    inputs: list[Any] = [face(t, m) for t, m in enumerate(seen, start=1)]
    inputs += [StepShown(0, "s1", "fractions", expected_s=20.0), miss(5), miss(9), *done]
    inputs += [Reading("voice", 8, 11, {**heard, "duration_s": 3.0}, 1.0, 1, "test/1")]
    found = live(inputs, until_s=31, config=config).estimates
    assert {e.modality for e in found} >= {"face", "interaction"}
    for item in found:
        assert (item.probabilities is None) == (not item.evidence)
        if item.probabilities is not None:
            assert told(item) == pytest.approx(log_ratio(item, config), abs=1e-9)


shares = st.lists(st.just(0.0) | st.floats(1e-9, 1), min_size=5, max_size=5).filter(any)
reasons = st.lists(
    st.builds(
        Evidence,
        modality=st.just("face"),
        measure=st.sampled_from(["frown", "yawn"]),
        value=st.floats(0, 1),
        unit=st.just("share"),
        state=st.sampled_from(STATES),
        nats=st.floats(-4, 4),
        at_s=st.just(5.0),
    ),
    max_size=4,
)


@given(shares, reasons)
def test_what_comes_from_outside_adds_up_too(p: list[float], given_: list[Evidence]) -> None:
    a, b, c, d, e = p
    outside = Estimate("face", 5.0, (a, b, c, d, e), 1.0, 20.0, 1.0, 5, "host/1", tuple(given_))
    taken = live([outside], until_s=6).estimates[0]
    assert taken.evidence[: len(given_)] == tuple(given_)
    assert all(e.measure.startswith("leans_") for e in taken.evidence[len(given_) :])
    assert told(taken) == pytest.approx(log_ratio(taken, CONFIG), abs=1e-9)


def test_our_own_estimate_needs_no_remainder_when_it_comes_back() -> None:
    own = live([miss(20)], until_s=21).estimates[0]
    assert live([own], until_s=21).estimates[0] == own


# --- how far, and how long -----------------------------------------------------------------------


def watched(*parts: tuple[int, dict[str, float]]) -> list[Estimate]:
    """One glance a second: so many seconds of each face in turn."""
    seconds = [measures for count, measures in parts for _ in range(count)]
    events_ = [face(t, m) for t, m in enumerate(seconds, start=1)]
    return live(events_, until_s=len(seconds)).estimates


def test_a_lowered_brow_says_how_far_from_the_usual_and_for_how_long() -> None:
    brow = reason(watched((90, CALM), (6, LOWERED))[-1], "brow_lowered")
    assert brow.usual == pytest.approx(0.1)
    assert brow.value == pytest.approx((14 * 0.1 + 6 * 0.6) / 20)
    assert brow.z is not None
    assert brow.nats == pytest.approx(0.30 * brow.z)
    assert brow.for_s == pytest.approx(6.0)


def test_it_is_held_for_longer_than_the_window_is_long() -> None:
    brow = reason(watched((90, CALM), (33, LOWERED))[-1], "brow_lowered")
    assert brow.for_s == pytest.approx(33.0)


def test_a_break_begins_anew_and_what_is_over_is_not_held() -> None:
    again = watched((90, CALM), (5, LOWERED), (1, CALM), (3, LOWERED))[-1]
    assert reason(again, "brow_lowered").for_s == pytest.approx(3.0)
    assert reason(watched((90, CALM), (5, LOWERED), (1, CALM))[-1], "brow_lowered").for_s is None


def test_a_face_that_went_out_of_sight_is_not_said_to_have_held() -> None:
    seen = [face(t, CALM) for t in range(1, 91)]
    seen += [face(t, LOWERED) for t in (*range(91, 101), *range(106, 109))]
    assert reason(live(seen, until_s=109).estimates[-1], "brow_lowered").for_s == pytest.approx(3)


def test_an_utterance_says_how_far_it_is_from_the_speakers_usual() -> None:
    said = Reading("voice", 7, 10, {"pause_ratio": 0.55, "duration_s": 3.0}, 1.0, 1, "test/1")
    pauses = reason(live([said], until_s=11).estimates[0], "pause_ratio")
    assert (pauses.value, pauses.usual) == (0.55, 0.25)
    assert pauses.z == pytest.approx(0.30 / 0.12)


def test_a_quick_retry_stands_beside_the_learners_own_time() -> None:
    items = [
        event
        for n in range(4)
        for event in (StepShown(30 * n, f"s{n}", "f", expected_s=20.0), hit(30 * n + 20, f"s{n}"))
    ]
    shown = StepShown(120, "s9", "f", expected_s=20.0)
    retry = replace(miss(143, "s9"), took_s=3.0)
    fast = reason(live([*items, shown, miss(140, "s9"), retry], until_s=150).estimates[-1],
                  "fast_after_error")  # fmt: skip
    assert fast.value == 3.0
    assert fast.usual == pytest.approx(20.0)
    assert fast.z is not None
    assert fast.z < -1


def test_misses_say_which_one_it_was() -> None:
    found = live([miss(20), miss(50)], until_s=60).estimates
    assert [reason(e, "misses_on_step").value for e in found] == [1.0, 2.0]


# --- the rule of a modality ----------------------------------------------------------------------


def ruled(modality: Modality, rule: Rule) -> EngineConfig:
    return EngineConfig(states=replace(PRIOR, version="test", rules={modality: rule}))


def test_the_temperature_divides_the_nats() -> None:
    config = ruled("interaction", Rule(temperature=2.0))
    halved = live([miss(20)], until_s=21, config=config).estimates[0]
    whole = live([miss(20)], until_s=21).estimates[0]
    assert told(halved) == pytest.approx([n / 2 for n in told(whole)])


def test_a_modality_that_is_off_says_nothing_whatever_it_reads() -> None:
    labels = dict(zip(STATES, (0.1, 0.6, 0.2, 0.05, 0.05), strict=True))
    labelled = Reading("face", 11, 12, {}, 0.9, 5, "labels/1", labels)
    seen = [*(face(t, LOWERED) for t in range(1, 12)), labelled]
    session = live(seen, until_s=20, config=ruled("face", Rule(on=False)))
    assert len(session.estimates) == 12
    assert {(e.probabilities, e.quality, e.evidence) for e in session.estimates} == {(None, 0, ())}
    # A host's own Estimate is not of this model.
    host = Estimate("face", 12.0, (0.1, 0.6, 0.2, 0.05, 0.05), 1.0, 20.0, 1.0, 5, "host/1")
    off = live([host], until_s=13, config=ruled("face", Rule(on=False)))
    assert off.estimates[0].probabilities is not None


def test_every_estimate_names_the_model_that_weighed() -> None:
    found = live(
        [*(face(t, LOWERED) for t in range(1, 12)), miss(20), TextMessage(21, "I don't get it")],
        until_s=22,
    ).estimates
    assert {e.modality: e.model for e in found} == {
        "face": f"test/1 {PRIOR.name}",
        "interaction": PRIOR.name,
        "text": PRIOR.name,
    }
