"""The plugin's ``rotate_keys``, and the second steps of sign-in, which have the same master key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from tutor_emotion.demo.accounts import reseal_second_steps
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.management.commands.rotate_keys import Command as Plugin


class Command(Plugin):
    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            try:
                with transaction.atomic():
                    count = reseal_second_steps()
            except TutorEmotionError as error:
                raise CommandError(f"A second step of sign-in: {error}") from None
            if count:
                self.stdout.write(f"{count} second steps of sign-in are sealed anew")
        super().handle(*args, **options)
