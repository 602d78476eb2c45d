"""Fitting a course's skills from its answers: as a file, as a table, and kept when worth it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from tests.core.answering import made_by
from tests.lessons.conftest import Desk
from tutor_emotion.api import Knowledge
from tutor_emotion.errors import BadInput
from tutor_emotion.lessons import logs
from tutor_emotion.lessons.logs import Row
from tutor_emotion.lessons.models import Attempt, Lesson, Mastery, Skill, Step, Variant

HARD_TO_GUESS = Knowledge(p_known=0.6, p_learn=0.3, p_slip=0.2, p_guess=0.05)


def run(*words: object) -> str:
    out = StringIO()
    call_command("fit_mastery", *map(str, words), stdout=out)
    return out.getvalue()


def rows(skill: str, sequences: Iterable[Iterable[bool]]) -> list[Row]:
    return [
        Row(learner, skill, f"item-{n}", correct)
        for learner, one in enumerate(sequences, 1)
        for n, correct in enumerate(one)
    ]


@pytest.fixture
def skill(lesson: Lesson) -> Skill:
    return Skill.objects.get(key=Step.objects.get(slug="shaded-part").skill)


@pytest.fixture
def log(skill: Skill, tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        logs.write(rows(skill.key, made_by(HARD_TO_GUESS, 300, 10)), file)
    return path


def test_a_log_that_is_read_is_the_log_that_was_written(tmp_path: Path) -> None:
    told = rows("adding", made_by(HARD_TO_GUESS, 20, 5))
    file = StringIO()
    assert logs.write(told, file) == 100
    file.seek(0)
    assert list(logs.read(file)) == told


def test_the_table_says_what_was_found_and_writes_nothing(log: Path, skill: Skill) -> None:
    said = run("fractions", "--from", log)
    assert skill.key in said
    assert "3000" in said
    assert "Nothing was written" in said
    skill.refresh_from_db()
    assert skill.parameters == {}


def test_json_is_one_object_with_the_parameters(log: Path, skill: Skill) -> None:
    said = json.loads(run("fractions", "--from", log, "--json"))["skills"][skill.key]
    assert said["fit"]["knowledge"]["p_guess"] == pytest.approx(0.05, abs=0.05)
    assert said["worth_it"]
    assert not said["kept"]
    assert said["held_out"]["fitted"]["nats"] > said["held_out"]["default"]["nats"]


def test_what_is_worth_it_is_kept_and_traced_anew(desk: Desk, log: Path, skill: Skill) -> None:
    desk.answer("3/8")
    before = Mastery.objects.get().p_known
    assert "kept; 1 learners traced anew" in run("fractions", "--from", log, "--apply")
    skill.refresh_from_db()
    assert skill.parameters["p_guess"] == pytest.approx(0.05, abs=0.05)
    assert Mastery.objects.get().p_known > before


def test_a_fit_that_brings_nothing_is_not_kept(skill: Skill, tmp_path: Path) -> None:
    path = tmp_path / "coins.csv"
    coins = [[(n + k) % 2 == 0 for k in range(6)] for n in range(60)]
    with path.open("w", newline="") as file:
        logs.write(rows(skill.key, coins), file)
    said = json.loads(run("fractions", "--from", path, "--apply", "--json"))
    skill.refresh_from_db()
    assert bool(skill.parameters) == said["skills"][skill.key]["kept"]
    assert said["skills"][skill.key]["kept"] == said["skills"][skill.key]["worth_it"]


def test_too_few_answers_are_said_in_words(desk: Desk) -> None:
    desk.answer("3/8")
    said = run("fractions")
    assert "too few to fit" in said
    assert "keep the defaults" in said


def test_no_answers_at_all(lesson: Lesson) -> None:
    assert "No answers yet" in run("fractions")


# --- what is exported ----------------------------------------------------------------------------


def test_an_export_has_no_names_and_only_answers_that_count(desk: Desk, tmp_path: Path) -> None:
    desk.answer("3/5")
    desk.answer("3/8")  # again
    easier = Variant.objects.get(step__slug="shaded-part", kind="easier_item")
    desk.answer(easier.answer, variant=easier.pk)
    similar = Variant.objects.get(step__slug="shaded-part", kind="similar_item")
    desk.answer(similar.answer, variant=similar.pk, hints=1)
    desk.answer(Step.objects.get(slug="other-pieces").answer, step="other-pieces", revealed=True)
    path = tmp_path / "out.csv"
    assert "2 answers" in run("fractions", "--export", path)
    skill = Step.objects.get(slug="shaded-part").skill
    assert path.read_text().splitlines() == [
        "learner,skill,item,correct",
        f"1,{skill},shaded-part,0",
        f"1,{skill},shaded-part.similar_item,0",
    ]
    assert "ada" not in path.read_text()


def test_an_export_is_what_the_fit_sees(lesson: Lesson, tmp_path: Path) -> None:
    _school(lesson, made_by(HARD_TO_GUESS, 60, 4))
    path = tmp_path / "out.csv"
    run("fractions", "--export", path)
    assert run("fractions", "--from", path, "--json") == run("fractions", "--json")


def test_numbers_do_not_follow_the_order_of_accounts(lesson: Lesson) -> None:
    _school(lesson, [[n % 2 == 0] for n in range(40)])
    correct = [row.correct for row in logs.rows_of("fractions")]
    assert correct != [n % 2 == 0 for n in range(40)]
    assert correct == [row.correct for row in logs.rows_of("fractions")]


def _school(lesson: Lesson, sequences: list[list[bool]]) -> None:
    steps = list(lesson.steps.filter(skill=Step.objects.get(slug="shaded-part").skill))
    steps += list(lesson.steps.exclude(skill=steps[0].skill))
    lesson.steps.update(skill=steps[0].skill)
    users = get_user_model().objects.bulk_create(
        [get_user_model()(username=f"learner-{n}") for n in range(len(sequences))]
    )
    Attempt.objects.bulk_create(
        Attempt(
            learner=user,
            client_id=uuid4(),
            step=step,
            answer="1",
            correct=correct,
            verdict="right" if correct else "wrong",
        )
        for user, one in zip(users, sequences, strict=True)
        for step, correct in zip(steps, one, strict=False)
    )


def test_a_course_with_answers_from_before_is_traced_by_a_command(lesson: Lesson) -> None:
    _school(lesson, [[True, True, True], [False]])
    out = StringIO()
    call_command("recompute_mastery", "fractions", stdout=out)
    assert "2 beliefs written" in out.getvalue()
    assert Mastery.objects.filter(mastered_at__isnull=False).count() == 1
    with pytest.raises(CommandError, match="unknown_course"):
        call_command("recompute_mastery", "no-such")


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "Line 1"),
        ("a,b\n", "Line 1"),
        ("learner,skill,item,correct\n1,adding,x\n", "Line 2: 3 cells"),
        ("learner,skill,item,correct\nada,adding,x,1\n", "Line 2: learner"),
        ("learner,skill,item,correct\n1,adding,x,1\n-1,adding,x,1\n", "Line 3: learner"),
        ("learner,skill,item,correct\n1,,x,1\n", "Line 2: skill"),
        (f"learner,skill,item,correct\n1,{'x' * 101},x,1\n", "Line 2: skill"),
        ("learner,skill,item,correct\n1,adding,x,yes\n", "Line 2: correct"),
        (f'learner,skill,item,correct\n1,adding,"{"x" * 200_000}",1\n', "Line 2: field larger"),
    ],
)
def test_a_bad_log_is_refused_with_its_line(text: str, where: str) -> None:
    with pytest.raises(BadInput, match=where) as refused:
        list(logs.read(StringIO(text)))
    assert refused.value.code == "bad_log"
    assert len(str(refused.value)) < 200


def test_a_file_that_is_no_text_is_refused(lesson: Lesson, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="bad_log"):
        run("fractions", "--from", path)
    with pytest.raises(CommandError, match="No such file"):
        run("fractions", "--from", tmp_path / "gone.csv")


def test_answers_of_another_course_are_not_kept(lesson: Lesson, log: Path, skill: Skill) -> None:
    log.write_text(log.read_text().replace(skill.key, "elsewhere"))
    with pytest.raises(CommandError, match="unknown_skill"):
        run("fractions", "--from", log, "--apply")


def test_an_unknown_course_is_said(lesson: Lesson) -> None:
    with pytest.raises(CommandError, match="unknown_course"):
        run("no-such-course")
