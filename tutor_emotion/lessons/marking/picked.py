"""One choice, several, or all of them in order: keys, with a space between them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2s
from typing import TypeAlias

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.marking.base import Item, NotRead, Verdict

MAX_CHOICES = 12
MAX_KEY_CHARS = 60

Keys: TypeAlias = tuple[str, ...]


def as_text(keys: str | Sequence[str]) -> str:
    """The text that stands for these keys in an answer; a text is itself."""
    return keys if isinstance(keys, str) else " ".join(keys)


class ChoiceKind:
    """``count`` says how many keys an answer may have, of how many there are."""

    max_chars = MAX_CHOICES * (MAX_KEY_CHARS + 1)

    def read(self, item: Item, text: str) -> Keys:
        keys = tuple(text.replace(",", " ").split())
        known = {choice["key"] for choice in item.choices}
        if not known.issuperset(keys) or len(set(keys)) < len(keys):
            raise NotRead("unreadable")
        if not self.fits(len(keys), len(known)):
            raise NotRead("unreadable")
        return keys

    def fits(self, given: int, there: int) -> bool:
        return given == 1

    def judge(self, item: Item, given: Keys) -> Verdict:
        return "right" if given == self.read(item, item.answer) else "wrong"

    def canonical(self, given: Keys) -> str:
        """A name for these keys: others, however alike their keys, have quite another one.

        The engine takes typed answers that differ by one character for the same, which two keys
        never are.
        """
        return blake2s(as_text(given).encode(), digest_size=8).hexdigest()

    def check(self, item: Item) -> None:
        keys = [choice["key"] for choice in item.choices]
        if not 2 <= len(keys) <= MAX_CHOICES:
            raise BadInput("bad_answer", f"there are 2 to {MAX_CHOICES} choices, not {len(keys)}")
        if len(set(keys)) < len(keys):
            raise BadInput("bad_answer", "two choices have the same key")
        for key in keys:
            if not key or len(key) > MAX_KEY_CHARS or not set(key).isdisjoint(" ,\t\n"):
                raise BadInput("bad_answer", f"{key!r} cannot be a key")


class SeveralKind(ChoiceKind):
    def read(self, item: Item, text: str) -> Keys:
        return tuple(sorted(super().read(item, text)))

    def fits(self, given: int, there: int) -> bool:
        return 1 <= given <= there

    def judge(self, item: Item, given: Keys) -> Verdict:
        wanted = set(self.read(item, item.answer))
        if wanted > set(given):
            return "incomplete"
        return "right" if wanted == set(given) else "wrong"


class OrderKind(ChoiceKind):
    def fits(self, given: int, there: int) -> bool:
        return given == there


CHOICE, SEVERAL, ORDER = ChoiceKind(), SeveralKind(), OrderKind()
