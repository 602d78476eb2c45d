"""``$1 3/4 + ?/8 = x$`` as MathML, which browsers draw and screen readers read by themselves.

Only digits, single letters, ``?``, powers such as ``x^2`` and ``(x + 1)^2``, and the operators of
school arithmetic. What looks like TeX is left to the richer renderer of the page (``richtext``);
anything else stays the text that it was.
"""

from __future__ import annotations

import re
from html import escape

MAX_CHARS = 200
_ATOM = r"[0-9]+(?:[.,][0-9]+)?|(?<![a-z])[a-z](?![a-z])|\?"
_TOKEN = re.compile(
    rf" *(?:(?P<base>{_ATOM}|\))\^(?P<exponent>{_ATOM}|[-−][0-9]+)"
    rf"|(?P<top>{_ATOM}) ?/ ?(?P<bottom>{_ATOM})|(?P<atom>{_ATOM})"
    r"|(?P<op><=|>=|[-+*×÷·=<>≠≤≥≈()−…]))"
)
_OPERATORS = {"-": "−", "*": "×", "<=": "≤", ">=": "≥"}


def to_mathml(source: str, *, block: bool = False) -> str | None:
    """MathML for one expression; None where it is not in our small language."""
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
    display = ' display="block"' if block else ""
    return f"<math{display}>{''.join(parts)}</math>"


def _element(match: re.Match[str]) -> str:
    if match["base"]:
        return f"<msup>{_atom(match['base'])}{_atom(match['exponent'])}</msup>"
    if match["top"]:
        return f"<mfrac>{_atom(match['top'])}{_atom(match['bottom'])}</mfrac>"
    if match["atom"]:
        return _atom(match["atom"])
    return f"<mo>{escape(_OPERATORS.get(match['op'], match['op']))}</mo>"


def _atom(text: str) -> str:
    name = "mi" if text.isalpha() else "mo" if text in "?)" else "mn"
    return f"<{name}>{text.replace('-', '−')}</{name}>"
