"""Charts and graphs of the shipped course: each answer follows from its picture's own numbers."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import pytest

from tests.lessons.course_files import PICTURE, QUESTIONS, chosen, value_of
from tutor_emotion.lessons.numbers import parse_number


def pairs(text: str) -> list[tuple[Fraction, Fraction]]:
    return [(value_of(x), value_of(y)) for x, y in re.findall(r"\(([-\d.]+), ([-\d.]+)\)", text)]


def picture(place: str) -> str:
    found = PICTURE.search(QUESTIONS[place].prompt)
    assert found
    return found[1]


def own(place: str) -> Fraction:
    return parse_number(QUESTIONS[place].answer).value


def path(place: str, name: str = "") -> list[tuple[Fraction, Fraction]]:
    """The corners of the path (of this name) in the question's picture."""
    source = picture(place).split("path ")[1:]
    (found,) = [text for text in source if f'"{name}"' in text or not name]
    return pairs(found)


def height(corners: list[tuple[Fraction, Fraction]], x: Fraction) -> Fraction:
    for (x0, y0), (x1, y1) in pairwise(corners):
        if x0 <= x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    raise ValueError(x)


def speeds(corners: list[tuple[Fraction, Fraction]]) -> list[Fraction]:
    return [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(corners)]


def bars(place: str) -> dict[str, Fraction]:
    found = re.findall(r'"([^"]+)" ([\d.]+)', picture(place).split(" bars ")[1])
    return {name: Fraction(number) for name, number in found}


@pytest.mark.parametrize("sibling", ["", ":easier", ":similar", ":harder"])
def test_the_hidden_bar_has_the_height_that_is_asked_for(sibling: str) -> None:
    place = f"graphs-1/bar-scale{sibling}"
    (hidden,) = re.findall(r" ([\d.]+) \?", picture(place))
    assert own(place) == Fraction(hidden)


def test_days_are_compared_rightly() -> None:
    place = "graphs-1/compare-bars"
    heights = bars(place)
    found = {
        "": next(day for day in heights if heights[day] == 2 * heights["Mon"]),
        ":easier": min(heights, key=heights.__getitem__),
        ":similar": next(day for day in heights if heights[day] == 3 * heights["Fri"]),
    }
    week = list(bars(f"{place}:harder").items())
    rises = {day: now - before for (_, before), (day, now) in pairwise(week)}
    found[":harder"] = max(rises, key=rises.__getitem__)
    for sibling, day in found.items():
        assert QUESTIONS[f"{place}{sibling}"].answer.startswith(day)


def test_pictograms_are_counted_rightly() -> None:
    place = "graphs-1/pictogram"
    rows = {
        sibling: dict(re.findall(r'"([^"]+)" (\d+)', picture(f"{place}{sibling}").split("rows")[1]))
        for sibling in ("", ":easier", ":similar", ":harder")
    }
    assert own(place) == int(rows[""]["Tue"])
    assert own(f"{place}:easier") == int(rows[":easier"]["Tea"])
    assert own(f"{place}:similar") == int(rows[":similar"]["8 a.m."])
    assert own(f"{place}:harder") == int(rows[":harder"]["Mon"]) - int(rows[":harder"]["Wed"])


@pytest.mark.parametrize("sibling", ["", ":similar", ":harder"])
def test_the_right_letter_stands_at_the_place_that_is_asked_for(sibling: str) -> None:
    place = f"graphs-1/which-point{sibling}"
    question = QUESTIONS[place]
    asked = re.search(r"\*\*\((−?\d), (−?\d)\)\*\*", question.prompt)
    assert asked
    at = dict(re.findall(r'point (\([^)]+\)) "(\w)"', picture(place)))
    letter = at[f"({asked[1]}, {asked[2]})".replace("−", "-")]
    assert chosen(question) == letter


def test_coordinates_are_read_rightly() -> None:
    assert own("graphs-1/which-point:easier") == pairs(picture("graphs-1/which-point:easier"))[0][0]
    for sibling in ("", ":easier", ":similar"):
        place = f"graphs-1/below-zero{sibling}"
        assert own(place) == pairs(picture(place))[0][1]
    a, b, c = pairs(picture("graphs-1/below-zero:harder"))
    assert own("graphs-1/below-zero:harder") == a[0] + c[0] - b[0]


@pytest.mark.parametrize("sibling", ["", ":similar", ":harder"])
def test_a_line_has_the_equation_of_its_two_points(sibling: str) -> None:
    place = f"graphs-1/equation-of-a-line{sibling}"
    answer = QUESTIONS[place].answer
    for x, y in pairs(picture(place)):
        assert value_of(answer, x=x) == y


def test_a_line_crosses_the_upright_axis_where_it_says() -> None:
    place = "graphs-1/equation-of-a-line:easier"
    assert own(place) == height(pairs(picture(place)), Fraction(0))


def test_temperatures_are_read_rightly() -> None:
    place = "graphs-2/read-between"
    assert own(place) == height(path(place), Fraction(10))
    assert own(f"{place}:easier") == height(path(f"{place}:easier"), Fraction(12))
    assert own(f"{place}:similar") == height(path(f"{place}:similar"), Fraction(9))
    quarters = [Fraction(n, 4) for n in range(32, 65)]
    warm = [x for x in quarters if height(path(f"{place}:harder"), x) >= 22]
    assert own(f"{place}:harder") == max(warm) - min(warm)


