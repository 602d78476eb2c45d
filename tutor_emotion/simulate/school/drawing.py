"""The school's results as pictures, fit to be printed; each is about one question."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE, GREY, RED = "#1f5fa8", "0.55", "#b3402e"
DPI = 110
_ORDER = (
    "performance_only",
    "unknown",
    "face",
    "voice",
    "interaction",
    "without_face",
    "without_voice",
    "all",
    "better_face",
)


def draw(results: Mapping[str, Any], folder: Path) -> None:
    """``simulate-alarms.png``, ``simulate-signals.png``, ``simulate-mastery.png`` in ``folder``.

    Raises:
        OSError: the folder cannot be written.
    """
    for name, figure in (
        ("alarms", alarms_picture(results)),
        ("signals", signals_picture(results)),
        ("mastery", mastery_picture(results)),
    ):
        figure.savefig(folder / f"simulate-{name}.png", dpi=DPI)


def alarms_picture(results: Mapping[str, Any]) -> Figure:
    """How many alarms, how often right, how much they see, how soon: a point and its interval."""
    asked = (
        ("alarms_per_hour", "alarms an hour", ""),
        ("precision", "precision (grey: by chance)", "precision_by_chance"),
        ("recall", "recall of episodes ≥ 30 s", ""),
        ("delay_s", "delay, s (median)", ""),
    )
    return _points(results, [name for name in _ORDER if name in results], asked)


def signals_picture(results: Mapping[str, Any]) -> Figure:
    """The same of the signals that rest on the belief, before any offer is made of them."""
    names = [n for n in _ORDER if n in results and results[n]["suspect_per_hour"]]
    asked = (
        ("suspect_per_hour", "suspect, an hour", ""),
        ("suspect_precision", "right within 60 s (grey: chance)", "precision_by_chance"),
        ("suspect_precision_at_once", "suspect, right at once", "struggle_share"),
        ("strong_precision_at_once", "strong, right at once", "struggle_share"),
    )
    return _points(results, names, asked)


def _points(
    results: Mapping[str, Any], names: list[str], asked: tuple[tuple[str, str, str], ...]
) -> Figure:
    """A row a configuration; each question is a key, its title, and what is marked beside it."""
    figure = Figure(figsize=(9.0, 0.9 + 0.38 * max(1, len(names))), layout="constrained")
    grid = figure.subplots(1, len(asked), sharey=True)
    for axes, (key, title, beside) in zip(grid, asked, strict=True):
        for row, name in enumerate(names):
            one = results[name]
            _point(axes, row, one[key], one["interval"][key], BLUE)
            if beside:
                axes.plot([one[beside]], [row], "|", color=GREY, markersize=12, markeredgewidth=2)
        axes.set(title=title, xlim=(0, None), yticks=range(len(names)), yticklabels=names)
        axes.title.set_fontsize(10)
        axes.grid(axis="x", alpha=0.3)
    figure.axes[0].invert_yaxis()
    return figure


def mastery_picture(results: Mapping[str, Any]) -> Figure:
    """Differences to the same learners in a lesson that does not adapt."""
    names = [name for name in _ORDER if name in results and "none" in results[name]["against"]]
    figure = Figure(figsize=(9.0, 0.9 + 0.38 * max(1, len(names))), layout="constrained")
    asked = (
        ("time_restricted_mean_s", "time to mastery, s", 1.0),
        ("known_share", "skills truly known, points", 100.0),
        ("struggle_share", "time struggling, points", 100.0),
    )
    for axes, (key, title, times) in zip(figure.subplots(1, 3, sharey=True), asked, strict=True):
        for row, name in enumerate(names):
            one = results[name]["against"]["none"][key]
            _point(axes, row, one["difference"], one["interval"], RED, times)
        axes.axvline(0, color=GREY, linewidth=1)
        axes.set(title=title, yticks=range(len(names)), yticklabels=names)
        axes.title.set_fontsize(10)
        axes.grid(axis="x", alpha=0.3)
    figure.axes[0].invert_yaxis()
    figure.suptitle("Against none, same learners: left of the line is less", fontsize=10)
    return figure


def _point(
    axes: Axes,
    row: int,
    value: float | None,
    interval: list[float | None] | None,
    colour: str,
    times: float = 1.0,
) -> None:
    if value is None:
        return
    if interval is not None and interval[0] is not None and interval[1] is not None:
        axes.plot([times * interval[0], times * interval[1]], [row, row], color=colour, linewidth=2)
    axes.plot([times * value], [row], "o", color=colour, markersize=5)
