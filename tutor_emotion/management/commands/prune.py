"""Delete what is over its period."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tutor_emotion import services


class Command(BaseCommand):
    help = "Delete what is over its period (docs/privacy-and-law.md), a few rows at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and delete nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        gone = services.prune(dry_run=options["dry_run"])
        said = "would go" if options["dry_run"] else "gone"
        for table, n in gone.items():
            self.stdout.write(f"{table}: {n} {said}")
        if not gone:
            self.stdout.write("Nothing is over its period.")
