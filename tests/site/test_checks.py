"""System checks: what a host forgot is said at its start, with what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from tutor_emotion.checks import (
    HISTORY,
    SCRIPTS,
    changes_are_signed,
    missing_scripts,
    omni_can_be,
)


def test_a_package_with_its_scripts_is_left_in_peace(tmp_path: Path) -> None:
    for name in SCRIPTS:
        (tmp_path / name).write_text("export {};")
    assert missing_scripts(tmp_path) == []


def test_a_clone_that_was_never_set_up_is_told_how(tmp_path: Path) -> None:
    (tmp_path / "learner.js").write_text("export {};")
    (warning,) = missing_scripts(tmp_path)
    assert warning.id == "tutor_emotion.W001"
    assert "classroom.js" in warning.msg
    assert "learner.js" not in warning.msg
    assert warning.hint is not None
    assert "make setup" in warning.hint


def test_a_folder_that_is_not_there_is_no_crash(tmp_path: Path) -> None:
    assert len(missing_scripts(tmp_path / "dist")) == 1


# --- the history ----------------------------------------------------------------------------------


def test_a_host_that_signs_its_changes_is_left_in_peace() -> None:
    assert changes_are_signed() == []


@pytest.mark.parametrize(
    ("setting", "without", "check"),
    [
        ("INSTALLED_APPS", "simple_history", "tutor_emotion.W002"),
        ("MIDDLEWARE", HISTORY, "tutor_emotion.W003"),
    ],
)
def test_a_host_that_forgot_the_history_is_told_where_it_goes(
    settings: Any, setting: str, without: str, check: str
) -> None:
    left = [name for name in getattr(django_settings, setting) if name != without]
    setattr(settings, setting, left)
    (warning,) = changes_are_signed()
    assert warning.id == check
    assert warning.hint is not None
    assert without in warning.hint
    assert setting in warning.hint


# --- omni models ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "ids"),
    [
        ({}, []),
        ({"RUNNER": "omni-mini"}, []),
        ({"RUNNER": "r1-omni", "R1_OMNI_FOLDER": "/srv/not-here-but-with-the-worker"}, []),
        ({"SHADOW_RUNNER": "omni-mini"}, []),
        ({"RUNNER": "r1-omni"}, ["tutor_emotion.E007"]),
        ({"SHADOW_RUNNER": "r1-omni"}, ["tutor_emotion.E007"]),
        ({"SHADOW_RUNNER": "compact"}, ["tutor_emotion.E008"]),
        ({"R1_OMNI_LABELS": "feelings"}, ["tutor_emotion.E006"]),
        ({"REASON_WINDOW_S": 10}, ["tutor_emotion.W006"]),
        ({"REASON_WINDOW_S": 10, "RUNNER": "omni-mini"}, []),
        ({"R1_OMNI_SOUND_S": 7}, []),  # the settings' own check says it
    ],
)
def test_what_is_set_of_omni_models_fits_together(
    settings: Any, ours: dict[str, Any], ids: list[str]
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"RUNNER": "compact"} | ours
    found = omni_can_be()
    assert [check.id for check in found] == ids
    assert all(check.hint for check in found)
