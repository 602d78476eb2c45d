"""From tokens to a tree: recursive descent, no deeper than MAX_DEPTH.

``2x``, ``3(x+1)`` and ``xy`` are products; a number never stands right of such a product (``x2``
is refused, it may mean two things). Products and quotients go from left to right, so ``1/2x`` is
half of ``x``. ``1 3/4`` and ``1¾`` are mixed numbers.
"""

from __future__ import annotations

from collections.abc import Callable

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.algebra.tokens import Token, tokens, unreadable
from tutor_emotion.lessons.algebra.tree import (
    Equation,
    Letter,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
)

MAX_DEPTH = 16
_END = Token("sign", "")


def parse(text: str, known: frozenset[str] = frozenset()) -> Node | Equation:
    """What ``text`` says. ``X`` is read as ``x`` where only ``x`` is known, and so is ``x``.

    Raises:
        BadInput: ``answer_unreadable``, ``answer_too_big`` (brackets, roots and exponents of
            exponents deeper than MAX_DEPTH, or numbers too long).
    """
    return _Parser(tokens(text), known).whole()


class _Parser:
    def __init__(self, found: list[Token], known: frozenset[str]) -> None:
        self.tokens = found
        self.known = known
        self.at = 0
        self.depth = 0

    def whole(self) -> Node | Equation:
        left = self.sum()
        if not self.took("="):
            self.end()
            return left
        right = self.sum()
        self.end()
        return Equation(left, right)

    # --- tokens -------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> Token:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else _END

    def took(self, sign: str) -> bool:
        token = self.peek()
        if token is _END or token.kind != "sign" or token.text != sign:
            return False
        self.at += 1
        return True

    def end(self) -> None:
        if self.peek() is not _END:
            raise unreadable()

    # --- grammar ------------------------------------------------------------------------------

    def sum(self) -> Node:
        parts = [self.term(self.sign())]
        while (plus := self.took("+")) or self.took("-"):
            parts.append(self.term(plus == self.sign()))
        return parts[0] if len(parts) == 1 else Sum(tuple(parts))

    def term(self, positive: bool) -> Node:
        node = self.product()
        return node if positive else Negative(node)

    def sign(self) -> bool:
        """Signs before a term, such as in ``-x`` or ``3 - -2``; whether they make it positive."""
        positive = True
        while (minus := self.took("-")) or self.took("+"):
            positive ^= minus
        return positive

    def product(self) -> Node:
        node = self.power()
        while True:
            if self.took("*"):
                node = _times(node, self.signed(self.power))
            elif self.took("/"):
                node = Quotient(node, self.signed(self.power))
            elif self.begins_factor():
                node = _times(node, self.power())
            else:
                return node

    def begins_factor(self) -> bool:
        token = self.peek()
        if token.kind == "number":
            raise unreadable()
        return token.kind in ("letter", "root") or token.text == "("

    def signed(self, part: Callable[[], Node]) -> Node:
        positive = self.sign()
        node = part()
        return node if positive else Negative(node)

    def power(self) -> Node:
        base = self.primary()
        return Power(base, self.inside(self.exponent)) if self.took("^") else base

    def exponent(self) -> Node:
        return self.signed(self.power)

    def primary(self) -> Node:
        token = self.peek()
        self.at += 1
        if token.kind == "number":
            return self.number(token)
        if token.kind == "letter":
            other = token.text.swapcase()
            swap = token.text not in self.known and other in self.known
            return Letter(other if swap else token.text)
        if token.kind == "root":
            return Root(self.inside(self.primary))
        if token.text == "(":
            node = self.inside(self.sum)
            if self.took(")"):
                return node
        raise unreadable()

    def number(self, token: Token) -> Node:
        """A number; with a fraction right after it, the two are a mixed number."""
        part, slash, bottom = self.peek(), self.peek(1), self.peek(2)
        if not _whole(token) or part.kind != "number":
            return Number(token.value)
        if not part.text.isascii():  # ½
            self.at += 1
            return Number(token.value + part.value)
        if _whole(part) and slash.text == "/" and _whole(bottom):
            if not bottom.value:
                raise BadInput("answer_zero_bottom", "A denominator cannot be 0.")
            self.at += 3
            return Number(token.value + part.value / bottom.value)
        raise unreadable()

    def inside(self, part: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BadInput("answer_too_big", "This has too many brackets in each other.")
        node = part()
        self.depth -= 1
        return node


def _whole(token: Token) -> bool:
    return token.kind == "number" and token.text.isascii() and token.text.isdigit()


def _times(left: Node, right: Node) -> Node:
    parts = left.factors if isinstance(left, Product) else (left,)
    return Product((*parts, right))
