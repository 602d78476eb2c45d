"""Every figure of the simulated school: numbers by name, from ``figures.toml``, which says of each
where it comes from.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeAlias

from tutor_emotion.errors import BadInput

Four: TypeAlias = tuple[float, float, float, float]
Five: TypeAlias = tuple[float, float, float, float, float]

_TABLE: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("figures.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Knowing:
    known_at_first: float
    learn: float
    slip: float
    guess: float
    known_by_ability: float
    learn_by_ability: float
    spread: float
    unready: float
    retry: float
    retry_helped: float
    learn_in: Five


@dataclass(frozen=True, slots=True)
class Working:
    time_spread: float
    time_between: float
    time_unknown: float
    time_in: Five
    retry_in: Five
    slip_in: Five
    idle_in: Five
    rapid_in: Five
    hint_in: Five
    hint_after_miss: float
    same_wrong: float
    hint_s: float
    feedback_s: float


@dataclass(frozen=True, slots=True)
class Feeling:
    background: float
    spread: float
    frustrated_by_ability: float
    blocked_after_s: float
    new_skill: float
    first_miss: float
    next_miss: float
    slip: float
    blocked: float
    resolved: float
    relieved: float
    easy: float


@dataclass(frozen=True, slots=True)
class Helping:
    example_learn: float
    slow_learn: float
    slow_time: float
    fast_time: float
    easier_slip: float
    hint_resolves: float
    step_resolves: float
    kind_word: float
    break_resolves: float
    glow: float
    step_s: float
    example_s: float
    break_s: float
    read_s: float
    disturbed: float
    taken: float
    taken_idly: float
    fine: float
    fine_truly: float


@dataclass(frozen=True, slots=True)
class Sensing:
    face: Four
    better_face: Four
    voice: Four
    alike: float
    available: float
    available_s: float
    quality: float
    stays: float
    lingers: float
    lingers_s: float
    shows_s: float
    utterances_h: float
    voice_quality: float


@dataclass(frozen=True, slots=True)
class Figures:
    knowing: Knowing
    working: Working
    feeling: Feeling
    helping: Helping
    sensing: Sensing


def _part(kind: type[Any], name: str) -> Any:
    rows = _TABLE[name].items()
    return kind(
        **{
            key: tuple(row["value"]) if isinstance(row["value"], list) else row["value"]
            for key, row in rows
        }
    )


SHIPPED = Figures(
    _part(Knowing, "knowing"),
    _part(Working, "working"),
    _part(Feeling, "feeling"),
    _part(Helping, "helping"),
    _part(Sensing, "sensing"),
)


def varied(changes: Sequence[str]) -> Figures:
    """The shipped figures with some of them changed, each as ``helping.taken=0.8``.

    What is under 1 stays between 0 and 1; anything else within a tenth and ten times of itself.

    Raises:
        BadInput: ``bad_figure``, naming the change.
    """
    figures = SHIPPED
    for change in changes:
        name, _, text = change.partition("=")
        part, _, key = name.partition(".")
        if key not in _TABLE.get(part, {}):
            raise _bad(change, "there is no such figure")
        was = getattr(getattr(figures, part), key)
        now = _numbers(text)
        each = was if isinstance(was, tuple) else (was,)
        if len(now) != len(each):
            raise _bad(change, f"{name} is {len(each)} numbers, with commas")
        shipped = _TABLE[part][key]["value"]
        for new, old in zip(now, shipped if isinstance(shipped, list) else [shipped], strict=True):
            low, high = (0.0, 1.0) if 0 < old < 1 else (old / 10, old * 10)
            if not (low < new < high or new == old):
                raise _bad(change, f"it must lie between {low:g} and {high:g}")
        group = replace(getattr(figures, part), **{key: now if len(each) > 1 else now[0]})
        figures = replace(figures, **{part: group})
    if figures.sensing.stays + figures.sensing.lingers >= 1:
        raise _bad("sensing.stays", "with sensing.lingers it must be under 1")
    return figures


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        return (math.nan,)


def _bad(change: str, why: str) -> BadInput:
    return BadInput("bad_figure", f"{change!r:.60}: {why}.", hint="They are in docs/simulation.md.")


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Name, value, what it is, source: the table of docs/simulation.md."""
    for part in fields(SHIPPED):
        for name, row in _TABLE[part.name].items():
            value = row["value"]
            shown = ", ".join(f"{v:g}" for v in value) if isinstance(value, list) else f"{value:g}"
            yield f"{part.name}.{name}", shown, row["what"], row["source"]
