"""A file in its parts: front matter, then Markdown in sections that begin with ``# Name``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tutor_emotion.lessons.content.faults import BadCourse, Fault

_HEADING = re.compile(r"# +(?P<name>\S.*)")
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)")


@dataclass(frozen=True, slots=True)
class Section:
    """Text under a heading; ``name`` is empty before the first. ``line`` is its text's first."""

    name: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Parts:
    """``front`` is the YAML text, which begins at line 2."""

    front: str
    sections: list[Section]


def decode(file: str, raw: bytes) -> str:
    """UTF-8 (a byte order mark and Windows line ends are fine).

    Raises:
        BadCourse: another encoding, or a character that no text has.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadCourse([Fault(file, line, _("Not UTF-8. Save the file as UTF-8."))]) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise BadCourse([Fault(file, line, _("There is a NUL character in the text."))])
    return text


def split(file: str, text: str) -> Parts:
    """Front matter and sections.

    Raises:
        BadCourse: no front matter, or a block of ``` that is never closed.
    """
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise BadCourse([Fault(file, 1, _("The file must begin with a line ---."))])
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise BadCourse([Fault(file, 1, _("The second line --- is missing."))])
    body = lines[end + 1 :]
    headings, open_fence = scan(body)
    if open_fence is not None:
        line = end + 2 + open_fence
        raise BadCourse([Fault(file, line, _("This block of ``` is never closed."))])
    return Parts("\n".join(lines[1:end]), _sections(body, headings, end + 2))


def scan(lines: list[str]) -> tuple[list[int], int | None]:
    """Indices of the lines that are ``# headings``, and of a fence that stays open."""
    headings: list[int] = []
    fence, opened = "", 0
    for index, line in enumerate(lines):
        match = _FENCE.fullmatch(line)
        if fence:
            if match and match["mark"].startswith(fence) and not match["info"].strip():
                fence = ""
        elif match and not ("`" in match["info"] and match["mark"][0] == "`"):
            fence, opened = match["mark"], index
        elif _HEADING.fullmatch(line):
            headings.append(index)
    return headings, opened if fence else None


def _sections(body: list[str], headings: list[int], first_line: int) -> list[Section]:
    starts = [-1, *headings]
    ends = [*headings, len(body)]
    return [_section(body, start, end, first_line) for start, end in zip(starts, ends, strict=True)]


def _section(body: list[str], start: int, end: int, first_line: int) -> Section:
    name = body[start].removeprefix("#").strip() if start >= 0 else ""
    at = next((n for n in range(start + 1, end) if body[n].strip()), max(start, 0))
    return Section(name, first_line + at, trimmed("\n".join(body[start + 1 : end])))


def trimmed(text: str) -> str:
    """Without empty lines before and space after."""
    return re.sub(r"\A(?:[^\S\n]*\n)+", "", text).rstrip()
