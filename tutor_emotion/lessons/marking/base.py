"""What every kind of answer has in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, get_args

from tutor_emotion.errors import BadInput

Nearly: TypeAlias = Literal[
    "not_lowest",  # the value is right, the question asks for lowest terms
    "wrong_bottom",  # the value is right, the question asks for another bottom number
    "not_mixed",  # the value is right, the question asks for a mixed number
    "not_expanded",  # equal, the question asks for no brackets and no like terms
    "not_factored",  # equal, the question asks for a product
    "not_simplest",  # equal, and there is something left to do
]
Refused: TypeAlias = Literal[  # cannot be marked: no attempt is counted
    "unreadable",
    "too_long",
    "too_big",  # too much to work out, too deep, too many digits
    "zero_bottom",
    "bad_exponent",
    "inexact_root",
    "other_letters",  # letters that the question does not have
    "not_equation",  # the question asks for an equation
    "not_expression",  # the question asks for no equation
]
Verdict: TypeAlias = Literal["right", "wrong", "incomplete"] | Nearly | Refused
AnswerKind: TypeAlias = Literal[
    "number", "fraction", "expression", "choice", "several", "order", "text"
]
Form: TypeAlias = Literal[
    "any", "lowest", "mixed", "over", "equivalent", "expanded", "factored", "simplest"
]
MAX_TYPED_CHARS = 200
_REFUSED: frozenset[Verdict] = frozenset(get_args(Refused))


class Item(Protocol):
    """A question with its own answer (``Step`` and ``Variant`` rows are such items).

    ``answer`` and the answers of ``mistakes`` are texts; several keys stand with a space between.
    """

    @property
    def answer_kind(self) -> str: ...

    @property
    def answer(self) -> str: ...

    @property
    def accept(self) -> Sequence[str]: ...

    @property
    def tolerance(self) -> str: ...

    @property
    def form(self) -> str: ...

    @property
    def bottom(self) -> int | None: ...

    @property
    def variables(self) -> Sequence[str]: ...

    @property
    def choices(self) -> Sequence[Mapping[str, str]]: ...

    @property
    def mistakes(self) -> Sequence[Mapping[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Marked:
    """``says`` are words of this item about this very mistake, or empty.

    ``normal`` is the answer in one canonical form of at most 200 characters, empty where it was
    not read.
    """

    verdict: Verdict
    says: str = ""
    normal: str = ""

    @property
    def correct(self) -> bool:
        return self.verdict == "right"

    @property
    def counted(self) -> bool:
        return self.verdict not in _REFUSED


class NotRead(Exception):
    """The answer cannot be marked, and this is the word for it."""

    def __init__(self, verdict: Refused) -> None:
        super().__init__(verdict)
        self.verdict = verdict

    @classmethod
    def because(cls, error: BadInput) -> NotRead:
        """From the code of a reader: ``answer_too_big`` is the verdict ``too_big``."""
        verdict = error.code.removeprefix("answer_")
        return cls(next((word for word in get_args(Refused) if word == verdict), "unreadable"))


class Kind(Protocol):
    """One kind of answer. What ``read`` gives is its own affair."""

    max_chars: int

    def read(self, item: Item, text: str) -> Any:
        """Raises ``NotRead``."""

    def judge(self, item: Item, given: Any) -> Verdict: ...

    def canonical(self, given: Any) -> str:
        """The same text for all answers that are the same."""

    def check(self, item: Item) -> None:
        """Refuse a question that makes no sense: ``bad_answer``."""
