"""One trace from a browser's event to what is pushed for it, over real processes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from pydantic import ValidationError

from tests.telemetry.conftest import BROWSER, Seen
from tests.telemetry.test_observability import PERSONAL
from tutor_emotion.errors import BadInput
from tutor_emotion.protocol import AnswerMessage, parse_from_learner

pytestmark = pytest.mark.timeout(240)
TRACE, BROWSERS_SPAN = bytes.fromhex(BROWSER[3:35]), bytes.fromhex(BROWSER[36:52])
# Each span's parent, and whose it is.
WAY = {
    "socket.message": ("browser", "web"),
    "session.window": ("socket.message", "web"),
    "worker.read": ("session.window", "worker"),
    "push.readings": ("worker.read", "worker"),
    "session.estimate": ("push.readings", "web"),
    "push.window": ("session.estimate", "web"),
}


# --- it works -------------------------------------------------------------------------------------


def test_one_trace_has_all_spans_with_the_right_parents(seen: Seen) -> None:
    mine = {span.name: span for span in seen.receiver.spans if span.trace_id == TRACE}
    assert mine.keys() >= WAY.keys()
    for name, (parent, service) in WAY.items():
        expected = BROWSERS_SPAN if parent == "browser" else mine[parent].span_id
        assert mine[name].parent_span_id == expected, name
        assert seen.receiver.services[mine[name].span_id] == f"tutor_emotion.{service}"


def test_what_comes_later_begins_later(seen: Seen) -> None:
    mine = {span.name: span for span in seen.receiver.spans if span.trace_id == TRACE}
    begun = [mine[name].start_time_unix_nano for name in WAY]
    assert begun == sorted(begun)
    assert all(span.end_time_unix_nano >= span.start_time_unix_nano for span in mine.values())


def test_an_adaptation_is_pushed_in_the_trace_of_what_it_answers(seen: Seen) -> None:
    pushed = [span for span in seen.receiver.spans if span.name == "push.adaptation"]
    assert pushed
    by_id = {span.span_id: span.name for span in seen.receiver.spans}
    assert {by_id.get(span.parent_span_id) for span in pushed} <= {
        "socket.message", "session.estimate"
    }  # fmt: skip


def test_other_events_have_traces_of_their_own(seen: Seen) -> None:
    assert len({span.trace_id for span in seen.receiver.spans}) >= 5


# --- nobody is in it ------------------------------------------------------------------------------


def test_no_span_names_a_person(seen: Seen) -> None:
    known = {"type", "batch", "kind", "error.type"}
    walked = 0
    for span in seen.receiver.spans:
        assert not span.events
        for attribute in span.attributes:
            walked += 1
            assert attribute.key in known
            assert not PERSONAL.search(attribute.value.string_value)
        assert span.name in {*WAY, "push.adaptation"}
    assert walked > 5


def test_no_line_of_the_logs_names_a_person_and_each_is_json(seen: Seen) -> None:
    for process, text in seen.logs.items():
        lines = [line for line in text.splitlines() if line.startswith("{")]
        assert lines, process
        for line in lines:
            said = json.loads(line)
            assert {"at", "level", "logger", "message"} <= said.keys()
            if "running on" in said["message"] or "Connected to" in said["message"]:
                continue  # our own address
            assert not PERSONAL.search(said["message"]), said
            assert "/ws/" not in said["message"], said
    assert '"event": "runner %s ready in %.1f s"' in seen.logs["worker"]


# --- off, and what is refused ---------------------------------------------------------------------


def test_off_nothing_of_it_is_imported() -> None:
    program = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tutor_emotion.demo.settings"
import django
django.setup()
import tutor_emotion.live.student, tutor_emotion.inference.worker
from tutor_emotion.telemetry import traces
with traces.span("a", type="b"), traces.span_of("c", "d"):
    assert traces.here() == ""
ours = ("opentelemetry.sdk.trace", "opentelemetry.exporter")  # the rest is redis-py's
print([name for name in sys.modules if name.startswith(ours)])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@pytest.mark.parametrize(
    "wrong", ["ada", "00-ab-cd-01", BROWSER.upper(), BROWSER + "x", f"{BROWSER}\n", 7]
)
def test_a_context_that_is_none_is_refused(wrong: object) -> None:
    said = json.dumps(
        {"type": "answer", "step": "s", "skill": "k", "correct": True, "took_s": 1.0,
         "traceparent": wrong}
    )  # fmt: skip
    with pytest.raises(BadInput):
        parse_from_learner(said)


def test_without_one_a_message_is_as_before() -> None:
    with pytest.raises(ValidationError):
        AnswerMessage(step="s", skill="k", correct=True)  # type: ignore[call-arg]
    answer = AnswerMessage(step="s", skill="k", correct=True, took_s=1.0)
    assert answer.traceparent is None
