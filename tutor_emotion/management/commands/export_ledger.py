"""Write the ledger of consents to a file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion import chain, services


class Command(BaseCommand):
    help = (
        "Write the ledger of consents as JSON lines, one entry a line, in their order. Learners "
        "are pseudonyms and details stay sealed. `verify_ledger --file` verifies such a file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, metavar="OUT.jsonl")

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        try:
            with options["out"].open("w", encoding="utf-8") as file:
                for entry in services.ledger_entries():
                    file.write(chain.as_line(entry) + "\n")
                    count += 1
        except OSError as error:
            raise CommandError(f"The file cannot be written: {error.strerror}.") from None
        self.stdout.write(f"{count} entries")
