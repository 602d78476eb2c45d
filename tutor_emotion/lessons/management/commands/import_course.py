"""``manage.py import_course PATH…`` writes courses to the database (default: those that ship)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.lessons.content import read_course, shipped
from tutor_emotion.lessons.importing import load
from tutor_emotion.lessons.planning import Change, Plan, plan


class Command(BaseCommand):
    help = "Check courses (folders or zips) and write each to the database, whole or not at all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, help="Default: the shipped courses.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say what is new, what changes, what goes."
        )
        parser.add_argument(
            "--delete",
            action="store_true",
            help="Also delete what is no longer in the files where learners have answered it.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for path in options["paths"] or shipped():
            try:
                course = read_course(path)
                dry_run = options["dry_run"]
                done = plan(course) if dry_run else load(course, delete=options["delete"])
            except (TutorEmotionError, OSError) as error:
                raise CommandError(_told(error)) from None
            self._tell(done)

    def _tell(self, done: Plan) -> None:
        counts = Counter(change.how for change in done.changes)
        told = ", ".join(f"{n} {how}" for how, n in counts.items() if n) or "unchanged"
        self.stdout.write(f"{done.course.key}: {told}")
        for change in done.changes:
            if change.how == "goes":
                self.stdout.write(f"  {_gone(change)}")


def _gone(change: Change) -> str:
    answers = f" with {change.answers} answers" if change.answers else ""
    return f"goes: {change.what} {change.name}{answers}"


def _told(error: Exception) -> str:
    if isinstance(error, TutorEmotionError):
        return f"{error.code}:\n{error.message}" + (f"\nhint: {error.hint}" if error.hint else "")
    return str(error)
