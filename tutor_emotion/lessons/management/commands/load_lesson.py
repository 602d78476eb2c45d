"""``manage.py load_lesson FILE…`` writes lesson files to the database (default: fractions)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.lessons.content import FRACTIONS
from tutor_emotion.lessons.services import load_lesson


class Command(BaseCommand):
    help = "Check lesson files (TOML) and write them to the database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, default=[FRACTIONS])

    def handle(self, *args: Any, **options: Any) -> None:
        for path in options["files"]:
            try:
                lesson, changed = load_lesson(path)
            except (TutorEmotionError, OSError) as error:
                raise CommandError(str(error)) from None
            self.stdout.write(f"{lesson.slug}: {'loaded' if changed else 'unchanged'}")
