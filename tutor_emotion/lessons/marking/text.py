"""Words: case, spaces, a final point and accents do not matter."""

from __future__ import annotations

import unicodedata

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.marking.base import MAX_TYPED_CHARS, Item, NotRead, Verdict

_END = ".!?。؟"


class TextKind:
    max_chars = MAX_TYPED_CHARS

    def read(self, item: Item, text: str) -> str:
        found = words(text)
        if not found:
            raise NotRead("unreadable")
        return found

    def judge(self, item: Item, given: str) -> Verdict:
        accepted = {words(form) for form in (item.answer, *item.accept)}
        return "right" if given in accepted else "wrong"

    def canonical(self, given: str) -> str:
        return given

    def check(self, item: Item) -> None:
        for form in item.accept:
            if not words(form):
                raise BadInput("bad_answer", f"{form!r} cannot be an answer")


def words(text: str) -> str:
    """``  Café. `` and ``cafe`` are the same."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in parts if not _accent(char))
    return " ".join(plain.split()).rstrip(_END).rstrip()


def _accent(char: str) -> bool:
    """Accents, vowel points and hamza; not the signs that other scripts spell with."""
    place = unicodedata.combining(char)
    return 10 <= place <= 36 or place >= 200


TEXT = TextKind()
