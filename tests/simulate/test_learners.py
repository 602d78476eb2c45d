"""Simulated learners: the same for a seed, and alike to what studies report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.simulate.making import HOUR_S, school, share
from tutor_emotion.core.types import STATES, Adaptation
from tutor_emotion.simulate.school import lesson
from tutor_emotion.simulate.school.cohort import gathered
from tutor_emotion.simulate.school.configurations import ABLATIONS, CONFIGURATIONS, NAMES
from tutor_emotion.simulate.school.figures import SHIPPED
from tutor_emotion.simulate.school.item import Item, chance_learn, chance_right
from tutor_emotion.simulate.school.judging import ASKED, judge
from tutor_emotion.simulate.school.learner import Learner
from tutor_emotion.simulate.school.results import auc
from tutor_emotion.simulate.school.session import CLOCK_S, live
from tutor_emotion.simulate.school.traits import Dice, draw_traits, streams

# --- one learner ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["none", "performance_only", "all"])
def test_the_same_learner_lives_the_same_hour_again(name: str) -> None:
    first, again = (live(3, 5, CONFIGURATIONS[name], 900, SHIPPED) for _ in range(2))
    assert first == again
    other = live(4, 5, CONFIGURATIONS[name], 900, SHIPPED)
    assert first.states != other.states


def test_a_learner_is_the_same_person_in_every_configuration() -> None:
    lived = [live(3, 8, CONFIGURATIONS[name], 600, SHIPPED) for name in (*NAMES, *ABLATIONS)]
    # Nothing is offered in the first two minutes: until then nothing can differ.
    assert len({one.states[:120] for one in lived}) == 1


def test_traits_differ_between_learners_and_follow_ability() -> None:
    traits = [draw_traits(streams(1, n)[0], SHIPPED) for n in range(400)]
    ability = np.array([t.ability for t in traits])
    assert ability.std() == pytest.approx(1, abs=0.1)
    for what, sign in (
        ([sum(t.known) for t in traits], 1),
        ([np.mean(t.learn) for t in traits], 1),
        ([np.log(t.prone[2]) for t in traits], -1),
    ):
        assert sign * np.corrcoef(ability, np.array(what, float))[0, 1] > 0.3
    for t in traits:
        known = [k for k, known in enumerate(t.known) if known]
        assert all(t.known[need] for k in known for need in lesson.SKILLS[k].needs)


def learner_at_work(seconds: int) -> Learner:
    traits, dice, *_ = streams(2, 1)
    learner = Learner(draw_traits(traits, SHIPPED), Dice(dice, 3600), SHIPPED)
    for now_s in range(1, seconds + 1):
        learner.second(now_s)
    return learner


def test_an_offer_is_answered_once_and_a_quiet_change_is_just_taken_over() -> None:
    learner = learner_at_work(30)
    learner.said.clear()
    offer = Adaptation(7, "hint", "offer", 30, 90, "unresolved", "offer.hint", ("hint",))
    learner.meet(offer)
    learner.meet(replace(offer, id=8, kind="slow_down", mode="quiet", pace=-1, choices=()))
    assert learner.pace == -1
    for now_s in range(31, 60):
        learner.second(now_s)
    assert sum(learner.replies.values()) == 1


def test_the_teachers_flag_does_not_reach_the_learner() -> None:
    told, alone = learner_at_work(30), learner_at_work(30)
    told.meet(Adaptation(1, "teacher_flag", "teacher", 30, 90, "wheelspin", "flag.wheelspin"))
    for now_s in range(31, 300):
        told.second(now_s)
        alone.second(now_s)
    assert told.said == alone.said


# --- many: like what studies report --------------------------------------------------------------


def test_the_hidden_states_are_as_common_as_baker_2010_found() -> None:
    """In a lesson that does not adapt: .58, .13, .05, .06, .18, each within a third or .03."""
    lived = school("none", 150)
    for state, usual in enumerate((0.58, 0.13, 0.05, 0.06, 0.18)):
        assert share(lived, state) == pytest.approx(usual, abs=max(0.03, usual / 8)), STATES[state]


def test_the_work_tells_of_struggle_as_much_as_in_the_literature() -> None:
    """AUC of the engine's belief from interaction alone: studies report .64 to .77."""
    cohort = gathered([judge(one) for one in school("interaction", 40, offers=False)])
    found = auc(cohort.seen["belief"][ASKED.index("struggle")])
    assert found is not None
    assert 0.66 <= found <= 0.76


