"""``$1 3/4 + ?/8 = x$`` as MathML, which browsers draw and screen readers read by themselves.

Only digits, single letters, ``?`` and the operators of school arithmetic; anything else stays
the text that it was (TeX with a backslash is left alone for a richer renderer).
"""

from __future__ import annotations

import re
from html import escape

MAX_CHARS = 200
_ATOM = r"[0-9]+(?:[.,][0-9]+)?|(?<![a-z])[a-z](?![a-z])|\?"
_TOKEN = re.compile(
    rf" *(?:(?P<top>{_ATOM}) ?/ ?(?P<bottom>{_ATOM})|(?P<atom>{_ATOM})"
    r"|(?P<op><=|>=|[-+*×÷·=<>≠≤≥≈()−…]))"
)
_OPERATORS = {"-": "−", "*": "×", "<=": "≤", ">=": "≥"}


def to_mathml(source: str) -> str | None:
    """MathML for one inline expression; None where it is not in our small language."""
    if not source.strip() or len(source) > MAX_CHARS:
        return None
    parts: list[str] = []
    at, end = 0, len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None:
            return None
        parts.append(_element(match))
        at = match.end()
    return f"<math>{''.join(parts)}</math>"


def _element(match: re.Match[str]) -> str:
    if match["top"]:
        return f"<mfrac>{_atom(match['top'])}{_atom(match['bottom'])}</mfrac>"
    if match["atom"]:
        return _atom(match["atom"])
    return f"<mo>{escape(_OPERATORS.get(match['op'], match['op']))}</mo>"


def _atom(text: str) -> str:
    name = "mi" if text.isalpha() else "mo" if text == "?" else "mn"
    return f"<{name}>{text}</{name}>"
