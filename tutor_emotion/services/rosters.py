"""A school's list of people, a file or pasted lines, read into rows. Nothing is looked up here.

Columns are known by their names in English, German or Arabic, in any order; others are passed by.
A list without a header and with one column is taken for people, one a line.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from django.utils.translation import gettext as _

from tutor_emotion.errors import BadInput
from tutor_emotion.models import checked_group
from tutor_emotion.services.ages import read_age

MAX_BYTES = 1_000_000
MAX_ROWS = 10_000
MAX_CELL = 254  # the longest e-mail address
DELIMITERS = (",", ";", "\t")
# A spreadsheet takes what begins so for a formula; as a name it would bite whoever exports it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Column: TypeAlias = Literal[
    "username", "email", "first_name", "last_name", "class", "role", "age", "fairness_group"
]
Role: TypeAlias = Literal["learner", "teacher", "co_teacher"]
COLUMNS: dict[Column, tuple[str, ...]] = {
    "username": ("username", "user", "login", "benutzername", "benutzer", "اسم المستخدم"),
    "email": ("email", "mail", "emailaddress", "emailadresse", "البريد الإلكتروني", "البريد"),
    "first_name": ("firstname", "givenname", "vorname", "الاسم الأول", "الاسم"),
    "last_name": ("lastname", "surname", "familyname", "nachname", "اسم العائلة"),
    "class": ("class", "classname", "group", "klasse", "gruppe", "الصف", "الفصل"),
    "role": ("role", "rolle", "الدور"),
    "fairness_group": ("fairnessgroup", "vergleichsgruppe", "مجموعة المقارنة"),
    "age": ("age", "ageband", "alter", "altersgruppe", "العمر", "الفئة العمرية"),
}
ROLES: dict[Role, tuple[str, ...]] = {
    "learner": ("", "learner", "student", "pupil", "schüler", "schülerin", "متعلم", "طالب"),
    "teacher": ("teacher", "lehrer", "lehrerin", "lehrkraft", "معلم", "معلمة"),
    "co_teacher": ("coteacher", "assistant", "colehrkraft", "vertretung", "معلم مساعد"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list, counted from 1. ``role`` is as written where nobody knows it;
    ``age_band`` and ``group`` are empty where the list says nothing."""

    line: int
    username: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    class_name: str = ""
    role: str = "learner"
    age_band: str = ""
    group: str = ""
    fault: str = ""

    @property
    def person(self) -> str:
        return self.username or self.email


@dataclass(frozen=True, slots=True)
class Roster:
    """The rows of a list, and what had to be guessed to read it."""

    rows: tuple[Row, ...]
    encoding: str


def read_roster(raw: bytes) -> Roster:
    """The rows of an uploaded file.

    Raises:
        BadInput: ``roster_too_large``, ``bad_roster``; what is wrong with one row is in the row.
    """
    if len(raw) > MAX_BYTES:
        text = _("The file is larger than %(mb)d MB.") % {"mb": MAX_BYTES // 1_000_000}
        raise BadInput("roster_too_large", text, hint=_("Split it, or remove other columns."))
    text, encoding = _decoded(raw)
    lines = [line for line in _lines(text) if line.strip()]
    if not lines:
        raise BadInput("bad_roster", _("The list is empty."))
    skipped = 1 if lines[0].lower().startswith("sep=") else 0  # what Excel writes for itself
    head = lines[skipped] if len(lines) > skipped else ""
    delimiter, columns = _header(head)
    if columns is None:
        return Roster(_plain_rows(text), encoding)
    return Roster(_rows(text, delimiter, columns, skip=skipped + 1), encoding)


def _decoded(raw: bytes) -> tuple[str, str]:
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if raw.startswith(mark):
            return _strictly(raw, name), "UTF-16"
    if b"\0" in raw:
        raise _not_text()
    try:
        return raw.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return _strictly(raw, "cp1252"), "Windows-1252"


def _strictly(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise _not_text() from None


def _not_text() -> BadInput:
    hint = _("In a spreadsheet: save as CSV (UTF-8), not as a workbook.")
    return BadInput("bad_roster", _("This is not a text file."), hint=hint)


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c not in "-_ .\u0640\ufeff")


_BY_NAME = {_key(name): column for column, names in COLUMNS.items() for name in names}
_BY_ROLE = {_key(name): role for role, names in ROLES.items() for name in names}


def _header(head: str) -> tuple[str, list[Column | None] | None]:
    """The delimiter under which the header names most columns; None where it is no header."""
    best: tuple[str, list[Column | None]] = (",", [])
    for delimiter in DELIMITERS:
        cells = next(csv.reader([head], delimiter=delimiter), [])
        columns = [_BY_NAME.get(_key(cell)) for cell in cells]
        if sum(map(bool, columns)) > sum(map(bool, best[1])):
            best = (delimiter, columns)
    delimiter, columns = best
    if "username" in columns or "email" in columns:
        named = [column for column in columns if column]
        if len(named) != len(set(named)):
            raise BadInput("bad_roster", _("Two columns have the same name."))
        return delimiter, columns
    if columns or any(delimiter in head for delimiter in DELIMITERS):
        hint = _("The first line names the columns; one of them is username or email.")
        raise BadInput("bad_roster", _("No column says who it is."), hint=hint)
    return delimiter, None


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _plain_rows(text: str) -> tuple[Row, ...]:
    lines = [(n, line) for n, line in enumerate(_lines(text), start=1) if line.strip()]
    if len(lines) > MAX_ROWS:
        raise _too_many()
    return tuple(_row(n, [line], ["username"]) for n, line in lines)


def _too_many() -> BadInput:
    said = _("The list has more than %(n)d rows.") % {"n": MAX_ROWS}
    return BadInput("roster_too_large", said, hint=_("Split it."))


def _rows(text: str, delimiter: str, columns: list[Column | None], *, skip: int) -> tuple[Row, ...]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if skip:
                skip -= 1
                continue
            if len(rows) == MAX_ROWS:
                raise _too_many()
            rows.append(_row(reader.line_num, cells, columns))
    except csv.Error:
        said = _("Line %(line)d cannot be read: a quotation mark is open or out of place.")
        raise BadInput("bad_roster", said % {"line": reader.line_num}) from None
    if not rows:
        raise BadInput("bad_roster", _("The list has a header and no rows."))
    return tuple(rows)


def _row(line: int, cells: list[str], columns: Sequence[Column | None]) -> Row:
    values = {c: cell.strip() for c, cell in zip(columns, cells, strict=False) if c}
    if any(len(value) > MAX_CELL or "\n" in value for value in values.values()):
        return Row(line, fault=_("A cell is too long, or has a line break in it."))
    username, email = values.get("username", ""), values.get("email", "")
    if not username and not email:
        return Row(line, fault=_("Nobody is named."))
    written = values.get("role", "")
    fault = "" if _key(written) in _BY_ROLE else _("Nobody has the role “%s” here.") % written
    age_band = group = ""
    try:
        age_band = read_age(values.get("age", ""))
        group = checked_group(values.get("fairness_group", ""))
    except BadInput as error:
        fault = fault or _(error.message)
    return Row(
        line,
        username=username,
        email=email,
        first_name=values.get("first_name", ""),
        last_name=values.get("last_name", ""),
        class_name=values.get("class", ""),
        role=_BY_ROLE.get(_key(written), written),
        age_band=age_band,
        group=group,
        fault=fault,
    )
