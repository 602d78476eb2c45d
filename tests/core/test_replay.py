"""Recorded sessions: through the engine again, to the same signals; bad files are named."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.learner import SCOWL, face, miss
from tutor_emotion.core import replay
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.types import Estimate, Evidence, Outcome, Reading, TextMessage
from tutor_emotion.errors import BadInput

REPLAYS = Path(__file__).parent / "replays"
CONFIG = EngineConfig()


def told(name: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("replay", str(REPLAYS / name), json=True, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def story(name: str) -> list[tuple[float, str, str]]:
    return [(line["at_s"], line["kind"], line.get("edge") or line["mode"]) for line in told(name)]


# --- it works: what each recording must come to --------------------------------------------------


def test_three_misses() -> None:
    assert story("three_misses.jsonl")[:3] == [
        (85.0, "struggle.suspect", "raised"),
        (85.0, "confused", "raised"),
        (110.0, "unresolved", "raised"),
    ]
    assert (120.0, "worked_step", "offer") in story("three_misses.jsonl")


def test_three_misses_with_a_scowl_are_seen_sooner() -> None:
    alone = next(t for t, kind, _ in story("three_misses.jsonl") if kind == "struggle.suspect")
    both = next(t for t, kind, _ in story("misses_and_face.jsonl") if kind == "struggle.suspect")
    assert both < alone


def test_ten_minutes_of_a_scowl_and_nothing_else() -> None:
    assert story("face_only.jsonl") == []


def test_a_good_lesson_is_left_alone() -> None:
    found = story("good_lesson.jsonl")
    assert {kind for _, kind, _ in found} == {"speed_up"}


def test_stuck_helped_and_recovered() -> None:
    found = [(kind, edge) for _, kind, edge in story("recovers.jsonl")]
    assert found.index(("unresolved", "raised")) < found.index(("worked_step", "offer"))
    assert found.index(("worked_step", "offer")) < found.index(("recovered", "raised"))
    assert ("unresolved", "cleared") in found


def test_the_same_recording_gives_the_same_lines() -> None:
    for path in sorted(REPLAYS.glob("*.jsonl")):
        assert told(path.name) == told(path.name)


def test_people_get_words() -> None:
    out = StringIO()
    call_command("replay", str(REPLAYS / "three_misses.jsonl"), stdout=out)
    first = out.getvalue().splitlines()[0]
    assert first.strip().startswith("1:25.0  signal   struggle.suspect raised, confidence 0.47")
    assert first.endswith("because misses_on_step 2 answers")


def test_every_input_survives_being_written_and_read() -> None:
    reason = Evidence("voice", "rate_hz", 2.0, "1/s", "confused", 0.3, 4.0, 3.0)
    p = (0.2, 0.3, 0.2, 0.1, 0.2)
    inputs = [
        miss(1.0),
        TextMessage(2.5, "Straße \u2028 ok"),
        face(3.0, SCOWL),
        Reading("face", 3.0, 3.5, {}, 0.5, 1, "m", {"engaged": 0.5}),
        Estimate("voice", 4.0, p, 0.9, None, 0.0, 1, "m", (reason,)),
        Outcome(5.0, 3, "taken", "hint"),
    ]
    assert replay.parse([replay.line(item) for item in inputs]) == inputs


def test_it_steps_each_second_and_at_each_input() -> None:
    at = [s.affect.at_s for s in replay.run([replay.line(miss(2.5))], CONFIG, tail_s=1)]
    assert at == [0.0, 1.0, 2.0, 2.5, 3.0]


# --- its edges and what it refuses ---------------------------------------------------------------

GOOD = {"type": "answer", **asdict(miss(40))}


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ('{"at_s": 1}', "no known type"),
        ('{"at_s": 1, "type": "dance"}', "no known type"),
        ('{"at_s": 1, "type": ["idle"]}', "no known type"),
        ('{"type": "idle", "idle_s": 3}', "at_s"),
        ('{"at_s": NaN, "type": "idle", "idle_s": 3}', "not JSON"),
        ('{"at_s": 1e999, "type": "idle", "idle_s": 3}', "not finite"),
        ('{"at_s": -1, "type": "idle", "idle_s": 3}', "within a day"),
        ('{"at_s": 1e7, "type": "idle", "idle_s": 3}', "within a day"),
        (json.dumps({**GOOD, "correct": "yes"}), "correct"),
        (json.dumps({**GOOD, "took_s": True}), "took_s"),
        (json.dumps({**GOOD, "extra": 1}), "extra"),
        ('{"at_s": 1, "type": "activity", "busy": "asleep"}', "busy"),
        ('{"at_s": 1, "type": "activity", "busy": ["typing"]}', "busy"),
        ('{"type": "reading", "modality": "face"}', "start_s"),
    ],
)
def test_a_bad_line_is_named(line: str, named: str) -> None:
    with pytest.raises(BadInput) as caught:
        replay.parse([json.dumps(GOOD), "", "# a remark", line])
    assert caught.value.code == "bad_replay"
    assert "Line 4" in caught.value.message
    assert named in caught.value.message


@given(st.text(max_size=200) | st.binary(max_size=50).map(repr))
@settings(max_examples=50)
def test_any_other_line_is_refused_or_read(line: str) -> None:
    with suppress(BadInput):
        assert len(replay.parse([line])) == 1


@pytest.mark.parametrize("content", [b"", b"\n# nothing\n", b"\xff\xfe\x00", b"{}\n"])
def test_the_command_ends_with_a_code(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="bad_replay") as caught:
        call_command("replay", str(path), stdout=StringIO())
    assert caught.value.returncode == 1


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="bad_replay"):
        call_command("replay", str(tmp_path / "none.jsonl"), stdout=StringIO())
