"""Precision, recall and delay on timelines that can be counted by hand; figures and intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tutor_emotion.core.plans import DISTRESS_MESSAGE
from tutor_emotion.core.types import Adaptation, AffectSignal, Evidence, SignalKind
from tutor_emotion.simulate.school.cohort import Cohort, gathered, joined
from tutor_emotion.simulate.school.judging import alarms_s, judge, long_episodes, within
from tutor_emotion.simulate.school.results import MAIN, auc, summarise, weighted_median
from tutor_emotion.simulate.school.session import Glimpse, Lived

E, C, F, N = 0, 1, 2, 4  # engaged, confused, frustrated, neutral


def told(at_s: float, signal: SignalKind | None, mode: Any = "offer") -> Adaptation:
    return Adaptation(1, "hint", mode, at_s, at_s + 60, signal, "offer.hint", ("hint",))


def counted(measure: str) -> Evidence:
    return Evidence("interaction", measure, 2.0, "answers", "confused", 0.0, 0.0)


def lived(*adaptations: Adaptation, states: tuple[int, ...] = (), **more: Any) -> Lived:
    # 300 s: struggle in seconds 101 to 140 (40 s) and 201 to 220 (20 s, too short to be asked for)
    states = states or (E,) * 100 + (C,) * 25 + (F,) * 15 + (E,) * 60 + (F,) * 20 + (N,) * 80
    whole = Lived(
        configuration="x",
        states=states,
        signals=(),
        adaptations=adaptations,
        replies={"taken": 0, "dismissed": 0, "ignored": 0},
        mastered_s=None,
        known=0.5,
        items=(3, 0),
        right=2,
        practice=(),
        spun=0,
        glimpses=(),
        estimates=(),
    )
    return replace(whole, **more)


# --- one session ---------------------------------------------------------------------------------


def test_an_alarm_is_right_in_an_episode_or_within_a_minute_before_one() -> None:
    alarms = [
        told(30, "unresolved"),  # 71 s before: wrong
        told(41, "unresolved"),  # 60 s before: right
        told(110, "struggle.suspect"),  # in it: right, and at once
        told(250, "frustrated"),  # after all of them: wrong
    ]
    counts = judge(lived(*alarms)).counts
    assert (counts["alarms"], counts["right_alarms"], counts["right_at_once"]) == (4, 2, 1)


def test_only_long_episodes_are_asked_for_and_met_by_an_alarm_inside() -> None:
    judged = judge(lived(told(110, "unresolved"), told(130, "unresolved"), told(210, "unresolved")))
    assert (judged.counts["episodes"], judged.counts["met"], judged.delays_s) == (1, 1, (9,))
    before = judge(lived(told(90, "unresolved")))
    assert (before.counts["right_alarms"], before.counts["met"], before.delays_s) == (1, 0, ())


def test_what_reaches_nobody_or_speaks_of_no_struggle_is_no_alarm() -> None:
    assert alarms_s([told(10, "bored"), told(11, None), told(12, "wheelspin")]) == []
    assert alarms_s([told(10, "unresolved", "quiet")]) == []
    paused = replace(told(13, None), evidence=(counted("idle_gap"),))
    assert alarms_s([paused]) == []
    both = [told(10, "frustrated"), told(10, "unresolved", "teacher"), told(9, "unresolved")]
    assert alarms_s(both) == [9, 10]


def test_misses_and_trouble_that_lasts_are_alarms_without_a_signal() -> None:
    missed = replace(told(10, None), evidence=(counted("misses_on_step"),))
    lasting = replace(told(20, None, "teacher"), message=DISTRESS_MESSAGE)
    assert alarms_s([missed, lasting]) == [10, 20]


def test_chance_is_the_share_of_seconds_at_which_an_alarm_would_be_right() -> None:
    counts = judge(lived()).counts
    assert counts["seconds_soon"] == (140 - 41 + 1) + (220 - 141 + 1)
    truth = np.array([False, True, False])
    assert within(truth, 1).tolist() == [True, True, False]
    assert list(long_episodes(truth, 1)) == [(2, 2)]


def test_a_session_of_struggle_from_end_to_end_is_one_episode() -> None:
    judged = judge(lived(told(60, "unresolved"), states=(C,) * 60))
    assert judged.counts["episodes"] == 1
    assert judged.delays_s == (59,)


def test_signals_and_practice_are_counted_beside() -> None:
    raised = AffectSignal("struggle.suspect", "raised", 120, 110, 0.5, 1.0, ())
    cleared = replace(raised, edge="cleared", at_s=150)
    counts = judge(lived(signals=(raised, cleared), practice=(True, False, True))).counts
    assert counts["raised_struggle.suspect"] == counts["at_once_struggle.suspect"] == 1
    assert (counts["practice"], counts["right_practice"]) == (3, 2)


def test_the_belief_is_laid_beside_the_truth_of_its_second() -> None:
    low, high = (0.9, 0.05, 0.05, 0.0, 0.0), (0.1, 0.8, 0.1, 0.0, 0.0)
    seen = judge(lived(glimpses=(Glimpse(20, low), Glimpse(120, high)))).seen["belief"]
    assert auc(seen[-1]) == 1.0
    assert (
        auc(judge(lived(glimpses=(Glimpse(20, high), Glimpse(120, low)))).seen["belief"][-1]) == 0
    )
    assert auc(judge(lived()).seen["belief"][-1]) is None


# --- many ----------------------------------------------------------------------------------------


def cohort(*sessions: Lived) -> Cohort:
    return gathered([judge(one) for one in sessions])


def test_figures_are_of_all_learners_together_and_differences_of_pairs() -> None:
    mastered = lived(told(110, "unresolved"), told(250, "unresolved"), mastered_s=300)
    never = lived(told(30, "unresolved"))
    results = summarise(
        {"a": cohort(mastered, never), "none": cohort(lived(), lived(mastered_s=200))}, 600, 1
    )
    a, none = results["a"], results["none"]
    assert a["alarms_per_hour"] == 18.0
    assert a["precision"] == pytest.approx(1 / 3, abs=1e-4)
    assert (a["recall"], a["delay_s"]) == (0.5, 9.0)
    assert (a["time_to_mastery_s"], a["time_restricted_mean_s"]) == (300.0, 450.0)
    assert a["against"]["none"]["time_restricted_mean_s"]["difference"] == 50.0
    assert (none["alarms_per_hour"], none["precision"], none["recall"]) == (0.0, None, 0.0)
    assert none["delay_s"] is None
    assert "none" not in none["against"]


def test_a_median_that_fewer_than_half_reached_is_not_known() -> None:
    results = summarise({"a": cohort(lived(), lived(), lived(mastered_s=100))}, 600, 1)
    assert results["a"]["time_to_mastery_s"] is None
    assert results["a"]["mastered_share"] == pytest.approx(1 / 3, abs=1e-4)


def test_the_same_learners_everywhere_differ_by_nothing_at_all() -> None:
    sessions = [
        lived(told(20 + 5 * n, "frustrated"), told(102 + 3 * n, "unresolved"), mastered_s=100 + n)
        for n in range(12)
    ]
    results = summarise({"all": cohort(*sessions), "none": cohort(*sessions)}, 600, 1)
    for name in MAIN:
        row = results["all"]["against"]["none"][name]
        assert (row["difference"], row["interval"]) == (0, [0, 0])
    assert results["all"]["against"]["none"]["suspect_precision"]["difference"] is None
    low, high = results["all"]["interval"]["precision"]
    assert low <= results["all"]["precision"] <= high
    assert low < high


def test_cohorts_in_parts_are_the_cohort_whole() -> None:
    sessions = [lived(told(100 + 9 * n, "unresolved"), mastered_s=n + 1) for n in range(5)]
    whole = summarise({"a": cohort(*sessions)}, 600, 3)
    parts = summarise({"a": joined([cohort(*sessions[:2]), cohort(*sessions[2:])])}, 600, 3)
    assert whole == parts


def test_a_weighted_median_is_the_median_of_the_repeated() -> None:
    values = np.array([5.0, 1.0, np.inf])
    weights = np.array([[1, 1, 1], [0, 3, 0], [1, 0, 2], [0, 0, 0]], float)
    assert weighted_median(values, weights).tolist()[:3] == [5.0, 1.0, np.inf]
    assert np.isnan(weighted_median(values, weights)[3])
    assert np.isnan(weighted_median(np.array([]), weights[:, :0])).all()
