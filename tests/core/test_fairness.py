"""Groups compared: what is told, how sure it is, and when it is not said at all."""

from __future__ import annotations

import random

import pytest

from tutor_emotion.core.fairness import (
    LEAST_COMPARED,
    LIMIT,
    Gap,
    Part,
    Ratio,
    interval,
    ratio,
    widest_gap,
)


def learners(lot: random.Random, number: int, share: float) -> Ratio:
    """Learners who differ (sd .12) and were made 1 to some 30 offers each."""
    parts = []
    for _ in range(number):
        n = max(1, round(lot.expovariate(1 / 8)))
        own = min(0.98, max(0.02, lot.gauss(share, 0.12)))
        parts.append(Part(sum(lot.random() < own for _ in range(n)), n))
    return ratio(parts)


def alike(share: float, number: int = 10) -> Ratio:
    """A known figure with some variety: half of the learners a little over, half under it."""
    return ratio([Part(100 * share + (-1) ** i * 3, 100) for i in range(number)])


# --- it works -----------------------------------------------------------------------------------


def test_a_figure_is_of_all_offers_and_its_error_of_the_learners() -> None:
    found = ratio([Part(1, 2), Part(0, 8), Part(3, 10), Part(0, 0)])
    assert (found.learners, found.n) == (3, 20)
    assert found.value == pytest.approx(4 / 20)
    # By hand: without each in turn 3/18, 4/12 and 1/10.
    spread = (3 / 18 - 0.2) ** 2 + (4 / 12 - 0.2) ** 2 + (1 / 10 - 0.2) ** 2
    assert found.error == pytest.approx((spread * 2 / 3) ** 0.5)


def test_ten_offers_to_one_learner_tell_less_than_one_to_each_of_ten() -> None:
    many = ratio([Part(i % 2, 1) for i in range(20)])
    few = ratio([Part(10 * (i % 2), 10) for i in range(20)])
    assert many.value == few.value
    assert many.error == pytest.approx(few.error)  # 200 offers, and no surer


def test_the_widest_gap_is_found_among_several() -> None:
    gap = widest_gap({"a": alike(0.2), "b": alike(0.5), "c": alike(0.3)}, relative=False)
    assert gap is not None
    assert (gap.lowest, gap.highest) == ("a", "b")
    assert gap.gap == pytest.approx(0.3)
    assert gap.over
    assert gap.sure


def test_a_rate_is_held_against_the_highest() -> None:
    """Two an hour against three lack a third; so do four against six."""
    for low, high in ((2.0, 3.0), (4.0, 6.0)):
        slow = ratio([Part(low + (-1) ** i * 0.1, 1) for i in range(10)])
        fast = ratio([Part(high + (-1) ** i * 0.1, 1) for i in range(10)])
        gap = widest_gap({"slow": slow, "fast": fast}, relative=True)
        assert gap is not None
        assert gap.gap == pytest.approx(1 / 3)
        assert gap.sure


@pytest.mark.parametrize("number", [LEAST_COMPARED, 20])
@pytest.mark.parametrize(("one", "other"), [(0.3, 0.3), (0.1, 0.25), (0.5, 0.6)])
def test_the_interval_holds_as_often_as_it_says(number: int, one: float, other: float) -> None:
    """1,000 schools each; at 95 % the bounds would hold the truth in 950. Measured: 930 to 950."""
    lot, held = random.Random(1), 0
    for _ in range(1000):
        gap = widest_gap(
            {"a": learners(lot, number, one), "b": learners(lot, number, other)}, relative=False
        )
        assert gap is not None
        assert gap.low is not None
        assert gap.high is not None
        turned = gap.highest == "a"
        low, high = (-gap.high, -gap.low) if turned else (gap.low, gap.high)
        held += low <= other - one <= high
    assert held >= 920


def test_more_groups_make_it_harder_to_be_sure() -> None:
    pair = widest_gap({"a": alike(0.2), "b": alike(0.23)}, relative=False)
    three = widest_gap({"a": alike(0.2), "b": alike(0.23), "c": alike(0.21)}, relative=False)
    assert pair is not None
    assert three is not None
    assert pair.low is not None
    assert three.low is not None
    assert three.low < pair.low


# --- its edges ----------------------------------------------------------------------------------


def test_just_at_the_limit_is_no_alarm() -> None:
    assert not Gap("a", "b", LIMIT, 0.01, 0.2).over
    assert Gap("a", "b", LIMIT + 0.001, 0.01, 0.2).over


def test_a_gap_that_can_be_chance_is_an_alarm_that_is_not_sure() -> None:
    a = ratio([Part(i % 2, 1) for i in range(8)])
    b = ratio([Part(1, 1)] * 2 + [Part(i % 2, 1) for i in range(6)])
    gap = widest_gap({"a": a, "b": b}, relative=False)
    assert gap is not None
    assert gap.over
    assert not gap.sure


def test_nobody_at_all_and_one_alone() -> None:
    assert ratio([]) == Ratio(0, 0.0, None, None)
    assert ratio([Part(0, 0)]) == Ratio(0, 0.0, None, None)
    alone = ratio([Part(1, 4)])
    assert (alone.value, alone.error) == (0.25, None)
    assert interval(alone, share=True) is None


def test_no_variety_gives_no_bounds() -> None:
    same = {"a": ratio([Part(0, 5)] * 9), "b": ratio([Part(1, 5)] * 9)}
    gap = widest_gap(same, relative=False)
    assert gap is not None
    assert gap.over
    assert (gap.low, gap.sure) == (None, False)


def test_no_signals_at_all_in_any_group_is_no_gap() -> None:
    silent = {name: ratio([Part(0, 2.5)] * 9) for name in "ab"}
    gap = widest_gap(silent, relative=True)
    assert gap is not None
    assert (gap.gap, gap.over) == (0.0, False)


def test_a_share_stays_between_none_and_all() -> None:
    low, high = interval(ratio([Part(0, 3)] * 7 + [Part(1, 1)]), share=True) or (None, None)
    assert low == 0.0
    assert high is not None
    assert high <= 1.0


# --- what it refuses ------------------------------------------------------------------------------


def test_too_few_to_compare_is_no_gap() -> None:
    few = alike(0.2, LEAST_COMPARED - 1)
    assert widest_gap({"a": few, "b": alike(0.9)}, relative=False) is None
    assert widest_gap({"b": alike(0.9)}, relative=False) is None
    assert widest_gap({}, relative=False) is None
