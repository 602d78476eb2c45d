"""A line of JSON says what happened and never what an exception says."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from tutor_emotion.demo.strangers import NoSocketsAddress
from tutor_emotion.telemetry.logs import JsonFormatter


@pytest.fixture
def written() -> Any:
    """Logs with a logger of that name; the object that was written."""

    def write(name: str, act: Any) -> dict[str, Any]:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(JsonFormatter())
        handler.addFilter(NoSocketsAddress())
        log = logging.Logger(name)
        log.addHandler(handler)
        act(log)
        lines = stream.getvalue().splitlines()
        assert len(lines) <= 1
        found: dict[str, Any] = json.loads(lines[0]) if lines else {}
        return found

    return write


def test_our_line_can_be_counted_by_its_constant_text(written: Any) -> None:
    said = written("tutor_emotion.live.door", lambda log: log.warning("%s was lost: %s", "a", "B"))
    assert (said["level"], said["message"]) == ("WARNING", "a was lost: B")
    assert said["event"] == "%s was lost: %s"
    assert said["at"].endswith("+00:00")
    assert "trace" not in said


def test_a_traceback_is_types_and_lines_without_a_word_of_it(written: Any) -> None:
    def fail(log: logging.Logger) -> None:
        try:
            {}["Ada's secret"]
        except KeyError:
            log.exception("it failed")

    said = written("django.request", fail)
    assert said["error"].startswith("KeyError at ")
    assert "Ada" not in json.dumps(said)


def test_a_line_break_makes_no_second_line(written: Any) -> None:
    assert written("other", lambda log: log.warning("a\nb"))["message"] == "a\nb"


def test_a_websockets_address_and_session_are_not_written(written: Any) -> None:
    line = '%s - "WebSocket %s" [accepted]'
    assert written("uvicorn.error", lambda log: log.warning(line, "10.0.0.7:1", "/ws/x")) == {}
    assert written("uvicorn.error", lambda log: log.warning("Uvicorn running"))["message"]