def trial(factor: float, pace: int = 0) -> np.ndarray:
    """Shares right in a test after four items of each skill, every one with that help."""
    scores = []
    for n in range(2000):
        traits, rng = draw_traits(streams(5, n)[0], SHIPPED), np.random.default_rng(n)
        knows, right = list(traits.known), 0
        for skill in range(len(lesson.SKILLS)):
            item = Item(skill, 0, "", lesson.USUAL, 0, factor=factor)
            for _ in range(4):
                if rng.random() < chance_learn(item, traits, knows, 0, pace, SHIPPED):
                    knows[skill] = True
            chance = chance_right(item, traits, knows[skill], 0, SHIPPED)
            right += int((rng.random(4) < chance).sum())
        scores.append(right / (4 * len(lesson.SKILLS)))
    return np.array(scores)


def test_worked_steps_and_a_slower_pace_are_worth_what_the_meta_analyses_say() -> None:
    """Barbieri 2023: g = .48. Rey 2019: d = .32 to .36."""
    usual = trial(1.0)
    for treated, worth in (
        (trial(SHIPPED.helping.example_learn), 0.48),
        (trial(1.0, pace=-2), 0.32),
    ):
        spread = np.sqrt((treated.var() + usual.var()) / 2)
        assert (treated.mean() - usual.mean()) / spread == pytest.approx(worth, abs=0.05)


# --- configurations ------------------------------------------------------------------------------


def test_a_lesson_that_does_not_adapt_raises_nothing() -> None:
    for one in school("none", 20):
        assert (one.signals, one.adaptations, one.glimpses) == ((), (), ())


def test_what_weighs_nothing_goes_by_rules_and_face_or_voice_add_no_signal_to_them() -> None:
    """The face never raises one by itself, and a few utterances are not enough to."""
    rules = [[s.kind for s in one.signals] for one in school("unknown", 8, offers=False)]
    kinds = {kind for one in rules for kind in one}
    assert kinds <= {"unresolved", "wheelspin", "recovered"}
    assert "unresolved" in kinds
    for name in ("face", "voice"):
        raised = [
            [s.kind for s in one.signals if s.kind != "recovered"]
            for one in school(name, 8, offers=False)
        ]
        assert raised == [[k for k in one if k != "recovered"] for one in rules]


def test_the_work_itself_raises_signals_of_struggle() -> None:
    kinds = {s.kind for one in school("interaction", 40, offers=False) for s in one.signals}
    assert {"struggle.suspect", "struggle.strong", "unresolved"} <= kinds


@pytest.mark.parametrize("name", ["performance_only", "interaction", "all"])
def test_a_clock_of_two_seconds_gives_the_signals_of_every_second(name: str) -> None:
    """The product steps every second; at most one in thirty signals is later than 2 s, or other."""
    every, some = (
        [
            (n, s.kind, s.at_s)
            for n in range(8)
            for s in live(
                9, n, CONFIGURATIONS[name], HOUR_S // 2, SHIPPED, clock_s=clock_s, offers=False
            ).signals
            if s.edge == "raised"
        ]
        for clock_s in (1, CLOCK_S)
    )
    assert len(every) > 30
    for these, those in (every, some), (some, every):
        lone = [
            (n, kind, at_s)
            for n, kind, at_s in these
            if not any((n, kind) == (m, k) and abs(at_s - t) <= 2 for m, k, t in those)
        ]
        assert len(lone) <= len(these) / 30
