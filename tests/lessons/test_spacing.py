"""When a finished skill is due again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from fsrs import Rating

from tutor_emotion.lessons.spacing import is_new_day, rating_of, reviewed

MONDAY = datetime(2026, 9, 7, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def review(
    card: dict[str, Any], rating: Rating, at: datetime, max_days: int = 180
) -> tuple[dict[str, Any], datetime]:
    return reviewed(card, rating, at, retention=0.9, max_days=max_days)


def test_the_waits_grow_with_each_review_that_went_well() -> None:
    card, due = review({}, Rating.Good, MONDAY)
    waits = [(due - MONDAY).days]
    for _ in range(4):
        at = due
        card, due = review(card, Rating.Good, at)
        waits.append((due - at).days)
    assert waits[0] == 2
    assert waits == sorted(set(waits))
    assert waits[-1] > 60


def test_what_was_gone_comes_back_on_the_next_day() -> None:
    card, due = review({}, Rating.Good, MONDAY)
    _, again = review(card, Rating.Again, due)
    assert again - due == DAY


def test_hard_comes_back_sooner_than_good() -> None:
    card, due = review({}, Rating.Good, MONDAY)
    assert review(card, Rating.Hard, due)[1] < review(card, Rating.Good, due)[1]


def test_the_same_answers_give_the_same_days() -> None:
    assert review({}, Rating.Good, MONDAY) == review({}, Rating.Good, MONDAY)


def test_no_wait_is_longer_than_wanted() -> None:
    card, due = review({}, Rating.Good, MONDAY, max_days=7)
    for _ in range(5):
        at = due
        card, due = review(card, Rating.Good, at, max_days=7)
    assert due - at == 7 * DAY


@pytest.mark.parametrize(
    ("unaided", "slow", "rating"),
    [
        (True, False, Rating.Good),
        (True, True, Rating.Hard),
        (False, False, Rating.Again),
        (False, True, Rating.Again),
    ],
)
def test_right_wrong_slow_and_helped_in_the_words_of_fsrs(
    unaided: bool, slow: bool, rating: Rating
) -> None:
    assert rating_of(unaided=unaided, slow=slow) is rating


def test_a_new_day_begins_a_day_after_the_last_review() -> None:
    card, _ = review({}, Rating.Good, MONDAY)
    assert not is_new_day(card, MONDAY + timedelta(hours=23))
    assert is_new_day(card, MONDAY + DAY)


def test_a_clock_that_went_back_breaks_nothing() -> None:
    card, _ = review({}, Rating.Good, MONDAY + 3650 * DAY)
    assert is_new_day(card, MONDAY)
    card, due = review(card, Rating.Good, MONDAY)
    assert MONDAY < due <= MONDAY + 180 * DAY
    assert not is_new_day(card, MONDAY)


def test_times_of_any_zone_are_the_same_time() -> None:
    there = MONDAY.astimezone(timezone(timedelta(hours=9)))
    assert review({}, Rating.Good, there)[1] == review({}, Rating.Good, MONDAY)[1]


WHOLE = review({}, Rating.Good, MONDAY)[0]


@pytest.mark.parametrize(
    "broken",
    [
        {"state": 9},
        {"state": None},
        {"stability": "much"},
        {"stability": float("nan")},
        {"stability": -2.0},
        {"difficulty": 1e9},
        {"due": "tomorrow"},
        {"due": None},
        {"last_review": "2026-09-07T10:00:00"},
        {"last_review": None},
        {"card_id": []},
    ],
)
def test_a_card_that_cannot_be_read_begins_anew(broken: dict[str, Any]) -> None:
    card = {**WHOLE, **broken}
    assert is_new_day(card, MONDAY)
    assert review(card, Rating.Good, MONDAY) == review({}, Rating.Good, MONDAY)
