"""What is wrong with a course's files, each fault with its file and line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tutor_emotion.errors import BadInput

MAX_SHOWN = 30


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault. ``line`` counts from 1; 0 where it is the file as a whole."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        if not self.line:
            return f"{self.file}: {self.message}"
        return _("%(file)s, line %(line)d: %(message)s") % {
            "file": self.file,
            "line": self.line,
            "message": self.message,
        }


class BadCourse(BadInput):
    """``bad_course``: every fault that was found, one a line; at most MAX_SHOWN are told."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        lines = [str(fault) for fault in self.faults[:MAX_SHOWN]]
        if len(self.faults) > MAX_SHOWN:
            lines.append(_("… and %(n)d more") % {"n": len(self.faults) - MAX_SHOWN})
        super().__init__("bad_course", "\n".join(lines))
