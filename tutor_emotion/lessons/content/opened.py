"""One file of a course: its data, the line of each value, and the faults found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from tutor_emotion.lessons.content.faults import BadCourse, Fault
from tutor_emotion.lessons.content.frontmatter import Loc, read_yaml
from tutor_emotion.lessons.content.naming import COURSE_FILE, LESSON_PATH, SECTION_OF, STEP_PATH
from tutor_emotion.lessons.content.sections import Section, decode, split

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass
class CourseFile:
    """``data`` is the front matter, into which the texts of the sections are put."""

    path: str
    data: dict[str, Any]
    lines: dict[Loc, int]
    sections: list[Section]
    faults: list[Fault] = field(default_factory=list)

    def put(self, loc: Loc, value: str, line: int) -> None:
        """``value`` at ``loc``; the mapping it belongs to must be there (else it is a fault)."""
        into: Any = self.data
        for name in loc[:-1]:
            into = into.get(name) if isinstance(into, dict) else None
        if isinstance(into, dict) and loc[-1] not in into:
            into[loc[-1]] = value
            self.lines[loc] = line
            return
        place = ".".join(map(str, loc[:-1]))
        here = _("It is here twice.") if isinstance(into, dict) else _("“%s” is missing.") % place
        self.fault(line, here)

    def fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(self.path, line, message))

    def line_of(self, loc: Loc) -> int:
        """The line of a value, or of the nearest thing around it."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, 1)

    def shape(self, model: type[Shape], data: Mapping[str, Any]) -> Shape | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for entry in error.errors(include_url=False, include_input=False):
                self.fault(self.line_of(entry["loc"]), in_words(entry))
            return None


def opened(path: str, raw: bytes, faults: list[Fault]) -> CourseFile | None:
    """The file, read so far as its shape allows; None, and a fault more, where it does not."""
    if path != COURSE_FILE and not LESSON_PATH.fullmatch(path) and not STEP_PATH.fullmatch(path):
        faults.append(
            Fault(
                path[:120],
                0,
                _("Not a file of a course: those are course.md, a-lesson/lesson.md and ")
                + _("a-lesson/01-a-step.md (small letters a to z, digits and -)."),
            )
        )
        return None
    try:
        parts = split(path, decode(path, raw))
        located = read_yaml(path, parts.front, 2)
    except BadCourse as error:
        faults += error.faults
        return None
    return CourseFile(path, located.data, located.lines, parts.sections)


def in_words(entry: Any) -> str:
    """One error of pydantic as an author reads it."""
    name = next((str(part) for part in reversed(entry["loc"]) if isinstance(part, str)), "")
    kind = entry["type"]
    if name in SECTION_OF and kind in ("missing", "too_short"):
        return _("The section “# %s” is missing.") % SECTION_OF[name]
    if kind == "missing":
        return _("“%s” is missing.") % name
    if kind == "extra_forbidden":
        return _("“%s” is not known here.") % name
    if kind == "string_type":
        return _("“%s” must be text; put numbers and words like yes in quotes.") % name
    message = str(entry["msg"]).removeprefix("Value error, ")
    return f"{name}: {message}" if name and kind != "value_error" else message
