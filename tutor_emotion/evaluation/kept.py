"""Answers that outlive a run: a line each as they come, so that a run that ends early goes on.

The first line says of what they are; a last line that was cut short is asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tutor_emotion.errors import BadInput, Unavailable


class Kept:
    """The answers in a file, by clip; without a file they are held in memory. Each has the keys
    that it ``needs``.

    Raises:
        BadInput: ``kept_for_another``, where the file is of another model, data set or question;
            ``kept_unreadable``.
        Unavailable: ``not_writable``.
    """

    def __init__(
        self, path: Path | None, about: Mapping[str, Any], needs: frozenset[str] = frozenset()
    ) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self._file: IO[str] | None = None
        if path is None:
            return
        lines = _lines(path, needs | {"clip"})
        if lines:
            _refuse_another(path, lines[0], about)
        for line in lines[1:]:
            self.answers[line["clip"]] = line
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            whole = path.with_name(path.name + ".part")  # nothing is lost if this is interrupted
            with whole.open("w", encoding="utf-8") as file:
                file.writelines(_row(line) for line in (dict(about), *self.answers.values()))
            whole.replace(path)
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise Unavailable(
                "not_writable", f"The answers cannot be kept: {error}", retry=False
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, clip: str, answer: Mapping[str, Any]) -> None:
        """On the disk before it returns."""
        self.answers[clip] = {"clip": clip, **answer}
        if self._file is not None:
            self._file.write(_row(self.answers[clip]))
            self._file.flush()


def _row(line: Mapping[str, Any]) -> str:
    return json.dumps(line, allow_nan=False) + "\n"


def _lines(path: Path, needs: frozenset[str]) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("kept_unreadable", f"{path.name} cannot be read: {error}") from None
    found: list[dict[str, Any]] = []
    rows = text.split("\n")
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        line = _parsed(row)
        if line is None or (found and not needs <= line.keys()):
            if number == len(rows):  # it was being written when the run was killed
                break
            raise BadInput(
                "kept_unreadable", f"{path.name}, row {number}: it is no answer of ours."
            )
        found.append(line)
    return found


def _parsed(row: str) -> dict[str, Any] | None:
    try:
        line = json.loads(row)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def _refuse_another(path: Path, was: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    if was == dict(about):
        return
    key = next(key for key in {**about, **was} if was.get(key) != about.get(key))
    raise BadInput(
        "kept_for_another",
        f"{path.name} holds answers of another run: its {key} is {was.get(key)!r:.60}, "
        f"not {about.get(key)!r:.60}.",
        hint="Give another file with --keep, or remove that one.",
    )
