"""System checks, each with an id and a hint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register

from tutor_emotion.conf import get_settings
from tutor_emotion.core.lexicon import SHIPPED, combined, read_folder
from tutor_emotion.errors import TutorEmotionError

SCRIPTS = ("learner.js", "classroom.js")


@register("tutor_emotion")
def settings_are_valid(**_: Any) -> list[CheckMessage]:
    try:
        get_settings()
    except TutorEmotionError as error:
        return [Error(error.message, hint=error.hint, id="tutor_emotion.E001")]
    return []


@register("tutor_emotion")
def phrases_are_readable(**_: Any) -> list[CheckMessage]:
    try:
        folder = get_settings().LEXICON_DIR
        if folder is not None:
            combined(read_folder(folder), SHIPPED.phrases)
    except TutorEmotionError as error:
        if error.code != "bad_lexicon":  # the settings' own check says it
            return []
        return [Error(error.message, hint=error.hint, id="tutor_emotion.E002")]
    return []


@register("tutor_emotion")
def scripts_are_built(**_: Any) -> list[CheckMessage]:
    """A package built from a clone without them installs well, and then shows empty pages."""
    return missing_scripts(Path(__file__).parent / "static" / "tutor_emotion" / "dist")


def missing_scripts(folder: Path) -> list[CheckMessage]:
    missing = [name for name in SCRIPTS if not (folder / name).is_file()]
    if not missing:
        return []
    said = f"{' and '.join(missing)} not there: the learner's panel and the classroom stay empty."
    hint = "Run `make setup` in the clone of tutor_emotion, then install from it again."
    return [Warning(said, hint=hint, id="tutor_emotion.W001")]
