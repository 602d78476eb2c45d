"""Reading a generated text, whole or not."""

from __future__ import annotations

import time

import pytest

from tutor_emotion.nets.r1_omni.answers import Answer, parse, write

WHOLE = "<think>The brow is lowered.</think>\n<answer>angry</answer>"


def test_what_was_written_is_read_back() -> None:
    assert write("The brow is lowered.", "angry") == WHOLE
    assert parse(WHOLE) == Answer("The brow is lowered.", "angry", True)
    assert parse(f"\n {WHOLE}\n") == Answer("The brow is lowered.", "angry", True)


@pytest.mark.parametrize(
    ("text", "thinking", "label"),
    [
        ("", None, None),
        ("angry", None, None),
        ("<answer>angry</answer>", None, "angry"),
        ("<think>a</think>", "a", None),
        ("<think>a</think><answer></answer>", "a", None),
        ("<think> </think><answer>angry</answer>", None, "angry"),
        ("So: <think>a</think><answer>sad</answer>", "a", "sad"),
        ("<think>a</think> hm <answer>sad</answer>", "a", "sad"),
        ("<think>a</think><answer>sad</answer> or fear", "a", "sad"),
        ("<think>a</think><answer>sad</answer><answer>fear</answer>", "a", "sad"),
        ("<think>a</think><think>b</think><answer>sad</answer>", "a", "sad"),
        ("<answer>sad</answer><think>a</think>", "a", None),
        ("<THINK>a</THINK><ANSWER>sad</ANSWER>", None, None),
    ],
)
def test_what_is_not_well_formed_still_says_what_it_says(
    text: str, thinking: str | None, label: str | None
) -> None:
    assert parse(text) == Answer(thinking, label, False)


@pytest.mark.parametrize(
    ("text", "thinking", "label"),
    [
        ("<think>The brow is", None, None),
        ("<think>The brow is<answer>angry</answer>", None, "angry"),
        ("<think>a</think>\n<answer>disapp", "a", None),
        ("<think>a</think>\n<answer>angry</answ", "a", None),
        ("<think>" * 3, None, None),
    ],
)
def test_a_tag_that_is_never_closed_says_nothing(
    text: str, thinking: str | None, label: str | None
) -> None:
    assert parse(text) == Answer(thinking, label, False)


def test_no_text_is_slow_to_read() -> None:
    start = time.thread_time()
    parse("<think>" * 200_000 + "</answer>" * 200_000)
    assert time.thread_time() - start < 0.5
