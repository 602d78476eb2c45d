"""``manage.py describe_settings > docs/settings.md``: every setting, from its own definition."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from pydantic.fields import FieldInfo

from tutor_emotion.conf import Settings

HEAD = """# Settings

All settings are keys of one dictionary, `TUTOR_EMOTION`, in the Django settings. An unknown key or
an impossible value stops the start with system check `tutor_emotion.E001` and names the nearest
known key. This page is written by `manage.py describe_settings`; a test keeps it true.

What a *course* does (modalities, thresholds, budgets, adaptations, pause) is not here: a teacher
sets it in the admin, on the course's policy.

| key | type | default | limits | what it does |
|---|---|---|---|---|
"""


class Command(BaseCommand):
    help = "Print every setting of TUTOR_EMOTION as a Markdown page."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_row(key, field) for key, field in Settings.model_fields.items())


def _limit(item: Any) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    return ", ".join(f"{sign} {getattr(item, n)}" for n, sign in signs.items() if hasattr(item, n))


def _row(key: str, field: FieldInfo) -> str:
    kind = str(field.annotation).replace("typing.", "").replace("<class '", "").replace("'>", "")
    kind = kind.replace("pathlib._local.", "").replace("pathlib.", "")
    default = "`[]`" if field.default_factory else f"`{field.default}`"
    limits = ", ".join(_limit(item) for item in field.metadata)
    return f"| `{key}` | {kind} | {default} | {limits} | {field.description} |\n"
