"""Corpora that say in a file's name who speaks and how: read where every file is named so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Naming:
    """``pattern`` finds ``subject`` and ``label`` in a file's name; ``name`` is also that of the
    label map (``labels/<name>.toml``)."""

    name: str
    pattern: re.Pattern[str]

    def subject(self, file: str) -> str:
        return self._part(file, "subject")

    def label(self, file: str) -> str:
        return self._part(file, "label")

    def _part(self, file: str, part: str) -> str:
        found = self.pattern.match(file)
        return found[part] if found else ""


# As each corpus's own documentation describes its file names.
NAMINGS = tuple(
    Naming(name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("emodb", r"(?P<subject>\d\d)[ab]\d\d(?P<label>[WLEAFTN])[a-z]?\."),
        ("crema-d", r"(?P<subject>\d{4})_[a-z]{3}_(?P<label>ANG|DIS|FEA|HAP|NEU|SAD)_[a-z]+\."),
        ("ravdess", r"\d\d-\d\d-(?P<label>\d\d)-\d\d-\d\d-\d\d-(?P<subject>\d\d)\."),
        ("emovo", r"(?P<label>dis|gio|neu|pau|rab|sor|tri)-(?P<subject>[mf]\d)-\w+\."),
        ("savee", r"(?P<subject>DC|JE|JK|KL)_(?P<label>sa|su|[adfhn])\d+\."),
        ("tess", r"(?P<subject>OAF|YAF)_\w+_(?P<label>[a-z]+)\."),
    )
)


def naming_of(files: Sequence[str]) -> Naming | None:
    """The corpus as whose files all of these are named, if there is one."""
    fitting = (n for n in NAMINGS if files and all(n.pattern.match(file) for file in files))
    return next(fitting, None)
