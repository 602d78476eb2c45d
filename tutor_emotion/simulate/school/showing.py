"""The school's results for people: tables of plain text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH = 132
_COLUMNS = (
    ("alarms_per_hour", "alarms/h", 1),
    ("precision", "precision", 2),
    ("precision_at_once", "at once", 2),
    ("precision_by_chance", "by chance", 2),
    ("recall", "recall", 2),
    ("delay_s", "delay s", 0),
    ("time_to_mastery_s", "mastery s", 0),
    ("mastered_share", "mastered", 2),
    ("known_share", "known", 2),
)
_DIFFERENCES = (
    ("time_restricted_mean_s", "mean time s", 0),
    ("mastered_share", "mastered", 3),
    ("known_share", "truly known", 3),
    ("struggle_share", "time struggling", 3),
)


def table(results: Mapping[str, Any]) -> str:
    """All configurations, their differences to those that do not sense, and what was sensed."""
    return _plain(
        _figures(results),
        *(_differences(results, to) for to in ("none", "performance_only")),
        _accuracies(results),
    )


def _figures(results: Mapping[str, Any]) -> Table:
    grid = Table(title="What each set of modalities brings (95 % intervals over learners)")
    grid.add_column("configuration", no_wrap=True)
    for _, title, _ in _COLUMNS:
        grid.add_column(title, justify="right")
    for name, figures in results.items():
        cells = [
            f"{number(figures[key], digits)}\n{_between(figures['interval'][key], digits)}"
            for key, _, digits in _COLUMNS
        ]
        grid.add_row(name, *cells)
    return grid


def _differences(results: Mapping[str, Any], to: str) -> Table:
    grid = Table(title=f"The same learners: difference to {to}")
    grid.add_column("configuration", no_wrap=True)
    for _, title, _ in _DIFFERENCES:
        grid.add_column(title, justify="right")
    for name, figures in results.items():
        if to in figures["against"]:
            rows = figures["against"][to]
            grid.add_row(
                name,
                *(
                    f"{number(rows[key]['difference'], digits, '+')}  "
                    f"{_between(rows[key]['interval'], digits, '+')}"
                    for key, _, digits in _DIFFERENCES
                ),
            )
    return grid


def _accuracies(results: Mapping[str, Any]) -> Table:
    """What came out of the sensors and of the engine, against the truth."""
    grid = Table(title="How well states are told apart (AUC, achieved)")
    rows = [(n, source, auc) for n, one in results.items() for source, auc in one["auc"].items()]
    for title in ("configuration", "source", *(rows[0][2] if rows else ())):
        grid.add_column(title)
    for name, source, auc in rows:
        grid.add_row(name, source, *(number(value, 3) for value in auc.values()))
    return grid


def number(value: float | None, digits: int, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.{digits}f}"


def _between(interval: list[float | None] | None, digits: int, sign: str = "") -> str:
    if interval is None:
        return ""
    between = " … " if sign else "–"  # a sign and a dash would be hard to tell apart
    return f"{number(interval[0], digits, sign)}{between}{number(interval[1], digits, sign)}"


def _plain(*grids: Table) -> str:
    console = Console(width=WIDTH, no_color=True, force_terminal=False)
    with console.capture() as captured:
        for grid in grids:
            if grid.row_count:
                console.print(grid)
    return captured.get()
