"""The files of a course: what they may look like, and every fault with its file and line."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor_emotion.lessons.content import (
    COURSES,
    BadCourse,
    Course,
    Fault,
    read_files,
    write_files,
)
from tutor_emotion.lessons.content.bundles import read_path
from tutor_emotion.lessons.content.sections import trimmed
from tutor_emotion.lessons.marking import AnswerKind

STEP = "fractions-1/01-shaded-part.md"
LESSON = "fractions-1/lesson.md"


@cache
def fractions() -> dict[str, bytes]:
    return read_path(COURSES / "fractions")


def files(**edits: tuple[str, str]) -> dict[str, bytes]:
    """The fractions course with one thing changed in a file: ``step=(old, new)``."""
    found = dict(fractions())
    for name, (old, new) in edits.items():
        path = {"step": STEP, "lesson": LESSON, "course": "course.md"}[name]
        text = found[path].decode()
        assert old in text
        found[path] = text.replace(old, new, 1).encode()
    return found


def faults(found: dict[str, bytes]) -> list[str]:
    with pytest.raises(BadCourse) as refused:
        read_files(found)
    assert refused.value.code == "bad_course"
    return refused.value.message.splitlines()


# --- what is fine -------------------------------------------------------------------------------


def test_what_is_written_reads_the_same() -> None:
    course = read_files(fractions())
    assert read_files(write_files(course)) == course
    assert write_files(course) == fractions()


@pytest.mark.parametrize(
    "encode", [lambda t: b"\xef\xbb\xbf" + t, lambda t: t.replace(b"\n", b"\r\n")]
)
def test_files_from_windows_are_the_same_course(encode: object) -> None:
    other = {path: encode(raw) for path, raw in fractions().items()}  # type: ignore[operator]
    assert read_files(other) == read_files(fractions())


def test_every_kind_of_answer_can_be_written() -> None:
    choices = "choices: [{key: a, text: A}, {key: b, text: B}, {key: c, text: C}]"
    answers: dict[AnswerKind, tuple[str, str]] = {
        "number": ("{kind: number, value: '0.33', tolerance: 1/100}", '"0.35"'),
        "fraction": ("{kind: fraction, value: 4/8, form: over, bottom: 8}", "1/4"),
        "expression": ("{kind: expression, value: 2(x+3), form: factored}", "2x"),
        "choice": (f"{{kind: choice, value: a, {choices}}}", "b"),
        "several": (f"{{kind: several, value: [a, c], {choices}}}", "[a, b]"),
        "order": (f"{{kind: order, value: [c, a, b], {choices}}}", "[a, b, c]"),
        "text": ("{kind: text, value: Paris, accept: [the city of Paris]}", "Rome"),
    }
    for kind, (answer, wrong) in answers.items():
        course = read_files(with_answer(answer, wrong))
        step = course.lessons[0].steps[0]
        assert step.answer.kind == kind
        assert read_files(write_files(course)) == course


def with_answer(answer: str, wrong: str) -> dict[str, bytes]:
    text = fractions()[STEP].decode()
    start, end = text.index("answer:"), text.index("easier:")
    mistakes = f"mistakes:\n  - {{answer: {wrong}, says: Not quite}}\n"
    changed = f"{text[:start]}answer: {answer}\n{mistakes}{text[end:]}"
    return {**short(), STEP: changed.encode()}


def test_the_example_in_the_docs_is_a_course() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "lessons.md").read_text()
    lesson, step = re.findall(r"^```\n(---\n.*?)^```$", docs, re.MULTILINE | re.DOTALL)[:2]
    course = "---\nkey: docs\ntitle: Docs\n---\n"
    files = {"course.md": course, "a-lesson/lesson.md": lesson, "a-lesson/01-a-step.md": step}
    read = read_files({path: text.encode() for path, text in files.items()})
    assert read.skills["one-step"].item
    assert read.lessons[0].steps[0].easier


def test_what_may_be_left_out() -> None:
    text = fractions()[STEP].decode()
    front = text[: text.index("mistakes:")]
    body = text[text.index("---\nThe bar") : text.index("# Segmented")]
    short = f"{front}{body}# Worked step\nIt is $3/8$.\n"
    step = read_files({**fractions(), STEP: short.encode()}).lessons[0].steps[0]
    assert (step.mistakes, step.segmented, step.easier, step.harder) == ([], None, None, None)


def test_a_heading_in_a_block_of_code_is_no_section() -> None:
    read = read_files(files(step=("# Hint\nThere", "# Hint\n```\n# Hint\n```\nThere")))
    assert read.lessons[0].steps[0].hints[1].startswith("```\n# Hint\n```")


words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1
).filter(lambda text: text.strip())


@settings(max_examples=100, deadline=None)
@given(title=words.filter(lambda text: len(text) <= 120), hint=words)
def test_any_words_come_back_as_they_were(title: str, hint: str) -> None:
    fields: dict[str, object] = {"title": title, "hints": [hint]}
    written = write_files(_with(read_files(short()), fields))
    faults = _faults_of(written)
    if faults:  # some words are Markdown that is refused, and not because of how it was written
        assert {(fault.file, fault.line > 1) for fault in faults} == {(STEP, True)}
        return
    new = read_files(written).lessons[0].steps[0]
    assert (new.title, new.hints) == (title, [trimmed(hint)])


def _faults_of(written: dict[str, bytes]) -> tuple[Fault, ...]:
    try:
        read_files(written)
    except BadCourse as refused:
        return refused.faults
    return ()


@cache
def short() -> dict[str, bytes]:
    """A course of one step, which is read sooner."""
    return {path: fractions()[path] for path in ("course.md", LESSON, STEP)}


def _with(course: Course, fields: dict[str, object]) -> Course:
    lesson = course.lessons[0]
    steps = [lesson.steps[0].model_copy(update=fields), *lesson.steps[1:]]
    return course.model_copy(update={"lessons": [lesson.model_copy(update={"steps": steps})]})


# --- refused, with file and line ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "line", "says"),
    [
        # YAML
        ({"step": ("title: ", "title: [")}, 3, "expected"),
        ({"step": ("title: Name", "title: x\ntitle: Name")}, 3, "“title” is here twice"),
        ({"step": ("title: Name", "title: &a Name")}, 2, "Aliases"),
        ({"step": ("title: Name", "title: *a")}, 2, "Aliases"),
        ({"step": ("title: Name", "title: !!python/name:os.system x")}, 2, "Tags"),
        ({"step": ("title: Name the shaded part", "title: " + "[" * 5000)}, 2, "too deep"),
        ({"step": ("title: Name the shaded part", "title: 2026-11-27")}, 2, "in quotes"),
        ({"step": ("title: Name the shaded part", "title: no")}, 2, "in quotes"),
        ({"step": ("title: Name the shaded part", "title: 7")}, 2, "must be text"),
        ({"step": ("title: Name", "title: x\nyes: 1\nx: Name")}, 3, "Put this key in quotes"),
        ({"step": ("title: Name the shaded part", "title: " + "9" * 5000)}, 2, "in quotes"),
        ({"step": ("title:", "x" * 70_000 + ":")}, 2, "too long"),
        # shapes
        ({"step": ("title: Name", "titel: Name")}, 2, "“titel” is not known here"),
        ({"step": ("difficulty: 0.15", "difficulty: 7")}, 4, "difficulty: Input should be less"),
        ({"step": ("expected_s: 30", "expected_s: soon")}, 5, "expected_s"),
        ({"step": ("value: 3/8", "value: 7")}, 7, "Put it in quotes"),
        ({"step": ("value: 3/8", "value: 3/8, tolerance: '1'")}, 7, "kind fraction has no"),
        ({"step": ("kind: fraction", "kind: magic")}, 7, "kind"),
        ({"step": ("  help: 4 equal", "  halp: 4 equal")}, 17, "“halp” is not known"),
        # answers
        ({"step": ("value: 3/8", "value: three")}, 7, "unreadable"),
        ({"step": ("answer: 3/5", "answer: 6/16")}, 9, "is marked right"),
        ({"step": ("answer: 5/8", "answer: 6/10")}, 10, "equals an earlier one"),
        ({"step": ("value: 1/4}", "value: x}")}, 14, "unreadable"),
        # texts and pictures
        ({"step": ("bar 3/8 blank", "bar 9/8 blank")}, 34, "no more shaded"),
        ({"step": ("bar 3/8 blank", "<svg/onload=x>")}, 34, "not understood"),
        ({"step": ("mark 5/4 ?\n```", "mark 5/4 ?")}, 94, "never closed"),
        ({"step": ("# Worked step", "# Solution")}, 59, "“# Solution” is not a section"),
        ({"step": ("The **bottom**", "<b>The</b> **bottom**")}, 41, "HTML is not shown: “<b>”"),
        ({"step": ("The **bottom**", "<script>x()</script>\n\nThe")}, 41, "HTML is not"),
        ({"step": ("The **bottom**", "\nThe [x](javascript:x())")}, 42, "Links begin with https:"),
        ({"step": ("The **bottom**", "[x](http://example.org)")}, 41, "Links begin with https:"),
        ({"step": ("The **bottom**", "![x](https://x.org/a.png)")}, 41, "Pictures from else"),
        ({"step": ("says: 3 shaded", "says: <img src=x> 3 shaded")}, 9, "HTML is not shown"),
        ({"step": ("The **bottom**", "- a\n\n  ```picture\n  bar 1/2\n  ```\n")}, 43, "in no list"),
        # lessons
        ({"lesson": ("order: 1", "order: first")}, 4, "order"),
        ({"lesson": ("name: Comparing fractions", "nam: x")}, 15, "“nam” is not known"),
        ({"lesson": ("site: comparing", "site: magic")}, 48, "“skills.magic.item” is missing"),
        ({"lesson": ("value: '5'", "value: '6/0'")}, 9, "marked"),
        ({"lesson": ("name: Equal", "prerequisite: [magic]\n    name: Equal")}, 7, "is no skill"),
    ],
)  # fmt: skip
def test_a_fault_has_its_file_and_line(
    edits: dict[str, tuple[str, str]], line: int, says: str
) -> None:
    path = STEP if "step" in edits else LESSON
    told = faults(files(**edits))
    assert any(t.startswith(f"{path}, line {line}: ") and says in t for t in told), told


def test_all_faults_are_told_at_once() -> None:
    bad = files(step=("difficulty: 0.15", "difficulty: 7"), lesson=("order: 1", "order: first"))
    bad["course.md"] = b"---\nkey: fractions\n---\n"
    told = faults(bad)
    assert [line.split(":")[0] for line in told] == [
        "course.md, line 2",
        f"{STEP}, line 4",
        f"{LESSON}, line 4",
    ]


def test_skills_must_be_there_and_come_in_some_order() -> None:
    assert (
        "There is no skill “magic”" in faults(files(step=("skill: equivalence", "skill: magic")))[0]
    )
    circle = files(
        lesson=("name: Equal parts and", "prerequisite: [comparing]\n    name: Equal parts and")
    )
    assert len(faults(circle)) == 2


@pytest.mark.parametrize(
    ("path", "raw", "says"),
    [
        ("fractions-1/picture.png", b"\x89PNG", "Not a file of a course"),
        ("fractions-1/nested.zip", b"PK", "Not a file of a course"),
        ("README.md", b"# Hello", "Not a file of a course"),
        ("Fractions/lesson.md", b"---\n---\n", "Not a file of a course"),
        ("fractions-1/deep/01-x.md", b"---\n---\n", "Not a file of a course"),
        ("other/01-x.md", b"---\n---\n", "There is no lesson.md beside it"),
        ("fractions-1/13-x.md", b"title: x\n", "must begin with a line ---"),
        ("fractions-1/13-x.md", b"---\ntitle: x\n", "The second line --- is missing"),
        ("fractions-1/13-x.md", b"---\n- a\n---\n", "of the form “key: value”"),
        ("fractions-1/13-x.md", b"---\ntitle: \xff\n---\n", "line 2: Not UTF-8"),
        ("fractions-1/13-x.md", b"---\n---\na\x00b\n", "line 3: There is a NUL"),
        ("fractions-1/13-x.md", b"---\ntitle: \x01\n---\n", "special characters are not allowed"),
        ("fractions-1/13-x.md", b"", "must begin with a line ---"),
        ("fractions-1/12-other.md", b"---\n---\n", "must differ from fractions-1/12-add-mixed.md"),
        ("fractions-1/13-add-mixed.md", b"---\n---\n", "must differ from"),
        ("progress/lesson.md", b"---\n---\n", ""),
    ],
)  # fmt: skip
def test_a_file_that_does_not_belong(path: str, raw: bytes, says: str) -> None:
    told = faults({**fractions(), path: raw})
    assert any(path in line and says in line for line in told), told


def test_what_is_missing() -> None:
    some = dict(fractions())
    del some["course.md"]
    assert faults(some) == ["course.md: This file is missing."]
    assert faults({}) == ["course.md: This file is missing."]
    only = {"course.md": fractions()["course.md"], LESSON: fractions()[LESSON]}
    assert faults(only) == [f"{LESSON}: This lesson has no step."]


def test_a_billion_laughs_cost_nothing() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{n}: &{n} [{', '.join([f'*{o}'] * 9)}]"
        for o, n in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    start = perf_counter()
    told = faults({**fractions(), STEP: "\n".join(["---", *lines, "---", "x"]).encode()})
    assert perf_counter() - start < 5
    assert "Aliases" in told[0]


@pytest.mark.parametrize(
    "text", ["[" * 60_000, "{a: " * 15_000, "- " * 30_000, "? " * 30_000, '"' * 60_000]
)
def test_hostile_yaml_is_refused_soon(text: str) -> None:
    start = perf_counter()
    faults({"course.md": f"---\n{text}\n---\n".encode()})
    assert perf_counter() - start < 5


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["course.md", STEP, LESSON]))
def test_any_bytes_are_a_course_or_refused(raw: bytes, path: str) -> None:
    with pytest.raises(BadCourse) as refused:
        read_files({**short(), path: b"---\n" + raw})
    assert refused.value.faults


def test_the_folder_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "course.md").write_bytes(fractions()["course.md"])
    (tmp_path / ".DS_Store").write_bytes(b"litter")
    assert list(read_path(tmp_path)) == ["course.md"]
