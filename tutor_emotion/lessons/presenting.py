"""A lesson as its page reads it: safe HTML, and never an answer."""

from __future__ import annotations

from typing import Any

from tutor_emotion.lessons.models import ITEM_KINDS, Lesson, Step, Variant
from tutor_emotion.lessons.richtext import parts, render, render_inline


def lesson_content(lesson: Lesson) -> dict[str, Any]:
    """Everything the page needs of a lesson, in one piece, so that a lost connection hurts less."""
    steps = lesson.steps.prefetch_related("variants")
    return {
        "lesson": lesson.slug,
        "title": lesson.title,
        "language": lesson.language,
        "steps": [step_content(lesson, step) for step in steps],
    }


def step_content(lesson: Lesson, step: Step) -> dict[str, Any]:
    """One step with its variants; siblings by kind."""
    variants = list(step.variants.all())
    return {
        "slug": step.slug,
        "title": step.title,
        "skill": step.skill,
        "skill_name": lesson.skills.get(step.skill, step.skill),
        "strategy": render_inline(step.strategy),
        "item": item_content(step),
        "segments": [html for v in _of(variants, "segmented") for html in parts(v.prompt)],
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
        "html": render(item.prompt),
        "kind": item.answer_kind,
        "form": item.form,
        "choices": [{"key": c["key"], "html": render_inline(c["text"])} for c in item.choices],
        "difficulty": item.difficulty,
        "expected_s": item.expected_s,
        "help": "" if isinstance(item, Step) else render(item.help),
    }


def _of(variants: list[Variant], kind: str) -> list[Variant]:
    return sorted((v for v in variants if v.kind == kind), key=lambda v: v.order)
