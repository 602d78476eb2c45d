"""The server's catalogues: what is compiled is what is written, and none leaves a blank."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest

import tutor_emotion

HERE = Path(tutor_emotion.__file__).parent
CATALOGUES = sorted(HERE.glob("**/locale/*/LC_MESSAGES/django.po"))
LANGUAGES = ("ar", "de")
FIELD = re.compile(r'^(msg\w+(?:\[\d\])?) ((?:"[^\n]*"\n?)+)', re.MULTILINE)
PLACEHOLDER = re.compile(r"%\(\w+\)\w|%[sd]|%%|\{\w+\}")

each = pytest.mark.parametrize(
    "catalogue", CATALOGUES, ids=lambda path: str(path.relative_to(HERE).parents[1])
)


def written(catalogue: Path) -> list[dict[str, str]]:
    """The entries of a .po, each by the names of its fields."""
    entries = []
    for block in catalogue.read_text(encoding="utf-8").split("\n\n"):
        fields = {
            name: "".join(ast.literal_eval(line) for line in text.strip().split("\n"))
            for name, text in FIELD.findall(block)
        }
        if fields.get("msgid"):
            entries.append(fields)
    return entries


def forms(entry: dict[str, str]) -> list[str]:
    return [text for name, text in entry.items() if name.startswith("msgstr")]


def test_each_app_speaks_each_language_and_all_say_the_same() -> None:
    apps = {path.parents[2] for path in CATALOGUES}
    assert len(apps) == 3
    for app in apps:
        sources = [
            {
                (e.get("msgctxt"), e["msgid"])
                for e in written(app / lang / "LC_MESSAGES" / "django.po")
            }
            for lang in LANGUAGES
        ]
        assert sources[0] == sources[1]


@each
def test_the_compiled_catalogue_is_the_written_one(catalogue: Path) -> None:
    with catalogue.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    entries = written(catalogue)
    assert len(entries) > 20
    for entry in entries:
        context, source, plural = entry.get("msgctxt"), entry["msgid"], entry.get("msgid_plural")
        if plural:
            said = {
                compiled.npgettext(context, source, plural, n)
                if context
                else compiled.ngettext(source, plural, n)
                for n in range(120)
            }
            assert said == set(forms(entry))
        elif context:
            assert compiled.pgettext(context, source) == forms(entry)[0]
        else:
            assert compiled.gettext(source) == forms(entry)[0]


@each
def test_every_entry_is_translated_and_keeps_its_blanks(catalogue: Path) -> None:
    for entry in written(catalogue):
        source = entry.get("msgid_plural", entry["msgid"])
        # A form for one or two may say the number in a word.
        wanted = set(PLACEHOLDER.findall(source))
        for text in forms(entry):
            assert text.strip(), source
            found = set(PLACEHOLDER.findall(text))
            missing = wanted - found
            assert found <= wanted, source
            assert not missing or ("msgid_plural" in entry and len(missing) == 1), source


@each
def test_nothing_is_marked_as_a_guess(catalogue: Path) -> None:
    assert "#, fuzzy" not in catalogue.read_text(encoding="utf-8")
