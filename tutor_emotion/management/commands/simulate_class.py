"""``manage.py simulate_class``: what each set of modalities brings, on simulated learners."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.simulate import figures_folder
from tutor_emotion.simulate.school.configurations import ABLATIONS, NAMES
from tutor_emotion.simulate.school.figures import varied
from tutor_emotion.simulate.school.results import summarise
from tutor_emotion.simulate.school.running import School, run
from tutor_emotion.simulate.school.showing import table
from tutor_emotion.simulate.school.writing import tables

INTERRUPTED = 130
_LIMITS = {"learners": (1, 100_000), "seed": (0, 2**32 - 1), "minutes": (5, 240), "jobs": (1, 256)}


class Command(BaseCommand):
    help = (
        "Simulate learners with hidden states and skills through the real engine, with and without "
        "camera and microphone: alarms, precision, recall, delay, time to mastery."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--learners", type=int, default=1000, help="how many (default: %(default)s)")
        add("--seed", type=int, default=1, help="the same seed, the same learners (%(default)s)")
        add("--minutes", type=int, default=60, help="a lesson's end (default: %(default)s)")
        add("--jobs", type=int, help="processes (default: one a core); changes no figure")
        add("--ablations", action="store_true", help=f"also {', '.join(ABLATIONS)}")
        add("--json", action="store_true", help="the last line is one JSON object")
        add(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="another value of one of the figures that it goes by, as helping.taken=0.8",
        )
        add("--plots", type=Path, metavar="FOLDER", help="write results.json, tables.md, pictures")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            school = _school(options)
            if options["plots"] is not None:
                figures_folder.prepare(options["plots"])
            with _bar(school.learners) as tell:
                judged = run(school, _jobs(options, school.learners), tell)
            results = summarise(judged, school.seconds, school.seed)
            if options["plots"] is not None:
                _draw(results, school, options)
        except TutorEmotionError as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self.stderr.write("interrupted")
            sys.exit(INTERRUPTED)
        if options["json"]:
            self.stdout.write(json.dumps(results, allow_nan=False))
        else:
            self.stdout.write(table(results))


def _school(options: dict[str, Any]) -> School:
    for name, (least, most) in _LIMITS.items():
        value = options[name]
        if value is not None and not least <= value <= most:
            raise BadInput(
                "bad_argument", f"--{name} must be from {least} to {most}.", hint="See --help."
            )
    names = (*NAMES, *ABLATIONS) if options["ablations"] else NAMES
    return School(
        options["learners"], options["seed"], options["minutes"], names, varied(options["set"])
    )


def _jobs(options: dict[str, Any], learners: int) -> int:
    """One a core, and none that would have less to do than it takes to start."""
    jobs: int = options["jobs"] or os.cpu_count() or 1
    return max(1, min(jobs, learners // 8))


class _Tell(Protocol):
    def __call__(self, more: int) -> None: ...


@contextmanager
def _bar(learners: int) -> Iterator[_Tell]:
    console = Console(stderr=True)
    columns = (TextColumn("learners"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=learners)
        yield lambda more: progress.advance(task, more)


def _draw(results: dict[str, Any], school: School, options: dict[str, Any]) -> None:
    from tutor_emotion.simulate.school.drawing import draw

    folder: Path = options["plots"]
    about = {
        "learners": school.learners,
        "seed": school.seed,
        "minutes": school.minutes,
        "set": options["set"],
    }
    try:
        draw(results, folder)
        whole = json.dumps({**about, "configurations": results}, indent=1, allow_nan=False)
        (folder / "results.json").write_text(whole, encoding="utf-8")
        (folder / "tables.md").write_text(tables(results), encoding="utf-8")
    except OSError as error:
        raise figures_folder.not_writable(error) from None
