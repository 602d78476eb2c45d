"""Each cell of the table of §9.6, reached by a recording, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.core.table import DONT_GET_IT, SCRIPTS, Script, many, misses, right, says, worked
from tutor_emotion.core import pacing, replay
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.plans import PLANS, QUIET, Plan, Situation
from tutor_emotion.core.states import PRIOR, Rule
from tutor_emotion.core.types import Adaptation, StepShown
from tutor_emotion.core.work import Performance

CONFIG = EngineConfig()
CELLS = [(situation, band) for situation, row in PLANS.items() for band in row]


class Visited:
    """The cells that a recording led to; the engine decides as it always does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cells: list[tuple[Situation, Performance]] = []
        decide = pacing.situation

        def noting(moment: Any, performance: Performance, *rest: Any) -> Situation | None:
            now = decide(moment, performance, *rest)
            if now is not None:
                self.cells.append((now, performance))
            return now

        monkeypatch.setattr(pacing, "situation", noting)


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> Visited:
    return Visited(monkeypatch)


def play(script: Script, config: EngineConfig = CONFIG) -> list[Adaptation]:
    steps = replay.run(script.lines, config, tail_s=script.tail_s)
    return [adaptation for step in steps for adaptation in step.adaptations]


def fits(made: Adaptation, plan: Plan) -> bool:
    """``made`` is what ``plan`` says; a break waits until the session is long enough."""
    choices = tuple(c for c in plan.choices if c != "break" or made.at_s >= 1200)
    return (made.kind, made.choices, made.message) == (plan.kind, choices, plan.message)


# --- the table --------------------------------------------------------------------------------


def test_no_cell_is_without_a_recording() -> None:
    assert set(SCRIPTS) == set(CELLS)


@pytest.mark.parametrize(("situation", "band"), CELLS, ids=lambda part: str(part))
def test_a_cell(situation: Situation, band: Performance, visited: Visited) -> None:
    plan, made = PLANS[situation][band], play(SCRIPTS[situation, band])
    assert (situation, band) in visited.cells
    offers = [a for a in made if a.mode == "offer"]
    quiet = [a for a in made if a.mode == "quiet"]
    if plan.kind in QUIET:
        assert [a.message for a in quiet if fits(a, plan)] == [plan.message]
        assert offers == []
    elif plan.kind is not None:
        assert any(fits(a, plan) for a in offers), [(a.kind, a.choices, a.message) for a in offers]
    else:
        assert offers == []
    flags = [a.message for a in made if a.mode == "teacher"]
    assert flags == ([plan.flag] if plan.flag else [])
    moves = [a.pace for a in quiet if a.kind in ("slow_down", "segment", "speed_up")]
    if plan.pace:
        assert moves
        assert all((pace < 0) == (plan.pace < 0) for pace in moves)
    elif situation in ("early", "waiting", "unsure", "flow"):
        assert moves == []


# --- what the table says besides its cells ----------------------------------------------------


def test_engaged_or_neutral_is_left_to_mastery(visited: Visited) -> None:
    for band in ("low", "mid"):
        calm = [StepShown(131, "s2", "adding", 0.5, 300.0), right(160, step="s2")]
        assert play(worked(band, right(130), *calm)) == []
    assert visited.cells == []


def test_five_in_a_row_are_one_level_and_the_next_five_another() -> None:
    marks = many("+" * 12)
    levels = [(a.at_s, a.pace) for a in play(marks)]
    assert [pace for _, pace in levels] == [1, 2]
    assert levels[0][0] == 149.0  # with the fifth


def test_who_is_unknown_is_helped_by_what_was_counted_alone(visited: Visited) -> None:
    """No modality says anything: the engine abstains from the first second to the last."""
    mute = replace(PRIOR, rules={**PRIOR.rules, "interaction": Rule(on=False)})
    config = EngineConfig(states=mute)
    for script, cell in (
        (many("++-+-+"), ("practising", "low")),
        (many("++-+-++-+-"), ("spinning", "low")),
        (worked("good", *misses(130, 140, 150)), ("unresolved", "mid")),
        (worked("mid", expected_s=50, tail_s=60), ("waiting", "mid")),
    ):
        steps = list(replay.run(script.lines, config, tail_s=script.tail_s))
        assert all(step.affect.abstain for step in steps)
        assert any(a.mode == "offer" for step in steps for a in step.adaptations), cell
        assert cell in visited.cells


