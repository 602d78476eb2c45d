"""What one learner asks for keeps its order, whatever the database does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from tests import people
from tutor_emotion import privacy, services
from tutor_emotion.errors import Unavailable
from tutor_emotion.models import Consent
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
            threads.append(in_a_thread(partial(choose, number)))
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


@pytest.mark.django_db(transaction=True)
def test_an_older_yes_never_follows_a_newer_no_when_the_database_is_free_again() -> None:
    course, ada = people.course(), people.person()

    def choose(given: bool) -> None:
        services.record_consents(course, ada.pk, {"face": given}, privacy.CONSENT_TEXT_VERSION)
        connection.close()

    for _ in range(6):
        with transaction.atomic():  # this thread has the lock that both need
            User.objects.filter(pk=ada.pk).update(first_name="Ada")
            threads = []
            for given in (True, False):
                threads.append(in_a_thread(partial(choose, given)))
                time.sleep(0.15)
        for thread in threads:
            thread.join(SOON_S)
        assert not Consent.objects.filter(learner=ada, revoked_at=None).exists()
