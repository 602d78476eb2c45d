"""Courses from files to rows and back: what stays, what changes, what goes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.content import COURSES, Course, read_course, shipped
from tutor_emotion.lessons.exporting import course_of_rows, export_zip
from tutor_emotion.lessons.importing import load
from tutor_emotion.lessons.models import (
    Attempt,
    Lesson,
    LessonCourse,
    Mastery,
    Skill,
    Step,
    Variant,
)
from tutor_emotion.lessons.planning import plan
from tutor_emotion.models import Course as PluginCourse

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The fractions course, to be changed."""
    return Path(shutil.copytree(COURSES / "fractions", tmp_path / "fractions"))


@pytest.fixture
def fractions() -> Course:
    return load(read_course(COURSES / "fractions")).course


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "fractions-1" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def without(folder: Path, *names: str) -> Course:
    for name in names:
        (folder / "fractions-1" / name).unlink()
    return read_course(folder)


def answered(ada: User, step: str = "shaded-part", kind: str = "") -> Attempt:
    row = Step.objects.get(slug=step)
    variant = row.variants.get(kind=kind) if kind else None
    return Attempt.objects.create(
        learner=ada, step=row, variant=variant, answer="1", correct=False, verdict="wrong"
    )


def done(course: Course) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for change in plan(course).changes:
        found.setdefault(change.how, []).append(change.name)
    return found


# --- it works -----------------------------------------------------------------------------------


def test_a_course_becomes_rows_and_is_known_to_the_plugin(fractions: Course) -> None:
    assert LessonCourse.objects.get().title == "Fractions"
    assert PluginCourse.objects.get().key == "fractions"
    lesson = Lesson.objects.get()
    assert (lesson.course_key, lesson.language, lesson.steps.count()) == ("fractions", "en", 12)
    assert Skill.objects.get(key="comparing").items.get().answer == "few"
    assert Step.objects.get(slug="add-mixed").order == 11
    hints = Variant.objects.filter(step__slug="shaded-part", kind="hint")
    assert [hint.order for hint in hints] == [0, 1]


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.name)
def test_what_is_exported_imports_without_change(path: Path, tmp_path: Path) -> None:
    course = load(read_course(path)).course
    assert course_of_rows(course.key) == course
    zipped = tmp_path / "course.zip"
    zipped.write_bytes(export_zip(course.key))
    assert read_course(zipped) == course
    assert load(read_course(zipped)).changes == ()


def test_a_changed_file_keeps_rows_and_answers(fractions: Course, folder: Path, ada: User) -> None:
    attempt = answered(ada, kind="harder_item")
    before = set(Variant.objects.values_list("pk", flat=True))
    edit(folder, "01-shaded-part.md", "Name the shaded part", "What is shaded?")
    course = read_course(folder)
    assert done(course) == {"changed": ["fractions-1/shaded-part"]}
    load(course)
    attempt.refresh_from_db()
    assert attempt.step.title == "What is shaded?"
    assert set(Variant.objects.values_list("pk", flat=True)) == before


def test_the_teachers_title_and_parameters_stay(fractions: Course, folder: Path) -> None:
    PluginCourse.objects.update(title="Maths, 6b")
    Skill.objects.filter(key="adding").update(parameters={"p_slip": 0.05})
    edit(folder, "lesson.md", "Comparing fractions", "Which is more?")
    load(read_course(folder))
    assert PluginCourse.objects.get().title == "Maths, 6b"
    assert Skill.objects.get(key="adding").parameters == {"p_slip": 0.05}
    assert Skill.objects.get(key="comparing").name == "Which is more?"


def test_steps_move_by_the_number_of_their_file(fractions: Course, folder: Path) -> None:
    lesson = folder / "fractions-1"
    (lesson / "12-add-mixed.md").rename(lesson / "00-add-mixed.md")
    load(read_course(folder))
    assert Step.objects.order_by("order")[0].slug == "add-mixed"


# --- what goes ----------------------------------------------------------------------------------


