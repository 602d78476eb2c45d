"""Courses as files: read, checked to the last answer, before anything is written."""

from __future__ import annotations

from pathlib import Path

from tutor_emotion.lessons.content.bundles import read_path, read_zip, write_zip
from tutor_emotion.lessons.content.faults import BadCourse, Fault
from tutor_emotion.lessons.content.reading import read_files
from tutor_emotion.lessons.content.spec import Course
from tutor_emotion.lessons.content.writing import write_files

COURSES = Path(__file__).parents[1] / "courses"


def shipped() -> list[Path]:
    """The folders of the courses that come with the engine."""
    return sorted(path.parent for path in COURSES.glob("*/course.md"))


def read_course(path: Path) -> Course:
    """A course from a folder or a zip.

    Raises:
        BadInput: ``bad_zip``, ``bad_folder``; ``bad_course`` with every fault, its file and line.
        OSError: the path cannot be read.
    """
    return read_files(read_path(path))


__all__ = [
    "COURSES",
    "BadCourse",
    "Course",
    "Fault",
    "read_course",
    "read_files",
    "read_zip",
    "shipped",
    "write_files",
    "write_zip",
]
