"""Who the simulated learners are, where they are given: a file of names and passwords."""

from __future__ import annotations

from pathlib import Path

from tutor_emotion.errors import BadInput
from tutor_emotion.simulate.learner import Person


def read_people(path: Path) -> list[Person]:
    """One account a line, name and password with a space between; ``#`` begins a comment.

    Raises:
        BadInput: ``no_file``, or ``bad_users`` with the line's number (never its content).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise BadInput("no_file", f"{path} cannot be read.", hint="Check the path.") from None
    people = []
    for number, row in enumerate(text.splitlines(), start=1):
        if not row.strip() or row.startswith("#"):
            continue
        parts = row.split(maxsplit=1)
        if len(parts) != 2:
            raise BadInput(
                "bad_users",
                f"{path.name}, line {number}: not a name and a password.",
                hint="Write `name password`.",
            )
        people.append(Person(parts[0], parts[1].strip()))
    return people
