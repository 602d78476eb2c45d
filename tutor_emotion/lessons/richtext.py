"""Lesson text: Markdown without HTML, ``$3/4$`` as MathML, ```picture`` blocks as SVG.

Mathematics that is TeX stays its own source, in ``<span class="tex">``: the page's script draws it
where there is one. ``$$…$$`` has a line of its own.

Whatever the author wrote passes an allowlist; only our own SVG is put in after it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from tutor_emotion.lessons.mathml import to_mathml
from tutor_emotion.lessons.pictures import draw

PART_BREAK = re.compile(r"^---$", re.MULTILINE)
_PICTURE = re.compile(r"^```picture\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
_SLOT = re.compile(r"<p>@@picture(\d+)@@</p>")
_TAGS = {
    "p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "code", "a", "h3", "h4",
    "table", "thead", "tbody", "tr", "th", "td", "math", "mfrac", "msup", "mn", "mi", "mo",
    "span",
}  # fmt: skip
_ATTRIBUTES = {"math": {"display"}}
_CLASSES = {"span": {"tex", "tex-block"}}
MAX_TEX_CHARS = 1000
# What TeX is in bare text; whatever else it says loses its backslashes and braces.
_SPOKEN = [
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", r"\1/\2"),
        (r"\\sqrt\{([^{}]*)\}", r"√\1"),
        (r"\\cdot\b ?", "·"),
        (r"\\times\b ?", "×"),
        (r"\\leq?\b ?", "≤"),
        (r"\\geq?\b ?", "≥"),
        (r"[\\{}]", ""),
    )
]
_TEX = re.compile(r"[\\^_{}]")


def _math_rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$":
        return False
    mark = "$$" if state.src.startswith("$$", state.pos) else "$"
    start = state.pos + len(mark)
    end = state.src.find(mark, start)
    source = state.src[start:end] if end > 0 else ""
    html = _math(source, block=mark == "$$")
    if html is None:
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content, token.meta["source"] = html, source.strip()
    state.pos = end + len(mark)
    return True


def _math(source: str, *, block: bool) -> str | None:
    simple = to_mathml(source, block=block)
    if simple or not _TEX.search(source) or len(source) > MAX_TEX_CHARS:
        return simple
    name = "tex tex-block" if block else "tex"
    return f'<span class="{name}">{escape(source.strip())}</span>'


def _markdown() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    md.inline.ruler.before("escape", "math", _math_rule)
    md.add_render_rule("math", lambda _self, tokens, index, *_: tokens[index].content)
    return md


_MD = _markdown()


@lru_cache(maxsize=1024)
def render(source: str) -> str:
    """Safe HTML of ``source``.

    Raises:
        BadInput: ``bad_picture``.
    """
    pictures: list[str] = []

    def slot(match: re.Match[str]) -> str:
        pictures.append(draw(match[1]))
        return f"\n@@picture{len(pictures) - 1}@@\n"

    html = _MD.render(_PICTURE.sub(slot, source.replace("@@", "")))
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={**_ATTRIBUTES, "a": {"href"}},
        allowed_classes=_CLASSES,
        url_schemes={"https", "mailto"},
    )
    return _SLOT.sub(lambda match: _nth(pictures, int(match[1])), clean)


@lru_cache(maxsize=1024)
def render_inline(source: str) -> str:
    """Safe HTML of one line, without a paragraph around it."""
    html = _MD.renderInline(source)
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"https"},
    )


def plain(source: str) -> str:
    """One line as bare text, for a place that takes no HTML; ``\\frac{2}{3}`` is 2/3 there."""
    found = (token for block in _MD.parseInline(source) for token in block.children or [])
    return "".join(_spoken(token.meta.get("source")) or token.content for token in found)


def _spoken(tex: str | None) -> str:
    text = tex or ""
    for pattern, words in _SPOKEN:
        text = pattern.sub(words, text)
    return text


def parts(source: str) -> list[str]:
    """The HTML of each part of a segmented text; parts are separated by a line ``---``."""
    return [render(part.strip()) for part in PART_BREAK.split(source) if part.strip()]


def _nth(pictures: list[str], index: int) -> str:
    return pictures[index] if index < len(pictures) else ""
