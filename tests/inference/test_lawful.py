"""The worker's own look at law and switches: cheap, and shut when nobody can be asked."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError

from tests.clock import Clock
from tests.inference.windows import window
from tutor_emotion import services
from tutor_emotion.inference.lawful import ANSWER_HOLDS_S, ASK_AGAIN_S, LastDoor
from tutor_emotion.models import KillSwitch

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock) -> LastDoor:
    return LastDoor(clock)


def through(door: LastDoor) -> set[str]:
    passed = door.pass_on(window(utterances=1))
    return {name for name in ("crops", "utterances") if getattr(passed, name)}


def test_it_asks_at_most_twice_a_second(
    door: LastDoor, clock: Clock, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert all(through(door) == {"crops", "utterances"} for _ in range(50))
    clock.now_s += ASK_AGAIN_S
    with django_assert_num_queries(1):
        through(door)


def test_a_switch_is_heard_within_the_second_and_so_is_its_end(
    door: LastDoor, clock: Clock
) -> None:
    through(door)
    services.switch_off("an incident", modality="face")
    clock.now_s += ASK_AGAIN_S
    assert through(door) == {"utterances"}
    services.lift(KillSwitch.objects.all())
    clock.now_s += ASK_AGAIN_S
    assert through(door) == {"crops", "utterances"}


def test_the_last_answer_holds_for_a_while_and_then_the_door_is_shut(
    door: LastDoor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    through(door)

    def away() -> None:
        raise DatabaseError

    monkeypatch.setattr(services, "switched_off_everywhere", away)
    clock.now_s += ANSWER_HOLDS_S - 1
    assert through(door) == {"crops", "utterances"}
    clock.now_s += 1
    assert through(door) == set()


def test_it_is_shut_until_there_is_an_answer(
    door: LastDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseError

    monkeypatch.setattr(services, "switched_off_everywhere", away)
    assert through(door) == set()
