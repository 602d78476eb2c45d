"""The fuzz in short: some hundreds, on real processes; `make fuzz` is the whole."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from tests import hostile
from tests.load.fuzz.run import WALLS, Sizes, run, verdict
from tests.load.fuzz.sockets import must_complain
from tests.load.fuzz.watching import growth


@pytest.mark.timeout(300)
def test_some_hundred_hostile_things_harm_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody dies, nothing is a 5xx or unanswered, no log has a traceback, and one still learns.

    So few weigh nothing: what memory does over the whole is in docs/benchmarks.md.
    """
    monkeypatch.delenv(WALLS, raising=False)
    said = run(tmp_path, Sizes(messages=300, sdps=60, requests=200, warm_up=0.0), seed=7)
    assert said["faults"] == []
    assert said["sent"] == {"messages": 300, "sdps": 60, "requests": 200, "raw": 50}
    assert said["answers"]["sdps"]["rtc_answer"] > 0
    assert said["answers"]["messages"]["bad_message"] > 150
    assert said["honest_learner"]["face_ok"] > 0


def test_the_same_seed_is_the_same_attack() -> None:
    first, again = (
        list(itertools.islice(hostile.messages(hostile.LEARNERS, random.Random(3)), 300))
        for _ in range(2)
    )
    assert first == again
    assert 100 < sum(must_complain(sent, teacher=False) for sent in first) < 300


def test_a_run_is_judged_by_faults_and_by_growth() -> None:
    grown = growth({"web": 200.0, "worker": 400.0}, {"web": 209.0, "worker": 398.0})
    assert grown == {"web": 4.5, "worker": -0.5}
    assert verdict({"faults": [], "growth_percent": grown})
    assert not verdict({"faults": ["web died"], "growth_percent": grown})
    assert not verdict({"faults": [], "growth_percent": {"web": 5.0}})
