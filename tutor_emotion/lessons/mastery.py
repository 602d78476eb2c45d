"""A learner's mastery of each skill: moved by the answers that count, each once.

The rules of what counts, and where they come from, are in docs/lessons.md.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tutor_emotion.api import Knowledge, knowledge_from, record_delayed_item
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.models import SOLVING_KINDS, Attempt, Mastery, Skill
from tutor_emotion.lessons.tracing import Belief, Evidence, after, is_review

log = logging.getLogger(__name__)

# An item that was met within a day may be answered from memory of the item itself.
FRESH_AFTER = timedelta(days=1)
# Right, but in more than this many times the usual seconds, is hard in the words of FSRS.
SLOW = 2.0


def record(attempt: Attempt) -> None:
    """Move the mastery of the skill that this new attempt speaks for, if it counts.

    To be called once, in the transaction that made the attempt.
    """
    if not counts(attempt):
        return
    skill = _skill_of(attempt)
    row = _locked(attempt.learner_id, skill)
    if _met_lately(attempt):
        return
    knowledge, before = knowledge_of(skill), _belief(row)
    if not attempt.revealed:
        attempt.expected_p = knowledge.predict(before.p_known)
        attempt.save(update_fields=["expected_p"])
    evidence = _evidence(attempt)
    _write(row, after(before, evidence, knowledge, get_settings()))
    if is_review(before, evidence.at):
        _tell_delayed(attempt, skill, before.mastered_at or evidence.at, evidence)


def knowledge_of(skill: Skill) -> Knowledge:
    """The skill's parameters. Where what is kept makes no model, a learner gets the defaults."""
    try:
        return knowledge_from(skill.parameters)
    except (BadInput, AttributeError) as error:
        log.warning("the parameters of skill %s make no model: %s", skill.pk, type(error).__name__)
        return Knowledge()


def prerequisites_of(skill: Skill) -> tuple[str, ...]:
    """Keys of the skills that it builds on; what is kept may have been written by hand."""
    kept = skill.prerequisites if isinstance(skill.prerequisites, list) else []
    return tuple(dict.fromkeys(key for key in kept if isinstance(key, str) and key != skill.key))


def counts(attempt: Attempt) -> bool:
    """Whether the item asks for the skill itself: the step, or one like it, or a harder one.

    An easier item and one of what comes before only lead to the step.
    """
    return attempt.variant is None or attempt.variant.kind in SOLVING_KINDS


def recompute(course_key: str, keys: Iterable[str] | None = None) -> int:
    """Trace the course's skills (or those of ``keys``) anew from the answers that are kept.

    For a course whose parameters changed, or that had answers before it had skills. How many
    beliefs were written. ``expected_p`` of an attempt stays what was believed then.
    """
    skills = {skill.key: skill for skill in Skill.objects.filter(course_key=course_key)}
    wanted = set(skills) if keys is None else set(skills) & set(keys)
    attempts = Attempt.objects.filter(step__lesson__course_key=course_key)
    rows = Mastery.objects.filter(skill__course_key=course_key)
    learners = {*attempts.values_list("learner_id", flat=True)}
    learners |= {*rows.values_list("learner_id", flat=True)}
    return sum(_recompute_learner(one, course_key, skills, wanted) for one in learners)


@transaction.atomic  # of one learner, so that the others go on answering
def _recompute_learner(
    learner_id: Any, course_key: str, skills: Mapping[str, Skill], wanted: set[str]
) -> int:
    kept = Mastery.objects.select_for_update().filter(
        learner_id=learner_id, skill__course_key=course_key, skill__key__in=wanted
    )
    rows = {row.skill.key: row for row in kept.select_related("skill")}
    mine = in_order(course_key).filter(learner_id=learner_id)
    traced = {
        key: _traced(answers, knowledge_of(skills[key]))
        for key, answers in answers_that_count(mine, skills).items()
        if key in wanted
    }
    for key, belief in traced.items():
        _write(rows.get(key) or _locked(learner_id, skills[key]), belief)
    for key in set(rows) - set(traced):
        rows[key].delete()
    return len(traced)


