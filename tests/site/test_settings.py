"""The one door for settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import BadInput
from tutor_emotion.management.commands import (
    describe_parameters,
    describe_protocol,
    describe_settings,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("subject", [describe_settings, describe_protocol, describe_parameters])
def test_the_pages_are_true(subject: Any) -> None:
    command = subject.__name__.rsplit(".", 1)[-1]
    name = command.removeprefix("describe_")
    written = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert written == subject.page(), f"run: manage.py {command} > docs/{name}.md"


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
