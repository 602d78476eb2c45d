"""The model's pictures: a day, what breaks when, and what moves the money."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tutor_emotion.simulate.growth.country import Country, Swing
from tutor_emotion.simulate.growth.day import STEP_S

BLUE, GREY, RED = "#1f5fa8", "0.55", "#b3402e"
DPI = 110
SHOWN_SWINGS = 12


def draw(countries: Sequence[Country], swung: Sequence[Swing], folder: Path) -> None:
    """``growth-day.png``, ``growth-limits.png``, ``growth-money.png`` in ``folder``.

    Raises:
        OSError: the folder cannot be written.
    """
    for name, figure in (
        ("day", day_picture(countries[-1])),
        ("limits", limits_picture(countries)),
        ("money", money_picture(countries, swung)),
    ):
        figure.savefig(folder / f"growth-{name}.png", dpi=DPI, metadata={"Software": ""})


def day_picture(country: Country) -> Figure:
    """Learners and pods through a day."""
    figure = Figure(figsize=(9.0, 3.4), layout="constrained")
    learners, pods = figure.subplots(1, 2)
    hours = np.arange(country.day.present.size) * STEP_S / 3600
    for series, label, colour in (
        (country.day.present, "all", BLUE),
        (country.day.with_camera, "with a camera", RED),
        (country.day.relayed, "relayed", GREY),
    ):
        learners.plot(hours, series, label=label, color=colour, linewidth=1)
    for scaled, label, colour in (
        (country.web, "web processes", BLUE),
        (country.gpu, "GPU workers", RED),
    ):
        pods.plot(hours, scaled.pods, label=label, color=colour, linewidth=1)
    learners.set(title="learners", xlabel="hour of the day", xlim=(6, 24), ylim=(0, None))
    pods.set(title="pods", xlabel="hour of the day", xlim=(6, 24), yscale="symlog", ylim=(0, None))
    for axes in (learners, pods):
        axes.legend()
        axes.grid(alpha=0.3)
    return figure


def limits_picture(countries: Sequence[Country]) -> Figure:
    """Load of each part that is there once; right of the line it breaks."""
    names = [part.name for part in countries[-1].parts]
    figure = Figure(figsize=(9.0, 0.9 + 0.38 * len(names)), layout="constrained")
    axes = figure.subplots()
    for country, colour in zip(countries, (GREY, BLUE, RED), strict=False):
        loads = {part.name: part.load for part in country.parts}
        places = [loads[name] for name in names]
        axes.plot(places, range(len(names)), "o", color=colour, label=f"{country.size:,} learners")
    axes.axvline(1.0, color="black", linewidth=1)
    axes.set(xscale="log", xlabel="load", yticks=range(len(names)), yticklabels=names)
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    axes.legend()
    return figure


def money_picture(countries: Sequence[Country], swung: Sequence[Swing]) -> Figure:
    """What an hour of one learner costs, by part and by assumption."""
    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    parts, ends = figure.subplots(1, 2)
    below = np.zeros(len(countries))
    names = [f"{c.size:,}\n{c.cents_learner_h:.2g} cents" for c in countries]
    for part in countries[0].month:
        shares = [c.month[part] / c.dollars_month for c in countries]
        parts.bar(names, shares, bottom=below, label=part)
        below = below + np.asarray(shares)
    parts.set(title="an hour of one learner", xlabel="learners at the peak", ylabel="share")
    parts.legend(fontsize=8)
    shown = list(swung[:SHOWN_SWINGS])
    for row, swing in enumerate(shown):
        ends.plot([swing.low, swing.high], [row, row], color=BLUE, linewidth=4)
    ends.set(
        title="cents, at either end of an assumption",
        yticks=range(len(shown)),
        yticklabels=[swing.name for swing in shown],
    )
    ends.invert_yaxis()
    ends.grid(axis="x", alpha=0.3)
    return figure