def in_order(course_key: str) -> QuerySet[Attempt]:
    """All attempts of a course, learner by learner, each one's in their order."""
    attempts = Attempt.objects.filter(step__lesson__course_key=course_key)
    return attempts.select_related("step", "variant").order_by("learner_id", "created_at", "id")


def answers_that_count(
    attempts: Iterable[Attempt], skills: Mapping[str, Skill]
) -> dict[str, list[Attempt]]:
    """One learner's attempts, in their order, by the skill that they speak for."""
    found: dict[str, list[Attempt]] = {}
    met: dict[tuple[int, int | None], datetime] = {}
    for attempt in attempts:
        item = (attempt.step_id, attempt.variant_id)
        last, met[item] = met.get(item), attempt.created_at
        key = attempt.step.skill
        is_fresh = last is None or last <= attempt.created_at - FRESH_AFTER
        if key in skills and counts(attempt) and is_fresh:
            found.setdefault(key, []).append(attempt)
    return found


def _traced(answers: Iterable[Attempt], knowledge: Knowledge) -> Belief:
    belief, settings = Belief(knowledge.p_known), get_settings()
    for attempt in answers:
        belief = after(belief, _evidence(attempt), knowledge, settings)
    return belief


# --- rows ---------------------------------------------------------------------------------------


def _skill_of(attempt: Attempt) -> Skill:
    """A step that was written by hand may name a skill that nobody has made."""
    key = attempt.step.skill
    return Skill.objects.get_or_create(
        course_key=attempt.step.lesson.course_key, key=key, defaults={"name": key}
    )[0]


def _locked(learner_id: Any, skill: Skill) -> Mastery:
    rows = Mastery.objects.select_for_update()
    return rows.get_or_create(
        learner_id=learner_id, skill=skill, defaults={"p_known": knowledge_of(skill).p_known}
    )[0]


def _met_lately(attempt: Attempt) -> bool:
    same = Attempt.objects.filter(
        learner_id=attempt.learner_id, step_id=attempt.step_id, variant=attempt.variant
    ).exclude(pk=attempt.pk)
    return same.filter(created_at__gt=attempt.created_at - FRESH_AFTER).exists()


def _belief(row: Mastery) -> Belief:
    names = Belief.__dataclass_fields__
    return Belief(**{name: getattr(row, name) for name in names})


def _write(row: Mastery, belief: Belief) -> None:
    for name, value in asdict(belief).items():
        setattr(row, name, value)
    row.save()


def is_unaided(attempt: Attempt) -> bool:
    """Right, and nothing of the item had been shown before."""
    return attempt.correct and not attempt.hints and not attempt.revealed


def _evidence(attempt: Attempt) -> Evidence:
    item = attempt.variant or attempt.step
    usual_s = item.expected_s or attempt.step.expected_s
    return Evidence(
        unaided=is_unaided(attempt),
        revealed=attempt.revealed,
        slow=bool(usual_s) and attempt.took_s > SLOW * (usual_s or 0.0),
        at=attempt.created_at,
    )


def _tell_delayed(
    attempt: Attempt, skill: Skill, mastered_at: datetime, evidence: Evidence
) -> None:
    """Experiments compare it. A host may teach a course that the plugin has no policy for."""
    kind = attempt.variant.kind if attempt.variant else ""
    item = f"{attempt.step.slug}.{kind}" if kind else attempt.step.slug
    delay_s = max(0.0, (evidence.at - mastered_at).total_seconds())
    try:
        record_delayed_item(
            skill.course_key,
            attempt.learner_id,
            skill=skill.key,
            item=item,
            correct=evidence.unaided,
            delay_s=delay_s,
        )
    except BadInput as error:
        if error.code != "unknown_course":
            raise
