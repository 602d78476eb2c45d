"""A course's policy and a site's phrases."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from tutor_emotion.conf import get_settings
from tutor_emotion.core.lexicon import SHIPPED, Lexicon, edited, read_folder
from tutor_emotion.errors import BadInput
from tutor_emotion.models import Course, LexiconEdit, Policy

ADMIN_TEXT = "the admin's text"
log = logging.getLogger(__name__)


def policy_of(course: Course) -> Policy:
    """The course's policy; the defaults where nobody has written one."""
    return Policy.objects.filter(course=course).first() or Policy(course=course)


def lexicon() -> Lexicon:
    """The shipped phrases under this site's files and the text in its admin.

    Should one of them not be readable (written past the admin's form), the shipped ones stand:
    nothing that alarms is lost by it.
    """
    edit = LexiconEdit.objects.order_by("pk").values_list("text", flat=True).first()
    try:
        return lexicon_with(edit or "")
    except BadInput as error:
        log.warning("the site's phrases are impossible, the shipped ones stand: %s", error.code)
        return SHIPPED


def lexicon_with(text: str) -> Lexicon:
    """As ``lexicon``, with ``text`` in place of the admin's.

    Raises:
        BadInput: ``bad_lexicon``, naming the file (or the admin) and the line.
    """
    folder = get_settings().LEXICON_DIR
    texts = _lexicon_files(folder) if folder else ()
    return edited(*texts, *([(ADMIN_TEXT, text)] if text.strip() else []))


@lru_cache(maxsize=1)
def _lexicon_files(folder: Path) -> tuple[tuple[str, str], ...]:
    return tuple((edit.name, edit.text) for edit in read_folder(folder))
