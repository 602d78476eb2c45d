"""Erase one learner."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion.live.erasing import erase
from tutor_emotion.management.people import person


class Command(BaseCommand):
    help = "Erase everything that is kept of a learner, and destroy their key. No way back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--account", action="store_true", help="Delete the account too.")
        parser.add_argument("--yes", action="store_true", help="Really.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = person(options["username"])
        if not options["yes"]:
            raise CommandError("Nothing was erased. There is no way back; say --yes to do it.")
        erased = erase(user, delete_user=options["account"])
        for table, n in erased.counts.items():
            self.stdout.write(f"{table}: {n}")
        if not erased.counts:
            self.stdout.write("Nothing was kept of them.")
