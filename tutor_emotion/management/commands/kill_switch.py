"""``manage.py kill_switch on --modality face --why "…"``: stop reading, at once, from a shell."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion import services
from tutor_emotion.core.types import MODALITIES
from tutor_emotion.live.telling import tell_courses
from tutor_emotion.models import School


class Command(BaseCommand):
    help = "Switch off what is read of learners (of all, or of a school), or lift it again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("state", choices=["on", "off"], help="The switch: on stops reading.")
        parser.add_argument("--all", action="store_true", help="Everything, in every school.")
        parser.add_argument("--school", help="Name of a school: its learners alone.")
        parser.add_argument("--modality", choices=MODALITIES, help="This modality alone.")
        parser.add_argument("--why", default="", help="Kept with the switch; needed for on.")

    def handle(self, *_: Any, **options: Any) -> None:
        school, modality = _scope(options)
        if options["state"] == "off":
            count = services.lift(services.switches_on(school, modality))
            if not count:
                raise CommandError("No switch of just this scope is on.")
        else:
            if not options["why"].strip() or len(options["why"]) > 300:
                raise CommandError("Say why in at most 300 characters: --why …")
            services.switch_off(options["why"].strip(), school=school, modality=modality)
        told = tell_courses(services.courses_hit(school))
        scope = f"{modality or 'everything'} in {school or 'every school'}"
        done = "lifted" if options["state"] == "off" else "switched off"
        self.stdout.write(f"{scope}: {done}.")
        if not told:
            self.stderr.write("Running sessions could not be told; they ask again within 10 s.")


def _scope(options: dict[str, Any]) -> tuple[School | None, str]:
    named = options["school"] or options["modality"]
    if bool(options["all"]) == bool(named):
        raise CommandError("Name a scope: --all, or --school and --modality (one or both).")
    if not options["school"]:
        return None, options["modality"] or ""
    school = School.objects.filter(name=options["school"]).first()
    if school is None:
        raise CommandError(f"There is no school of this name: {options['school']}")
    return school, options["modality"] or ""
