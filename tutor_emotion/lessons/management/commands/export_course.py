"""``manage.py export_course KEY FILE.zip`` writes a course as a zip of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.lessons.exporting import export_zip


class Command(BaseCommand):
    help = "Write a course to a zip, which import_course reads back to the same rows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            raw = export_zip(options["key"])
            options["file"].write_bytes(raw)
        except (TutorEmotionError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{options['file']}: {len(raw):,} bytes")
