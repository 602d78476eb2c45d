"""Labels are few and closed, whatever is given to them."""

from __future__ import annotations

import logging
import re

import pytest
from prometheus_client import REGISTRY

from tutor_emotion import faults
from tutor_emotion.telemetry import metrics
from tutor_emotion.telemetry.families import FAMILIES, OTHER, Names


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_listed_value_is_counted_under_its_name() -> None:
    before = value("tutor_emotion_frames_dropped_total", why="replaced")
    metrics.FRAMES_DROPPED.labels(why="replaced").inc()
    assert value("tutor_emotion_frames_dropped_total", why="replaced") == before + 1


def test_every_listed_combination_begins_at_zero() -> None:
    assert (
        REGISTRY.get_sample_value(
            "tutor_emotion_signals_total", {"kind": "wheelspin", "edge": "cleared"}
        )
        is not None
    )


def test_a_browser_cannot_make_a_series_with_a_close_code_of_its_own() -> None:
    before = value("tutor_emotion_sockets_closed_total", room="learner", code=OTHER)
    for code in range(3000, 3050):
        metrics.SOCKETS_CLOSED.labels(room="learner", code=code).inc()
    assert value("tutor_emotion_sockets_closed_total", room="learner", code=OTHER) == before + 50
    assert (
        REGISTRY.get_sample_value(
            "tutor_emotion_sockets_closed_total", {"room": "learner", "code": "3001"}
        )
        is None
    )


def test_names_are_bounded_in_number_and_look() -> None:
    names = Names(most=3)
    assert [f"Error{n}" in names for n in range(5)] == [True, True, True, False, False]
    assert "Error0" in names
    fresh = Names()
    refused = ("", "ada@example.org", "two words", "x" * 61, "../etc", "line\nbreak")
    assert not any(name in fresh for name in refused)


def test_a_fault_is_counted_by_its_type_alone(caplog: pytest.LogCaptureFixture) -> None:
    before = value("tutor_emotion_faults_total", error="KeyError")
    faults.note(logging.getLogger(__name__), "a test", KeyError("Ada"))
    assert value("tutor_emotion_faults_total", error="KeyError") == before + 1


def test_every_metric_says_what_it_is_and_in_which_unit() -> None:
    for family in FAMILIES.values():
        assert re.fullmatch(r"tutor_emotion_[a-z_]+", family.name)
        assert family.help.endswith("."), family.name
        assert family.kind != "counter" or family.name.endswith("_total")
        assert family.kind != "histogram" or family.name.endswith(("_seconds", "_windows"))


def test_no_label_could_name_a_person() -> None:
    telling = {"learner", "user", "session", "course", "class", "school", "address", "ip", "lesson"}
    for family in FAMILIES.values():
        assert not telling & family.labels.keys(), family.name
