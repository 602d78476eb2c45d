"""The German catalogue: what is compiled is what is written, and it leaves no blank."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import tutor_emotion

FOLDER = Path(tutor_emotion.__file__).parent / "locale" / "de" / "LC_MESSAGES"
FIELD = re.compile(r'^(msg\w+(?:\[\d\])?) ((?:"[^\n]*"\n?)+)', re.MULTILINE)
PLACEHOLDER = re.compile(r"%\(\w+\)\w|%%")


def written() -> dict[str, list[str]]:
    """Source text (with its context) → German forms, as the .po has them."""
    entries = {}
    for block in (FOLDER / "django.po").read_text(encoding="utf-8").split("\n\n"):
        fields = {
            name: "".join(ast.literal_eval(line) for line in text.strip().split("\n"))
            for name, text in FIELD.findall(block)
        }
        if source := fields.get("msgid"):
            context = fields.get("msgctxt")
            german = [text for name, text in fields.items() if name.startswith("msgstr")]
            entries[f"{context}\x04{source}" if context else source] = german
    return entries


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    entries = written()
    assert len(entries) > 100
    for source, german in entries.items():
        context, _, text = source.rpartition("\x04")
        if len(german) == 2:
            assert [compiled.ngettext(text, "", n) for n in (1, 2)] == german
        elif context:
            assert [compiled.pgettext(context, text)] == german
        else:
            assert [compiled.gettext(text)] == german


def test_every_entry_is_translated_and_keeps_its_blanks() -> None:
    for source, german in written().items():
        for text in german:
            assert text.strip()
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(source)), source
