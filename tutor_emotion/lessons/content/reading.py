"""The files of a course → ``Course``, or every fault in them with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tutor_emotion.lessons.content import checking
from tutor_emotion.lessons.content.faults import BadCourse, Fault
from tutor_emotion.lessons.content.frontmatter import Loc
from tutor_emotion.lessons.content.naming import (
    COURSE_FILE,
    LESSON_FILE,
    LESSON_PATH,
    PREREQUISITE,
    PREREQUISITE_DIFFICULTY,
    SIBLING_SECTIONS,
    STEP_PATH,
    TEXT_SECTIONS,
)
from tutor_emotion.lessons.content.opened import CourseFile, Shape, opened
from tutor_emotion.lessons.content.sections import Section
from tutor_emotion.lessons.content.spec import Course, Lesson, Skill, Step


def read_files(files: Mapping[str, bytes]) -> Course:
    """A whole course from its files by their path, checked to the last answer.

    Raises:
        BadCourse: with every fault that was found.
    """
    faults: list[Fault] = []
    found = [opened(path, files[path], faults) for path in sorted(files)]
    by_path = {file.path: file for file in found if file is not None}
    course = _assembled(by_path, faults, [path for path in files if path not in by_path])
    faults += [fault for file in by_path.values() for fault in file.faults]
    if course is None or faults:
        raise BadCourse(faults)
    return course


def _assembled(
    by_path: dict[str, CourseFile], faults: list[Fault], unread: list[str]
) -> Course | None:
    lessons: list[Lesson] = []
    skills: dict[str, tuple[Skill, str]] = {}
    steps: list[tuple[Step, CourseFile]] = []
    for path, file in by_path.items():
        if match := LESSON_PATH.fullmatch(path):
            own = _steps(by_path, match["lesson"])
            steps += own
            _read_skills(file, skills)
            lesson = _lesson(file, match["lesson"], [step for step, _ in own])
            lessons += [lesson] if lesson else []
    _check_whole(by_path, skills, steps, unread)
    head = by_path.get(COURSE_FILE)
    if head is None:
        if COURSE_FILE not in unread:
            faults.append(Fault(COURSE_FILE, 0, _("This file is missing.")))
        return None
    data = _with_text(head, "description")
    lessons.sort(key=lambda lesson: (lesson.order, lesson.slug))
    whole = {"skills": {key: skill for key, (skill, _) in skills.items()}, "lessons": lessons}
    return head.shape(Course, {**data, **whole})


def _with_text(file: CourseFile, name: str) -> dict[str, Any]:
    """The front matter with the text before the first heading, checked."""
    text = file.sections[0]
    for problem in checking.text_problems(text.text, ()):
        file.fault(text.line + problem.line, problem.message)
    if name in file.data:
        file.fault(file.line_of((name,)), _("This text stands below the front matter."))
    return {**file.data, name: text.text}


# --- lessons ------------------------------------------------------------------------------------


def _lesson(file: CourseFile, slug: str, steps: list[Step]) -> Lesson | None:
    data = _with_text(file, "introduction")
    if "steps" in data or "slug" in data:
        file.fault(1, _("The steps and the slug come from the names of the files."))
        return None
    if not steps:
        file.fault(0, _("This lesson has no step."))
    data.pop("skills", None)
    return file.shape(Lesson, {**data, "slug": slug, "steps": steps})


def _read_skills(file: CourseFile, skills: dict[str, tuple[Skill, str]]) -> None:
    declared = file.data.get("skills", {})
    if not isinstance(declared, dict):
        file.fault(file.line_of(("skills",)), _("Expected lines of the form “key: value”."))
        return
    for section in file.sections[1:]:
        if not section.name.startswith(PREREQUISITE):
            file.fault(section.line - 1, _("“# %s” is not a section here.") % section.name[:60])
            continue
        key = section.name.removeprefix(PREREQUISITE).strip()
        file.put(("skills", key, "item", "prompt"), section.text, section.line)
    for key, data in declared.items():
        if isinstance(data, dict) and isinstance(data.get("item"), dict):
            data["item"].setdefault("difficulty", PREREQUISITE_DIFFICULTY)
        if key in skills:
            where = {"key": key, "file": skills[key][1]}
            file.fault(
                file.line_of(("skills", key)),
                _("The skill “%(key)s” is already in %(file)s.") % where,
            )
            continue
        skill = _shape_at(file, Skill, data, ("skills", key))
        if skill:
            skills[key] = (skill, file.path)
            for problem in checking.item_problems(skill.item) if skill.item else ():
                loc = ("skills", key, "item", *problem.loc)
                file.fault(file.line_of(loc) + problem.line, problem.message)


def _shape_at(file: CourseFile, model: type[Shape], data: Any, at: Loc) -> Shape | None:
    """As ``CourseFile.shape`` for a part of the file."""
    inner = {loc[len(at) :]: line for loc, line in file.lines.items() if loc[: len(at)] == at}
    part = CourseFile(file.path, {}, inner, [], file.faults)
    return part.shape(model, data)


# --- steps --------------------------------------------------------------------------------------


def _steps(by_path: dict[str, CourseFile], lesson: str) -> list[tuple[Step, CourseFile]]:
    found: list[tuple[int, Step, CourseFile]] = []
    seen: dict[str, str] = {}
    for path, file in by_path.items():
        match = STEP_PATH.fullmatch(path)
        if match is None or match["lesson"] != lesson:
            continue
        for name in (match["step"], f"{int(match['number'])}-"):
            if name in seen:
                file.fault(0, _("Its number and its name must differ from %s.") % seen[name])
            seen[name] = path
        step = _step(file, match["step"])
        if step:
            found.append((int(match["number"]), step, file))
    return [(step, file) for _number, step, file in sorted(found, key=lambda entry: entry[0])]


def _step(file: CourseFile, slug: str) -> Step | None:
    own = {"slug", "prompt", "hints", *TEXT_SECTIONS.values()}
    for name in own & file.data.keys():
        file.fault(file.line_of((name,)), _("“%s” is not written in the front matter.") % name)
        return None
    file.data |= {"slug": slug, "hints": []}
    for section in file.sections:
        _put_section(file, section)
    usual = file.data.get("difficulty")
    for name in SIBLING_SECTIONS.values():
        if isinstance(sibling := file.data.get(name), dict):
            # Where the step's own is no share, that is one fault and not four.
            sibling.setdefault("difficulty", usual if _is_share(usual) else 0.0)
    step = file.shape(Step, file.data)
    for problem in checking.step_problems(step) if step else ():
        file.fault(file.line_of(problem.loc) + problem.line, problem.message)
    return step


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def _put_section(file: CourseFile, section: Section) -> None:
    if section.name == "Hint":
        file.lines["hints", len(file.data["hints"])] = section.line
        file.data["hints"].append(section.text)
    elif section.name in TEXT_SECTIONS:
        file.put((TEXT_SECTIONS[section.name],), section.text, section.line)
    elif section.name in SIBLING_SECTIONS:
        file.put((SIBLING_SECTIONS[section.name], "prompt"), section.text, section.line)
    elif not section.name:
        file.put(("prompt",), section.text, section.line)
    else:
        file.fault(section.line - 1, _("“# %s” is not a section here.") % section.name[:60])


# --- the whole ----------------------------------------------------------------------------------


def _check_whole(
    by_path: dict[str, CourseFile],
    skills: dict[str, tuple[Skill, str]],
    steps: list[tuple[Step, CourseFile]],
    unread: list[str],
) -> None:
    """Skills that are named must be there; steps must stand beside a lesson.md."""
    for path, file in by_path.items():
        match = STEP_PATH.fullmatch(path)
        home = f"{match['lesson']}/{LESSON_FILE}" if match else path
        if home not in by_path and home not in unread:
            file.fault(0, _("There is no %s beside it.") % LESSON_FILE)
    if any(file.path.endswith(LESSON_FILE) and file.faults for file in by_path.values()) or unread:
        return  # a skill may stand where we could not read
    for step, file in steps:
        if step.skill not in skills:
            file.fault(file.line_of(("skill",)), _("There is no skill “%s”.") % step.skill)
    for key, (skill, path) in skills.items():
        for index, before in enumerate(skill.prerequisite):
            if before not in skills or key in _before(before, skills):
                loc: Loc = ("skills", key, "prerequisite", index)
                message = _("“%s” is no skill that can come before this one.") % before
                by_path[path].fault(by_path[path].line_of(loc), message)


def _before(key: str, skills: Mapping[str, tuple[Skill, str]]) -> set[str]:
    """``key`` and all that comes before it."""
    found, waiting = {key}, [key]
    while waiting:
        skill = skills.get(waiting.pop())
        new = set(skill[0].prerequisite) - found if skill else set()
        found |= new
        waiting += new
    return found