def test_what_nobody_answered_goes_with_the_file(fractions: Course, folder: Path) -> None:
    course = without(folder, "12-add-mixed.md")
    assert done(course) == {"goes": ["fractions-1/add-mixed"]}
    load(course)
    assert not Step.objects.filter(slug="add-mixed").exists()


def test_answers_never_go_by_accident(fractions: Course, folder: Path, ada: User) -> None:
    answered(ada, "add-mixed")
    edit(folder, "01-shaded-part.md", "Name the shaded part", "What is shaded?")
    course = without(folder, "12-add-mixed.md")
    with pytest.raises(BadInput, match=r"1 answers.*fractions-1/add-mixed") as refused:
        load(course)
    assert refused.value.code == "answers_would_go"
    assert Attempt.objects.count() == 1
    assert Step.objects.get(slug="shaded-part").title == "Name the shaded part"
    load(course, delete=True)
    assert not Attempt.objects.exists()


def test_answers_to_a_sibling_are_answers_too(fractions: Course, folder: Path, ada: User) -> None:
    answered(ada, kind="harder_item")
    path = folder / "fractions-1" / "01-shaded-part.md"
    text = path.read_text()
    front, harder = text.index("harder:"), text.index("# Harder")
    path.write_text(text[:front] + text[text.index("---\n", front) : harder])
    with pytest.raises(BadInput, match=r"fractions-1/shaded-part\.harder_item"):
        load(read_course(folder))


def test_what_learners_know_goes_with_no_skill(fractions: Course, folder: Path, ada: User) -> None:
    Mastery.objects.create(learner=ada, skill=Skill.objects.get(key="adding"), p_known=0.9)
    lesson = folder / "fractions-1"
    for path in lesson.glob("*.md"):
        if "skill: adding" in path.read_text():
            path.unlink()
    text = (lesson / "lesson.md").read_text()
    skill, end = text.index("  adding:"), text.index("---\n", 4)
    item = text.index("# Prerequisite: adding")
    (lesson / "lesson.md").write_text(text[:skill] + text[end:item])
    with pytest.raises(BadInput, match="adding"):
        load(read_course(folder))
    assert Mastery.objects.exists()


def test_a_lesson_of_another_course_is_not_taken_over(fractions: Course, folder: Path) -> None:
    path = folder / "course.md"
    path.write_text(path.read_text().replace("key: fractions", "key: other"))
    with pytest.raises(BadInput, match="belongs to the course “fractions”"):
        load(read_course(folder))
    assert not PluginCourse.objects.filter(key="other").exists()


def test_an_unknown_course_is_not_exported() -> None:
    with pytest.raises(BadInput, match="There is no course"):
        export_zip("nowhere")


# --- by hand ------------------------------------------------------------------------------------


def test_the_commands(
    folder: Path, tmp_path: Path, ada: User, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_course", str(folder), "--dry-run")
    assert not Lesson.objects.exists()
    call_command("import_course", str(folder))
    call_command("export_course", "fractions", str(tmp_path / "out.zip"))
    call_command("import_course", str(tmp_path / "out.zip"))
    answered(ada, "add-mixed")
    without(folder, "12-add-mixed.md")
    call_command("import_course", str(folder), "--dry-run")
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["fractions: 17 new"] * 2
    assert told[2].startswith(str(tmp_path / "out.zip"))
    assert told[3] == "fractions: unchanged"
    assert told[4:] == ["fractions: 1 goes", "  goes: step fractions-1/add-mixed with 1 answers"]
    with pytest.raises(CommandError, match="answers_would_go"):
        call_command("import_course", str(folder))
    call_command("import_course", str(folder), "--delete")
    assert not Attempt.objects.exists()


def test_a_bad_or_missing_path_is_one_clear_line(folder: Path, tmp_path: Path) -> None:
    edit(folder, "01-shaded-part.md", "title: Name the shaded part\n", "")
    with pytest.raises(CommandError, match=r"fractions-1/01-shaded-part\.md, line \d+: “title”"):
        call_command("import_course", str(folder))
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_course", str(tmp_path / "none.zip"))
    with pytest.raises(CommandError, match="There is no course"):
        call_command("export_course", "nowhere", str(tmp_path / "out.zip"))
    assert not Lesson.objects.exists()
