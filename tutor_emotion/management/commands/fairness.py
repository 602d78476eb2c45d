"""``manage.py fairness``: whether groups of learners are served alike, for a log or a timer."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion.core.fairness import LIMIT, Gap, Ratio, interval
from tutor_emotion.models import Course
from tutor_emotion.services import fairness
from tutor_emotion.services.fairness import RATES, FairnessReport, Measure


class Command(BaseCommand):
    help = (
        "Compare the groups of FAIRNESS_GROUPS by course. Ends with 1 where a gap is over .10, "
        "so that a timer can tell somebody."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--course", help="Key of one course; otherwise all of them.")
        parser.add_argument("--days", type=int, choices=fairness.SPANS_DAYS, default=90)
        parser.add_argument("--json", action="store_true", help="One JSON value, for programs.")
        parser.add_argument(
            "--forget",
            action="store_true",
            help="Take away what is held of groups that FAIRNESS_GROUPS names no longer.",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if options["forget"]:
            self.stderr.write(f"{fairness.forget_groups()} learners' groups were taken away.")
        courses = Course.objects.order_by("key")
        if options["course"] is not None:
            courses = courses.filter(key=options["course"])
            if not courses:
                raise CommandError(f"There is no course {options['course']!r}.")
        reports = [fairness.compare_groups(course, options["days"]) for course in courses]
        for report in reports:
            fairness.log_alarms(report)
        if options["json"]:
            told = {
                "days": options["days"],
                "groups_held": list(fairness.group_names()),
                "limit": LIMIT,
                "courses": [_as_data(report) for report in reports],
            }
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
        else:
            self._tell(reports)
        if any(report.alarms for report in reports):
            raise CommandError("A gap is over the limit.", returncode=1)

    def _tell(self, reports: list[FairnessReport]) -> None:
        if not fairness.group_names():
            self.stdout.write("No groups are held (FAIRNESS_GROUPS is empty).")
            return
        for report in reports:
            compared = {m: gap for m, gap in report.gaps.items() if gap is not None}
            said = [f"{m} {_gap_in_words(gap)}" for m, gap in compared.items()]
            key = report.course.key if report.course else "all"
            self.stdout.write(f"{key}: {'; '.join(said) or 'too few to say'}")


def _gap_in_words(gap: Gap) -> str:
    mark = " ALARM" if gap.over else ""
    return f"{gap.gap:.2f} ({gap.lowest} to {gap.highest}){mark}"


def _as_data(report: FairnessReport) -> dict[str, Any]:
    return {
        "course": report.course.key if report.course else None,
        "alarms": list(report.alarms),
        "groups_hidden": report.hidden,
        "groups": [
            {
                "group": group.name or None,
                "learners": group.learners,
                "hours": round(group.hours, 2),
                "figures": {m: _figure(m, found) for m, found in group.figures.items()},
            }
            for group in report.groups
        ],
        "gaps": {m: _gap(gap) for m, gap in report.gaps.items()},
    }


def _figure(measure: Measure, found: Ratio) -> dict[str, Any] | None:
    if found.value is None:
        return None
    bounds = interval(found, share=measure not in RATES)
    return {
        "value": round(found.value, 4),
        "low": round(bounds[0], 4) if bounds else None,
        "high": round(bounds[1], 4) if bounds else None,
        "learners": found.learners,
    }


def _gap(gap: Gap | None) -> dict[str, Any] | None:
    if gap is None:
        return None
    return {
        "lowest": gap.lowest,
        "highest": gap.highest,
        "gap": round(gap.gap, 4),
        "low": None if gap.low is None else round(gap.low, 4),
        "high": None if gap.high is None else round(gap.high, 4),
        "alarm": gap.over,
        "sure": gap.sure,
    }
