"""Reading a picture line word by word: ``x 0 to 8 by 1 "Time (min)" path (0, 0) (3, 300)``."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TypeAlias

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.pictures.drawing import refused

MAX_NAME_CHARS = 32
MAX_WORDS = 160
Point: TypeAlias = tuple[Fraction, Fraction]
_NUMBER = re.compile(r"[-−]?\d{1,5}(\.\d{1,3})?")
_WORD = re.compile(r'\s*("[^"]*"|[-−]?[0-9.]+|[a-z]+|[?(),])')


class Reader:
    """Takes the words of one line in turn; what is not as expected is refused."""

    def __init__(self, line: str) -> None:
        self.line = line
        self._words: list[str] = []
        end, at = len(line.rstrip()), 0
        while at < end:
            match = _WORD.match(line, at)
            if match is None or len(self._words) == MAX_WORDS:
                raise self.refusal(f"{line[at : at + 20]!r} is not understood.")
            self._words.append(match[1])
            at = match.end()
        self._words.reverse()

    @property
    def next(self) -> str:
        """The next word, or empty at the end."""
        return self._words[-1] if self._words else ""

    def refusal(self, why: str) -> BadInput:
        return refused(self.line, why)

    def skip(self, word: str) -> bool:
        """Takes ``word`` if it comes next."""
        if self.next != word:
            return False
        self._words.pop()
        return True

    def expect(self, word: str) -> None:
        if not self.skip(word):
            raise self.refusal(f"{word!r} is expected before {self.next!r}.")

    def number(self) -> Fraction:
        if not _NUMBER.fullmatch(self.next):
            raise self.refusal(f"A number is expected before {self.next!r}.")
        return Fraction(self._words.pop().replace("−", "-"))

    def name(self) -> str:
        """The quoted name that comes next, or empty."""
        if not self.next.startswith('"'):
            return ""
        name = self._words.pop().strip('"').strip()
        if not 1 <= len(name) <= MAX_NAME_CHARS:
            raise self.refusal(f"A name has 1 to {MAX_NAME_CHARS} characters.")
        return name

    def points(self, least: int, most: int) -> tuple[Point, ...]:
        """Points such as ``(0, 1) (2, 5)``."""
        points: list[Point] = []
        while self.skip("("):
            x = self.number()
            self.expect(",")
            points.append((x, self.number()))
            self.expect(")")
        if not least <= len(points) <= most:
            raise self.refusal(f"{least} to {most} points such as (3, 2) belong here.")
        return tuple(points)

    def end(self) -> None:
        if self.next:
            raise self.refusal(f"{self.next!r} is not understood.")
