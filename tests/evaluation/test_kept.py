"""Answers that outlive a run, and files that hold others'."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.evaluation.kept import Kept

ABOUT = {"model": "omni-mini/1", "dataset": "dfew", "fold": 1}


def test_a_second_run_goes_on_from_the_first(tmp_path: Path) -> None:
    path = tmp_path / "new" / "answers.jsonl"
    with Kept(path, ABOUT) as kept:
        kept.add("1.mp4", {"text": "…"})
        assert len(path.read_text().splitlines()) == 2, "it is on the disk at once"
        kept.add("2.mp4", {"text": None})
    with Kept(path, ABOUT) as kept:
        assert kept.answers == {
            "1.mp4": {"clip": "1.mp4", "text": "…"},
            "2.mp4": {"clip": "2.mp4", "text": None},
        }
        kept.add("3.mp4", {"text": "c"})
    with Kept(path, ABOUT) as kept:
        assert sorted(kept.answers) == ["1.mp4", "2.mp4", "3.mp4"]


def test_the_line_that_a_kill_cut_short_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with Kept(path, ABOUT) as kept:
        kept.add("1.mp4", {"text": "a"})
    with path.open("a") as file:
        file.write('{"clip": "2.mp4", "te')
    with Kept(path, ABOUT) as kept:
        assert list(kept.answers) == ["1.mp4"]
        kept.add("2.mp4", {"text": "b"})
    assert [json.loads(line).get("clip") for line in path.read_text().splitlines()] == [
        None,
        "1.mp4",
        "2.mp4",
    ]


def test_without_a_file_nothing_is_written(tmp_path: Path) -> None:
    with Kept(None, ABOUT) as kept:
        kept.add("1.mp4", {"text": "a"})
        assert list(kept.answers) == ["1.mp4"]
    assert not list(tmp_path.iterdir())


def test_another_models_answers_are_not_taken_for_this_ones(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with Kept(path, ABOUT) as kept:
        kept.add("1.mp4", {"text": "a"})
    before = path.read_bytes()
    with pytest.raises(BadInput, match="its fold is 1, not 2") as caught:
        Kept(path, {**ABOUT, "fold": 2})
    assert caught.value.code == "kept_for_another"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"no json\n{}\n", b"{}\n[1]\n{}\n", b'{}\n{"text": "no clip"}\n{}\n', b"[]\n\n"],
)
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        Kept(path, {})
    assert caught.value.code in {"kept_unreadable", "kept_for_another"}
    assert path.read_bytes() == content


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises((BadInput, Unavailable)) as caught:
        Kept(tmp_path / "file" / "answers.jsonl", ABOUT)
    assert caught.value.code in {"kept_unreadable", "not_writable"}


def test_an_answer_that_lacks_a_part(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with Kept(path, ABOUT) as kept:
        kept.add("1.mp4", {"text": "a"})
    Kept(path, ABOUT, needs=frozenset({"text"})).__exit__(None, None, None)
    with pytest.raises(BadInput, match="row 2"):
        Kept(path, ABOUT, needs=frozenset({"text", "scores"}))
