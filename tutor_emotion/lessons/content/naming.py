"""The names of a course's files and of the sections in them."""

from __future__ import annotations

import re

COURSE_FILE, LESSON_FILE = "course.md", "lesson.md"
# The difficulty of what must be known before a skill, where the file does not say.
PREREQUISITE_DIFFICULTY = 0.1
TEXT_SECTIONS = {
    "Segmented": "segmented",
    "Worked step": "worked_step",
    "Extra example": "extra_example",
}
SIBLING_SECTIONS = {"Easier": "easier", "Similar": "similar", "Harder": "harder"}
SECTION_OF = {"hints": "Hint", **{name: heading for heading, name in TEXT_SECTIONS.items()}}
PREREQUISITE = "Prerequisite: "
# The learner's own progress has this address where a lesson would have its own.
RESERVED = "progress"
LESSON_PATH = re.compile(rf"(?!{RESERVED}/)(?P<lesson>[a-z0-9]+(?:-[a-z0-9]+)*)/lesson\.md")
STEP_PATH = re.compile(
    r"(?P<lesson>[a-z0-9]+(?:-[a-z0-9]+)*)/(?P<number>\d{1,4})-(?P<step>[a-z0-9]+(?:-[a-z0-9]+)*)\.md"
)
