"""What a generated text says: the thinking, and the label in its answer tag.

Linear in the text's length: no pattern that a model could send into backtracking.
"""

from __future__ import annotations

from dataclasses import dataclass

THINK, THOUGHT = "<think>", "</think>"
ANSWER, ANSWERED = "<answer>", "</answer>"


@dataclass(frozen=True, slots=True)
class Answer:
    """``thinking`` and ``label`` are stripped, and None where their tags were not both there or
    hold nothing. ``well_formed``: one think block, space, one answer block, and nothing else."""

    thinking: str | None
    label: str | None
    well_formed: bool


def parse(text: str) -> Answer:
    """Read the first closed think block and the first closed answer block after it.

    A tag that is never closed says nothing: what was cut off is not shown as a reason, nor taken
    for a label. Never raises.
    """
    thinking, after = _between(text, THINK, THOUGHT, 0)
    label, end = _between(text, ANSWER, ANSWERED, after)
    well_formed = (
        bool(thinking and label)
        and all(text.count(tag) == 1 for tag in (THINK, THOUGHT, ANSWER, ANSWERED))
        and text.lstrip().startswith(THINK)
        and not text[after : text.find(ANSWER)].strip()
        and not text[end:].strip()
    )
    return Answer(thinking or None, label or None, well_formed)


def write(thinking: str, label: str) -> str:
    """The text that ``parse`` reads back, in the layout of the published training."""
    return f"{THINK}{thinking}{THOUGHT}\n{ANSWER}{label}{ANSWERED}"


def _between(text: str, opening: str, closing: str, start: int) -> tuple[str, int]:
    """What stands between two tags, and where the second ends; nothing, and ``start`` again."""
    begin = text.find(opening, start)
    if begin < 0:
        return "", start
    end = text.find(closing, begin + len(opening))
    if end < 0:
        return "", start
    return text[begin + len(opening) : end].strip(), end + len(closing)
