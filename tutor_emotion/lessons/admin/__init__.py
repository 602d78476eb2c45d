"""Where teachers write courses, lessons, steps and skills, and read what learners did."""

from __future__ import annotations

from tutor_emotion.lessons.admin.course import LessonCourseAdmin
from tutor_emotion.lessons.admin.lesson import LessonAdmin
from tutor_emotion.lessons.admin.records import (
    AttemptAdmin,
    LessonAdaptationAdmin,
    MasteryAdmin,
)
from tutor_emotion.lessons.admin.skill import SkillAdmin
from tutor_emotion.lessons.admin.step import StepAdmin

__all__ = [
    "AttemptAdmin",
    "LessonAdaptationAdmin",
    "LessonAdmin",
    "LessonCourseAdmin",
    "MasteryAdmin",
    "SkillAdmin",
    "StepAdmin",
]
