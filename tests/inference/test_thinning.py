"""A slow worker reads fewer faces of each Window, evenly, and says what it left out."""

from __future__ import annotations

from contextlib import suppress

import pytest
from prometheus_client import REGISTRY

from tests.clock import Clock
from tests.inference.windows import window
from tutor_emotion.inference.thinning import BATCH_S, Thinning


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slow(clock: Clock) -> Thinning:
    """On a machine where ten faces fill a batch."""
    thinning = Thinning(clock)
    learn(thinning, clock, BATCH_S / 10)
    return thinning


def learn(thinning: Thinning, clock: Clock, face_s: float, times: int = 1) -> None:
    for _ in range(times):
        with thinning.timed([window(crops=5)]):
            clock.now_s += 5 * face_s


def left_out() -> float:
    name, labels = "tutor_emotion_frames_dropped_total", {"why": "thinned"}
    return REGISTRY.get_sample_value(name, labels) or 0.0


# --- it works -------------------------------------------------------------------------------------


def test_what_can_be_read_in_time_is_read_whole(slow: Thinning) -> None:
    windows = [window(0, crops=5), window(1, crops=5)]
    assert slow.thin(windows) == windows


def test_of_more_each_window_keeps_some(slow: Thinning) -> None:
    before = left_out()
    thinned = slow.thin([window(n, crops=5) for n in range(5)])
    assert [len(one.crops) for one in thinned] == [2] * 5
    assert left_out() - before == 15


def test_they_are_spread_and_the_newest_is_one_of_them(slow: Thinning) -> None:
    whole = [window(n, crops=5) for n in range(3)]
    for before, after in zip(whole, slow.thin(whole), strict=True):
        assert after.crops == (before.crops[1], before.crops[3], before.crops[4])
        assert after.newest_media_s == before.newest_media_s


def test_what_was_left_out_on_purpose_lowers_no_quality(slow: Thinning) -> None:
    whole = [window(n, crops=4) for n in range(5)]  # one of five frames showed no face
    (one, *_) = slow.thin(whole)
    assert (len(one.crops), one.frames_sampled) == (2, 2)


def test_it_notices_that_the_machine_is_quick_again(slow: Thinning, clock: Clock) -> None:
    windows = [window(n, crops=5) for n in range(5)]
    learn(slow, clock, BATCH_S / 100, times=40)
    assert slow.thin(windows) == windows


# --- its edges ------------------------------------------------------------------------------------


def test_before_anything_was_read_nothing_is_left_out() -> None:
    windows = [window(n, crops=5) for n in range(100)]
    assert Thinning().thin(windows) == windows


def test_one_face_of_each_window_stays_however_many_wait(slow: Thinning) -> None:
    assert all(len(one.crops) == 1 for one in slow.thin([window(n, crops=5) for n in range(64)]))


def test_sound_alone_is_never_thinned_and_says_nothing_of_faces(
    slow: Thinning, clock: Clock
) -> None:
    spoken = [window(n, crops=0, utterances=2) for n in range(20)]
    with slow.timed(spoken):
        clock.now_s += 60.0
    assert slow.thin(spoken) == spoken
    assert len(slow.thin([window(0, crops=5), window(1, crops=5)])[0].crops) == 5


def test_a_batch_that_failed_says_nothing_of_its_cost(clock: Clock) -> None:
    thinning = Thinning(clock)
    with suppress(RuntimeError), thinning.timed([window(crops=5)]):
        clock.now_s += 60.0
        raise RuntimeError
    windows = [window(n, crops=5) for n in range(64)]
    assert thinning.thin(windows) == windows
