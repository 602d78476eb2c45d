"""A course's policy and a site's phrases."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from tutor_emotion.conf import get_settings
from tutor_emotion.core.config import PacingConfig
from tutor_emotion.core.lexicon import SHIPPED, Lexicon, edited, read_folder
from tutor_emotion.core.pace import Effects, effects
from tutor_emotion.core.parameters import CATALOGUE, overridden
from tutor_emotion.errors import BadInput
from tutor_emotion.models import Course, LexiconEdit, Policy

_PACE = frozenset(name for name in CATALOGUE if name.startswith("pacing."))
ADMIN_TEXT = "the admin's text"
log = logging.getLogger(__name__)


def policy_of(course: Course) -> Policy:
    """The course's policy; the defaults where nobody has written one."""
    return Policy.objects.filter(course=course).first() or Policy(course=course)


def pace_effects(course_key: str, pace: int) -> Effects:
    """What a pace of -2..+2 changes in lessons of this course, under its policy.

    Should the policy's numbers be impossible (written past the admin's form), the defaults stand.
    """
    kept = (
        Policy.objects.filter(course__key=course_key).values_list("parameters", flat=True).first()
    )
    ours = {k: v for k, v in kept.items() if k in _PACE} if isinstance(kept, dict) else {}
    try:
        return effects(pace, overridden({"pacing": PacingConfig()}, ours)["pacing"])
    except BadInput as error:
        log.warning("the pace of a course is impossible, its defaults stand: %s", error.code)
        return effects(pace, PacingConfig())


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
