"""Seal every learner's key with the newest master key."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion import services
from tutor_emotion.errors import TutorEmotionError


class Command(BaseCommand):
    help = (
        "Seal learners' keys with the first of MASTER_KEYS. May be broken off and begun again; "
        "ends with 0 when no other master key is needed any more."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Only say what remains.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if not options["check"]:
                changed = services.rotate_keys(lambda n: self.stdout.write(f"{n} so far"))
                self.stdout.write(f"{changed} keys were sealed anew")
            counts = services.count_keys()
        except TutorEmotionError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{counts.first} keys are sealed with the first master key")
        if counts.older or counts.lost:
            raise CommandError(
                f"{counts.older} are still sealed with an older one, and {counts.lost} are opened "
                "by none of MASTER_KEYS. Take no master key away yet."
            )
