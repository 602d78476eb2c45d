"""Lesson text: what is drawn, and what never gets through."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.mathml import to_mathml
from tutor_emotion.lessons.pictures import draw
from tutor_emotion.lessons.richtext import parts, plain, render, render_inline


def test_markdown_mathematics_and_a_picture() -> None:
    html = render("Take **half** of $1 1/2$:\n\n```picture\nbar 1/2\n```\n\nThen rest.")
    assert "<strong>half</strong>" in html
    assert "<math><mn>1</mn><mfrac><mn>1</mn><mn>2</mn></mfrac></math>" in html
    assert 'aria-label="A bar in 2 equal parts, 1 shaded."' in html
    assert html.endswith("<p>Then rest.</p>\n")


def test_a_price_is_no_mathematics() -> None:
    assert "<math" not in render("It costs $5 and then $6.")
    assert to_mathml(r"\frac{1}{2}") is None


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("x^2", "<math><msup><mi>x</mi><mn>2</mn></msup></math>"),
        ("2^-1", "<math><msup><mn>2</mn><mn>−1</mn></msup></math>"),
        (
            "(x+1)^2",
            "<math><mo>(</mo><mi>x</mi><mo>+</mo><mn>1</mn><msup><mo>)</mo><mn>2</mn></msup></math>",
        ),
    ],
)
def test_powers(source: str, html: str) -> None:
    assert to_mathml(source) == html


def test_tex_stays_its_source_for_the_page_to_draw() -> None:
    html = render(r"Half is $\frac{1}{2}$:" + "\n\n$$\\sqrt{2} < a_1$$")
    assert r'Half is <span class="tex">\frac{1}{2}</span>:' in html
    assert r'<span class="tex tex-block">\sqrt{2} &lt; a_1</span>' in html
    assert render_inline("$a_1$") == '<span class="tex">a_1</span>'
    assert '<math display="block">' in render("$$x + 5 = 12$$")
    assert "tex" not in render("$" + "a_" * 501 + "$")


def test_a_line_as_bare_text() -> None:
    assert plain(r"**Half** of $3/4$ is `3/8` & <b>") == "Half of 3/4 is 3/8 & <b>"
    assert plain(r"$\frac{3}{8}$, $2 \cdot \sqrt{9}$, $x_{12}$") == "3/8, 2 ·√9, x_12"


@pytest.mark.parametrize(
    ("drawing", "words", "shapes"),
    [
        ("bar 3/8 blank", "A bar in 8 equal parts, 3 shaded.", {"pic-on": 3, "pic-off": 5}),
        (
            "bar 1/4 + 2/4",
            "A bar in 4 equal parts, 1 and then 2 shaded.",
            {"pic-on": 1, "pic-more": 2, "pic-off": 1},
        ),
        ("circle 2/3", "A circle in 3 equal parts, 2 shaded.", {"pic-on": 2, "pic-off": 1}),
        ("bar 1/1", "A bar in 1 whole part, 1 shaded.", {"pic-on": 1}),
        (
            "line 0 to 2 in 4 mark 5/4 ?",
            "A number line from 0 to 2, each whole in 4 equal parts, "
            "a mark with a question mark 5 parts after 0.",
            {"pic-mark": 1},
        ),
    ],
)
def test_pictures_and_their_words(drawing: str, words: str, shapes: dict[str, int]) -> None:
    svg = ElementTree.fromstring(draw(drawing)).find("svg")
    assert svg is not None
    assert svg.get("aria-label") == words
    classes = [node.get("class") for node in svg.iter()]
    assert {name: classes.count(name) for name in shapes} == shapes


def test_a_hidden_label_is_not_told_to_those_who_hear_it() -> None:
    assert "5/4" not in draw("line 0 to 2 in 4 mark 5/4 ?")
    assert "3/8" not in draw("bar 3/8 blank")


@pytest.mark.parametrize(
    "drawing",
    [
        "",
        "cat",
        "bar 1/0",
        "bar 5/4",
        "bar 1/4 + 1/3",
        "circle 1/25",
        "line 0 to 9 in 9",
        "bar 1/2\n" * 7,
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused(drawing: str) -> None:
    with pytest.raises(BadInput) as error:
        draw(drawing)
    assert error.value.code == "bad_picture"


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "![x](https://example.org/a.png)",
        "<a href='https://example.org' onclick='x()'>x</a>",
        "$<script>$",
        r"$\text{</span><script>alert(1)</script>}$",
        r"$$\href{javascript:alert(1)}{x}$$",
        r"$\text{<img src=x onerror=alert(1)>}$",
        '<span class="tex" onclick="x()">a</span>',
        "`<script>`",
        "@@picture0@@",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(source: str) -> None:
    for html in (render(source), render_inline(source)):
        tree = ElementTree.fromstring(f"<div>{html.replace('&nbsp;', ' ')}</div>")
        for node in tree.iter():
            assert node.tag not in {"script", "img", "iframe", "style", "svg"}
            assert not [name for name in node.attrib if name.startswith("on")]
            assert not node.get("href", "https:").startswith(("javascript", "data"))


@given(st.text(max_size=200))
def test_any_text_gives_well_formed_html_or_a_refused_picture(source: str) -> None:
    try:
        html = render(source)
    except BadInput as error:
        assert error.code == "bad_picture"  # noqa: PT017
        return
    assert "<script" not in html


def test_a_segmented_text_has_its_parts() -> None:
    assert parts("One.\n---\nTwo.\n\n---\n\n") == ["<p>One.</p>\n", "<p>Two.</p>\n"]
