"""``manage.py write_documents --out DIR``: the documents of data protection, from what is true."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tutor_emotion.documents.facts import gather
from tutor_emotion.documents.writing import DOCUMENTS, write, written
from tutor_emotion.errors import TutorEmotionError


class Command(BaseCommand):
    help = (
        f"Write {', '.join(DOCUMENTS)} as Markdown from the live configuration. What a school must "
        "say itself stays a marked blank, what needs counsel is marked so."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, help="A folder; made where missing.")
        parser.add_argument(
            "--language",
            default="en",
            choices=[code for code, _name in settings.LANGUAGES],
            help="Of the notice and the release. The files for authorities are in English.",
        )
        parser.add_argument(
            "--date", type=date.fromisoformat, help="As 2026-11-28; otherwise no day is named."
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            pages = written(gather(), language=options["language"], day=options["date"])
            paths = write(options["out"], pages)
        except TutorEmotionError as error:
            raise CommandError(str(error)) from None
        for path in paths:
            self.stdout.write(str(path))
