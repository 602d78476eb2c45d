"""The model's results as the generated part of ``docs/capacity.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tutor_emotion.errors import BadInput
from tutor_emotion.simulate.growth.country import Country, Swing
from tutor_emotion.simulate.growth.demand import TABLES
from tutor_emotion.simulate.growth.figures import Figures

BEGIN, END = "<!-- generated: manage.py simulate_growth -->", "<!-- end of generated -->"
SHOWN_SWINGS = 10


def tables(countries: Sequence[Country], swung: Sequence[Swing], figures: Figures) -> str:
    """Markdown; the same for the same figures and seed."""
    parts = (
        fitted_table(figures),
        _needs(countries),
        _money(countries),
        *(breaks_table(country) for country in countries),
        _swings(swung, figures),
        assumptions_table(figures),
    )
    return "\n".join(parts)


def put_into(path: Path, text: str) -> None:
    """Replace what stands between the two marks.

    Raises:
        BadInput: ``no_file``; ``no_marks``, where the file has not both marks once, in order.
    """
    try:
        whole = path.read_text(encoding="utf-8")
    except OSError:
        raise BadInput("no_file", f"There is no {path}.", hint="Check the path.") from None
    path.write_text(replaced(whole, text, path.name), encoding="utf-8")


def replaced(whole: str, text: str, name: str, first: str = BEGIN, last: str = END) -> str:
    """``whole`` with the part between the marks replaced. Raises ``no_marks``."""
    before, begin, rest = whole.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end or first in rest or last in after:
        raise BadInput("no_marks", f"{name} has not the two marks once each.", hint=f"{first} …")
    return f"{before}{begin}\n\n{text}\n{end}{after}"


def fitted_table(figures: Figures) -> str:
    about = "; ".join(f"{name} {value}" for name, value in figures.about.items())
    rows = [(name, _short(value)) for name, value in figures.fitted.items()]
    return f"### Measured, of one learner\n\n{about}.\n\n{_grid(('figure', 'a second'), rows)}"


def _needs(countries: Sequence[Country]) -> str:
    rows: list[tuple[str, ...]] = [
        ("visits a day", *(_count(c.day.visits) for c in countries)),
        ("learners at the fullest moment", *(_count(c.day.peak) for c in countries)),
        ("of them with a camera", *(_count(c.at_peak.with_camera) for c in countries)),
        ("web processes at most", *(_count(c.web.most) for c in countries)),
        ("learners a GPU worker", *(_count(c.learners_a_gpu) for c in countries)),
        ("GPU workers at most", *(_count(c.gpu.most) for c in countries)),
        ("learner-hours a day without a place", *(_hours(c.web.unserved_s) for c in countries)),
        ("… not read for want of a worker", *(_hours(c.gpu.unserved_s) for c in countries)),
        ("Valkey: cores", *(_short(c.at_peak.valkey_cores) for c in countries)),
        ("Valkey: commands a second", *(_count(c.at_peak.commands) for c in countries)),
        ("Valkey: MB a second in", *(_mega(c.at_peak.valkey_in_bytes) for c in countries)),
        ("Valkey: MB a second out", *(_mega(c.at_peak.valkey_out_bytes) for c in countries)),
        (
            "channel layer: messages a second",
            *(_count(c.at_peak.layer_messages) for c in countries),
        ),
        ("doorbells a second", *(_count(c.at_peak.doorbells) for c in countries)),
        ("database: writes a second", *(_count(c.at_peak.writes) for c in countries)),
        *(
            (f"database: rows of {table} kept", *(_count(c.rows_kept[table]) for c in countries))
            for table in TABLES
        ),
        ("media in, MB a second", *(_mega(c.at_peak.media_in_bytes) for c in countries)),
        ("to the internet, MB a second", *(_mega(c.at_peak.egress_bytes) for c in countries)),
        ("through TURN, MB a second", *(_mega(c.at_peak.turn_bytes) for c in countries)),
    ]
    head = ("at the fullest moment of the day", *(_count(c.size) for c in countries))
    return f"### What is needed\n\n{_grid(head, rows)}"


def _money(countries: Sequence[Country]) -> str:
    rows = [(name, *(_dollars(c.month[name]) for c in countries)) for name in countries[0].month]
    rows.append(("**together**", *(f"**{_dollars(c.dollars_month)}**" for c in countries)))
    rows.append(("cents an hour of one learner", *(_short(c.cents_learner_h) for c in countries)))
    rows.append(
        ("processors in place of GPUs", *(_dollars(c.cpu_workers_month) for c in countries))
    )
    head = ("dollars a month", *(_count(c.size) for c in countries))
    return f"### Money\n\n{_grid(head, rows)}"


def breaks_table(country: Country) -> str:
    rows = [
        (
            part.name,
            f"{part.load:.2g}" if part.load < 100 else f"{part.load:.0f}",
            _count(country.size / part.load) if part.load else "never",
            part.instead if part.load > 1 else "",
        )
        for part in country.parts
    ]
    head = ("part that is there once", "load (1 breaks)", "breaks at learners", "instead")
    return f"### {_count(country.size)} learners: what breaks first\n\n{_grid(head, rows)}"


def _swings(swung: Sequence[Swing], figures: Figures) -> str:
    rows = [
        (
            swing.name,
            f"{figures.assumed[swing.name].low:g} to {figures.assumed[swing.name].high:g}",
            f"{swing.low:.2f} to {swing.high:.2f}",
        )
        for swing in swung[:SHOWN_SWINGS]
    ]
    head = ("assumption", "range", "cents an hour of one learner")
    return f"### Which assumption moves the money most\n\n{_grid(head, rows)}"


def assumptions_table(figures: Figures) -> str:
    rows = [
        (one.name, f"{one.value:g}", f"{one.low:g} to {one.high:g}", one.what, one.source)
        for one in figures.assumed.values()
    ]
    head = ("name", "value", "range", "what", "source")
    return f"### Every assumption\n\n{_grid(head, rows)}"


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _count(number: float) -> str:
    return f"{round(number):,}"


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _mega(size: float) -> str:
    return _short(size / 1e6)


def _hours(seconds: float) -> str:
    return _short(seconds / 3600)


def _dollars(amount: float) -> str:
    return f"{amount:,.0f}"


def as_json(countries: Sequence[Country], swung: Sequence[Swing]) -> Mapping[str, object]:
    """What ``--json`` prints: a country by its size, and the swings."""
    return {
        "sizes": {
            str(c.size): {
                "visits": c.day.visits,
                "peak": c.day.peak,
                "with_camera": c.at_peak.with_camera,
                "web_processes": c.web.most,
                "gpu_workers": c.gpu.most,
                "learners_a_gpu": c.learners_a_gpu,
                "breaks": {p.name: round(p.load, 4) for p in c.parts if p.load > 1},
                "month": {name: round(dollars, 2) for name, dollars in c.month.items()},
                "cents_learner_hour": round(c.cents_learner_h, 4),
            }
            for c in countries
        },
        "swings": {s.name: [round(s.low, 4), round(s.high, 4)] for s in swung},
    }