def test_a_hint_comes_sooner_the_faster_the_pace_and_never_too_soon() -> None:
    def waited(expected_s: float, config: EngineConfig = CONFIG) -> float:
        script = worked("mid", expected_s=expected_s, tail_s=400)
        return next(a.at_s for a in play(script, config) if a.mode == "offer") - 105

    assert waited(100) == 100
    assert waited(10) == 45
    twice = replace(CONFIG.pacing, wait_share=(2.0, 1.5, 2.0, 0.75, 0.5))
    assert waited(100, replace(CONFIG, pacing=twice)) == 200
    assert waited(10, replace(CONFIG, pacing=replace(CONFIG.pacing, wait_least_s=70.0))) == 70


def test_an_item_of_unknown_length_is_waited_for_a_minute() -> None:
    script = worked("mid", StepShown(106, "s9", "adding"), tail_s=80)
    assert [a.at_s for a in play(script) if a.mode == "offer"] == [166.0]


def test_a_break_is_offered_only_late_in_a_long_session() -> None:
    script = SCRIPTS["setback", "low"]
    late = Script([replace(e, at_s=e.at_s + 1200) for e in script.events], script.tail_s)
    early = next(a for a in play(script) if a.message == "offer.prerequisite")
    long = next(a for a in play(late) if a.message == "offer.prerequisite")
    assert "break" not in early.choices
    assert "break" in long.choices


def test_an_easier_item_is_easier_for_two() -> None:
    offer = next(a for a in play(SCRIPTS["frustrated", "low"]) if a.kind == "encouragement")
    assert (offer.items, "easier_item" in offer.choices) == (2, True)
    hint = next(a for a in play(SCRIPTS["unresolved", "high"]) if a.mode == "offer")
    assert hint.items == 1


def test_the_kind_line_is_for_low_performers_and_comes_once_in_ten_minutes() -> None:
    kind = {band: play(SCRIPTS["frustrated", band]) for band in ("low", "mid", "high")}
    assert [b for b, made in kind.items() if any(a.kind == "encouragement" for a in made)] == [
        "low"
    ]
    first = SCRIPTS["frustrated", "mid"]
    again = [replace(e, at_s=e.at_s + 260) for e in first.events if e.at_s > 100]
    again = [replace(e, step="s2") if hasattr(e, "step") else e for e in again]
    both = Script([*first.events, right(200), *again], 20)
    lines = [a.message for a in play(both) if a.kind == "hint" and a.mode == "offer"]
    assert lines[:2] == ["offer.hard_step_hint", "offer.hint"]


def test_an_adaptation_names_the_step_and_the_skill_that_it_is_about() -> None:
    offer = next(a for a in play(SCRIPTS["unresolved", "mid"]) if a.mode == "offer")
    assert (offer.step, offer.skill) == ("s1", "adding")


def test_confusion_is_not_hurried_before_its_time() -> None:
    """Productive: two words of confusion, on which a strong learner goes on by themselves."""
    script = worked("high", says(125, DONT_GET_IT), right(150), tail_s=10)
    assert [a for a in play(script) if a.mode == "offer"] == []


def test_the_manual_has_the_table_as_it_is() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "engine.md").read_text(encoding="utf-8")
    assert "\n".join(ROWS) in manual, "run these rows into docs/engine.md:\n" + "\n".join(ROWS)


def _told(plan: Plan) -> str:
    what = f"{plan.kind}, quietly" if plan.kind in QUIET else ", ".join(plan.choices)
    pace = f"pace {plan.pace:+d}" if plan.pace else ""
    flag = "calls the teacher" if plan.flag else ""
    return "; ".join(part for part in (what, pace, flag) if part) or "wait"


ROWS = [
    f"| `{situation}` | "
    + " | ".join(_told(row[band]) if band in row else "–" for band in ("low", "mid", "high"))
    + " |"
    for situation, row in PLANS.items()
]
