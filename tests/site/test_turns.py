"""What one learner asks for keeps its order, whatever the database does."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tutor_emotion.errors import Unavailable
from tutor_emotion.services import turns
from tutor_emotion.services.turns import in_turn

SOON_S = 10.0


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def wait_for(how_many: int) -> None:
    """Until so many wait for learner 1, the one whose turn it is among them."""
    tick = threading.Event()
    while len(turns._WAITING.get(1, ())) < how_many:
        tick.wait(0.005)


def test_who_came_first_is_first() -> None:
    done: list[int] = []

    def choose(number: int) -> None:
        with in_turn(1):
            done.append(number)

    with in_turn(1):
        threads = []
        for number in range(5):
            threads.append(in_a_thread(lambda number=number: choose(number)))  # type: ignore[misc]
            wait_for(number + 2)
        assert done == []
    for thread in threads:
        thread.join(SOON_S)
    assert done == [0, 1, 2, 3, 4]
    assert turns._WAITING == {}


def test_others_are_not_kept_waiting() -> None:
    with in_turn(1), in_turn(2, limit_s=0.0):
        pass


def test_one_that_fails_lets_the_next_in() -> None:
    with pytest.raises(ZeroDivisionError), in_turn(1):
        raise ZeroDivisionError
    with in_turn(1, limit_s=0.0):
        pass


def test_who_waited_too_long_is_told_so_and_is_not_in_the_way() -> None:
    with in_turn(1):
        with pytest.raises(Unavailable) as refused, in_turn(1, limit_s=0.01):
            raise AssertionError("two at once")
        assert refused.value.code == "database_away"
    with in_turn(1, limit_s=0.0):
        pass
