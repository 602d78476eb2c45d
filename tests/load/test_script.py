"""A script is JSON lines in time; a fault names its line and never shows its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutor_emotion.errors import BadInput
from tutor_emotion.protocol import AnswerMessage, MediaPause
from tutor_emotion.simulate import script as script_module
from tutor_emotion.simulate.people import read_people
from tutor_emotion.simulate.script import parse_script, read_script

ANSWER = '{"after_s": 3, "type": "answer", "step": "s", "skill": "k", "correct": true, "took_s": 2}'


def test_lines_are_messages_at_their_time() -> None:
    text = f'# a comment\n\n{ANSWER}\n{{"after_s": 4.5, "type": "media_pause", "paused": true}}\n'
    lines = parse_script(text, "x")
    assert [line.after_s for line in lines] == [3.0, 4.5]
    assert isinstance(lines[0].message, AnswerMessage)
    assert lines[1].message == MediaPause(paused=True)


def test_the_script_that_ships_struggles_after_two_minutes() -> None:
    lines = read_script(Path(script_module.__file__).with_name("struggle.jsonl"))
    misses = [
        line
        for line in lines
        if isinstance(line.message, AnswerMessage) and not line.message.correct
    ]
    assert len(misses) == 3
    assert all(line.after_s > 120 for line in misses)
    assert len({line.message.step for line in misses}) == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"type": "idle", "idle_s": 3}', "after_s is missing"),
        ('{"after_s": "3", "type": "idle", "idle_s": 3}', "after_s is missing or not a number"),
        ('{"after_s": true, "type": "idle", "idle_s": 3}', "after_s is missing or not a number"),
        ('{"after_s": -1, "type": "idle", "idle_s": 3}', "not between"),
        ('{"after_s": NaN, "type": "idle", "idle_s": 3}', "not between"),
        ('{"after_s": 5, "type": "idle"}', "idle_s"),
        ('{"after_s": 5, "type": "rtc_offer", "sdp": "x", "modalities": ["face"]}', "unknown type"),
        ('{"after_s": 5, "type": "nonsense"}', "unknown type"),
        ('{"after_s": 5, "type": "idle", "idle_s": 3, "secret": 1}', "secret"),
        ('{"after_s": 1, "type": "idle", "idle_s": 3}', "less than in the line before"),
    ],
)
def test_a_bad_line_is_named(row: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_script(f"{ANSWER}\n\n{row}\n", "mine.jsonl")
    assert caught.value.code == "bad_script"
    assert caught.value.message.startswith("mine.jsonl, line 3: ")
    assert said in caught.value.message


def test_a_script_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no_file"):
        read_script(tmp_path / "none.jsonl")
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="bad_script"):
        read_script(tmp_path / "bytes.jsonl")


def test_accounts_are_read_and_a_bad_line_shows_no_password(tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    file.write_text("# two\nmia one two\n\nben  three\n")
    assert [(p.name, p.password) for p in read_people(file)] == [
        ("mia", "one two"),
        ("ben", "three"),
    ]
    file.write_text("mia one\nonly-a-password\n")
    with pytest.raises(BadInput) as caught:
        read_people(file)
    assert "line 2" in str(caught.value)
    assert "only-a-password" not in str(caught.value)
