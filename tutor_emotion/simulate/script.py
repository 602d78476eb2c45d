"""What a simulated learner does in the lesson: JSON lines of ``after_s`` and a wire message.

    {"after_s": 4, "type": "step_shown", "step": "s1", "skill": "halves"}
    {"after_s": 20, "type": "hint_request", "step": "s1"}

``after_s`` counts from the beginning of the session. Empty lines and lines that begin with ``#``
are passed over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from tutor_emotion.errors import BadInput
from tutor_emotion.protocol import EventMessage, MediaPause, MediaStop, describe

Act: TypeAlias = Annotated[EventMessage | MediaPause | MediaStop, Field(discriminator="type")]
_ACT: TypeAdapter[Any] = TypeAdapter(Act)
LONGEST_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Line:
    """Send ``message`` when ``after_s`` of the session have passed."""

    after_s: float
    message: Any


def read_script(path: Path) -> tuple[Line, ...]:
    """The lines of a script, in time.

    Raises:
        BadInput: ``no_file``, or ``bad_script`` with the line's number and what is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise BadInput("no_file", f"There is no script {path}.", hint="Check the path.") from None
    except UnicodeDecodeError:
        raise BadInput("bad_script", f"{path.name} is not a text file in UTF-8.") from None
    return parse_script(text, path.name)


def parse_script(text: str, name: str) -> tuple[Line, ...]:
    """The same from text; ``name`` is what an error calls it."""
    lines: list[Line] = []
    for number, row in enumerate(text.splitlines(), start=1):
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        line = _line(row, f"{name}, line {number}")
        if lines and line.after_s < lines[-1].after_s:
            raise _bad(f"{name}, line {number}", "after_s is less than in the line before")
        lines.append(line)
    return tuple(lines)


def _line(row: str, where: str) -> Line:
    try:
        data = json.loads(row)
    except ValueError as error:
        raise _bad(where, f"not JSON ({error})") from None
    if not isinstance(data, dict):
        raise _bad(where, "not a JSON object")
    after_s = data.pop("after_s", None)
    if isinstance(after_s, bool) or not isinstance(after_s, int | float):
        raise _bad(where, "after_s is missing or not a number")
    if not 0 <= after_s <= LONGEST_S:
        raise _bad(where, "after_s is not between 0 and 86400 seconds")
    try:
        return Line(float(after_s), _ACT.validate_json(json.dumps(data)))
    except ValidationError as error:
        raise _bad(where, *describe(error)) from None


def _bad(where: str, what: str) -> BadInput:
    return BadInput(
        "bad_script", f"{where}: {what}.", hint="tutor_emotion/protocol.py lists the events."
    )
