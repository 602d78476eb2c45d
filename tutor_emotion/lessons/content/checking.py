"""What a shape alone does not tell: own answers right, mistakes wrong, texts clean, pictures drawn.

The same checks stand at each door: files, zips, the admin's forms, the preview.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.lessons.content.asking import Asked, asked
from tutor_emotion.lessons.content.frontmatter import Loc
from tutor_emotion.lessons.content.sections import scan
from tutor_emotion.lessons.content.spec import Question, Sibling, Step
from tutor_emotion.lessons.marking import check_answer, check_mistake
from tutor_emotion.lessons.pictures import draw
from tutor_emotion.lessons.richtext import parts, render, render_inline

LINK_SCHEMES = ("https", "mailto")


@dataclass(frozen=True, slots=True)
class Problem:
    """``loc`` is the value in its item, ``line`` the line within that text, from 0."""

    loc: Loc
    message: str
    line: int = 0


def step_problems(step: Step) -> Iterator[Problem]:
    """Everything that is wrong with a step and its variants."""
    yield from item_problems(step)
    for index, hint in enumerate(step.hints):
        yield from text_problems(hint, ("hints", index))
    for name in ("segmented", "worked_step", "extra_example"):
        yield from text_problems(getattr(step, name) or "", (name,))
    yield from line_problems(step.strategy, ("strategy",))
    for name in ("easier", "similar", "harder"):
        sibling = getattr(step, name)
        for problem in item_problems(sibling) if sibling else ():
            yield Problem((name, *problem.loc), problem.message, problem.line)


def item_problems(item: Question) -> Iterator[Problem]:
    """Of one question: its text, its answer, its mistakes."""
    yield from text_problems(item.prompt, ("prompt",))
    if isinstance(item, Sibling):
        yield from line_problems(item.help, ("help",))
    for index, choice in enumerate(item.answer.choices):
        yield from line_problems(choice.text, ("answer", "choices", index, "text"))
    for index, mistake in enumerate(item.mistakes):
        yield from line_problems(mistake.says, ("mistakes", index, "says"))
    yield from _answer_problems(asked(item))


def _answer_problems(question: Asked) -> Iterator[Problem]:
    try:
        check_answer(question)
    except TutorEmotionError as error:
        yield Problem(("answer",), error.message)
        return
    for index, mistake in enumerate(question.mistakes):
        try:
            check_mistake(question, mistake)
        except TutorEmotionError as error:
            yield Problem(("mistakes", index), error.message)


# --- texts --------------------------------------------------------------------------------------


def _strict() -> MarkdownIt:
    """Markdown as an author may have meant it: with the HTML, links and pictures we refuse."""
    md = MarkdownIt("commonmark", {"html": True}).enable("table")
    md.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    return md


_STRICT = _strict()


def text_problems(source: str, loc: Loc) -> Iterator[Problem]:
    """Of a Markdown text: what would not be shown, cannot be drawn, or would break the file."""
    headings, open_fence = scan(source.split("\n"))
    for line in headings:
        yield Problem(loc, _("A single # begins a section of the file; use ### instead."), line)
    if open_fence is not None:
        yield Problem(loc, _("This block of ``` is never closed."), open_fence)
        return
    for token in _STRICT.parse(source):
        line = token.map[0] if token.map else 0
        for message in _block_problems(token):
            yield Problem(loc, message, line)
    try:
        render(source)
        parts(source)
    except TutorEmotionError as error:
        if error.code != "bad_picture":  # those were found above, with their line
            yield Problem(loc, error.message)


def line_problems(source: str, loc: Loc) -> Iterator[Problem]:
    """Of one line of Markdown."""
    for token in _STRICT.parseInline(source):
        for message in _inline_problems(token):
            yield Problem(loc, message)
    try:
        render_inline(source)
    except TutorEmotionError as error:
        yield Problem(loc, error.message)


def _block_problems(token: Token) -> Iterator[str]:
    if token.type == "html_block":
        yield _no_html(token.content)
    if token.type == "fence" and token.info.strip() == "picture":
        if token.level or token.markup != "```" or token.info != "picture":
            yield _("A picture stands between ``` lines of its own, in no list and no quote.")
            return
        try:
            draw(token.content)
        except TutorEmotionError as error:
            yield error.message
    yield from _inline_problems(token)


def _inline_problems(token: Token) -> Iterator[str]:
    for child in token.children or ():
        if child.type == "html_inline":
            yield _no_html(child.content)
        if child.type == "image":
            yield _("Pictures from elsewhere are not shown; draw one in a ```picture block.")
        if child.type == "link_open" and _scheme(child) not in LINK_SCHEMES:
            yield _("Links begin with https: or mailto:, not “%s”.") % _href(child)[:60]
        yield from _inline_problems(child)


def _href(link: Token) -> str:
    return str(link.attrs["href"])


def _scheme(link: Token) -> str:
    try:
        return urlsplit(_href(link)).scheme.lower()
    except ValueError:
        return ""


def _no_html(source: str) -> str:
    tag = source.partition(">")[0] + ">"
    return _("HTML is not shown: “%s”.") % " ".join(tag.split())[:60]
