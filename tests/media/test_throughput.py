"""aiortc's counter of what arrives, and ours in its place."""

from __future__ import annotations

import random
import time

import pytest
from aiortc.rate import RateCounter

from tutor_emotion.media.throughput import WINDOW_MS, Throughput


@pytest.mark.parametrize("seed", range(5))
def test_it_answers_as_aiortcs_does(seed):
    rng, now_ms = random.Random(seed), 5_000
    ours, theirs = Throughput(), RateCounter(WINDOW_MS, 8000)
    for _ in range(2_000):
        now_ms += rng.choice([0, 0, 1, 20, 100, 999, 1_000, 1_001, 3_000])
        assert ours.rate(now_ms) == theirs.rate(now_ms)
        if rng.random() < 0.02:
            ours.reset()
            theirs.reset()
        size = rng.randrange(1_500)
        ours.add(size, now_ms)
        theirs.add(size, now_ms)


def test_a_packet_after_a_day_costs_what_any_other_does():
    ours = Throughput()
    ours.add(1_000, 0)
    begun_s = time.thread_time()
    assert ours.rate(86_400_000) is None
    ours.add(1_000, 86_400_000)
    assert time.thread_time() - begun_s < 0.1  # aiortc's takes half a minute


def test_a_clock_that_went_back_begins_again():
    ours = Throughput()
    for ms in range(10_000, 11_000, 10):
        ours.add(100, ms)
    ours.add(100, 2_000)
    ours.add(100, 2_099)
    assert ours.rate(2_099) == 8 * 200 * 10
