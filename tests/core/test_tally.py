"""A replay counted: what would have been noticed and offered, by kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.replay import parse, steps
from tutor_emotion.core.tally import is_alarm, tally
from tutor_emotion.core.types import Answer, Outcome, StepShown

REPLAYS = sorted(Path(__file__).with_name("replays").glob("*.jsonl"))


def recording(name: str) -> list:  # type: ignore[type-arg]
    path = Path(__file__).with_name("replays") / f"{name}.jsonl"
    return parse(path.read_text().splitlines())


# --- it works -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", REPLAYS, ids=lambda path: path.stem)
def test_a_tally_counts_what_the_steps_say(path: Path) -> None:
    inputs = parse(path.read_text().splitlines())
    counted = tally(inputs, EngineConfig())
    done = list(steps(inputs, EngineConfig()))
    raised = [s for d in done for s in d.signals if s.edge == "raised" and s.kind != "recovered"]
    offers = [a for d in done for a in d.adaptations if a.mode == "offer"]
    assert sum(counted.alarms.values()) == len(raised)
    assert sum(counted.offers.values()) == len(offers)


def test_a_learner_who_struggles_is_noticed() -> None:
    assert sum(tally(recording("three_misses"), EngineConfig()).alarms.values()) > 0
    assert not tally(recording("good_lesson"), EngineConfig()).offers


# --- its edges ------------------------------------------------------------------------------------


def test_nothing_comes_of_nothing_and_of_a_paused_course() -> None:
    assert not tally([], EngineConfig()).alarms
    paused = replace(EngineConfig(), paused=True)
    counted = tally(recording("three_misses"), paused)
    assert not counted.alarms
    assert not counted.offers


def test_what_comes_too_late_is_left_out() -> None:
    assert not tally(recording("three_misses"), EngineConfig(), longest_s=1.0).alarms


def test_good_news_is_no_alarm() -> None:
    assert is_alarm("confused", "raised")
    assert not is_alarm("confused", "cleared")
    assert not is_alarm("recovered", "raised")


# --- a reply answers the offer that it was given to -----------------------------------------------


def misses(n: int) -> list[StepShown | Answer]:
    shown = StepShown(1.0, "s1", "adding")
    return [shown, *(Answer(30.0 * i, "s1", "adding", False, 20.0) for i in range(1, n + 1))]


def test_a_reply_counts_only_where_the_same_was_offered() -> None:
    inputs = misses(30)
    (first, *_more) = [a for d in steps(inputs, EngineConfig()) for a in d.adaptations]
    waved = Outcome(first.at_s + 1, first.id, "dismissed")
    told = sorted([*inputs, waved], key=lambda item: item.at_s)

    def offers(offered: dict | None) -> int:  # type: ignore[type-arg]
        return sum(tally(told, EngineConfig(), offered=offered).offers.values())

    plain = sum(tally(inputs, EngineConfig()).offers.values())
    assert offers({first.id: first.kind}) == offers(None)
    assert offers({first.id: "break"}) == plain
    assert offers({}) == plain
