"""``manage.py describe_parameters > docs/parameters.md``: every number of the engine."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation
from django.utils.text import capfirst

from tutor_emotion import parameter_words as words
from tutor_emotion.core.parameters import CATALOGUE, OWN_FIELD, Parameter

HEAD = """# Parameters of the engine

Every number that the engine goes by. A course's policy may move each of them, in the admin under
the course (the groups that are folded), or as `Policy.parameters`, a table of names and numbers:
what is not in it is as here. A value out of its bounds, a name that is none, or two that do not
fit together are refused with `bad_policy` and the parameter's name. This page is written by
`manage.py describe_parameters`; a test keeps it true.

*From* is where a figure comes from: § is a section of the research notes ([engine.md](engine.md)
tells which), [D] a design default that no study gives. Bounds are [D].
"""
TABLE = "| name | default | unit | bounds | from | what it does |\n|---|---|---|---|---|---|\n"


class Command(BaseCommand):
    help = "Print every parameter of the engine as a Markdown page."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")


def page() -> str:
    """The whole page, in English."""
    with translation.override("en"):
        return HEAD + "".join(map(_group, words.GROUPS))


def _group(group: str) -> str:
    title, about = words.GROUPS[group]
    rows = [_row(p) for p in CATALOGUE.values() if p.group == group]
    return f"\n## {title}\n\n{about}\n\n{TABLE}{''.join(rows)}"


def _row(p: Parameter) -> str:
    own = OWN_FIELD.get(p.name)
    label = capfirst(words.label(p))
    what = f"{label}. {words.WORDS[p.base][1]}"
    if own:
        what = f"{label}. Set by the policy's own field `{own}`."
    bounds = f"{p.low:g} to {p.high:g}"
    figure = words.figure(p.default)
    return f"| `{p.name}` | {figure} | {words.unit(p)} | {bounds} | {p.source} | {what} |\n"
