"""A lesson as its page reads it: safe HTML, and never an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2s
from typing import Any

from django.conf import settings

from tutor_emotion.lessons.models import ITEM_KINDS, Lesson, Skill, Step, Variant
from tutor_emotion.lessons.richtext import parts, plain, render, render_inline


def lesson_content(lesson: Lesson) -> dict[str, Any]:
    """Everything the page needs of a lesson, in one piece, so that a lost connection hurts less."""
    steps = lesson.steps.prefetch_related("variants")
    skills = skills_of(lesson)
    return {
        "lesson": lesson.slug,
        "title": lesson.title,
        "language": lesson.language,
        "direction": direction(lesson.language),
        "steps": [step_content(step, skills) for step in steps],
    }


def direction(language: str) -> str:
    """``rtl`` or ``ltr``: how text in a language runs."""
    leftwards = {tag.partition("-")[0] for tag in settings.LANGUAGES_BIDI}
    return "rtl" if language.lower().partition("-")[0] in leftwards else "ltr"


def skills_of(lesson: Lesson) -> dict[str, Skill]:
    """The skills of the lesson's course by key, each with its prerequisite item."""
    rows = Skill.objects.filter(course_key=lesson.course_key).prefetch_related("items")
    return {skill.key: skill for skill in rows}


def step_content(step: Step, skills: Mapping[str, Skill]) -> dict[str, Any]:
    """One step with its variants; siblings by kind. A text that is not cut is one segment."""
    skill = skills.get(step.skill)
    variants = [*step.variants.all(), *(skill.items.all() if skill else ())]
    segments = [html for v in _of(variants, "segmented") for html in parts(v.prompt)]
    return {
        "slug": step.slug,
        "title": step.title,
        "skill": step.skill,
        "skill_name": skill.name if skill else step.skill,
        "strategy": render_inline(step.strategy),
        "item": item_content(step),
        "segments": segments or [render(step.prompt)],
        "hints": [render(v.prompt) for v in _of(variants, "hint")],
        "worked": "".join(render(v.prompt) for v in _of(variants, "worked_step")),
        "examples": [render(v.prompt) for v in _of(variants, "extra_example")],
        "siblings": {kind: item_content(v) for kind in ITEM_KINDS for v in _of(variants, kind)},
    }


def item_content(item: Step | Variant) -> dict[str, Any]:
    """A question without its answer. ``variant`` is None for the step's own question."""
    own = isinstance(item, Step)
    return {
        "variant": None if own else item.pk,
        "version": version(item),
        "html": render(item.prompt),
        "kind": item.answer_kind,
        "form": item.form,
        "choices": [
            {"key": c["key"], "html": render_inline(c["text"]), "label": plain(c["text"])}
            for c in shown_choices(item)
        ],
        "difficulty": item.difficulty,
        "expected_s": item.expected_s,
        "help": "" if isinstance(item, Step) else render(item.help),
    }


def version(item: Step | Variant) -> str:
    """A name for what a learner sees of the question; another one after an edit of that."""
    seen = [item.prompt, item.answer_kind, item.form, item.bottom, item.choices]
    return blake2s(json.dumps(seen).encode(), digest_size=6).hexdigest()


def shown_choices(item: Step | Variant) -> list[Mapping[str, str]]:
    """The choices as they are shown. Those to be put in order never stand in the right one."""
    choices: list[Mapping[str, str]] = list(item.choices)
    if item.answer_kind != "order":
        return choices
    choices.sort(key=lambda c: blake2s(f"{item.prompt}\0{c['key']}".encode()).digest())
    right = [c["key"] for c in choices] == item.answer.split()
    return choices[1:] + choices[:1] if right else choices


def _of(variants: list[Variant], kind: str) -> list[Variant]:
    return sorted((v for v in variants if v.kind == kind), key=lambda v: v.order)
