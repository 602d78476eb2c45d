"""``manage.py simulate_growth``: one machine's figures carried on to a million learners."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.simulate import figures_folder
from tutor_emotion.simulate.growth import country, figures, fitting, writing

MOST_LEARNERS = 5_000_000
SWUNG = 10_000  # the size at which each assumption is tried alone


class Command(BaseCommand):
    help = (
        "Carry what `make bench` measured on to a school, a city and a country: pods, GPU workers, "
        "Valkey, the database, TURN and money, and what breaks first."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        sizes = ",".join(map(str, country.SIZES))
        add("--sizes", default=sizes, help="learners at the fullest moment (default: %(default)s)")
        add("--seed", type=int, default=1, help="the same seed, the same day (%(default)s)")
        add(
            "--assumptions",
            type=Path,
            default=figures.ASSUMED,
            help="your prices and habits, in place of the file that ships",
        )
        add(
            "--fit",
            type=Path,
            metavar="RESULT",
            help="first fit what a learner costs to this bench/result.json, and keep it",
        )
        add("--into", type=Path, metavar="FILE", help="put the tables between the marks of a file")
        add("--plots", type=Path, metavar="FOLDER", help="write growth-….png")
        add("--json", action="store_true", help="the last line is one JSON object")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            sizes = _sizes(options)
            if options["plots"] is not None:
                figures_folder.prepare(options["plots"])
            if options["fit"] is not None:
                figures.FITTED.write_text(fitting.fitted(options["fit"]), encoding="utf-8")
            known = figures.load(options["assumptions"])
            seed = options["seed"]
            countries = [country.simulate(size, known, seed) for size in sizes]
            swung = country.swings(SWUNG, known, seed)
            text = writing.tables(countries, swung, known)
            if options["into"] is not None:
                writing.put_into(options["into"], text)
            if options["plots"] is not None:
                _draw(countries, swung, options["plots"])
        except TutorEmotionError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(writing.as_json(countries, swung)))
        elif options["into"] is None:
            self.stdout.write(text)


def _sizes(options: dict[str, Any]) -> list[int]:
    try:
        sizes = sorted({int(size) for size in options["sizes"].split(",")})
    except ValueError:
        raise _bad("--sizes is a list of numbers, as in 100,10000.") from None
    if not all(1 <= size <= MOST_LEARNERS for size in sizes):
        raise _bad(f"each of --sizes must be from 1 to {MOST_LEARNERS}.")
    if not 0 <= options["seed"] < 2**32:
        raise _bad("--seed must be from 0 to 4294967295.")
    return sizes


def _bad(message: str) -> BadInput:
    return BadInput("bad_arguments", message, hint="See --help.")


def _draw(countries: list[country.Country], swung: list[country.Swing], folder: Path) -> None:
    from tutor_emotion.simulate.growth.drawing import draw  # matplotlib, only where it is wanted

    try:
        draw(countries, swung, folder)
    except OSError as error:
        raise figures_folder.not_writable(error) from None
