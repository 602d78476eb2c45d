"""``manage.py recompute_mastery COURSE…``: trace skills anew from the answers that are kept."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion.lessons.mastery import recompute
from tutor_emotion.lessons.models import Lesson


class Command(BaseCommand):
    help = "For courses that had answers before they had skills, or whose parameters changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("courses", nargs="+", metavar="COURSE", help="The course's key.")

    def handle(self, *args: Any, **options: Any) -> None:
        known = set(Lesson.objects.values_list("course_key", flat=True))
        unknown = [key for key in options["courses"] if key not in known]
        if unknown:
            raise CommandError(f"unknown_course: no lesson belongs to a course {unknown[0]!r:.80}")
        for key in options["courses"]:
            self.stdout.write(f"{key}: {recompute(key)} beliefs written")
