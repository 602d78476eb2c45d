"""``manage.py fit_mastery COURSE``: what its answers say of its skills' parameters."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from tutor_emotion.api import FittedKnowledge, fit_knowledge
from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.lessons import logs, mastery
from tutor_emotion.lessons.models import Lesson, Skill

PARAMETERS = ("p_known", "p_learn", "p_slip", "p_guess")
WIDTH = 150


class Command(BaseCommand):
    help = "Fit knowledge tracing to a course's answers; write it only with --apply."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("course", help="The course's key.")
        parser.add_argument(
            "--export", type=Path, metavar="FILE.csv", help="Write the answers there; fit nothing."
        )
        parser.add_argument(
            "--from", type=Path, metavar="FILE.csv", dest="source", help="Answers of such a file."
        )
        parser.add_argument(
            "--apply",
            action="store_true",
            help="Keep each fit that tells unseen learners better than the defaults, and trace "
            "its skill anew.",
        )
        parser.add_argument("--json", action="store_true", help="One object on stdout.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._run(options["course"], options)
        except TutorEmotionError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None

    def _run(self, course: str, options: dict[str, Any]) -> None:
        if not Lesson.objects.filter(course_key=course).exists():
            raise BadInput("unknown_course", "No lesson belongs to a course of this key.")
        if options["export"]:
            with options["export"].open("w", encoding="utf-8", newline="") as file:
                count = logs.write(logs.rows_of(course), file)
            self.stdout.write(f"{options['export']}: {count} answers. Learners are numbers in it.")
            return
        found = _fits(_sequences(course, options["source"]))
        kept = _keep(course, found) if options["apply"] else {}
        if options["json"]:
            self.stdout.write(json.dumps(_as_data(course, found, kept), allow_nan=False))
        else:
            self._show(found, kept, applied=options["apply"])

    def _show(
        self, found: dict[str, FittedKnowledge | BadInput], kept: dict[str, int], *, applied: bool
    ) -> None:
        table = Table("skill", "learners", "answers", *PARAMETERS, "nats", "AUC", "worth it?")
        for skill, each in found.items():
            if isinstance(each, BadInput):
                self.stdout.write(f"{skill}: {each.message} {each.hint}")
            else:
                table.add_row(*_cells(skill, each))
        if table.row_count:
            page = StringIO()
            Console(file=page, width=WIDTH).print(table)
            self.stdout.write(page.getvalue())
            self.stdout.write(
                "In brackets 95 %. nats and AUC: of learners left out of the fit, fitted / "
                "defaults / one constant; nats nearer to 0 and AUC nearer to 1 are better."
            )
        for skill, beliefs in kept.items():
            self.stdout.write(f"{skill}: kept; {beliefs} learners traced anew.")
        if not found:
            self.stdout.write("No answers yet.")
        elif not applied:
            self.stdout.write("Nothing was written. --apply keeps the fits that are worth it.")


def _sequences(course: str, source: Path | None) -> dict[str, list[list[bool]]]:
    if source is None:
        return logs.sequences(logs.rows_of(course))
    with source.open(encoding="utf-8", newline="") as file:
        return logs.sequences(logs.read(file))


def _fits(sequences: dict[str, list[list[bool]]]) -> dict[str, FittedKnowledge | BadInput]:
    found: dict[str, FittedKnowledge | BadInput] = {}
    for skill, answers in sequences.items():
        try:
            found[skill] = fit_knowledge(answers)
        except BadInput as error:
            found[skill] = error
    return found


def _keep(course: str, found: dict[str, FittedKnowledge | BadInput]) -> dict[str, int]:
    """Write each fit that is worth it; learners traced anew by skill."""
    rows = {skill.key: skill for skill in Skill.objects.filter(course_key=course)}
    unknown = sorted(set(found) - set(rows))
    if unknown:
        raise BadInput(
            "unknown_skill",
            f"The course has no skill {unknown[0]!r:.80}.",
            hint="Were these answers given in another course? Nothing was written.",
        )
    kept = {}
    for key, each in found.items():
        if isinstance(each, BadInput) or not _is_worth_it(each):
            continue
        values = asdict(each.fit.knowledge)
        rows[key].parameters = {name: round(value, 4) for name, value in values.items()}
        rows[key].save(update_fields=["parameters"])
        kept[key] = mastery.recompute(course, [key])
    return kept


def _is_worth_it(each: FittedKnowledge) -> bool:
    return each.fit.settled and each.held_out.worth_it


def _cells(skill: str, each: FittedKnowledge) -> Iterable[str]:
    fit, held = each.fit, each.held_out
    yield from (skill, str(fit.learners), str(fit.answers))
    for name in PARAMETERS:
        interval = fit.intervals[name]
        told = f"[{interval[0]:.2f} {interval[1]:.2f}]" if interval else "[at its bound]"
        yield f"{getattr(fit.knowledge, name):.3f} " + told.replace("[", r"\[")
    beliefs = (held.fitted, held.default, held.constant)
    yield " / ".join(f"{one.nats:.4f}" for one in beliefs)
    yield " / ".join("–" if one.auc is None else f"{one.auc:.3f}" for one in beliefs)
    yield "yes" if _is_worth_it(each) else "no" if fit.settled else "no: not settled"


def _as_data(
    course: str, found: dict[str, FittedKnowledge | BadInput], kept: dict[str, int]
) -> dict[str, Any]:
    skills: dict[str, Any] = {}
    for skill, each in found.items():
        if isinstance(each, BadInput):
            skills[skill] = {"code": each.code, "message": each.message, "hint": each.hint}
        else:
            worth_it = _is_worth_it(each)
            skills[skill] = {**asdict(each), "worth_it": worth_it, "kept": skill in kept}
    return {"course": course, "skills": skills}
