"""A learner's standing as a teacher's row: facts of the work first, bands for the rest.

Nothing here tells which sensors a learner allowed: what a camera or a microphone gave adds no
reason, and where nothing else gave one there are "signs", as there are for much of the work.
No probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

from tutor_emotion.core.engine import Standing
from tutor_emotion.core.types import AdaptationKind, AffectSignal, SignalKind
from tutor_emotion.live.told import Call
from tutor_emotion.protocol import LearnerRow, Need, Reason

IDLE_FROM_S = 120.0  # two minutes, as Lumilo (Holstein et al. 2018)
LONG_ON_STEP_S = 240.0
RUSHES_FROM = 3  # hurried answers and hints in three minutes: quick guesses, not work [D]
ROLL_FROM = 5  # right answers in a row [D]
WITHOUT_HELP_FROM = 3  # misses without a single hint: Lumilo's "avoiding help"
# Most in need first: the first that is raised names the need (docs/teachers.md).
_NEEDS: tuple[tuple[Need, frozenset[SignalKind]], ...] = (
    ("wheelspin", frozenset({"wheelspin"})),
    ("unresolved", frozenset({"unresolved"})),
    ("frustrated", frozenset({"frustrated"})),
    ("struggle", frozenset({"struggle.strong", "struggle.suspect", "confused"})),
    ("idle", frozenset({"bored"})),
)


@dataclass(frozen=True, slots=True)
class Story:
    """What a row tells besides the standing."""

    session: str
    name: str
    last_adaptation: AdaptationKind | None = None
    last_outcome: str | None = None
    acknowledged_by: str = ""
    connected: bool = True
    call: Call | None = None


def row(standing: Standing, story: Story) -> LearnerRow:
    """The row of one learner."""
    need, signals = ("call", []) if story.call else _need(standing)
    since = [standing.at_s - s.since_s for s in signals]
    if need == "idle":
        since.append(standing.idle_s)
    if need == "rushing":
        since.append(standing.at_s - standing.hurried_s[0])
    if story.call:
        since.append(standing.at_s - story.call.at_s)
    return LearnerRow(
        session=story.session,
        name=story.name,
        need=need,
        reasons=_reasons(standing, need, signals, story.call),
        since_s=round(max([0.0, *since]), 1),
        confidence=standing.confidence,
        coverage=round(standing.coverage, 1),
        step=standing.title or standing.step,
        last_adaptation=story.last_adaptation,
        last_outcome=story.last_outcome,  # type: ignore[arg-type] # checked by pydantic
        acknowledged_by=story.acknowledged_by,
        connected=story.connected,
    )


def _need(standing: Standing) -> tuple[Need, list[AffectSignal]]:
    for need, kinds in _NEEDS:
        signals = [s for s in standing.signals if s.kind in kinds and s.level != "warn"]
        if signals:
            return need, signals
    warned = [s for s in standing.signals if s.level == "warn"]
    if warned:
        return "struggle", warned
    if standing.idle_s >= IDLE_FROM_S:
        return "idle", []
    if len(standing.hurried_s) >= RUSHES_FROM:
        return "rushing", []
    return ("on_a_roll" if standing.run >= ROLL_FROM else "fine"), []


def _reasons(
    standing: Standing, need: Need, signals: list[AffectSignal], call: Call | None
) -> list[Reason]:
    if call and call.why == "safety":
        return [Reason(measure="danger_words")]
    if call:
        return [Reason(measure="trouble_lasts"), *_work(standing, [])[:2]]
    if need == "fine":
        return []
    if need == "on_a_roll":
        return [Reason(measure="run", value=standing.run)]
    reasons = _work(standing, signals)
    reasons += [r for r in _said(signals) if r not in reasons]
    if need == "idle":
        minutes = int(standing.idle_s // 60)
        reasons.insert(0, Reason(measure="idle", value=minutes, minutes=minutes))
    if need == "rushing":
        reasons.insert(0, Reason(measure="hurried", value=len(standing.hurried_s)))
    return reasons[:3] or [Reason(measure="signs")]


def _work(standing: Standing, signals: list[AffectSignal]) -> list[Reason]:
    skill = standing.skill_title or standing.skill
    out = [
        Reason(measure="without_mastery", value=standing.opportunities, skill=skill)
        for s in signals
        if s.kind == "wheelspin" and s.skill in ("", standing.skill)
    ]
    if standing.misses_on_step:
        minutes = int(standing.on_step_s // 60)
        misses = standing.misses_on_step
        out.append(Reason(measure="misses_on_step", value=misses, skill=skill, minutes=minutes))
    if standing.misses_on_step >= WITHOUT_HELP_FROM and not standing.hints_on_step:
        out.append(Reason(measure="without_help"))
    if standing.hints_on_step:
        out.append(Reason(measure="hints_on_step", value=standing.hints_on_step, skill=skill))
    if not out and standing.on_step_s >= LONG_ON_STEP_S:
        minutes = int(standing.on_step_s // 60)
        out.append(Reason(measure="long_on_step", value=minutes, skill=skill, minutes=minutes))
    return out


def _said(signals: list[AffectSignal]) -> list[Reason]:
    modalities = {e.modality for s in signals for e in s.evidence if e.nats > 0}
    words = {"self_report": "said_so", "text": "wrote_so"}
    measures = dict.fromkeys(w for m, w in words.items() if m in modalities)
    return [Reason(measure=measure) for measure in measures]
