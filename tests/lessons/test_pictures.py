"""Drawings: what is drawn, what is said of it, and what is refused."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.pictures import draw

TRIP = 'graph x 0 to 8 by 1 "Time (min)" y 0 to 400 by 50 label 100 "Distance (m)"'
QUARTERS = 'graph x -5 to 5 by 1 "x" y -5 to 5 by 1 "y"'


def svg_of(source: str) -> ElementTree.Element:
    svg = ElementTree.fromstring(draw(source)).find("svg")
    assert svg is not None
    return svg


def words(source: str) -> str:
    return svg_of(source).get("aria-label", "")


def count(source: str, css: str) -> int:
    return sum(css in (node.get("class") or "").split() for node in svg_of(source).iter())


def texts(source: str) -> list[str]:
    return [node.text or "" for node in svg_of(source).iter() if node.tag == "text"]


# --- balance --------------------------------------------------------------------------------------


def test_a_balance_has_a_box_for_each_x_and_a_weight_for_each_one() -> None:
    source = "balance 2x + 3 = x + 5"
    assert (count(source, "pic-box"), count(source, "pic-off")) == (3, 8)
    assert words(source) == (
        "A balance scale in balance. Left pan: 2 boxes x and 3 weights of 1. "
        "Right pan: 1 box x and 5 weights of 1."
    )


@pytest.mark.parametrize("source", ["balance x = 1", "balance 7=3n+1", "balance 4x + 16 = 16"])
def test_a_balance_stays_on_its_pans(source: str) -> None:
    for node in svg_of(source).iter():
        if node.get("class") == "pic-box":
            left = float(node.get("x", "nan"))
            assert left >= 2
            assert left + 32 <= 338
        if node.get("class") == "pic-off":
            assert 11 <= float(node.get("cx", "nan")) <= 329
            assert float(node.get("cy", "nan")) >= 9


# --- rectangles -----------------------------------------------------------------------------------


def test_a_rectangle_shows_both_products_or_leaves_them_out() -> None:
    assert texts("area 3(x + 4)") == ["3", "x", "3x", "4", "12"]
    assert texts("area 3(2x + 5) blank") == ["3", "2x", "5"]
    assert words("area 3(x + 4)") == (
        "A rectangle 3 high, cut into a part x wide and a part 4 wide, with the areas 3x and 12."
    )
    assert "12" not in draw("area 3(x + 4) blank").split("aria-label")[1].split(">")[0]


# --- graphs ---------------------------------------------------------------------------------------


def test_a_graph_tells_its_axes_and_its_corners() -> None:
    source = f"{TRIP} path (0, 0) (3, 300) (5, 300)"
    assert words(source) == (
        "A graph. Across: Time (min), from 0 to 8, a grid line every 1. "
        "Up: Distance (m), from 0 to 400, a grid line every 50. "
        "A line goes from (0, 0), then straight to (3, 300), then straight to (5, 300)."
    )
    assert {"Time (min)", "Distance (m)", "0", "100", "400", "8"} <= set(texts(source))
    assert "50" not in texts(source), "only each second grid line has its number"
    assert count(source, "pic-grid") == 9 + 9
    assert count(source, "pic-fine") == 4


def test_a_curve_goes_through_its_places() -> None:
    path = next(
        n
        for n in svg_of(f"{TRIP} path (0, 0) (4, 200) (8, 400)").iter()
        if "pic-curve0" in n.get("class", "")
    )
    (x0, y0), (x1, y1), (x2, y2) = [
        tuple(map(float, pair.split())) for pair in path.get("d", "").lstrip("M").split("L")
    ]
    assert (x1, y1) == ((x0 + x2) / 2, (y0 + y2) / 2)
    assert x0 < x2
    assert y0 > y2, "up is up"


def test_a_straight_line_reaches_the_edges_of_the_paper() -> None:
    source = f"{QUARTERS} line (0, 1) (1, 3)"
    path = next(n for n in svg_of(source).iter() if "pic-curve0" in n.get("class", ""))
    ends = [tuple(map(float, p.split())) for p in path.get("d", "").lstrip("M").split("L")]
    # y = 2x + 1 leaves this paper at (-3, -5) and at (2, 5): 28 px a step, the corner at (46, 26).
    assert ends == [(46 + 2 * 28, 26 + 280), (46 + 7 * 28, 26)]
    assert "A straight line through (0, 1) and (1, 3)" in words(source)


@pytest.mark.parametrize("line", ["line (2, -3) (2, 1)", "line (-1, 4) (3, 4)"])
def test_upright_and_level_lines_too(line: str) -> None:
    assert count(f"{QUARTERS} {line}", "pic-curve") == 1


def test_points_have_names_and_places() -> None:
    source = f'{QUARTERS} point (2, 4) "A" point (-3, -2) "B"'
    assert count(source, "pic-mark") == 2
    assert words(source).endswith("A point A at (2, 4). A point B at (−3, −2).")
    assert {"A", "B"} <= set(texts(source))


def test_what_is_hidden_is_told_by_counting_on_the_grid() -> None:
    source = f'{QUARTERS} point (-3, 2.5) "P" ?'
    assert "(−3" not in words(source)
    assert words(source).endswith(
        "A point P at the place 3 grid lines left of 0 across and 2 1/2 grid lines above 0 up."
    )
    trip = words(f"{TRIP} path (0, 0) (3, 250) ?")
    assert "250" not in trip
    assert "3 grid lines right of 0 across and 5 grid lines above 0 up" in trip


def test_two_curves_differ_by_more_than_their_colour_and_have_a_legend() -> None:
    source = f'{TRIP} path (0, 0) (4, 400) "Ana" path (0, 50) (8, 400) "Ben"'
    assert {"Ana", "Ben"} <= set(texts(source))
    assert count(source, "pic-curve1") == 2, "the curve, and its piece in the legend"
    assert "A line named Ben goes from (0, 50)" in words(source)


def test_an_indented_line_goes_on_with_the_drawing_above() -> None:
    assert draw(f"{TRIP}\n  point (1, 50)\n") == draw(f"{TRIP} point (1, 50)")
    assert len(re.findall("<g ", draw("bar 1/2\nbar 1/3"))) == 2


# --- charts and pictograms ------------------------------------------------------------------------


def test_a_bar_is_as_high_as_its_value_says() -> None:
    source = 'chart x "Day" y 0 to 20 by 5 "Books" bars "Mon" 10 "Tue" 20 "Wed" 0'
    heights = [float(n.get("height", "nan")) for n in svg_of(source).iter() if n.tag == "rect"]
    assert heights[0] * 2 == heights[1]
    assert heights[2] == 0
    assert words(source) == (
        "A bar chart. Across: Day. Up: Books, from 0 to 20, a grid line every 5. "
        "Bars: Mon 10, Tue 20, Wed 0."
    )


def test_a_hidden_bar_is_counted_in_grid_lines() -> None:
    said = words('chart y 0 to 20 by 4 "Books" bars "Mon" 12 ? "Tue" 2 ? "Wed" 4 ?')
    assert said.endswith(
        "Bars: Mon ends 3 grid lines above 0, Tue ends 1/2 grid line above 0, "
        "Wed ends 1 grid line above 0."
    )


def test_an_axis_may_begin_above_zero_and_says_so() -> None:
    said = words('chart y 50 to 60 by 2 "Votes" bars "A" 52 ? "B" 58')
    assert "from 50 to 60" in said
    assert "A ends 1 grid line above 50, B 58" in said


def test_a_pictogram_cuts_its_symbols_and_tells_their_number_not_the_value() -> None:
    source = 'pictogram each 4 "books" rows "Mon" 12 "Tue" 10 "Wed" 7 "Thu" 0'
    assert count(source, "pic-on") == 3 + 3 + 2 + 1, "the last one is the key"
    assert words(source) == (
        "A pictogram. A symbol stands for 4 books. Symbols: Mon 3, Tue 2 1/2, Wed 1 3/4, Thu 0."
    )
    assert "= 4 books" in texts(source)


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("balance x + 3", "written like"),
        ("balance 3 = 3", "one letter"),
        ("balance x + 1 = y", "one letter"),
        ("balance 5x = 10", "4 boxes"),
        ("balance x + 17 = 18", "16 weights"),
        ("balance x = 999999999999", "written like"),
        ("area 3(x - 4)", "written like"),
        ("area 1(x + 4)", "written like"),
        ("graph x 0 to 8", "'by'"),
        ("graph x 0 to 8 by 0 y 0 to 1 by 1", "goes up"),
        ("graph x 8 to 0 by 1 y 0 to 1 by 1", "goes up"),
        ("graph x 0 to 8 by 3 y 0 to 1 by 1", "whole steps"),
        ("graph x 0 to 25 by 1 y 0 to 1 by 1", "24 steps"),
        ("graph x 0 to 99999 by 0.001 y 0 to 1 by 1", "24 steps"),
        ("graph x 0 to 2000 by 100 y 0 to 1 by 1", "too close"),
        (f"{QUARTERS} point (6, 0)", "outside"),
        (f"{QUARTERS} line (1, 1) (1, 1)", "two different"),
        (f"{QUARTERS} path (1, 1)", "2 to 16 points"),
        (QUARTERS + " path (0, 0)" + " (1, 1)" * 16, "2 to 16 points"),
        (QUARTERS + " point (1, 1)" * 13, "12 points"),
        (QUARTERS + " line (0, 0) (1, 1)" * 3, "2 curves"),
        (f"{QUARTERS} point (1 1)", "','"),
        (f"{QUARTERS} point (1.2.3, 1)", "number"),
        (f"{QUARTERS} area (1, 1)", "'area'"),
        (f"{QUARTERS} <script>", "not understood"),
        (f'{TRIP} path (0, 0) (1, 1) "A name as long as the graph is"', "too long"),
        (f'{QUARTERS} point (1, 1) ""', "1 to 32 characters"),
        ('chart y 0 to 20 by 5 bars "Mon" 25', "outside"),
        ("chart y 0 to 20 by 5 bars", "1 to 8 bars"),
        ("chart y 0 to 9 by 1 bars" + ' "A" 1' * 9, "1 to 8 bars"),
        ("chart y 0 to 9 by 1 bars" + ' "Wednesday" 1' * 5, "too long"),
        ('pictogram each 4 "books" rows "Mon" 3.5', "quarters"),
        ('pictogram each 4 "books" rows "Mon" 36', "8 symbols"),
        ('pictogram each 0 "books" rows "Mon" 0', "symbols"),
        ('pictogram each 4 "books" rows "Wednesday" 4', "8 characters"),
        ('pictogram each 4 rows "Mon" 4', "named"),
        ("line 0 to 1 in 4 mark 5/4", "outside"),
        ("line 0 to 1 in 4 mark 1/0", "outside"),
        ("sphere 3", "not understood"),
        ("bar 1/2\n" * 7, "1 to 6 lines"),
        ("bar 1/2" + " " * 2000, "2000 characters"),
    ],
)  # fmt: skip
def test_a_drawing_that_cannot_be_is_refused_with_its_reason(source: str, says: str) -> None:
    with pytest.raises(BadInput) as error:
        draw(source)
    assert error.value.code == "bad_picture"
    assert says in error.value.message


def test_names_are_text_and_never_markup() -> None:
    source = f'{QUARTERS} point (1, 1) "<b>&</b>"'
    assert "<b>&</b>" in texts(source)
    assert "<b>" not in draw(source)


KINDS = st.sampled_from([TRIP, QUARTERS, "chart y 0 to 4 by 1 bars", "balance", "pictogram each 2"])
PARTS = st.sampled_from(
    ["point", "path", "line", "(1, 2)", "(0,0)", "?", '"A"', "3", "x", "=", "+", "rows", "\n ", "½"]
)


@given(KINDS, st.lists(PARTS, max_size=12))
def test_any_line_is_drawn_well_formed_or_refused(kind: str, rest: list[str]) -> None:
    try:
        figure = draw(" ".join([kind, *rest]))
    except BadInput as error:
        assert error.code == "bad_picture"  # noqa: PT017
        return
    assert ElementTree.fromstring(figure).tag == "figure"