def test_stops_and_speeds_are_read_rightly() -> None:
    place = "graphs-2/standing-still"
    for sibling in ("", ":similar", ":harder"):
        corners = path(f"{place}{sibling}")
        stops = [b[0] - a[0] for a, b in pairwise(corners) if a[1] == b[1]]
        assert own(f"{place}{sibling}") == sum(stops)
    assert own(f"{place}:easier") == path(f"{place}:easier")[1][1]
    place = "graphs-2/speed"
    assert own(place) == speeds(path(place))[0]
    assert own(f"{place}:easier") == speeds(path(f"{place}:easier"))[0]
    assert own(f"{place}:similar") == speeds(path(f"{place}:similar"))[0]
    end = path(f"{place}:harder")[-1]
    assert own(f"{place}:harder") == end[1] / end[0]


def test_the_fastest_and_the_slowest_part_are_found() -> None:
    place = "graphs-2/fastest-part"
    for sibling, choose in (("", max), (":similar", max), (":harder", min)):
        question = QUESTIONS[f"{place}{sibling}"]
        corners = path(f"{place}{sibling}")
        part = choose((v, n) for n, v in enumerate(speeds(corners)) if v)[1]
        text = f"from minute {corners[part][0]} to minute {corners[part + 1][0]}"
        assert chosen(question) == text
    easier = {name: speeds(path(f"{place}:easier", name))[0] for name in ("Ana", "Ben")}
    assert max(easier, key=easier.__getitem__) == "Ana"
    assert QUESTIONS[f"{place}:easier"].answer == "a"


def test_what_is_said_of_two_runners_is_true_where_it_is_marked_true() -> None:
    place = "graphs-2/two-runners"

    def at(sibling: str, name: str, x: int) -> Fraction:
        return height(path(f"{place}{sibling}", name), Fraction(x))

    said = {
        "": [
            at("", "Ben", 0) - at("", "Ana", 0) == 15,
            at("", "Ben", 6) == at("", "Ana", 6),
            speeds(path(place, "Ben")) > speeds(path(place, "Ana")),
            at("", "Ana", 10) - at("", "Ben", 10) == 10,
        ],
        ":easier": [
            at(":easier", "Ana", 0) == at(":easier", "Ben", 0),
            at(":easier", "Ana", 5) == at(":easier", "Ben", 5),
            at(":easier", "Ana", 10) - at(":easier", "Ben", 10) == 20,
        ],
        ":similar": [
            at(":similar", "Mia", 0) - at(":similar", "Tom", 0) == 30,
            at(":similar", "Mia", 4) == at(":similar", "Tom", 4),
            at(":similar", "Mia", 10) - at(":similar", "Tom", 10) == 30,
            speeds(path(f"{place}:similar", "Tom")) > speeds(path(f"{place}:similar", "Mia")),
        ],
        ":harder": [
            at(":harder", "Ana", 3) == at(":harder", "Ana", 6),
            at(":harder", "Ben", 3) == at(":harder", "Ana", 3),
            speeds(path(f"{place}:harder", "Ben"))[0] < min(speeds(path(f"{place}:harder", "Ana"))),
            at(":harder", "Ana", 10) == at(":harder", "Ben", 10) == 60,
        ],
    }
    for sibling, truths in said.items():
        question = QUESTIONS[f"{place}{sibling}"]
        true = [c["key"] for c, fact in zip(question.choices, truths, strict=True) if fact]
        assert true == question.answer.split()


def test_stories_go_up_and_down_as_they_are_told() -> None:
    place = "graphs-2/tell-the-story"
    words = {
        "walks away": 1, "waits": 0, "turns round": -1, "runs": 2, "walks to": 1, "stays": 0,
        "walks home": -1, "rides fast": 2, "more slowly": 1, "stands": 0, "goes back home": -1,
        "One tap": 1, "both taps": 2, "runs out": -1,
    }  # fmt: skip
    for sibling in ("", ":easier", ":similar", ":harder"):
        question = QUESTIONS[f"{place}{sibling}"]
        told = {c["key"]: c["text"] for c in question.choices}
        story = [
            [way for word, way in words.items() if word in told[key]][-1]
            for key in question.answer.split()
        ]
        climbs = sorted({v for v in speeds(path(f"{place}{sibling}")) if v > 0})
        ways = [
            climbs.index(v) + 1 if v > 0 else -1 if v < 0 else 0
            for v in speeds(path(f"{place}{sibling}"))
        ]
        assert story == ways


def test_a_tricky_axis_says_what_it_says() -> None:
    place = "graphs-1/tricky-axis"
    votes, points, visits = (bars(f"{place}{s}") for s in ("", ":similar", ":harder"))
    assert votes["Juice"] - votes["Cola"] == 6
    assert votes["Juice"] - 50 == 4 * (votes["Cola"] - 50)
    assert points["Blue"] - points["Red"] == 4
    assert points["Blue"] - 90 == 3 * (points["Red"] - 90)
    assert Fraction(9, 100) < (visits["June"] - visits["May"]) / visits["May"] < Fraction(11, 100)
    assert visits["June"] - 200 == 3 * (visits["May"] - 200)
