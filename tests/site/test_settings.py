"""The one door for settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import BadInput
from tutor_emotion.management.commands.describe_settings import page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_settings_is_true() -> None:
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == page(), "run: manage.py describe_settings > docs/settings.md"


def test_a_misspelt_key_is_named_with_the_nearest_one(settings: Any) -> None:
    settings.TUTOR_EMOTION = {"JURISDICTON": "eu_institution"}
    with pytest.raises(BadInput) as caught:
        get_settings()
    assert "JURISDICTON" in caught.value.message
    assert caught.value.hint == "Did you mean JURISDICTION?"
    (error,) = [e for e in run_checks() if e.id == "tutor_emotion.E001"]
    assert error.hint == caught.value.hint


@pytest.mark.parametrize(
    "bad",
    [{"MAX_BATCH": 0}, {"FRAMES_PER_S": -1}, {"RUNNER": "magic"}, {"WINDOW_TTL_S": "soon"}],
)
def test_impossible_values_fail_at_start(settings: Any, bad: dict[str, Any]) -> None:
    settings.TUTOR_EMOTION = bad
    (error,) = [e for e in run_checks() if e.id == "tutor_emotion.E001"]
    assert next(iter(bad)) in error.msg
