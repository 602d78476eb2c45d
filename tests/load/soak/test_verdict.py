"""A soak's verdict: slopes that a peak does not move, and counts when nobody is there."""

from __future__ import annotations

from pathlib import Path

from tests.load.soak.drawing import draw
from tests.load.soak.sampling import Held, Phase, Sample
from tests.load.soak.verdict import at_rest, faults, grew, heavier, left, slope, slopes

HELD = Held(300.0, 200.0, threads=20, files=40, children=0, tasks=2, blocks=1_000_000)


def sample(minute: float, phase: Phase = "run", mib: float = 200.0, **more: int) -> Sample:
    web = Held(mib, 300.0, **({"threads": 20, "files": 40, "children": 0, "tasks": 2} | more))
    return Sample(minute, phase, 6, 1.0, {"web": web, "worker": HELD}, 20, ("a",), 2.0)


def leaking(mib_in_10_min: float) -> list[Sample]:
    noise = (0.0, 3.0, -2.0, 1.0, -3.0, 2.0)
    return [
        sample(n / 6, mib=200.0 + mib_in_10_min * n / 60 + noise[n % len(noise)])
        for n in range(300)
    ]


def test_a_leak_is_a_slope_through_the_noise_of_people_who_come_and_go() -> None:
    found = slopes(leaking(3.0))
    assert found["web"]["rss_mib"] is not None
    assert abs(found["web"]["rss_mib"] - 3.0) < 0.1
    assert found["worker"]["rss_mib"] == 0.0
    assert faults(found) == ["web: rss_mib rises by 3.00 in ten minutes"]
    assert faults(slopes(leaking(0.5))) == []


def test_a_peak_does_not_make_a_leak() -> None:
    points = [(n / 6, 200.0 + (150.0 if 280 < n < 300 else 0.0)) for n in range(300)]
    assert slope(points) == 0.0


def test_only_what_was_measured_while_learners_came_and_went_is_judged() -> None:
    warm = [sample(n / 6, "warm", mib=100.0 + 10 * n) for n in range(60)]
    assert slopes(warm)["web"] == {"rss_mib": None, "uss_mib": None}
    assert slope([(1.0, 5.0)] * 9) is None


def test_what_is_left_when_nobody_is_there_is_a_fault_and_what_went_is_none() -> None:
    before, after = sample(10, "rest"), sample(60, "rest", threads=25, files=39, tasks=3)
    assert left(at_rest(before, after)) == [
        "web: threads from 20 to 25 when nobody is there",
        "web: tasks from 2 to 3 when nobody is there",
    ]
    pools = sample(60, "rest", threads=24, files=52)
    assert left(at_rest(before, pools)) == []
    assert left(at_rest(before, before)) == []


def test_a_process_that_did_not_answer_is_not_taken_for_one_that_held_nothing() -> None:
    before = sample(10, "rest")
    mute = {"web": Held(300.0, 200.0, threads=20, files=40, children=0), "worker": HELD}
    silent = Sample(60, "rest", 0, 1.0, mute, 20, ("a",), 2.0)
    assert left(at_rest(before, silent)) == ["web: tasks is not known"]


def test_over_a_short_time_what_the_allocators_hold_is_compared() -> None:
    before = sample(2, "rest", blocks=500_000)
    assert heavier(at_rest(before, sample(5, "rest", blocks=539_000))) == []
    assert heavier(at_rest(before, sample(5, "rest", blocks=540_000))) == [
        "web: blocks from 500000 to 540000 when nobody is there"
    ]


def test_types_that_grew_most_are_told_first() -> None:
    before = {"a.Frame": 10, "b.Task": 5, "c.Same": 7}
    after = {"a.Frame": 11, "b.Task": 50, "c.Same": 7, "d.New": 2}
    assert grew(before, after) == {"b.Task": [5, 50], "d.New": [0, 2], "a.Frame": [10, 11]}
    assert list(grew(before, after)) == ["b.Task", "d.New", "a.Frame"]


def test_a_soak_is_a_picture(tmp_path: Path) -> None:
    draw([*leaking(1.0), sample(51, "rest")], tmp_path / "timeline.png")
    assert (tmp_path / "timeline.png").stat().st_size > 20_000


def test_a_pools_own_threads_are_no_leak_and_others_are() -> None:
    rest = at_rest(sample(10, "rest"), sample(60, "rest", threads=25))
    assert left(rest, {"web": {"thread http": [3, 6], "thread uvloop": [2, 4]}}) == []
    assert left(rest, {"web": {"thread http": [3, 5], "thread beat": [1, 4]}}) != []
