"""Everything that is kept of one learner, as a file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.loader import render_to_string

from tutor_emotion import services
from tutor_emotion.management.people import person
from tutor_emotion.views.readable import readable


class Command(BaseCommand):
    help = "Write everything that is kept of a learner, as JSON or as a page for a parent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--json", action="store_true", help="JSON (the default).")
        kind.add_argument("--html", action="store_true", help="A page that can be printed.")
        parser.add_argument("--out", type=Path, metavar="FILE", help="Else it is printed.")

    def handle(self, *args: Any, **options: Any) -> None:
        export = services.export_learner(person(options["username"]))
        text = page(export) if options["html"] else as_json(export)
        if options["out"] is None:
            self.stdout.write(text)
            return
        try:
            options["out"].write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"The file cannot be written: {error.strerror}.") from None
        kept = [table for table in export.tables if table.rows]
        self.stdout.write(f"{sum(len(t.rows) for t in kept)} rows of {len(kept)} tables")


def as_json(export: services.Export) -> str:
    return json.dumps(export.as_data(), ensure_ascii=False, indent=2)


def page(export: services.Export) -> str:
    """A page that stands alone: a file, with no server behind it."""
    return render_to_string("tutor_emotion/my_data_file.html", {"page": readable(export)})
