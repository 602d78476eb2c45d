"""The documents that a school needs, filled with what is true of this deployment."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import translation

from tutor_emotion.documents.facts import Facts
from tutor_emotion.errors import BadInput
from tutor_emotion.words import MODALITY_LABELS

# Those for authorities are in English; those for learners and parents in each language of the site.
DOCUMENTS = ("dpia", "ai-act-technical-file", "fria", "notice", "coppa-retention", "bipa-release")
TRANSLATED = ("notice", "bipa-release")


def written(facts: Facts, *, language: str = "en", day: date | None = None) -> dict[str, str]:
    """File name → Markdown. The same facts, the same texts; ``day`` is only there where given."""
    pages: dict[str, str] = {}
    for name in DOCUMENTS:
        with translation.override(language if name in TRANSLATED else "en"):
            labels = [str(MODALITY_LABELS[modality]) for modality in facts.possible]
            context = {"facts": facts, "date": day and day.isoformat(), "labels": labels}
            text = render_to_string(f"tutor_emotion/documents/{name}.md", context)
        pages[f"{name}.md"] = _tidy(text)
    return pages


def write(folder: Path, pages: dict[str, str]) -> list[Path]:
    """Put them into ``folder``, over those of an earlier time.

    Raises:
        BadInput: ``not_writable``.
    """
    paths = [folder / name for name in pages]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, pages.values(), strict=True):
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(
            "not_writable", f"{folder} cannot be written to: {error.strerror}."
        ) from None
    return paths


def _tidy(text: str) -> str:
    """Tags leave empty lines and spaces behind; Markdown means something by them."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"
