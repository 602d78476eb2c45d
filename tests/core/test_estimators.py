"""Each modality's estimator: what it hears, and what it lets pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.core.learner import SCOWL, face, hit, live, miss
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.measures import VOICE_UNITS
from tutor_emotion.core.types import (
    STATES,
    Activity,
    Answer,
    Estimate,
    HintRequest,
    Idle,
    Reading,
    SelfReport,
    StepShown,
)

CONFIG = EngineConfig()
CALM = {"browDownLeft": 0.1, "browDownRight": 0.1, "eyeSquintLeft": 0.25, "jawOpen": 0.02}
SPEECH = {
    "f0_iqr_st": 4.0, "f0_slope_st_s": -2.0, "rate_hz": 3.0, "pause_ratio": 0.25,
    "filler_s": 0.2, "duration_s": 3.0, "voiced_s": 2.0,
}  # fmt: skip


def heard(end_s: float, **changed: float) -> Reading:
    return Reading("voice", end_s - 3, end_s, {**SPEECH, **changed}, 1.0, 1, "test/1")


def nats(given_: Estimate, state: str) -> float:
    return sum(e.nats for e in given_.evidence if e.state == state)


def measures(given_: Estimate) -> set[str]:
    return {e.measure for e in given_.evidence}


def only(events: list[Any], until_s: int = 400) -> list[Estimate]:
    return live(events, until_s=until_s).estimates


# --- face ----------------------------------------------------------------------------------------


def watched(calm_s: int, then: dict[str, float], more_s: int) -> list[Estimate]:
    seconds = [face(t, CALM) for t in range(1, calm_s + 1)]
    seconds += [face(t, then) for t in range(calm_s + 1, calm_s + more_s + 1)]
    return only(seconds, calm_s + more_s)


def test_a_lowered_brow_speaks_for_effort_against_the_own_usual() -> None:
    last = watched(90, {**CALM, "browDownLeft": 0.5, "browDownRight": 0.5}, 20)[-1]
    assert nats(last, "confused") > 0.5
    brow = next(e for e in last.evidence if e.measure == "brow_lowered")
    assert brow.value == pytest.approx(0.5)
    assert brow.usual == pytest.approx(0.1)


def test_a_learner_who_always_scowls_is_soon_not_read_as_confused() -> None:
    found = only([face(t, SCOWL) for t in range(1, 121)], 120)
    first = next(e for e in found if e.evidence)
    assert nats(first, "confused") > 0.3
    assert abs(nats(found[-1], "confused")) < nats(first, "confused") / 2


def test_under_eight_valid_seconds_the_face_says_nothing() -> None:
    found = watched(0, SCOWL, 12)
    assert [e.probabilities is None for e in found[:8]] == [True] * 7 + [False]


def test_a_turned_head_and_an_open_mouth_hide_what_they_hide() -> None:
    turned = watched(90, {**SCOWL, "yaw_deg": 55.0, "gaze_away": 1.0}, 20)[-1]
    assert measures(turned) <= {"looking_away", "motion"}
    assert nats(turned, "engaged") < 0
    speaking = watched(90, {**SCOWL, "jawOpen": 0.4}, 20)[-1]
    assert "lips_pressed" not in measures(speaking)
    assert "brow_lowered" in measures(speaking)


def test_a_smile_counts_only_after_a_correct_answer() -> None:
    smiling = [
        face(t, {**CALM, "mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}) for t in range(91, 111)
    ]
    calm = [face(t, {**CALM, "mouthSmileLeft": 0.1, "mouthSmileRight": 0.1}) for t in range(1, 91)]
    without = [e for e in only([*calm, *smiling], 110) if e.modality == "face"]
    assert "smile" not in measures(without[-1])
    answered = [e for e in only([*calm, *smiling, hit(107)], 110) if e.modality == "face"]
    assert nats(answered[-1], "engaged") > nats(without[-1], "engaged")


def test_quality_is_the_valid_share_times_the_readings_quality() -> None:
    found = only([face(t, CALM, 0.8) for t in range(1, 11)], 10)
    assert found[-1].quality == pytest.approx(0.8 * 10 / 20)
    assert found[-1].hop_s == 1.0


def test_the_same_reading_twice_is_one() -> None:
    seconds = [face(t, CALM) for t in range(1, 13)]
    assert len(only([*seconds, *seconds], 20)) == 12


# --- voice ---------------------------------------------------------------------------------------


def test_hesitant_speech_speaks_for_uncertainty() -> None:
    usual = [heard(t) for t in (10, 20, 30, 40, 50)]
    unsure = heard(60, pause_ratio=0.6, filler_s=1.0, f0_slope_st_s=15.0, rate_hz=1.5)
    last = only([*usual, unsure])[-1]
    assert nats(last, "confused") > 0.8
    assert measures(last) >= {"pause_ratio", "filler_s", "f0_slope_st_s", "rate_hz"}


def test_the_onset_is_counted_from_what_was_put_to_the_learner() -> None:
    said = only([StepShown(0, "s1", "fractions"), heard(12), heard(20)])
    onset = next(e for e in said[0].evidence if e.measure == "onset_s")
    assert onset.value == 9.0  # it ended at 12 and was 3 s long
    assert "onset_s" not in measures(said[1])  # only the first reply has an onset


@pytest.mark.parametrize("changed", [{"duration_s": 0.5}, {"duration_s": 12.0}, {"voiced_s": 0.3}])
def test_speech_that_is_unfit_says_nothing(changed: dict[str, float]) -> None:
    assert only([heard(10, **changed)])[0].probabilities is None


def test_an_utterance_without_measures_says_nothing() -> None:
    assert only([Reading("voice", 7, 10, {}, 1.0, 1, "x")])[0].probabilities is None


def test_how_actors_sound_is_no_cue_by_itself() -> None:
    acted = dict.fromkeys((name for name in VOICE_UNITS if name.startswith("voice_")), 1.0)
    found = only([heard(t, **acted) for t in (10, 20, 30)])
    assert {"voice_anger", "voice_boredom"} <= measures(found[0])
    for item in found:
        assert 0 < nats(item, "frustrated") < CONFIG.detector.cue_min_nats
        assert 0 < nats(item, "bored") < CONFIG.detector.cue_min_nats
    assert nats(found[-1], "frustrated") < nats(found[0], "frustrated")  # it is this speaker's way


# --- interaction ---------------------------------------------------------------------------------


def test_misses_on_one_step_weigh_more_each_time_and_no_more_after_three() -> None:
    found = only([miss(t) for t in (40, 75, 110, 150)])
    weights = [nats(e, "confused") for e in found]
    assert weights == [0.55, 1.0, 1.45, 1.45]
    assert [nats(e, "frustrated") for e in found] == [0, 0.35, 0.85, 0.85]
    assert [e.value for e in found[-1].evidence] == [4.0] * 3


def test_a_quick_first_miss_is_a_slip() -> None:
    shown = StepShown(0, "s1", "fractions", expected_s=40.0)
    assert only([shown, replace(miss(20), took_s=15.0)])[0].probabilities is None
    assert nats(only([shown, replace(miss(70), took_s=60.0)])[0], "confused") == 0.55


def test_the_same_wrong_answer_again() -> None:
    again = only([miss(20, answer="3/4"), miss(50, answer="3/4")])[-1]
    other = only([miss(20, answer="3/4"), miss(50, answer="1/4")])[-1]
    assert "same_wrong_answer" in measures(again)
    assert "same_wrong_answer" not in measures(other)
    slip = only([miss(20, answer="denominator"), miss(50, answer="denominater")])[-1]
    assert "same_wrong_answer" in measures(slip)


def test_a_correct_answer_after_misses_takes_confusion_back() -> None:
    last = only([miss(20), miss(50), hit(80)])[-1]
    assert nats(last, "confused") == -0.6
    assert nats(last, "engaged") == pytest.approx(0.7)


def test_a_revealed_answer_says_nothing_and_counts_for_nothing() -> None:
    session = live([replace(hit(20), revealed=True)], until_s=30)
    assert session.estimates[0].probabilities is None
    assert session.state.work.answers == 0


def test_a_broken_run_a_fast_retry_and_rapid_guessing() -> None:
    shown = [StepShown(t, f"s{t}", "fractions", expected_s=40.0) for t in (0, 50, 100, 150)]
    right = [hit(t + 40, f"s{t}") for t in (0, 50, 100)]
    broke = only([*shown, *right, miss(200, "s150")])[-1]
    assert "broken_success_run" in measures(broke)
    retry = replace(miss(203, "s150"), took_s=3.0)
    fast = only([*shown, *right, miss(200, "s150"), retry])[-1]
    assert {"fast_after_error", "rapid_answer"} <= measures(fast)


def test_misses_on_items_that_were_believed_easy_speak_for_boredom() -> None:
    def easy(t: float) -> list[Any]:
        return [
            StepShown(t, f"s{t}", "fractions", difficulty=0.2),
            replace(miss(t + 20, f"s{t}"), expected_p=0.9),
        ]

    assert nats(only([*easy(0), *easy(30)])[-1], "bored") == 0.4


def test_hints_after_a_try_and_hints_in_a_hurry() -> None:
    first = only([HintRequest(10, "s1")])
    assert first[0].probabilities is None
    tried = only([miss(10), HintRequest(15, "s1")])[-1]
    assert nats(tried, "confused") == 0.35
    hurried = only([miss(10), HintRequest(15, "s1"), HintRequest(16, "s1", level=2)])[-1]
    assert nats(hurried, "frustrated") == 0.3


def test_an_idle_gap_votes_once_and_not_while_a_draft_is_typed() -> None:
    found = only([Idle(40, 35), Idle(50, 45), Idle(60, 55), Idle(120, 40)])
    assert [nats(e, "bored") for e in found] == [0.5, 0, 0, 0.5]
    assert nats(only([Activity(5, "typing"), Idle(40, 35)])[0], "bored") == 0


def test_correct_but_unsure() -> None:
    unsure = Answer(20, "s1", "fractions", True, 20.0, hedged=True)
    assert nats(only([unsure])[0], "confused") == 0.4


# --- self-report, and what comes from outside ----------------------------------------------------


def test_a_tap_is_the_strongest_word_there_is() -> None:
    session = live([SelfReport(20, "stuck")], until_s=21)
    assert session.affects[-1].struggle > 0.6
    calmed = live([SelfReport(20, "stuck"), SelfReport(22, "fine")], until_s=23)
    assert calmed.affects[-1].struggle < session.affects[-1].struggle


def test_labels_of_a_model_that_knows_our_states_become_an_estimate() -> None:
    p = dict(zip(STATES, (0.1, 0.6, 0.2, 0.05, 0.05), strict=True))
    reading = Reading("face", 0, 1, {}, 0.9, 5, "labels/1", p)
    found = only([reading])[0]
    assert found.probabilities == pytest.approx((0.1, 0.6, 0.2, 0.05, 0.05))
    assert measures(found) == {f"leans_{s}" for s in STATES}
    strange = replace(reading, probabilities={"happy": 1.0})
    assert only([strange])[0].probabilities is None
