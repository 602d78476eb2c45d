"""The answers that count, as a file: learners are numbers in it, and there is no time of day.

``learner,skill,item,correct``, one answer a row, each learner's in their order.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TextIO

from django.utils.crypto import salted_hmac

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.mastery import answers_that_count, in_order, is_unaided
from tutor_emotion.lessons.models import Attempt, Skill

COLUMNS = ("learner", "skill", "item", "correct")
MAX_ROWS = 5_000_000
MAX_CHARS = 100
_SALT = "tutor_emotion.lessons.logs"


@dataclass(frozen=True, slots=True)
class Row:
    learner: int
    skill: str
    item: str
    correct: bool


def rows_of(course_key: str) -> Iterator[Row]:
    """A course's answers. Numbers of learners follow no list of theirs, and are the same again."""
    skills = {skill.key: skill for skill in Skill.objects.filter(course_key=course_key)}
    attempts = in_order(course_key)
    ids = set(attempts.order_by().values_list("learner_id", flat=True))
    shuffled = sorted(ids, key=lambda pk: salted_hmac(_SALT, f"{course_key} {pk}").digest())
    numbers = {pk: number for number, pk in enumerate(shuffled, 1)}
    found = []
    for pk, mine in groupby(attempts.iterator(chunk_size=2_000), key=_learner):
        for skill, answers in answers_that_count(mine, skills).items():
            # What had been shown says nothing about knowledge.
            told = [answer for answer in answers if not answer.revealed]
            found += [Row(numbers[pk], skill, _item(one), is_unaided(one)) for one in told]
    yield from sorted(found, key=lambda row: row.learner)


def sequences(rows: Iterable[Row]) -> dict[str, list[list[bool]]]:
    """By skill, each learner's answers in their order."""
    found: dict[str, dict[int, list[bool]]] = {}
    for row in rows:
        found.setdefault(row.skill, {}).setdefault(row.learner, []).append(row.correct)
    return {skill: list(learners.values()) for skill, learners in sorted(found.items())}


def write(rows: Iterable[Row], file: TextIO) -> int:
    """How many rows."""
    out = csv.writer(file, lineterminator="\n")
    out.writerow(COLUMNS)
    count = 0
    for row in rows:
        out.writerow((row.learner, row.skill, row.item, int(row.correct)))
        count += 1
    return count


def read(file: TextIO) -> Iterator[Row]:
    """The rows of such a file.

    Raises:
        BadInput: ``bad_log``, naming the line.
    """
    lines = csv.reader(file)
    try:
        if tuple(next(lines, ())) != COLUMNS:
            raise BadInput("bad_log", f"Line 1: the columns are {','.join(COLUMNS)}.")
        for cells in lines:
            if lines.line_num > MAX_ROWS:
                raise BadInput("bad_log", f"More than {MAX_ROWS} lines.")
            yield _row(cells, lines.line_num)
    except csv.Error as error:
        raise BadInput("bad_log", f"Line {lines.line_num}: {error}.") from None
    except UnicodeDecodeError:
        raise BadInput("bad_log", "This file is not text in UTF-8.") from None


def _row(cells: list[str], line: int) -> Row:
    if len(cells) != len(COLUMNS):
        raise BadInput("bad_log", f"Line {line}: {len(cells)} cells, not {len(COLUMNS)}.")
    learner, skill, item, correct = cells
    if not (learner.isascii() and learner.isdecimal() and len(learner) <= 12):
        raise BadInput("bad_log", f"Line {line}: learner is no number.")
    if not 0 < len(skill) <= MAX_CHARS or len(item) > MAX_CHARS:
        raise BadInput("bad_log", f"Line {line}: skill or item is empty or too long.")
    if correct not in ("0", "1"):
        raise BadInput("bad_log", f"Line {line}: correct is 0 or 1.")
    return Row(int(learner), skill, item, correct == "1")


def _learner(attempt: Attempt) -> Any:
    return attempt.learner_id


def _item(attempt: Attempt) -> str:
    kind = attempt.variant.kind if attempt.variant else ""
    return f"{attempt.step.slug}.{kind}" if kind else attempt.step.slug
