"""System checks, each with an id and a hint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils import timezone

from tutor_emotion.conf import OMNI, get_settings
from tutor_emotion.core.lexicon import SHIPPED, combined, read_folder
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.jurisdictions import profiles
from tutor_emotion.nets.r1_omni.labels import of_checkpoint
from tutor_emotion.sealing import master_boxes

HISTORY = "simple_history.middleware.HistoryRequestMiddleware"
SCRIPTS = ("learner.js", "classroom.js", "timeline.js")


@register("tutor_emotion")
def settings_are_valid(**_: Any) -> list[CheckMessage]:
    try:
        get_settings()
    except TutorEmotionError as error:
        return [Error(error.message, hint=error.hint, id="tutor_emotion.E001")]
    return []


@register("tutor_emotion")
def keys_are_there(**_: Any) -> list[CheckMessage]:
    """A learner's key can be sealed, and there is a database to keep it in."""
    try:
        here = get_settings()
        master_boxes(here.MASTER_KEYS)
    except TutorEmotionError as error:
        if error.code == "bad_settings":  # the settings' own check says it
            return []
        return [Error(error.message, hint=error.hint, id="tutor_emotion.E003")]
    if here.KEY_DATABASE not in settings.DATABASES:
        said = f"TUTOR_EMOTION['KEY_DATABASE'] names no database: {here.KEY_DATABASE}."
        return [Error(said, hint="Add it to DATABASES.", id="tutor_emotion.E004")]
    return []


@register("tutor_emotion")
def law_is_readable(**_: Any) -> list[CheckMessage]:
    """The table of the law is whole, and somebody has read that of this site lately."""
    try:
        here = profiles().get(get_settings().JURISDICTION)
    except TutorEmotionError as error:
        if error.code == "bad_settings":  # the settings' own check says it
            return []
        return [Error(error.message, hint=error.hint, id="tutor_emotion.E005")]
    if here is None:
        said = "TUTOR_EMOTION['JURISDICTION'] names no profile: there is no such law."
        hint = f"Choose one of {', '.join(profiles())}."
        return [Error(said, hint=hint, id="tutor_emotion.E009")]
    if here.expired(timezone.localdate()):
        said = f"The profile {here.name} was to be reviewed by {here.review_by}: no face, no voice."
        hint = "Read its law again, then its row of jurisdictions.toml; a newer release may have."
        return [Warning(said, hint=hint, id="tutor_emotion.W005")]
    return []


@register("tutor_emotion")
def omni_can_be(**_: Any) -> list[CheckMessage]:
    """What is set of omni models fits together. Whether the checkpoint is whole, the worker says:
    a web process may not even have its folder."""
    try:
        here = get_settings()
        of_checkpoint(here.R1_OMNI_FOLDER or Path(), here.R1_OMNI_LABELS)
    except TutorEmotionError as error:
        if error.code == "bad_settings":  # the settings' own check says it
            return []
        return [Error(error.message, hint=error.hint, id="tutor_emotion.E006")]
    found: list[CheckMessage] = []
    runners = (here.RUNNER, here.SHADOW_RUNNER)
    if "r1-omni" in runners and here.R1_OMNI_FOLDER is None:
        said = "The Runner r1-omni has no checkpoint."
        hint = (
            "Set TUTOR_EMOTION['R1_OMNI_FOLDER'] to a folder that `manage.py r1_omni check` took."
        )
        found.append(Error(said, hint=hint, id="tutor_emotion.E007"))
    if here.SHADOW_RUNNER == here.RUNNER:
        said = "TUTOR_EMOTION['SHADOW_RUNNER'] is RUNNER itself: it would agree with itself."
        found.append(Error(said, hint="Name another Runner, or none.", id="tutor_emotion.E008"))
    if here.REASON_WINDOW_S and here.RUNNER not in OMNI:
        said = f"REASON_WINDOW_S keeps Windows for reasons, and {here.RUNNER} gives none."
        hint = "Set it to 0: what is kept for nothing should not be kept."
        found.append(Warning(said, hint=hint, id="tutor_emotion.W006"))
    return found


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


@register("tutor_emotion")
def changes_are_signed(**_: Any) -> list[CheckMessage]:
    """Without these two every change is still written down, but nobody's name stands beside it."""
    found: list[CheckMessage] = []
    if not apps.is_installed("simple_history"):
        said = "simple_history is not installed: the commands that tidy old changes are missing."
        hint = 'Add "simple_history" to INSTALLED_APPS.'
        found.append(Warning(said, hint=hint, id="tutor_emotion.W002"))
    if HISTORY not in settings.MIDDLEWARE:
        said = "Changes of courses, policies and classes are kept without who made them."
        hint = f'Add "{HISTORY}" to MIDDLEWARE, after the authentication.'
        found.append(Warning(said, hint=hint, id="tutor_emotion.W003"))
    return found
